"""Which containers cannot start, and what do kubelet and runtime say about it?

The state decides (a container that waits now); the messages are those of the same pod.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from connectors.evidence import Evidence, Subject
from connectors.kubernetes import objects as o
from connectors.kubernetes.events import Event
from connectors.kubernetes.objects import Json
from connectors.kubernetes.reporting import Case, case, pod_state, replicas, told
from connectors.kubernetes.view import View

CHECK = "pods"

Rows = tuple[tuple[re.Pattern[str], str, float], ...]


def _row(pattern: str, cause: str, confidence: float) -> tuple[re.Pattern[str], str, float]:
    return re.compile(pattern, re.IGNORECASE), cause, confidence


PULL: Rows = (
    _row(r"no such host|server misbehaving|temporary failure in name resolution|i/o timeout|connection refused"
         r"|no route to host|network is unreachable|TLS handshake timeout|x509|context deadline exceeded",
         "ImageRegistryUnreachable", 0.92),
    _row(r"unable to retrieve some image pull secrets", "MissingImagePullSecret", 0.95),
    _row(r"pull access denied|repository does not exist or may require", "IncorrectImageReference", 0.7),
    _row(r"unauthorized|failed to authorize|authentication required|no basic auth|403 forbidden|denied:|access denied",
         "MissingImagePullSecret", 0.88),
    _row(r"not found|manifest unknown|invalid reference format|couldn't parse image|invalid image name|name unknown",
         "IncorrectImageReference", 0.93),
    _row(r"no match for platform|exec format error", "ImageArchitectureMismatch", 0.9),
    _row(r"toomanyrequests|rate limit", "RateLimited", 0.85),
    _row(r"failed to inspect image", "ImagePullFailure", 0.7),
    _row(r"no space left on device", "DiskFull", 0.9),
    _row(r"containerd\.sock|docker\.sock|crio\.sock|cri-dockerd", "ContainerRuntimeUnavailable", 0.85),
)  # fmt: skip
"""What a registry's or resolver's answer means, the most specific first."""

CONFIG: Rows = (
    _row(r"secret .*not found|references non-existent secret|in secret ", "MissingSecret", 0.95),
    _row(r"configmap .*not found|references non-existent config|in configmap ", "MissingConfigMap", 0.95),
    _row(r"runAsNonRoot|image will run as root", "PodSecurityViolation", 0.85),
    _row(r"serviceaccount .*not found", "MissingServiceAccount", 0.9),
    _row(r"executable file not found|no such file or directory: unknown|exec: .*(permission denied|not found)"
         r"|starting container process caused.*exec", "InvalidCommand", 0.92),
    _row(r"exec format error", "ImageArchitectureMismatch", 0.93),
    _row(r"oom-killed|memory limit too low|cgroup.*memory", "OOMKilled", 0.93),
    _row(r"containerd\.sock|docker\.sock|crio\.sock", "ContainerRuntimeUnavailable", 0.85),
    _row(r"(mount|volume).*(permission denied|access denied by server)|mkdir.*permission denied"
         r"|chown.*operation not permitted|error mounting.*permission denied",
         "VolumeMountPermissionDenied", 0.85),
    _row(r"port is already allocated|address already in use", "HostPortConflict", 0.85),
    _row(r"persistentvolumeclaim .*not found", "PVCNotFound", 0.95),
    _row(r"Setting volume ownership .*longer", "VolumeMountFailed", 0.8),
    _row(r"failed to prepare subPath|not a directory", "InvalidContainerConfig", 0.85),
    _row(r"Multi-Attach error|AttachVolume\.Attach failed|MountVolume\.\w+ failed|Unable to attach or mount volumes"
         r"|mount failed", "VolumeMountFailed", 0.75),
    _row(r"failed to (setup|set up) network|network plugin|cni|failed to assign an IP", "PodSandboxFailure", 0.8),
    _row(r"failed to create pod sandbox", "PodSandboxFailure", 0.6),
)  # fmt: skip
"""What kubelet's complaint about creating a container, a sandbox or a mount means."""

_PULLING = {"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable",
            "ImageInspectError"}  # fmt: skip
_CREATING = {
    "ContainerCreating", "PodInitializing", "CreateContainerConfigError", "CreateContainerError", "RunContainerError",
    "StartError", "PreCreateHookError", "PreStartHookError", "PostStartHookError",
}  # fmt: skip
_CONFIG_EVENTS = ("Failed", "FailedMount", "FailedAttachVolume", "FailedMapVolume", "FailedCreatePodSandBox",
                  "VolumePermissionChangeInProgress")  # fmt: skip
_NODE_LEVEL = {"ContainerRuntimeUnavailable"}
_REJECTED = (
    (r"^OutOfcpu$", "InsufficientCPU"), (r"^OutOfmemory$", "InsufficientMemory"), (r"^OutOfpods$", "InsufficientPods"),
    (r"^OutOf|^UnexpectedAdmissionError$|^TopologyAffinityError$", "InsufficientResource"),
    (r"^(?:Node|Match)Affinity|^PodOS", "NodeAffinityMismatch"), (r"^NodePorts$|^HostPort", "HostPortConflict"),
    (r"^NodeTaint|^Taint", "TaintNotTolerated"),
)  # fmt: skip
"""Why a kubelet takes no pod, as its status says in a word."""


_LEAST_MEMORY = 12 * 2**20
"""Bytes: CRI-O refuses less, runc's first process is killed in about half of it."""


def pulls(view: View) -> Iterator[Case]:
    """Images that cannot be pulled."""
    for pod, status in _waiting(view, _PULLING):
        image = str(status.get("image") or _image(pod, str(status.get("name"))))
        messages = [o.waiting(status)[1], *(e.message for e in view.pod_events(pod))]
        events = view.pod_events(pod, "Failed", "FailedToRetrieveImagePullSecret", "InspectFailed", "BackOff")
        cause, confidence, quote = _classify(PULL, messages) or ("ImagePullFailure", 0.45, o.waiting(status)[0])
        if o.waiting(status)[0] == "InvalidImageName":
            cause, confidence = "IncorrectImageReference", 0.95
        elif o.waiting(status)[0] == "ErrImageNeverPull":
            cause, confidence = "IncorrectImageReference", 0.7
        workload = view.workload_of(pod)
        words = f"The image {image} of {workload.name} cannot be pulled: {_tail(quote)}"
        yield _pod_case(view, "image pull", cause, pod, workload, words, confidence, events)


def creations(view: View) -> Iterator[Case]:
    """Containers that cannot be created or set up."""
    for pod, status in _waiting(view, _CREATING):
        if _may_still_start(view, pod, status):
            continue
        events = view.pod_events(pod, *_CONFIG_EVENTS)
        messages = [o.waiting(status)[1], str(o.terminated(status).get("message") or ""), *(e.message for e in events)]
        found = _classify(CONFIG, messages) or _too_small(pod)
        if found is None:
            if o.waiting(status)[0] in ("ContainerCreating", "PodInitializing"):
                continue
            found = ("InvalidContainerConfig", 0.6, o.waiting(status)[1] or o.waiting(status)[0])
        cause, confidence, quote = found
        workload = view.workload_of(pod)
        subject = workload
        if cause in _NODE_LEVEL and o.spec(pod).get("nodeName"):
            subject = Subject(kind="Node", name=str(o.spec(pod)["nodeName"]))
        words = f"A container of {workload.name} cannot be created: {_tail(quote)}"
        yield _pod_case(view, "container creation", cause, pod, subject, words, confidence, events)


def _too_small(pod: Json) -> tuple[str, float, str] | None:
    """A memory limit in which no container starts: the kernel ends the runtime's own first process."""
    for one in o.containers(o.spec(pod), init=True):
        limit = o.at(one, "resources", "limits", "memory")
        if 0 < o.quantity(limit) < _LEAST_MEMORY:
            return "OOMKilled", 0.72, f"{one.get('name')} may use {limit} of memory, runtimes need 12Mi to start one"
    return None


def _may_still_start(view: View, pod: Json, status: Json) -> bool:
    """Whether it is merely young: creating for less than half a minute and nothing complained."""
    quiet = o.waiting(status)[0] in ("ContainerCreating", "PodInitializing") and not view.pod_events(pod)
    return quiet and view.recent(o.created(pod), 0.5)


def _waiting(view: View, reasons: set[str]) -> Iterator[tuple[Json, Json]]:
    """One waiting container per pod, of these reasons."""
    for pod in view.pods:
        statuses = [*(o.status(pod).get("initContainerStatuses") or []), *o.container_statuses(pod)]
        found = next((one for one in statuses if _reason(one) in reasons), None)
        if found is not None:
            yield pod, found


def _reason(status: Json) -> str:
    """Why it waits; of one that the runtime could not start, that it could not, whatever it waits for now."""
    unstarted = o.terminated(status).get("reason") == "StartError"
    return "StartError" if unstarted else o.waiting(status)[0]


def rejected(view: View) -> Iterator[Case]:
    """Pods that a node's kubelet did not take although they were placed there, where their workload lacks replicas."""
    for pod in view.all("pods"):
        reason, message = str(o.status(pod).get("reason") or ""), str(o.status(pod).get("message") or "")
        cause = next((code for pattern, code in _REJECTED if re.search(pattern, reason)), None)
        if cause is None or o.status(pod).get("phase") != "Failed" or not view.recent(o.created(pod), 120):
            continue
        workload = view.workload_of(pod)
        desired, ready = replicas(view.workloads[workload]) if workload in view.workloads else (1, 0)
        if ready < desired:
            words = f"Node {o.spec(pod).get('nodeName')} did not take a pod of {workload.name}: {reason}: {message}"
            events = view.pod_events(pod, reason)
            yield _pod_case(view, "rejected by the kubelet", cause, pod, workload, words, 0.75, events)


def _image(pod: Json, container: str) -> str:
    found = (one for one in o.containers(o.spec(pod), init=True) if one.get("name") == container)
    return str(next(found, {}).get("image") or "")


def _classify(rows: Rows, messages: list[str]) -> tuple[str, float, str] | None:
    """Cause, confidence and the telling message: the first row that any message matches."""
    for pattern, cause, confidence in rows:
        for message in messages:
            if message and pattern.search(message):
                return cause, confidence, message
    return None


def _tail(message: str) -> str:
    """The end of a nested error: the innermost cause, which comes last."""
    line = o.short(message, 2000)
    return line if len(line) <= 260 else "…" + line[-259:]


def _pod_case(
    view: View, rule: str, cause: str, pod: Json, subject: Subject, words: str, confidence: float, events: list[Event]
) -> Case:
    proof: list[Evidence | None] = [pod_state(CHECK, pod), *(told(CHECK, event) for event in _telling(events))]
    workload = view.workload_of(pod)
    describe = ("kubectl", "describe", "pod", o.name(pod), "-n", o.namespace(pod))
    return case(
        rule, cause, subject, words, confidence, proof, onset=_since(pod), explains=[workload], commands=[describe]
    )


def _since(pod: Json) -> datetime | None:
    """Since when it does not start: since its last run ended, or since it was made."""
    ended = [at for one in o.container_statuses(pod) if (at := o.when(o.terminated(one).get("finishedAt")))]
    return max(ended, default=o.created(pod))


def _telling(events: list[Event]) -> list[Event]:
    """At most three events, the longest messages first: `Error: ErrImagePull` says nothing."""
    unique = {event.message: event for event in events}
    return sorted(unique.values(), key=lambda event: -len(event.message))[:3]


RULES = (pulls, creations, rejected)
TOLD_BY_EVENTS = ("IncorrectImageReference", "ImageRegistryUnreachable", "MissingImagePullSecret")
"""Why an image cannot be pulled: while a pod backs off, its state says only that it does."""
DECIDES = (
    *TOLD_BY_EVENTS, "MissingSecret", "MissingConfigMap", "InvalidCommand", "OOMKilled", "ApplicationCrash",
)  # fmt: skip
