"""Which containers run and die, or are not meant to run at all, and what do exit codes and last words say?"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from connectors.evidence import Evidence, Role, Subject
from connectors.kubernetes import crashes, stores
from connectors.kubernetes import objects as o
from connectors.kubernetes.events import Event
from connectors.kubernetes.objects import Json
from connectors.kubernetes.reporting import Case, case, log_lines, observed, pod_state, replicas, told, workload_state
from connectors.kubernetes.snapshot import LogLine
from connectors.kubernetes.view import View
from connectors.patterns import quote

CHECK = "workloads"
_KILLED = re.compile(r"(?:[Kk]illed process \d+,? \(|victim process: )([\w.-]+)")
_WHY = re.compile(r"error|exception|fatal|panic|traceback|assert|abort|cannot|could not|fail", re.IGNORECASE)
"""In the last words of a process that ended by an error of its own: without them its error is a guess."""
_OWN_LIMIT = re.compile(r"exceed\w* (?:the total limit of containers|its local ephemeral|.*limit)", re.IGNORECASE)
_OVER = 180.0
"""Minutes after which what a pod that has ended for good died of is no cause any more."""
_EXITS = {
    126: ("InvalidCommand", 0.85, "the command cannot be executed"),
    127: ("InvalidCommand", 0.88, "the command is not found"),
    132: ("ImageArchitectureMismatch", 0.5, "an illegal instruction"),
    139: ("ApplicationCrash", 0.6, "a segmentation fault"),
}


def killed(view: View) -> Iterator[Case]:
    """Containers killed for their memory, now or within the window."""
    seen: set[Subject] = set()
    for pod in view.pods:
        workload = view.workload_of(pod)
        for status in [*o.container_statuses(pod), *(o.status(pod).get("initContainerStatuses") or [])]:
            ended = o.terminated(status)
            oom = ended.get("reason") == "OOMKilled" or (
                ended.get("exitCode") == 137 and view.pod_events(pod, "OOMKilling")
            )
            if not oom or workload in seen:
                continue
            again = not o.ready(pod) or view.recent(o.when(ended.get("finishedAt")), 60)
            if not again:
                continue
            seen.add(workload)
            limit = _limit(pod, str(status.get("name")))
            words = (
                f"{o.container_of(status, workload)} is killed for its memory (limit {limit or 'none'}, "
                f"{status.get('restartCount', 0)} restarts)"
            )
            yield case("killed for memory", "OOMKilled", workload, words, 0.93, [pod_state("pods", pod)],
                       onset=o.when(ended.get("finishedAt")), explains=[workload],
                       commands=[("kubectl", "describe", "pod", o.name(pod), "-n", o.namespace(pod))])  # fmt: skip


def crashing(view: View) -> Iterator[Case]:
    """Containers that exit by themselves again and again: what the exit code and the log say."""
    seen: set[Subject] = set()
    for pod in view.pods:
        workload = view.workload_of(pod)
        for status in [*o.container_statuses(pod), *(o.status(pod).get("initContainerStatuses") or [])]:
            if workload in seen or not _exits(view, pod, status):
                continue
            seen.add(workload)
            yield _crash(view, pod, workload, status)


def killed_on_node(view: View) -> Iterator[Case]:
    """Kills for memory that only the node tells of: of a container's child, or of one that exits by SIGKILL."""
    for workload, pods in view.pods_by_workload.items():
        found = next(((pod, event) for pod in pods for event in _kills_near(view, pod) if _victim(pod, event)), None)
        if found is not None:
            pod, event = found
            words = f"The kernel of node {event.object} killed a process of {workload.name} for its memory: "
            yield case("node tells of a kill", "OOMKilled", workload, words + o.short(event.message, 200), 0.8,
                       [pod_state("pods", pod), told("events", event)], onset=event.first,
                       explains=[workload])  # fmt: skip


def _kills_near(view: View, pod: Json) -> list[Event]:
    node = str(o.spec(pod).get("nodeName") or "")
    events = view.events_of("Node", "", node, "OOMKilling", "SystemOOM")
    return [event for event in events if view.recent(event.last, 60)]


def _victim(pod: Json, event: Event) -> bool:
    """Whether a container that was restarted has the killed process in its name, image or command."""
    hit = _KILLED.search(event.message)
    for one in o.container_statuses(pod) if hit else ():
        spec = next((c for c in o.containers(o.spec(pod)) if c.get("name") == one.get("name")), {})
        run = " ".join(map(str, (one.get("name"), spec.get("image"), *(spec.get("command") or []))))
        told_itself = o.terminated(one).get("reason") == "OOMKilled"
        if hit and one.get("restartCount") and not told_itself and re.search(rf"\b{re.escape(hit[1])}\b", run):
            return True
    return False


def _exits(view: View, pod: Json, status: Json) -> bool:
    ended = o.terminated(status)
    if not ended or ended.get("reason") in ("OOMKilled", "Completed", "StartError") or not ended.get("exitCode"):
        return False
    if ended.get("exitCode") == 137 and view.pod_events(pod, "OOMKilling"):
        return False
    probed = view.pod_events(pod, "Unhealthy")
    if ended.get("exitCode") in (137, 143) and any(
        "Liveness" in one.message or "Startup" in one.message for one in probed
    ):
        return False  # killed by its probe: the probes' rule
    if o.status(pod).get("phase") == "Failed" and not view.recent(o.when(ended.get("finishedAt")), _OVER):
        return False  # a job's pod of long ago that nobody has removed
    looping = o.waiting(status)[0] == "CrashLoopBackOff" or (status.get("state") or {}).get("terminated")
    return bool(looping) or (not status.get("ready") and (status.get("restartCount") or 0) > 0)


def _crash(view: View, pod: Json, workload: Subject, status: Json) -> Case:
    ended, name = o.terminated(status), str(status.get("name"))
    code = ended.get("exitCode")
    lines = [line for container, line in view.log(pod) if container == name]
    meaning = crashes.meaning([line.text for line in lines])
    words = f"{o.container_of(status, workload)} exits with code {code} ({status.get('restartCount', 0)} restarts)"
    quoted: list[LogLine] = lines[-5:]
    cause, confidence = "ApplicationCrash", 0.6 if any(_WHY.search(line.text) for line in lines) else 0.45
    if meaning is not None:
        row, found = meaning
        cause, confidence = row.cause, row.confidence
        words += f": {row.means}: {quote(found[-1], 180)}"
        quoted = [line for line in lines if line.text in found]
    elif code in _EXITS:
        cause, confidence, means = _EXITS[code]
        words += f": {means}"
    elif lines:
        words += f"; last line: {quote(lines[-1].text, 160)}"
    if _init(pod, name) and cause == "ApplicationCrash":
        cause = "InitContainerFailure"
    proof = [pod_state("pods", pod), log_lines("logs", pod, name, quoted, part="last-words")]
    logs = ("kubectl", "logs", o.name(pod), "-n", o.namespace(pod), "-c", name, "--previous")
    return case("container exits", cause, workload, words, confidence, proof, onset=_since(view, pod, ended),
                explains=[workload], commands=[logs])  # fmt: skip


def _since(view: View, pod: Json, ended: Json) -> datetime | None:
    """Since when it exits: since the kubelet first waited with the next start, otherwise its last end."""
    waited = [event.first for event in view.pod_events(pod, "BackOff") if event.first]
    return min([*waited, *([at] if (at := o.when(ended.get("finishedAt"))) else [])], default=None)


def _init(pod: Json, container: str) -> bool:
    return any(one.get("name") == container for one in o.spec(pod).get("initContainers") or [])


def _limit(pod: Json, container: str) -> str:
    found = next((one for one in o.containers(o.spec(pod), init=True) if one.get("name") == container), {})
    return str(o.at(found, "resources", "limits", "memory") or "")


def zero(view: View) -> Iterator[Case]:
    """Workloads scaled to nothing although a service or an autoscaler wants them."""
    for workload, spec in view.workloads.items():
        if spec.get("kind") == "DaemonSet" or o.spec(spec).get("replicas") != 0:
            continue
        services = view.services_of.get(workload, [])
        callers = [caller for one in services for caller in view.callers.get((o.namespace(one), o.name(one)), [])]
        wanted = services and not _parked(view, workload, spec)
        confidence = 0.93 if callers else 0.85 if wanted else 0.3
        words = f"{workload.kind} {workload.name} is scaled to zero replicas"
        if services:
            words += f"; service {o.name(services[0])} has no pods" + (
                f", {callers[0].name} calls it" if callers else ""
            )
        yield case("scaled to zero", "WorkloadScaledToZero", workload, words, confidence,
                   [workload_state(CHECK, view, workload)], explains=[workload, *callers])  # fmt: skip


def _parked(view: View, workload: Subject, spec: Json) -> bool:
    """Whether it may have been put aside: nobody calls it, where who calls whom is known of most, and it is old."""
    keys = [(o.namespace(one), o.name(one)) for one in view.services_of[workload]]
    store = any(stores.is_store(one) for one in view.services_of[workload])
    others = view.services_with_workload - set(keys)
    known = 2 * len(others & view.callers.keys()) >= len(others) > 0
    used = store or any(key in view.callers or key in view.entrances for key in keys)
    asked = any(view.snapshot.asked_about(name) for name in (workload.name, *(name for _, name in keys)))
    return known and not used and not asked and not view.recent(o.created(spec), 24 * 60)


def shared_ports(view: View) -> Iterator[Case]:
    """Containers of one pod that declare the same port: they share the network, and one of them cannot listen."""
    for workload, spec in view.workloads.items():
        taken: dict[tuple[int, str], list[str]] = defaultdict(list)
        sidecars = [one for one in o.template(spec).get("initContainers") or [] if one.get("restartPolicy") == "Always"]
        for container in [*o.containers(o.template(spec)), *sidecars]:
            for key in {
                (int(p["containerPort"]), str(p.get("protocol") or "TCP"))
                for p in container.get("ports") or []
                if p.get("containerPort")
            }:
                taken[key].append(str(container.get("name")))
        clash = next(((port, names) for (port, _), names in taken.items() if len(names) > 1), None)
        if clash is None:
            continue
        suffers = [pod for pod in view.pods_by_workload.get(workload, []) if not o.ready(pod)]
        rows = [("port", str(clash[0])), ("containers", ", ".join(clash[1]))]
        words = f"Containers {' and '.join(clash[1])} of {workload.name} both want port {clash[0]}"
        proof: list[Evidence | None] = [
            observed(CHECK, workload, f"Ports of {workload.name}", words, rows, part="clash")
        ]
        proof += [pod_state("pods", pod) for pod in suffers[:1]]
        yield case(
            "shared port", "SidecarPortConflict", workload, words, 0.95 if suffers else 0.6, proof, explains=[workload]
        )


def evicted(view: View) -> Iterator[Case]:
    """Pods evicted within the window."""
    seen: set[Subject] = set()
    for pod in view.all("pods"):
        if o.status(pod).get("reason") != "Evicted":
            continue
        workload = view.workload_of(pod)
        missing = workload in view.workloads and not any(map(o.ready, view.pods_by_workload.get(workload, [])))
        if workload in seen:
            continue
        seen.add(workload)
        said = str(o.status(pod).get("message") or "")
        # What exceeds its own limit is evicted again and again, however well its node is.
        missing = missing or (_OWN_LIMIT.search(said) is not None and view.recent(o.created(pod), 120))
        words = f"Pods of {workload.name} were evicted: {o.short(said, 200)}"
        yield case("evicted", "PodEvicted", workload, words, 0.6 if missing else 0.3, [pod_state("pods", pod)],
                   role=Role.CAUSE if missing else Role.CONTEXT, onset=o.created(pod))  # fmt: skip


def unhappy(view: View) -> Iterator[Case]:
    """Containers whose process does not get ready and nothing above says why: said as a symptom."""
    for workload, spec in view.workloads.items():
        pods = view.pods_by_workload.get(workload, [])
        unready = [pod for pod in pods if not o.ready(pod)]
        # Every pod of a DaemonSet serves its own node: one that is not ready has no other to stand in for it.
        if unready and (len(unready) == len(pods) or workload.kind == "DaemonSet") and replicas(spec)[0]:
            words = (
                f"No pod of {workload.name} is ready"
                if len(unready) == len(pods)
                else (f"{len(unready)} of {len(pods)} pods of {workload.name} are not ready")
            )
            proof = [workload_state(CHECK, view, workload), pod_state("pods", unready[0])]
            events = view.pod_events(unready[0], "Unhealthy", "BackOff")[:1]
            yield case(
                "none ready",
                "RolloutStuck",
                workload,
                words,
                0.2,
                [*proof, *(told("events", e) for e in events)],
                role=Role.SYMPTOM,
                onset=o.created(unready[0]),
            )


RULES = (killed, killed_on_node, crashing, zero, shared_ports, evicted, unhappy)
DECIDES = ("WorkloadScaledToZero", "SidecarPortConflict", "OOMKilled")
