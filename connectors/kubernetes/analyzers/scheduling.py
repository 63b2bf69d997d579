"""Which pods find no node, and which constraint is it?

Computed from the specs of pod and nodes; the scheduler's own message confirms it, and stands in where nodes may
not be read. Pods whose claims are unbound belong to storage.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from connectors.evidence import Evidence, Subject
from connectors.kubernetes import fitting
from connectors.kubernetes import objects as o
from connectors.kubernetes.analyzers import rollouts
from connectors.kubernetes.client import kubectl
from connectors.kubernetes.objects import Json
from connectors.kubernetes.reporting import Case, case, observed, pod_state, told
from connectors.kubernetes.view import View

CHECK = "scheduling"

MESSAGES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(\d+) Insufficient cpu"), "InsufficientCPU"),
    (re.compile(r"(\d+) Insufficient memory"), "InsufficientMemory"),
    (re.compile(r"(\d+) Too many pods"), "InsufficientPods"),
    (re.compile(r"(\d+) Insufficient [\w.-]+/[\w.-]+|(\d+) Insufficient ephemeral-storage"), "InsufficientResource"),
    (re.compile(r"(\d+) node\(s\) had (?:untolerated )?taint(?:s|\(s\))?[ ,.]"), "TaintNotTolerated"),
    (re.compile(r"(\d+) node\(s\) were unschedulable"), "NodeCordoned"),
    (re.compile(r"(\d+) node\(s\) didn't (?:match|satisfy existing) pods? anti-affinity"), "PodAntiAffinityConflict"),
    (re.compile(r"(\d+) node\(s\) didn't match pod affinity"), "PodAffinityMismatch"),
    (re.compile(r"(\d+) node\(s\) didn't match (?:Pod's )?node (?:affinity|selector)"), "NodeSelectorMismatch"),
    (re.compile(r"(\d+) node\(s\) didn't match pod topology spread"), "TopologySpreadConflict"),
    (re.compile(r"(\d+) node\(s\) didn't have free ports"), "HostPortConflict"),
    (re.compile(r"(\d+) node\(s\) had volume node affinity conflict"), "VolumeNodeAffinityConflict"),
)  # fmt: skip
_WRITTEN: dict[str, str] = {
    "NodeSelectorMismatch": "nodeSelector", "NodeAffinityMismatch": "nodeAffinity",
    "PodAntiAffinityConflict": "podAntiAffinity", "PodAffinityMismatch": "podAffinity",
    "TaintNotTolerated": "tolerations", "TopologySpreadConflict": "topologySpreadConstraints",
    "InsufficientCPU": "requests.cpu", "InsufficientMemory": "requests.memory", "HostPortConflict": "hostPort",
}  # fmt: skip
"""Where in a pod's spec a constraint is written."""
_CLAIMS = re.compile(
    r"unbound immediate PersistentVolumeClaims|persistentvolumeclaim .* not found|bind to a PersistentVolume"
)


def unscheduled(view: View) -> Iterator[Case]:
    """Pods without a node, one case a workload."""
    told_of: set[Subject] = set()
    for pod in view.pods:
        workload = view.workload_of(pod)
        if not pending(pod) or workload in told_of:
            continue
        event = next(iter(view.pod_events(pod, "FailedScheduling")), None)
        message = scheduler_words(view, pod)
        if o.spec(pod).get("schedulingGates"):
            told_of.add(workload)
            yield _gated(pod, workload)
            continue
        if _CLAIMS.search(message) or view.unbound_claims(pod):
            continue
        found = _reason(view, pod, message)
        if found is not None:
            told_of.add(workload)
            cause, words, confidence, proof = found
            about = told(CHECK, event) if event else None
            yield case(
                "pod fits no node", cause, workload, words, confidence, [pod_state("pods", pod), about, proof],
                onset=o.created(pod), explains=[workload],
                commands=[("kubectl", "describe", "pod", o.name(pod), "-n", o.namespace(pod))],
            )  # fmt: skip


def pending(pod: Json) -> bool:
    """Whether the pod waits for a node."""
    return o.status(pod).get("phase") == "Pending" and not o.spec(pod).get("nodeName")


def scheduler_words(view: View, pod: Json) -> str:
    """What the scheduler said last about the pod: the condition or the event."""
    condition = o.conditions(pod).get("PodScheduled") or {}
    event = next(iter(view.pod_events(pod, "FailedScheduling")), None)
    return str(condition.get("message") or (event.message if event else ""))


def _gated(pod: Json, workload: Subject) -> Case:
    gates = ", ".join(str(one.get("name")) for one in o.spec(pod)["schedulingGates"])
    words = f"Scheduling gates hold pods of {workload.name} back: {gates}"
    return case("scheduling gates", "SchedulingGated", workload, words, 0.9, [pod_state("pods", pod)])


def _reason(view: View, pod: Json, message: str) -> tuple[str, str, float, Evidence | None] | None:
    workload = view.workload_of(pod).name
    said = messages(message)
    nodes = view.all("nodes")
    if not nodes:
        if not said:
            return None
        cause = said.most_common(1)[0][0]
        return cause, f"No node takes a pod of {workload}: {message}", 0.75, None
    others = view.all("all_pods") or view.pods
    found = fitting.fit(pod, nodes, others, view.volumes_of(pod))
    if found.possible and not said:
        return None
    causes = _without_background(found, nodes)
    agreed = _agreed(_changed(view, pod, causes), said)
    if agreed is None:
        return None
    cause, proof = agreed, _table(pod, found)
    detail = "; ".join(f"{node}: {', '.join(words for _, words in why)}" for node, why in found.reasons.items() if why)
    agrees = not said or cause in said or (cause == "NodeAffinityMismatch" and "NodeSelectorMismatch" in said)
    words = f"No node takes a pod of {workload} ({detail or message})"
    return cause, words, (0.93 if said else 0.8) if agrees else 0.6, proof


def messages(message: str) -> Counter[str]:
    """Codes and numbers of nodes in the scheduler's message."""
    words = message.partition("preemption:")[0]
    found: Counter[str] = Counter()
    for pattern, code in MESSAGES:
        for hit in pattern.finditer(words):
            found[code] += int(next(group for group in hit.groups() if group))
    return found


def _without_background(found: fitting.Fit, nodes: list[Json]) -> Counter[str]:
    """What eliminates workers; nodes of the control plane only count where there are no others."""
    workers = {o.name(node) for node in nodes if not fitting.control_plane(node)}
    wanted = found.wanted & workers or found.wanted
    reasons = {node: why for node, why in found.reasons.items() if node in workers or not workers}
    return fitting.Fit(reasons, wanted).causes()


def _changed(view: View, pod: Json, causes: Counter[str]) -> Counter[str]:
    """Of what keeps nodes away, that which the latest revision brought, where it brought some: the rest held before."""
    if len(causes) < 2:
        return causes
    paths = rollouts.changed_paths(view, view.workload_of(pod))
    brought = {code for code in causes if any(_WRITTEN.get(code, "\0") in path for path in paths)}
    return Counter({code: causes[code] for code in brought}) if brought else causes


def _agreed(causes: Counter[str], said: Counter[str]) -> str | None:
    if causes:
        return max(causes, key=lambda code: (causes[code], said[code], code))
    return said.most_common(1)[0][0] if said else None


def _table(pod: Json, found: fitting.Fit) -> Evidence:
    subject = Subject(kind="Pod", namespace=o.namespace(pod), name=o.name(pod))
    rows = [
        (node + (" (asked for)" if node in found.wanted else ""), "; ".join(words for _, words in why) or "fits")
        for node, why in found.reasons.items()
    ]
    return observed(
        CHECK, subject, f"Why no node takes {subject.name}", "; ".join(": ".join(row) for row in rows[:6]), rows,
        query=kubectl("get", "nodes", "-o", "yaml"), part="fit",
    )  # fmt: skip


RULES = (unscheduled,)
DECIDES = (
    "NodeCordoned", "NodeAffinityMismatch", "NodeSelectorMismatch", "PodAntiAffinityConflict", "TaintNotTolerated",
    "InsufficientCPU", "InsufficientMemory",
)  # fmt: skip
