"""Pods and what makes them: the rows of Pod, Deployment, ReplicaSet, StatefulSet, DaemonSet, Job and CronJob."""

from __future__ import annotations

from tests.connectors.kubernetes.cluster import Cluster, ended_state
from tests.connectors.kubernetes.cluster import Json as Object
from tests.triage.checklist import NONE, SUFFERS, refused, row, since, unplaced, unready, waiting

_ASK = "web does not start"


@row("Pod Unschedulable, known by its condition only", _ASK, "InsufficientCPU web")
def _(c: Cluster) -> None:
    c.app("web", ready=False, node=None, container={"resources": {"requests": {"cpu": "9"}}})
    c.pod("web")["status"]["conditions"][0]["message"] = "0/2 nodes are available: 2 Insufficient cpu."


@row("Pod SchedulingGated", _ASK, "SchedulingGated web")
def _(c: Cluster) -> None:
    c.app("web", ready=False, node=None, pod_spec={"schedulingGates": [{"name": "example.io/quota"}]})
    gated = {"type": "PodScheduled", "status": "False", "reason": "SchedulingGated",
             "message": "Scheduling is blocked due to non-empty scheduling gates"}  # fmt: skip
    c.pod("web")["status"]["conditions"] = [gated]


@row("Pod Evicted", "web is gone", "PodEvicted web")
def _(c: Cluster) -> None:
    c.app("web", ready=False)
    said = "The node was low on resource: memory. Threshold quantity: 100Mi, available: 60Mi. "
    c.pod("web")["status"] = {"phase": "Failed", "reason": "Evicted", "message": said, "startTime": since(20)}
    c.pod_event("web", "Evicted", said)


@row("Pod ContainerCreating, FailedMount", _ASK, "MissingConfigMap web")
def _(c: Cluster) -> None:
    c.app("web", ready=False, state=waiting("ContainerCreating"),
          pod_spec={"volumes": [{"name": "cfg", "configMap": {"name": "web-config"}}]})  # fmt: skip
    c.pod_event("web", "FailedMount", 'MountVolume.SetUp failed for volume "cfg" : configmap "web-config" not found')


@row("Pod ContainerCreating, FailedCreatePodSandBox", _ASK, "PodSandboxFailure web")
def _(c: Cluster) -> None:
    c.app("web", ready=False, state=waiting("ContainerCreating"))
    c.pod_event("web", "FailedCreatePodSandBox", "Failed to create pod sandbox: rpc error: code = Unknown desc = "
                'failed to setup network for sandbox "1f": plugin type="calico" failed (add): stat /var/lib/calico')  # fmt: skip


@row("Pod CrashLoopBackOff, last terminated OOMKilled", "web restarts", "OOMKilled web")
def _(c: Cluster) -> None:
    c.app(
        "web", ready=False, state=ended_state(137, "OOMKilled"), container={"resources": {"limits": {"memory": "64Mi"}}}
    )


@row("Pod CrashLoopBackOff, last terminated Error", "web restarts", "ApplicationCrash web")
def _(c: Cluster) -> None:
    c.app("web", ready=False, state=ended_state(3))
    c.log("web", "panic: runtime error: index out of range [3] with length 3", previous=True)


@row("Pod terminated with an exit code", "web is down", SUFFERS)
def _(c: Cluster) -> None:
    ended = {"terminated": {"exitCode": 3, "reason": "Error", "startedAt": since(1), "finishedAt": since(0.5)}}
    c.app("web", ready=False, state={"ready": False, "restartCount": 3, "state": ended})


_REASONS = (
    ("ImagePullBackOff", 'Back-off pulling image "registry.example/web:1": ErrImagePull: rpc error: code = NotFound desc = '
     'failed to pull and unpack image "registry.example/web:1": failed to resolve reference "registry.example/web:1": '
     "registry.example/web:1: not found", "IncorrectImageReference"),
    ("ErrImagePull", 'failed to pull image "registry.example/web:1": dial tcp: lookup registry.example on 10.0.0.2:53: '
     "no such host", "ImageRegistryUnreachable"),
    ("ErrImageNeverPull", 'Container image "registry.example/web:1" is not present with pull policy of Never',
     "IncorrectImageReference"),
    ("InvalidImageName", 'Failed to apply default image tag "registry.example/web::1": couldn\'t parse image name',
     "IncorrectImageReference"),
    ("ImageInspectError", 'Failed to inspect image "registry.example/web:1": rpc error: code = Unknown desc = '
     "unable to inspect image", "ImagePullFailure"),
    ("CreateContainerConfigError", 'secret "web-keys" not found', "MissingSecret"),
    ("CreateContainerConfigError", "couldn't find key mode in ConfigMap shop/web", "MissingConfigMap"),
    ("CreateContainerError", "Error response from daemon: invalid volume specification", "InvalidContainerConfig"),
    ("PreCreateHookError", "Internal PreCreateContainer hook failed: rpc error", "InvalidContainerConfig"),
    ("PreStartHookError", "Internal PreStartContainer hook failed: device is busy", "InvalidContainerConfig"),
    ("PostStartHookError", "Exec lifecycle hook ([/bin/warm]) for Container \"main\" failed - error: command '/bin/warm' "
     "exited with 126", "InvalidContainerConfig"),
    ("RunContainerError", 'failed to create containerd task: OCI runtime create failed: exec: "srv": executable file '
     "not found in $PATH: unknown", "InvalidCommand"),
)  # fmt: skip


def _waits(reason: str, message: str, cause: str) -> None:

    @row(f"Pod waiting {reason}: {cause}", _ASK, f"{cause} web")
    def _(c: Cluster) -> None:
        c.app("web", ready=False, state=waiting(reason, message))


for _reason, _message, _cause in _REASONS:
    _waits(_reason, _message, _cause)


@row("Pod Running, not ready, probe gets 503", "web has no endpoints", "ProbeFailing web")
def _(c: Cluster) -> None:
    probe = {"httpGet": {"path": "/ready", "port": 8080}}
    c.app("web", container={"readinessProbe": probe})
    unready(c, "web", "Readiness probe failed: HTTP probe failed with statuscode: 503")


@row(
    "Pod Running, probe gets 503, its dependency is scaled to nothing",
    "web has no endpoints",
    "WorkloadScaledToZero db",
)
def _(c: Cluster) -> None:
    c.app("db", 5432, pods=0)["spec"]["replicas"] = 0
    c.objects["replicasets"][-1]["spec"]["replicas"] = 0
    c.app(
        "web", env={"DB_ADDR": "db:5432"}, container={"readinessProbe": {"httpGet": {"path": "/ready", "port": 8080}}}
    )
    unready(c, "web", "Readiness probe failed: HTTP probe failed with statuscode: 503")


@row("Pod Running, probe gets 503, its log says why", "web has no endpoints", "InvalidCredentials web")
def _(c: Cluster) -> None:
    c.app("web", container={"readinessProbe": {"httpGet": {"path": "/ready", "port": 8080}}})
    unready(c, "web", "Readiness probe failed: HTTP probe failed with statuscode: 503")
    c.log("web", *['not ready: pq: password authentication failed for user "web"'] * 3)


@row("Pod Running, not ready, nobody says why", "web has no endpoints", SUFFERS)
def _(c: Cluster) -> None:
    c.app("web")
    unready(c, "web", 'Readiness probe failed: command "/bin/check" failed')
    c.objects["events"].clear()


@row("Deployment in the middle of a rollout that goes well", "is web well?", NONE)
def _(c: Cluster) -> None:
    made = c.app("web", pods=2)
    made["spec"]["replicas"] = 1
    made["status"] |= {"replicas": 2, "updatedReplicas": 1, "readyReplicas": 2}


@row("Deployment Progressing=False", "the release of web hangs", "RolloutStuck web")
def _(c: Cluster) -> None:
    made = c.app("web")
    made["status"]["conditions"] = [{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded",
        "message": 'ReplicaSet "web-5d9c7b8f6d" has timed out progressing.', "lastTransitionTime": since(10)}]  # fmt: skip
    unready(c, "web", "")
    c.objects["events"].clear()


_REFUSALS = (
    ("service account", 'pods "web-5-" is forbidden: error looking up service account shop/web: serviceaccount "web" not found',
     "MissingServiceAccount web"),
    ("quota", 'pods "web-5-" is forbidden: exceeded quota: small, requested: requests.cpu=100m, used: requests.cpu=1, '
     "limited: requests.cpu=1", "NamespaceCPUQuotaExceeded shop"),
    ("limit range", 'pods "web-5-" is forbidden: minimum cpu usage per Container is 200m, but request is 100m',
     "LimitRangeViolation web"),
    ("pod security", 'pods "web-5-" is forbidden: violates PodSecurity "restricted:latest": privileged',
     "PodSecurityViolation web"),
    ("webhook", 'admission webhook "validate.example.io" denied the request: label team is missing',
     "AdmissionWebhookFailure web"),
    ("priority class", 'pods "web-5-" is forbidden: no PriorityClass with name high was found', "PodsNotCreated web"),
    ("runtime class", 'pods "web-5-" is forbidden: pod rejected: RuntimeClass "gvisor" not found', "PodsNotCreated web"),
    ("invalid", 'Pod "web-5-abcde" is invalid: spec.containers[0].volumeMounts[0].name: Not found: "tmp"',
     "PodsNotCreated web"),
)  # fmt: skip


def _refuses(name: str, message: str, says: str) -> None:
    @row(f"ReplicaSet ReplicaFailure: {name}", "web has no pods", says)
    def _(c: Cluster) -> None:
        refused(c, message)


for _name, _message, _says in _REFUSALS:
    _refuses(_name, _message, _says)


def _stateful(c: Cluster, service: str = "db", ready: int = 1) -> None:
    pod = {"containers": [{"name": "main", "image": "registry.example/db:1"}]}
    template = {"metadata": {"labels": {"app": "db"}}, "spec": pod}
    spec = {"replicas": 1, "serviceName": service, "selector": {"matchLabels": {"app": "db"}}, "template": template}
    c.add("statefulsets", "StatefulSet", "db", spec=spec,
          status={"replicas": 1, "readyReplicas": ready, "availableReplicas": ready})  # fmt: skip


def _first(c: Cluster, ready: bool, state: Object | None = None) -> None:
    owners = [{"kind": "StatefulSet", "name": "db", "controller": True}]
    status = {"name": "main", "ready": ready, "restartCount": 0, "state": {"running": {"startedAt": since(9)}}} | (
        state or {}
    )
    spec = {"nodeName": "n1", "containers": [{"name": "main", "image": "registry.example/db:1"}]}
    c.add("pods", "Pod", "db-0", metadata={"labels": {"app": "db"}, "ownerReferences": owners}, spec=spec,
          status={"phase": "Running", "conditions": [{"type": "Ready", "status": str(ready)}],
                  "containerStatuses": [status]})  # fmt: skip


@row(
    "StatefulSet whose headless service does not exist",
    "db-0 cannot be found by its name",
    "ServiceNotFound db-headless",
)
def _(c: Cluster) -> None:
    _stateful(c, "db-headless")
    _first(c, ready=True)


@row("StatefulSet whose storage class does not exist", "db does not start", "PVCStorageClassMismatch db")
def _(c: Cluster) -> None:
    c.add("storageclasses", "StorageClass", "std", namespace="", provisioner="csi.example.io")
    _stateful(c, ready=0)
    c.service("db", 5432)
    _first(c, ready=False)
    pod = c.pod("db")
    del pod["spec"]["nodeName"], pod["status"]["containerStatuses"]
    pod["spec"]["volumes"] = [{"name": "data", "persistentVolumeClaim": {"claimName": "data-db-0"}}]
    told = "0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found"
    pod["status"] = {"phase": "Pending", "conditions": [
        {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": told}]}  # fmt: skip
    c.add("persistentvolumeclaims", "PersistentVolumeClaim", "data-db-0", spec={"storageClassName": "fast",
          "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
          status={"phase": "Pending"}, metadata={"labels": {"app": "db"}})  # fmt: skip
    c.event("PersistentVolumeClaim", "data-db-0", "ProvisioningFailed", 'storageclass.storage.k8s.io "fast" not found')


@row("StatefulSet without its first pod, warned of", "db has no pods", "NamespaceMemoryQuotaExceeded shop")
def _(c: Cluster) -> None:
    _stateful(c, ready=0)
    c.objects["statefulsets"][0]["status"]["replicas"] = 0
    c.service("db", 5432)
    c.event("StatefulSet", "db", "FailedCreate", "create Pod db-0 in StatefulSet db failed error: pods \"db-0\" is "
            "forbidden: exceeded quota: small, requested: memory=1Gi, used: memory=4Gi, limited: memory=4Gi")  # fmt: skip


@row("StatefulSet whose pod does not run", "db is down", "ApplicationCrash db")
def _(c: Cluster) -> None:
    _stateful(c, ready=0)
    c.service("db", 5432)
    _first(c, ready=False, state=ended_state(1))
    c.objects["pods"][-1]["status"]["phase"] = "Running"
    c.log("db", "FATAL: configuration file contains errors", previous=True)


def _daemon(c: Cluster, desired: int, current: int, ready: int, **spec: object) -> None:
    pod = {"containers": [{"name": "main", "image": "registry.example/agent:1"}]} | spec
    c.add("daemonsets", "DaemonSet", "agent",
          spec={"selector": {"matchLabels": {"app": "agent"}}, "template": {"metadata": {"labels": {"app": "agent"}}, "spec": pod}},
          status={"desiredNumberScheduled": desired, "currentNumberScheduled": current, "numberReady": ready,
                  "numberAvailable": ready})  # fmt: skip
    owners = [{"kind": "DaemonSet", "name": "agent", "controller": True}]
    for number in range(current):
        running = {
            "name": "main",
            "ready": number < ready,
            "restartCount": 0,
            "state": {"running": {"startedAt": since(9)}},
        }
        c.add("pods", "Pod", f"agent-{'abc'[number] * 5}", metadata={"labels": {"app": "agent"}, "ownerReferences": owners},
              spec=pod | {"nodeName": f"n{number + 1}"},
              status={"phase": "Running", "containerStatuses": [running],
                      "conditions": [{"type": "Ready", "status": str(number < ready)}]})  # fmt: skip


@row("DaemonSet with fewer pods than desired, and no event", "the agent is missing on a node", "PodsNotCreated agent")
def _(c: Cluster) -> None:
    _daemon(c, 2, 1, 1)


@row("DaemonSet with a pod that is not ready, and no event", "the agent is not well", SUFFERS)
def _(c: Cluster) -> None:
    _daemon(c, 2, 2, 1)


@row("DaemonSet whose pull secret does not exist", "the agent does not start", "MissingImagePullSecret agent")
def _(c: Cluster) -> None:
    _daemon(c, 1, 1, 0, imagePullSecrets=[{"name": "regcred"}])
    status = c.pod("agent")["status"]
    said = ('failed to pull and unpack image "registry.example/agent:1": failed to authorize: failed to fetch anonymous '
            "token: unexpected status from GET request: 401 Unauthorized")  # fmt: skip
    status["containerStatuses"][0] |= waiting("ImagePullBackOff", f"Back-off pulling image: ErrImagePull: {said}")
    status["phase"] = "Pending"
    c.pod_event("agent", "FailedToRetrieveImagePullSecret", "Unable to retrieve some image pull secrets (regcred); "
                "attempting to pull the image may not succeed.")  # fmt: skip


@row("Pull secret that does not exist and is not needed", "is the agent well?", NONE)
def _(c: Cluster) -> None:
    _daemon(c, 1, 1, 1, imagePullSecrets=[{"name": "regcred"}])
    c.pod_event("agent", "FailedToRetrieveImagePullSecret", "Unable to retrieve some image pull secrets (regcred); "
                "attempting to pull the image may not succeed.")  # fmt: skip


@row("Job suspended, asked for", "the import job does not run", "JobSuspended import")
def _(c: Cluster) -> None:
    c.add("jobs", "Job", "import", spec={"suspend": True, "template": {"spec": {"containers": []}}},
          status={"conditions": [{"type": "Suspended", "status": "True", "reason": "JobSuspended"}]})  # fmt: skip


@row("Job failed", "the import job failed", "JobFailed import")
def _(c: Cluster) -> None:
    c.add("jobs", "Job", "import", spec={"backoffLimit": 3}, status={"failed": 4, "conditions": [
        {"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "lastTransitionTime": since(5),
         "message": "Job has reached the specified backoff limit"}]})  # fmt: skip


def _cron(name: str, event: tuple[str, str] | None, spec: dict[str, object], status: dict[str, object]) -> None:
    @row(f"CronJob {name}", "the nightly job did not run", "CronJobNotRunning nightly")
    def _(c: Cluster) -> None:
        c.add("cronjobs", "CronJob", "nightly", spec={"schedule": "*/10 * * * *", "jobTemplate": {"spec": {}}} | spec,
              status=status, metadata={"creationTimestamp": since(9000)})  # fmt: skip
        if event:
            c.event("CronJob", "nightly", *event)


_cron("suspended", None, {"suspend": True}, {"lastScheduleTime": since(3000)})
_cron("with a schedule that cannot be read", ("UnparseableSchedule", 'unparseable schedule: "61 * * * *": end of range'),
      {"schedule": "61 * * * *"}, {})  # fmt: skip
_cron("that misses its starting deadline", ("MissSchedule", "Missed scheduled time to start a job: Mon, 04 May 2026 11:50"),
      {"startingDeadlineSeconds": 5}, {"lastScheduleTime": since(3000)})  # fmt: skip
_cron("that never ran", None, {}, {})


@row("Taint that nobody tolerates", _ASK, "TaintNotTolerated web")
def _(c: Cluster) -> None:
    for node in c.objects["nodes"]:
        node["spec"]["taints"] = [{"key": "dedicated", "value": "batch", "effect": "NoSchedule"}]
    unplaced(c, "0/2 nodes are available: 2 node(s) had untolerated taint {dedicated: batch}.")


@row("Node cordoned", _ASK, "NodeCordoned web")
def _(c: Cluster) -> None:
    for node in c.objects["nodes"]:
        node["spec"]["unschedulable"] = True
    unplaced(c, "0/2 nodes are available: 2 node(s) were unschedulable.")


@row("Node affinity that no node meets", _ASK, "NodeAffinityMismatch web")
def _(c: Cluster) -> None:
    term = {"matchExpressions": [{"key": "zone", "operator": "In", "values": ["c"]}]}
    required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}}
    unplaced(c, "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector.",
             pod_spec={"affinity": {"nodeAffinity": required}})  # fmt: skip


@row("Workload with zero replicas", "web is down", "WorkloadScaledToZero web")
def _(c: Cluster) -> None:
    c.app("web", pods=0)["spec"]["replicas"] = 0
    c.objects["replicasets"][-1]["spec"]["replicas"] = 0


@row("Pod restarted long ago and well since", "is web well?", NONE)
def _(c: Cluster) -> None:
    c.app("web", state={"restartCount": 5, "lastState": {"terminated": {
        "exitCode": 1, "reason": "Error", "startedAt": since(3000), "finishedAt": since(2990)}}})  # fmt: skip


@row("Sidecar that wants the port of another container", "web restarts", "SidecarPortConflict web")
def _(c: Cluster) -> None:
    c.app("web", ready=False, state=ended_state(1))
    c.log("web", "listen tcp :8080: bind: address already in use", previous=True)
