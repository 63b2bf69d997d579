"""What kube-state-metrics and the control plane say is broken: states by table, each with when it held.

The Kubernetes API says the same more exactly where it may be read; here it is a second witness, and the only
one for a state that is over, for clusters the bot has no access to, and for parts that vanished altogether.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from connectors.evidence import Evidence, Finding, Observation, ResourceState, Role, Subject
from connectors.prometheus.components import COMPONENTS
from connectors.prometheus.families import WORKLOAD_OF_POD, Row
from connectors.prometheus.samples import Stream
from connectors.prometheus.survey import Reading, Survey

_SHOWN = 20
_SAME_TIME = 600.0
"""Seconds around the onset within which a state that is over may have been the cause."""


class Broken(NamedTuple):
    """A state: the cause it stands for, its PromQL (it yields only what is broken), and about what kind of thing."""

    cause: str
    row: Row
    kind: str
    label: str
    says: str
    confidence: float


def _row(name: str, needs: tuple[str, ...], promql: str, scoped: str = "namespace") -> Row:
    return Row(name, "other", needs, promql, "", 0.0, scoped)


def _of_workload(expression: str) -> str:
    return f'max by (namespace, workload) (label_replace({expression}, "workload", "$$1", "pod", "{WORKLOAD_OF_POD}"))'


def _waits(reasons: str) -> str:
    return _of_workload(f'kube_pod_container_status_waiting_reason{{$m,reason=~"{reasons}"}} == 1')


def _condition(name: str, status: str) -> str:
    return f'max by (node) (kube_node_status_condition{{condition="{name}",status=~"{status}"}}) == 1'


def _quota(resource: str) -> str:
    inside = f'$m,resource=~"{resource}"'
    return (
        f'max by (namespace) (kube_resourcequota{{{inside},type="used"}}'
        f' / ignoring (type) (kube_resourcequota{{{inside},type="hard"}} > 0)) >= 1'
    )


_WAITING = ("kube_pod_container_status_waiting_reason",)
_ENDED = ("kube_pod_container_status_last_terminated_reason", "kube_pod_container_status_restarts_total")
_CONDITION = ("kube_node_status_condition",)
_QUOTA = ("kube_resourcequota",)
_OOM = _of_workload(
    '(kube_pod_container_status_last_terminated_reason{$m,reason="OOMKilled"} == 1)'
    " and on (namespace, pod, container) increase(kube_pod_container_status_restarts_total{$m}[10m]) > 0"
)
_TO_ZERO = (
    "max by (namespace, deployment) (kube_deployment_spec_replicas{$m}) == 0"
    " and max by (namespace, deployment) (max_over_time(kube_deployment_spec_replicas{$m}[1h])) > 0"
)

_WORKLOADS: tuple[tuple[str, tuple[str, ...], str, str, float], ...] = (
    ("OOMKilled", _ENDED, _OOM, "was killed for its memory and restarted", 0.7),
    ("ImagePullFailure", _WAITING, _waits("ErrImagePull|ImagePullBackOff"), "cannot pull its image", 0.55),
    ("InvalidContainerConfig", _WAITING, _waits("CreateContainerConfigError"), "refers to what does not exist", 0.55),
    ("ApplicationCrash", _WAITING, _waits("CrashLoopBackOff"), "crashes again and again", 0.45),
)
_NODES: tuple[tuple[str, str, str, str, float], ...] = (
    ("NodeNotReady", "Ready", "false|unknown", "is not ready", 0.5),
    ("NodeMemoryPressure", "MemoryPressure", "true", "is short of memory", 0.6),
    ("NodeDiskPressure", "DiskPressure", "true", "is short of disk", 0.6),
    ("NodePIDPressure", "PIDPressure", "true", "is short of process ids", 0.6),
    ("NodeNetworkUnavailable", "NetworkUnavailable", "true", "has no network", 0.6),
)
_QUOTAS: tuple[tuple[str, str, str], ...] = (
    ("NamespaceCPUQuotaExceeded", "(requests.|limits.)?cpu", "CPU"),
    ("NamespaceMemoryQuotaExceeded", "(requests.|limits.)?memory", "memory"),
    ("NamespacePodQuotaExceeded", "pods", "pod"),
)
_ETCD = 'label_replace(min(etcd_server_has_leader) == 0, "part", "etcd", "", "")'

STATES: tuple[Broken, ...] = (
    *(Broken(c, _row(says, needs, q), "Deployment", "workload", says, sure) for c, needs, q, says, sure in _WORKLOADS),
    *(
        Broken(c, _row(says, _CONDITION, _condition(name, status), ""), "Node", "node", says, sure)
        for c, name, status, says, sure in _NODES
    ),
    *(
        Broken(c, _row(what, _QUOTA, _quota(which)), "Namespace", "namespace", f"has used up its {what} quota", 0.4)
        for c, which, what in _QUOTAS
    ),
    Broken(
        "WorkloadScaledToZero",
        _row("zero", ("kube_deployment_spec_replicas",), _TO_ZERO),
        *("Deployment", "deployment", "was scaled to zero"),
        0.6,
    ),
    Broken(
        "EtcdUnhealthy", _row("etcd", ("etcd_server_has_leader",), _ETCD, ""), "Component", "part", "has no leader", 0.8
    ),
)

_VANISHED = (
    '(max by (job) (max_over_time(up{{job=~".*({jobs}).*"}}[1h])) == 1)'
    ' unless (max by (job) (up{{job=~".*({jobs}).*"}}) == 1)'
)


async def states(survey: Survey) -> Observation:
    """States that are broken now, or were around the onset."""
    table = (*STATES, *_vanished())
    reading, rows = await survey.rows((broken.row for broken in table), survey.inquiry.window.start)
    if not reading.query:
        return Observation(searched="neither kube-state-metrics nor the control plane's own metrics are here")
    by_row = {broken.row: broken for broken in table}
    found = [(by_row[row], stream) for row, stream in rows]
    if not found:
        return Observation(searched=f"{len(by_row)} kinds of broken states, none held: {reading.query[:200]}…")
    item = _evidence(survey, found, reading)
    findings = [f for broken, stream in found if (f := _finding(survey, broken, stream, item))]
    return Observation(evidence=(item,), findings=tuple(findings), partial="; ".join(reading.warnings))


def _vanished() -> Iterable[Broken]:
    """Parts of the control plane that were scraped and of which no target answers any more."""
    for component in COMPONENTS:
        if component.jobs and "kubelet" not in component.jobs:
            says = f"of the {component.title}: no target answers any more"
            row = _row(says, ("up",), _VANISHED.format(jobs="|".join(component.jobs)), "")
            yield Broken(component.cause, row, "Component", "job", says, 0.55)


def _finding(survey: Survey, broken: Broken, stream: Stream, item: Evidence) -> Finding | None:
    subject = _subject(broken, stream)
    if subject is None:
        return None
    now = _holds(survey, stream)
    onset = survey.claimed
    near = onset is not None and any(abs(t - onset) <= _SAME_TIME for t, _ in stream.points)
    return Finding(
        cause=broken.cause,
        subject=subject,
        statement=f"{subject.spoken} {broken.says}" + ("" if now else f" until {_clock(stream.points[-1][0])}"),
        role=Role.CAUSE if now or near else Role.CONTEXT,
        rests_on=(item.key,),
        confidence=broken.confidence * (1.0 if now else 0.7),
        onset=_since(survey, stream),
        rule="prometheus:state-metric",
    )


def _evidence(survey: Survey, found: Sequence[tuple[Broken, Stream]], reading: Reading) -> Evidence:
    told = reading.part(" or ".join(dict.fromkeys(survey.expression(broken.row) for broken, _ in found)))
    ordered = sorted(found, key=lambda pair: not _holds(survey, pair[1]))
    rows = tuple(
        (
            str(_subject(broken, stream) or ""),
            broken.says,
            _clock(stream.points[0][0]),
            "now" if _holds(survey, stream) else _clock(stream.points[-1][0]),
        )
        for broken, stream in ordered
    )
    return Evidence(
        key="prometheus/states",
        source="prometheus",
        check="states",
        title=f"{len(rows)} broken state{'s' * (len(rows) != 1)}",
        summary="; ".join(_told(*pair, row) for pair, row in zip(ordered[:5], rows, strict=False)) + ".",
        query=told.query,
        link=survey.client.link(told.expression, survey.inquiry.window.start, survey.inquiry.window.end),
        body=ResourceState(
            columns=("what", "state", "from", "until"), rows=rows[:_SHOWN], omitted=max(0, len(rows) - _SHOWN)
        ),
    )


def _told(broken: Broken, stream: Stream, row: Sequence[str]) -> str:
    subject, (_, says, since, until) = _subject(broken, stream), row
    when = f"since {since}" if until == "now" else f"from {since} to {until}"
    return f"{subject.spoken if subject else ''} {says}, {when}".lstrip()


def _subject(broken: Broken, stream: Stream) -> Subject | None:
    name = stream.labels.get(broken.label, "")
    namespace = "" if broken.kind in ("Node", "Namespace", "Component") else stream.labels.get("namespace", "")
    return Subject(kind=broken.kind, namespace=namespace, name=name) if name else None


def _holds(survey: Survey, stream: Stream) -> bool:
    """Whether the state held when the window ended; two steps and a scrape may be missing."""
    step = (survey.inquiry.window.end - survey.inquiry.window.start).total_seconds() / 240
    return stream.points[-1][0] >= survey.inquiry.window.end.timestamp() - 2 * step - 60


def _since(survey: Survey, stream: Stream) -> datetime | None:
    """When it began, where the window shows a time before."""
    first = stream.points[0][0]
    return datetime.fromtimestamp(first, UTC) if first > survey.inquiry.window.start.timestamp() + 60 else None


def _clock(t: float) -> str:
    return datetime.fromtimestamp(t, UTC).strftime("%H:%M:%S")
