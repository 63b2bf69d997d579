"""What carries the workloads: nodes, autoscalers, disruption budgets, webhooks; and what is hygiene and no incident."""

from __future__ import annotations

from tests.connectors.kubernetes.cluster import Cluster, ago
from tests.connectors.kubernetes.cluster import Json as Object
from tests.triage.checklist import NONE, refused, row, since, unready

_QUIET = "is the cluster well?"


def _condition(c: Cluster, kind: str, status: str, reason: str, message: str) -> None:
    c.objects["nodes"][0]["status"]["conditions"].append(
        {"type": kind, "status": status, "reason": reason, "message": message, "lastTransitionTime": since(10)}
    )


@row("Node not ready", "n1 is not ready", "NodeNotReady n1")
def _(c: Cluster) -> None:
    c.app("web")
    c.objects["nodes"][0]["status"]["conditions"][0] |= {
        "status": "False", "reason": "KubeletNotReady", "message": "[container state is being reconstructed]",
        "lastTransitionTime": since(10)}  # fmt: skip


@row("Node whose kubelet is silent", "n1 is gone", "KubeletUnavailable n1")
def _(c: Cluster) -> None:
    c.app("web")
    c.objects["nodes"][0]["status"]["conditions"][0] |= {
        "status": "Unknown", "reason": "NodeStatusUnknown", "message": "Kubelet stopped posting node status.",
        "lastTransitionTime": since(10)}  # fmt: skip
    c.objects["leases"][0]["spec"]["renewTime"] = ago(700)


_CONDITIONS = (
    ("MemoryPressure", "NodeMemoryPressure"), ("DiskPressure", "NodeDiskPressure"), ("PIDPressure", "NodePIDPressure"),
    ("NetworkUnavailable", "NodeNetworkUnavailable"), ("ReadonlyFilesystem", "NodeNotReady"),
    ("FrequentContainerdRestart", "ContainerRuntimeUnavailable"),
)  # fmt: skip


def _has(kind: str, cause: str) -> None:
    @row(f"Node with {kind}", "web is not well", f"{cause} n1")
    def _(c: Cluster) -> None:
        c.app("web")
        unready(c, "web", "Readiness probe failed: command timed out")
        _condition(c, kind, "True", f"Has{kind}", f"the node has {kind}")


for _kind, _cause in _CONDITIONS:
    _has(_kind, _cause)


@row("Node with a condition that is Unknown", "web is not well", "KubeletUnavailable n1")
def _(c: Cluster) -> None:
    c.app("web")
    unready(c, "web", "Readiness probe failed: command timed out")
    for kind in ("MemoryPressure", "Ready"):
        _condition(c, kind, "Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status.")


@row("Node that votes in etcd", _QUIET, NONE)
def _(c: Cluster) -> None:
    c.app("web")
    _condition(c, "EtcdIsVoter", "True", "MemberNotLearner", "Node is a voting member of the etcd cluster")


@row("Node cordoned while nothing waits for it", _QUIET, NONE)
def _(c: Cluster) -> None:
    c.app("web")
    c.objects["nodes"][1]["spec"]["unschedulable"] = True


def _scaler(c: Cluster, *conditions: tuple[str, str, str, str], kind: str = "Deployment", name: str = "web") -> Object:
    said = [{"type": one[0], "status": one[1], "reason": one[2], "message": one[3], "lastTransitionTime": since(10)}
            for one in conditions]  # fmt: skip
    cpu = {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 60}}}
    spec = {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": kind, "name": name}, "minReplicas": 1, "maxReplicas": 3,
            "metrics": [cpu]}  # fmt: skip
    return c.add("horizontalpodautoscalers", "HorizontalPodAutoscaler", "web", spec=spec,
                 status={"currentReplicas": 3, "desiredReplicas": 3, "conditions": said})  # fmt: skip


@row("HPA at its maximum", "web is slow", "AutoscalerLimited web")
def _(c: Cluster) -> None:
    c.app("web", pods=3)
    _scaler(
        c,
        (
            "ScalingLimited",
            "True",
            "TooManyReplicas",
            "the desired replica count is more than the maximum replica count",
        ),
    )


@row("HPA at its minimum", _QUIET, NONE)
def _(c: Cluster) -> None:
    c.app("web")
    _scaler(
        c,
        (
            "ScalingLimited",
            "True",
            "TooFewReplicas",
            "the desired replica count is less than the minimum replica count",
        ),
    )


@row("HPA without metrics", "web does not scale", "AutoscalerMetricsUnavailable web")
def _(c: Cluster) -> None:
    c.app("web")
    _scaler(c, ("ScalingActive", "False", "FailedGetResourceMetric", "the HPA was unable to compute the replica count: failed "
                "to get cpu utilization: unable to get metrics for resource cpu: the server could not find the requested "
                "resource (get pods.metrics.k8s.io)"))  # fmt: skip


@row("HPA that cannot scale", "web does not scale", "AutoscalerTargetInvalid web")
def _(c: Cluster) -> None:
    c.app("web")
    _scaler(c, ("AbleToScale", "False", "FailedGetScale", 'the HPA controller was unable to get the target\'s current scale: '
                'no matches for kind "Deploymet" in group "apps"'))  # fmt: skip


@row("HPA whose target kind cannot scale", "web does not scale", "AutoscalerTargetInvalid web")
def _(c: Cluster) -> None:
    c.app("web")
    _scaler(c, ("AbleToScale", "False", "FailedGetScale", 'the HPA controller was unable to get the target\'s current scale: '
                "daemonsets.apps does not support scaling"), kind="DaemonSet")  # fmt: skip


@row("HPA whose target does not exist", "web does not scale", "AutoscalerTargetInvalid wbe")
def _(c: Cluster) -> None:
    c.app("web")
    _scaler(c, ("AbleToScale", "False", "FailedGetScale", 'deployments.apps "wbe" not found'), name="wbe")


@row("HPA whose target asks for nothing", "web does not scale", "AutoscalerTargetInvalid web")
def _(c: Cluster) -> None:
    c.app("web", container={"resources": {}})
    _scaler(c, ("ScalingActive", "False", "FailedGetResourceMetric", "failed to get cpu utilization: missing request for cpu "
                "in container main of Pod web-5d9c7b8f6d-aaaaa"))  # fmt: skip


def _budget(c: Cluster, *, healthy: int, wanted: int, least: int | str) -> None:
    selector = {"matchLabels": {"app": "web"}}
    allowed = max(0, healthy - wanted)
    why = "SufficientPods" if allowed else "InsufficientPods"
    said = {
        "type": "DisruptionAllowed",
        "status": str(allowed > 0),
        "reason": why,
        "message": "",
        "lastTransitionTime": since(60),
    }
    c.add("poddisruptionbudgets", "PodDisruptionBudget", "web", spec={"minAvailable": least, "selector": selector},
          status={"disruptionsAllowed": allowed, "currentHealthy": healthy, "desiredHealthy": wanted,
                  "expectedPods": healthy, "conditions": [said]})  # fmt: skip


@row(
    "PDB that allows no disruption while a node is drained", "the drain of n1 hangs", "PodDisruptionBudgetBlocking web"
)
def _(c: Cluster) -> None:
    c.app("web")
    c.objects["nodes"][0]["spec"]["unschedulable"] = True
    _budget(c, healthy=1, wanted=1, least=1)


@row("PDB that asks for more pods than there are", "evictions are refused", "PodDisruptionBudgetBlocking web")
def _(c: Cluster) -> None:
    c.app("web")
    _budget(c, healthy=1, wanted=9, least=9)


@row("PDB that asks for all pods while nobody drains", _QUIET, NONE)
def _(c: Cluster) -> None:
    c.app("web")
    _budget(c, healthy=1, wanted=1, least=1)


def _webhook(c: Cluster, plural: str, kind: str, *, behind: str) -> None:
    hook = {"name": "pods.example.io", "failurePolicy": "Fail", "clientConfig": {"service": {"namespace": "shop", "name": "gate"}},
            "rules": [{"apiGroups": [""], "resources": ["pods"], "operations": ["CREATE"]}]}  # fmt: skip
    c.add(plural, kind, "gate", namespace="", webhooks=[hook])
    c.app("web", pods=0)
    told = 'Internal error occurred: failed calling webhook "pods.example.io": failed to call webhook: Post "https://gate.shop.svc:443/"'
    if behind == "no service":
        told += ': service "gate" not found'
    elif behind == "no pods":
        c.service("gate", 443)
        told += ': no endpoints available for service "gate"'
    else:
        c.app("gate", 443)
        unready(c, "gate", "Readiness probe failed: command timed out")
        told += ": dial tcp 10.0.0.9:443: connect: connection refused"
    replicas = next(one for one in c.objects["replicasets"] if one["metadata"]["name"].startswith("web"))
    replicas["status"]["conditions"] = [
        {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": told}
    ]


def _unanswered(plural: str, kind: str, behind: str) -> None:
    @row(f"{kind}: {behind}", "web has no pods", "AdmissionWebhookFailure web")
    def _(c: Cluster) -> None:
        _webhook(c, plural, kind, behind=behind)


for _plural, _kind in (("validatingwebhookconfigurations", "ValidatingWebhookConfiguration"),
                       ("mutatingwebhookconfigurations", "MutatingWebhookConfiguration")):  # fmt: skip
    for _behind in ("no service", "no pods", "pods that do not run"):
        _unanswered(_plural, _kind, _behind)


@row("Webhook without pods that nothing asks now", _QUIET, NONE)
def _(c: Cluster) -> None:
    _webhook(c, "validatingwebhookconfigurations", "ValidatingWebhookConfiguration", behind="no pods")
    for plural in ("deployments", "replicasets", "pods", "services"):
        c.objects[plural].clear()
    c.app("shop")


@row("Pods with the default service account, privileged, without a security context", _QUIET, NONE)
def _(c: Cluster) -> None:
    c.app("web", container={"securityContext": {"privileged": True}})
    c.add("rolebindings", "RoleBinding", "all", roleRef={"kind": "ClusterRole", "name": "cluster-admin"})


@row("Service account that names secrets which do not exist", _QUIET, NONE)
def _(c: Cluster) -> None:
    c.app("web", pod_spec={"serviceAccountName": "web"})
    c.add("serviceaccounts", "ServiceAccount", "web", secrets=[{"name": "gone"}], imagePullSecrets=[{"name": "gone"}])


@row("Workload whose service account does not exist, without a word", "web has no pods", "MissingServiceAccount web")
def _(c: Cluster) -> None:
    c.app("web", pods=0, pod_spec={"serviceAccountName": "wbe"})


@row("Quota used up, computed", "web has no pods", "NamespacePodQuotaExceeded shop")
def _(c: Cluster) -> None:
    c.app("web", pods=0)
    c.add(
        "resourcequotas",
        "ResourceQuota",
        "small",
        spec={"hard": {"pods": "4"}},
        status={"hard": {"pods": "4"}, "used": {"pods": "4"}},
    )


@row("Old errors in a log of what is well", _QUIET, NONE)
def _(c: Cluster) -> None:
    c.app("web")
    c.log("web", *["ERROR request failed: client closed the connection", "WARN retry failed"] * 3)


@row("Pod refused by a service account that was deleted", "web has no pods", "MissingServiceAccount web")
def _(c: Cluster) -> None:
    refused(c, 'pods "web-5-" is forbidden: error looking up service account shop/web: serviceaccount "web" not found')
