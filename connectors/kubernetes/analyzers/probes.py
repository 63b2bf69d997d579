"""Does a failing probe ask rightly? Its protocol, port, path and timing against what the container is known to do.

Only probes that fail now count: the container is not ready, or was restarted by its liveness probe, and the
events of this pod say so. A probe that asks rightly and still fails is a symptom. Where the events are gone, a
container that was told to end by somebody else and has a probe that asks wrongly is told of too, less surely.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from connectors.evidence import Evidence, Role, Subject
from connectors.kubernetes import listening
from connectors.kubernetes import objects as o
from connectors.kubernetes.analyzers.protocols import said_of
from connectors.kubernetes.events import Event
from connectors.kubernetes.objects import Json
from connectors.kubernetes.reporting import Case, case, observed, pod_state, told
from connectors.kubernetes.view import View

CHECK = "probes"

_FAILED = re.compile(r"^(Liveness|Readiness|Startup) probe (?:failed|errored)", re.IGNORECASE)
_NOT_HTTP = re.compile(
    r"malformed HTTP|server gave HTTP response to HTTPS|first record does not look like a TLS|http2: |"
    r"unexpected EOF|EOF$|connection reset by peer|HTTP/1\.x transport connection broken|frame too large",
    re.IGNORECASE,
)  # fmt: skip
_NOT_GRPC = re.compile(
    r"does not implement|Unimplemented|unexpected HTTP status code|not a gRPC|error reading server preface|"
    r"failed to (?:read|receive) server preface|connection closed before server preface|http2: frame too large",
    re.IGNORECASE,
)  # fmt: skip
_REFUSED = re.compile(r"connection refused|failed to connect|no route to host", re.IGNORECASE)
_LATE = re.compile(r"timeout|deadline exceeded|Timeout exceeded|timed out", re.IGNORECASE)
_GRACE = 10.0
_KUBELET_WOULD_TELL = 0.48
"""The kubelet repeats its events of a failing probe: without any, where events can be read, it is a guess."""
_STATUS = re.compile(r"statuscode: (\d{3})")


def failing(view: View) -> Iterator[Case]:
    """Probes that fail now, one case per workload and probe."""
    seen: set[tuple[Subject, str]] = set()
    for pod in view.pods:
        for word, event in _failures(view, pod).items():
            workload = view.workload_of(pod)
            if (workload, word) in seen:
                continue
            container = _container(pod, word, event)
            if container is not None:
                seen.add((workload, word))
                yield _judged(view, pod, workload, container, word, event)


def _failures(view: View, pod: Json) -> dict[str, Event]:
    """The latest failure of each probe of a pod, where it still matters."""
    found: dict[str, Event] = {}
    for event in view.pod_events(pod, "Unhealthy", "ProbeError"):
        hit = _FAILED.match(event.message)
        if hit and _matters(view, pod, hit[1], event):
            found.setdefault(hit[1].capitalize(), event)
    return found


def _matters(view: View, pod: Json, word: str, event: Event) -> bool:
    if not view.recent(event.last, 30):
        return False
    if not o.ready(pod):
        return True
    restarted = any(one.get("restartCount") for one in o.container_statuses(pod))
    return restarted and word.lower() in ("liveness", "startup") and event.times >= 2 and view.recent(event.last, 15)


def _container(pod: Json, word: str, event: Event) -> Json | None:
    """The container whose probe it is: by the port that the message names, otherwise the only one that has one."""
    having = [one for one in o.containers(o.spec(pod), init=True) if one.get(f"{word.lower()}Probe")]
    for one in having:
        port = o.port_number(o.handler(one[f"{word.lower()}Probe"])[1], [one])
        if port and re.search(rf":{port}\b", event.message):
            return one
    return having[0] if having else None


def _judged(view: View, pod: Json, workload: Subject, container: Json, word: str, event: Event) -> Case:
    probe = container[f"{word.lower()}Probe"]
    protocol, written, path = o.handler(probe)
    port = o.port_number(written, [container])
    lines = [line.text for name, line in view.log(pod) if name == container.get("name")]
    ports = listening.listens(container, lines, without=word)
    if _REFUSED.search(event.message):
        ports = ports.without_probes()
    cause, why, confidence = _verdict(container, word, probe, event, ports, port, ready=o.ready(pod))
    young = _ended_young(pod, container, probe) if word != "Readiness" else None
    if cause == "ProbeFailing" and protocol == "gRPC" and said_of(view, workload, pod, port) == {"http"}:
        cause = "StartupProbeMisconfigured" if word == "Startup" else f"{word}ProbeIncorrectProtocol"
        why, confidence = f"its service says that HTTP is spoken there: {_tail(event.message)}", 0.72
    elif (
        cause == "ProbeFailing"
        and young is not None
        and (_LATE.search(event.message) or _REFUSED.search(event.message))
    ):
        cause = "LivenessProbeIncorrectTiming" if word == "Liveness" else "StartupProbeMisconfigured"
        why = f"{_timing(probe)} ends it after {young:.0f} s, before it has come up: {_tail(event.message)}"
        confidence = 0.72
    role = Role.SYMPTOM if cause == "ProbeFailing" and confidence < 0.4 else Role.CAUSE
    asks = f"{protocol} {path} on port {written}" if protocol != "exec" else f"`{o.short(path, 80)}`"
    statement = f"The {word.lower()} probe of {workload.name} asks {asks}: {why}"
    proof = [told(CHECK, event), _probe(workload, container, word, probe, ports), pod_state("pods", pod)]
    return case(
        "probe fails", cause, workload, statement, confidence, proof, role=role, onset=event.first, explains=[workload],
        commands=[("kubectl", "describe", "pod", o.name(pod), "-n", o.namespace(pod))],
    )  # fmt: skip


def _verdict(
    container: Json, word: str, probe: Json, event: Event, ports: listening.Ports, port: int | None, *, ready: bool
) -> tuple[str, str, float]:
    protocol, written, path = o.handler(probe)
    stem = f"{word}Probe"
    known = ", ".join(f"{number} ({source})" for number, source in list(ports.known.items())[:4])
    said = event.message

    def cause(part: str) -> str:
        return "StartupProbeMisconfigured" if word == "Startup" else f"{stem}Incorrect{part}"

    if written is not None and port is None:
        return cause("Port"), f"no port of the container is named {written}", 0.92
    if protocol in ("HTTP", "HTTPS") and _NOT_HTTP.search(said) and (port in ports.known or not ports.known):
        return cause("Protocol"), f"what answers there does not speak {protocol}: {_tail(said)}", 0.93
    if protocol == "gRPC" and _NOT_GRPC.search(said):
        return cause("Protocol"), f"what answers there does not speak gRPC: {_tail(said)}", 0.92
    if protocol == "gRPC" and ready and (other := _other_protocol(container, word, port, ("TCP", "HTTP", "HTTPS"))):
        return cause("Protocol"), f"the port is open to a {other} probe and does not speak gRPC: {_tail(said)}", 0.85
    other = _other_protocol(container, word, port)
    # The kubelet's gRPC client says of a server of another protocol what it says of none: that it failed to connect.
    open_ = protocol == "gRPC" or not _REFUSED.search(said)
    if other and protocol not in ("TCP", "exec") and other != protocol and open_:
        return cause("Protocol"), f"the same port is asked by {other} elsewhere in the spec: {_tail(said)}", 0.8
    if port is not None and ports.known and port not in ports.known:
        return cause("Port"), f"the container listens on {known}: {_tail(said)}", 0.92
    if _NOT_HTTP.search(said) and protocol in ("HTTP", "HTTPS"):
        return cause("Protocol"), f"what answers there does not speak {protocol}: {_tail(said)}", 0.8
    if (status := _STATUS.search(said)) and status[1] in ("404", "405", "301", "401", "403"):
        return cause("Path"), f"it answers {status[1]} on {path}", 0.85
    if status and status[1].startswith("5"):
        return "ProbeFailing", f"it answers {status[1]} on {path}: the process itself says that it is not well", 0.54
    if _impatient(word, probe) and (_LATE.search(said) or _REFUSED.search(said)):
        return cause("Timing"), f"{_timing(probe)} is less than it needs: {_tail(said)}", 0.75
    if word == "Liveness" and protocol != "gRPC" and _LATE.search(said) and event.times > 2:
        return "ProbeFailing", f"it does not answer in time and is ended for it, {_timing(probe)}: {_tail(said)}", 0.53
    return "ProbeFailing", f"it asks where the container listens, and fails: {_tail(said)}", 0.3


def _ended_young(pod: Json, container: Json, probe: Json) -> float | None:
    """Seconds that the last run lived, where that is no longer than the probe is patient and it was ended by it."""
    status = next((one for one in o.container_statuses(pod) if one.get("name") == container.get("name")), {})
    ended = o.terminated(status)
    began, end = o.when(ended.get("startedAt")), o.when(ended.get("finishedAt"))
    if ended.get("exitCode") not in (137, 143) or began is None or end is None:
        return None
    grace = float(o.spec(pod).get("terminationGracePeriodSeconds") or 30)
    lived = (end - began).total_seconds()
    period = probe.get("periodSeconds") or 10
    return lived if lived <= _patience(probe) + period + grace else None


def _other_protocol(
    container: Json, word: str, port: int | None, among: tuple[str, ...] = ("HTTP", "gRPC")
) -> str | None:
    for other, probe in o.probes(container):
        protocol, written, _ = o.handler(probe)
        if other != word and protocol in among and o.port_number(written, [container]) == port:
            return protocol
    return None


def _impatient(word: str, probe: Json) -> bool:
    """Whether the probe gives up within a few seconds of the start, or after one short miss."""
    delay, period = probe.get("initialDelaySeconds") or 0, probe.get("periodSeconds") or 10
    misses, patience = probe.get("failureThreshold") or 3, _patience(probe)
    return bool(patience < 15 or (misses == 1 and period < 10) or (word != "Readiness" and patience < 20 and delay < 5))


def _timing(probe: Json) -> str:
    delay, period = probe.get("initialDelaySeconds") or 0, probe.get("periodSeconds") or 10
    misses, limit = probe.get("failureThreshold") or 3, probe.get("timeoutSeconds") or 1
    return f"a delay of {delay} s and {misses} misses at {period} s (time limit {limit} s)"


def _tail(message: str) -> str:
    return o.short(_FAILED.sub("", message).lstrip(": "), 160)


def _probe(workload: Subject, container: Json, word: str, probe: Json, ports: listening.Ports) -> Evidence:
    protocol, written, path = o.handler(probe)
    rows = [
        ("container", str(container.get("name"))), ("protocol", protocol), ("port", str(written or "")), ("path", path),
        ("timing", _timing(probe)),
        ("listens on", ", ".join(f"{number} ({source})" for number, source in ports.known.items())),
    ]  # fmt: skip
    words = "; ".join(f"{name}: {value}" for name, value in rows if value)
    return observed(CHECK, workload, f"{word} probe of {workload.name}", words, rows, part=f"{word.lower()}-probe")


def untold(view: View) -> Iterator[Case]:
    """Containers that were ended, or run and do not get ready, whose probe asks wrongly, though no event says so."""
    seen: set[Subject] = set()
    for pod in view.pods:
        workload = view.workload_of(pod)
        if workload in seen or view.pod_events(pod, "Unhealthy", "ProbeError", "OOMKilling"):
            continue
        for status in o.container_statuses(pod):
            container = next((one for one in o.containers(o.spec(pod)) if one.get("name") == status.get("name")), {})
            word = "Liveness" if _ended_from_outside(view, status) else "Readiness"
            probe = container.get(f"{word.lower()}Probe")
            if not probe or (word == "Readiness" and not _stays_unready(view, status, probe)):
                continue
            ports = listening.listens(container, [line.text for _, line in view.log(pod)], without=word)
            found = _suspicious(container, word, probe, ports)
            if found is not None:
                seen.add(workload)
                yield _untold(
                    view, pod, workload, container, word, found, _probe(workload, container, word, probe, ports)
                )


def _untold(
    view: View, pod: Json, workload: Subject, container: Json, word: str, found: tuple[str, str, float], shown: Evidence
) -> Case:
    cause, why, confidence = found
    status = next(one for one in o.container_statuses(pod) if one.get("name") == container.get("name"))
    ended = o.terminated(status)
    how = f"was ended ({ended.get('exitCode')})" if word == "Liveness" else "runs and does not get ready"
    if word == "Readiness" and view.read("events"):
        confidence = min(confidence, _KUBELET_WOULD_TELL)
    words = f"{o.container_of(container, workload)} {how}: {why}"
    return case("probe asks wrongly", cause, workload, words, confidence, [shown, pod_state("pods", pod)],
                onset=o.when(ended.get("finishedAt") or o.at(status, "state", "running", "startedAt")),
                explains=[workload])  # fmt: skip


def _stays_unready(view: View, status: Json, probe: Json) -> bool:
    """Whether it runs for longer than its readiness probe is patient, and is not ready."""
    began = o.when(o.at(status, "state", "running", "startedAt"))
    patience = timedelta(seconds=_patience(probe) + _GRACE)
    return began is not None and not status.get("ready") and view.now - began > patience


def _patience(probe: Json) -> float:
    """Seconds after its start for which a container may fail a probe."""
    period, misses = probe.get("periodSeconds") or 10, probe.get("failureThreshold") or 3
    return float((probe.get("initialDelaySeconds") or 0) + period * misses)


def _ended_from_outside(view: View, status: Json) -> bool:
    """Whether its last run was ended by a signal that is not the kernel's for memory, within the hour."""
    ended = o.terminated(status)
    told = ended.get("exitCode") in (137, 143) and ended.get("reason") != "OOMKilled"
    return bool(told and status.get("restartCount")) and view.recent(o.when(ended.get("finishedAt")), 60)


def _suspicious(container: Json, word: str, probe: Json, ports: listening.Ports) -> tuple[str, str, float] | None:
    """What is wrong with a probe by its spec alone."""
    protocol, written, _ = o.handler(probe)
    port = o.port_number(written, [container])
    if written is not None and (port is None or (ports.known and port not in ports.known)):
        known = ", ".join(map(str, ports.known)) or "no such port"
        asked = f"its {word.lower()} probe asks port {written}, it listens on {known}"
        return f"{word}ProbeIncorrectPort", asked, 0.72
    other = _other_protocol(container, word, port)
    if other and protocol not in ("TCP", "exec", other):
        asked = f"its {word.lower()} probe asks by {protocol}, the other by {other}"
        return f"{word}ProbeIncorrectProtocol", asked, 0.7
    if word == "Liveness" and _impatient(word, probe):
        return "LivenessProbeIncorrectTiming", f"its liveness probe is impatient: {_timing(probe)}", 0.6
    return None


RULES = (failing, untold)
DECIDES = (
    "LivenessProbeIncorrectProtocol", "LivenessProbeIncorrectPort", "LivenessProbeIncorrectTiming",
    "ReadinessProbeIncorrectProtocol", "ReadinessProbeIncorrectPort",
)  # fmt: skip
