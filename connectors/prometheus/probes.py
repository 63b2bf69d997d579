"""Which services cannot be reached from outside, and from where.

A service that only one node cannot reach is that node's trouble; one that nobody reaches has its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from connectors.contract import ConnectorError
from connectors.evidence import Evidence, Finding, Observation, ResourceState, Role, Subject
from connectors.prometheus.samples import Stream, went_down
from connectors.prometheus.survey import Survey
from connectors.prometheus.vitals import subject_of


async def probes(survey: Survey) -> Observation:
    """Blackbox probes that fail, and from where."""
    if "probe_success" not in await survey.names():
        return Observation(searched="probe_success has no samples: no blackbox exporter")
    reading = await survey.whole(survey.fill("probe_success{$m}"))
    failed = [s for s in reading.streams if s.points[-1][1] < 1 or sum(v < 1 for _, v in s.points) >= 3]
    if not failed:
        return Observation(searched=f"{len(reading.streams)} probes, all succeed: {reading.query}")
    names = sorted({_probed(s) for s in failed})
    rows = tuple(
        (
            _probed(s),
            s.labels.get("port", ""),
            _from(s),
            "failing" if s.points[-1][1] < 1 else "failed for a while",
            _clock_of_failure(s),
        )
        for s in failed
    )
    item = Evidence(
        key="prometheus/probes",
        source="prometheus",
        check="probes",
        title=f"{len(failed)} of {len(reading.streams)} probes fail",
        summary=f"Probes of {', '.join(names[:8])} fail; {len(reading.streams) - len(failed)} others succeed.",
        query=reading.query,
        link=survey.client.link("probe_success == 0", *survey.focus),
        body=ResourceState(
            columns=("probed", "port", "from", "state", "since"), rows=rows[:30], omitted=max(0, len(rows) - 30)
        ),
    )
    return Observation(
        evidence=(item,),
        findings=tuple(_probe_findings(reading.streams, failed, item)),
        partial="; ".join(reading.warnings),
    )


def _probe_findings(every: Sequence[Stream], failed: Sequence[Stream], item: Evidence) -> Iterable[Finding]:
    """A symptom for each service; a cause at a node from which several fail that others reach."""
    reached = {_probed(s) for s in every if s.points[-1][1] >= 1}
    lonely: dict[str, list[Stream]] = defaultdict(list)
    for stream in failed:
        if _from(stream) and _probed(stream) in reached:
            lonely[_from(stream)].append(stream)
    if len(lonely) == 1 and len(next(iter(lonely.values()))) >= 2:
        node, streams = next(iter(lonely.items()))
        yield Finding(
            cause="KubeProxyUnavailable",
            subject=Subject(kind="Node", name=node),
            role=Role.CAUSE,
            confidence=0.5,
            rests_on=(item.key,),
            rule="prometheus:unreachable-from-one-node",
            statement=f"{len(streams)} services cannot be reached from node {node} that other nodes reach",
            explains=tuple(_owners(streams)),
        )
    for who in _owners(failed):
        yield Finding(
            cause="DependencyUnavailable",
            subject=who,
            statement=f"Probes of {who.name} fail",
            role=Role.SYMPTOM,
            confidence=0.3,
            rests_on=(item.key,),
            rule="prometheus:probe-fails",
        )


async def failing(survey: Survey) -> list[Subject]:
    """The services whose probes fail: what a dead node explains. Empty where that cannot be told."""
    try:
        if "probe_success" not in await survey.names():
            return []
        reading = await survey.whole(survey.fill("probe_success{$m}"))
    except ConnectorError:
        return []
    return _owners(x for x in reading.streams if x.points[-1][1] < 1)


def _owners(probes: Iterable[Stream]) -> list[Subject]:
    return sorted({who for probe in probes if (who := _owner(probe))}, key=str)


def _owner(probe: Stream) -> Subject | None:
    """The service that is probed; the job is the prober's."""
    return subject_of({k: v for k, v in probe.labels.items() if k != "job"})


def _probed(stream: Stream) -> str:
    who = _owner(stream)
    return who.name if who else stream.labels.get("instance", "") or stream.labels.get("target", "")


def _from(stream: Stream) -> str:
    return next(
        (stream.labels[k] for k in ("from_node", "source_node", "probe_node", "node") if stream.labels.get(k)), ""
    )


def _clock_of_failure(stream: Stream) -> str:
    since = went_down(stream)
    return since.strftime("%H:%M:%S") if since else ""
