"""Golden signals and saturation: what moved around the onset, and which of it is a cause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple

from connectors import topology
from connectors.contract import ConnectorError
from connectors.evidence import Evidence, Finding, Observation, Role, Subject, Topology
from connectors.prometheus import exporters, families, rules, samples, statements, suffering, vitals
from connectors.prometheus.families import CALLS
from connectors.prometheus.statements import key
from connectors.prometheus.suffering import LATENCY, Case
from connectors.prometheus.survey import Reading, Survey, both, together
from connectors.prometheus.vitals import CLEAR, Vital, Vitals

_SHOWN = 8
_NEARLY_FULL = 0.9
_FULL = 0.98
_ORDER = (
    "traffic",
    "errors",
    "latency_p50",
    "latency_p95",
    "latency_mean",
    "cpu",
    "throttling",
    "cpu_share",
    "memory",
    "memory_share",
)


async def golden_signals(survey: Survey) -> Observation:
    """Traffic, errors, latency and load of every service and node around the onset, with the findings that follow."""
    seen, known = await both(partial(vitals.gather, survey), partial(_topology, survey))
    if not seen.workloads and not seen.nodes:
        return Observation(
            searched=f"no golden signals among {len(await survey.names())} metrics", partial="; ".join(seen.partial)
        )
    case = Case(seen, known.model_copy(update=_moving(seen)))
    found = rules.findings(case)
    shown = _to_show(seen, found)
    evidence = tuple(_evidence(survey, who, seen) for who in shown)
    held = {e.key for e in evidence}
    kept = tuple(f for f in found if set(f.rests_on) <= held)
    searched = "" if evidence else _nothing_moved(survey, seen)
    return Observation(
        evidence=evidence,
        findings=kept,
        searched=searched,
        partial="; ".join(seen.partial),
        watched=len(seen.workloads),
        topology=case.topology,
    )


def _moving(seen: Vitals) -> dict[str, object]:
    """What of the vitals other sources judge who waits for whom by."""
    calls = {s.name: held["traffic"] for s, held in seen.workloads.items() if "traffic" in held}
    return {
        "timed": frozenset(s.name for s, held in seen.workloads.items() if set(LATENCY) & held.keys()),
        "traffic": {name: vital.shift.before for name, vital in calls.items() if vital.shift},
        "resends": {
            s.name: suffering.burst(held, seen.onset) for s, held in seen.nodes.items() if "retransmits" in held
        },
    }


def _nothing_moved(survey: Survey, seen: Vitals) -> str:
    signals = sorted({s for of in (seen.workloads, seen.nodes) for held in of.values() for s in held})
    start, end = survey.focus
    searched = f"{len(seen.workloads)} services and {len(seen.nodes)} nodes ({', '.join(signals)})"
    return f"{searched}, none of which moved from {start:%H:%M} to {end:%H:%M} UTC"


async def saturation(survey: Survey) -> Observation:
    """Pools, heaps, queues, descriptors and volumes that are full or became full."""
    reading, rows = await survey.rows(exporters.POOLS)
    evidence, findings = [], []
    for row, stream in rows:
        who = vitals.subject_of(stream.labels)
        peak = max(v for _, v in stream.points[-max(3, len(stream.points) // 4) :])
        if who is not None and peak >= _NEARLY_FULL:
            evidence.append(_full(survey, who, row.signal, stream, reading.part(survey.expression(row))))
            findings += [_full_finding(who, row, peak, evidence[-1].key)] if row.cause else []
    searched = "" if evidence else reading.query or "none of the known pools has metrics here"
    return Observation(evidence=tuple(evidence[:_SHOWN]), findings=tuple(findings[:_SHOWN]), searched=searched)


def _full(survey: Survey, who: Subject, signal: str, stream: samples.Stream, reading: Reading) -> Evidence:
    told = "/".join(sorted(stream.labels.values()))
    last, peak = stream.points[-1][1], max(v for _, v in stream.points)
    return Evidence(
        key=f"prometheus/saturation/{who.name}/{signal}/{told}"[:200],
        source="prometheus",
        check="saturation",
        title=f"{signal} of {who.name}",
        summary=f"{signal} of {who.name}: {samples.said(last, 'ratio')} used, at most {samples.said(peak, 'ratio')}.",
        subject=who,
        query=reading.query,
        link=survey.client.link(reading.expression, *survey.focus),
        body=samples.series(f"{signal} {who.name}", stream, "ratio", threshold=1.0),
    )


def _full_finding(who: Subject, row: families.Row, peak: float, rests_on: str) -> Finding:
    full = peak >= _FULL
    return Finding(
        cause=row.cause,
        subject=who,
        statement=f"{row.signal[0].upper()}{row.signal[1:]} of {who.name}: {samples.said(peak, 'ratio')} used",
        rests_on=(rests_on,),
        role=Role.CAUSE if full else Role.CONTEXT,
        confidence=0.55 if full else 0.3,
        rule="prometheus:pool-full",
    )


async def _topology(survey: Survey) -> Topology:
    return topology.merged(await together(partial(_calls, survey), partial(_placement, survey)))


async def _calls(survey: Survey) -> Topology:
    """Who calls whom, from mesh or trace metrics; empty where nothing counts that or it cannot be read."""
    names = await survey.names()
    for calls in CALLS:
        if calls.needs in names:
            try:
                reading = await survey.instant(survey.fill(calls.promql, calls.namespace))
            except ConnectorError:
                continue
            pairs = {(s.labels.get(calls.caller, ""), s.labels.get(calls.callee, "")) for s in reading.streams}
            if known := {(a, b.split(".", 1)[0]) for a, b in pairs if a and b and "unknown" not in (a, b)}:
                return Topology(calls=tuple(sorted(known)))
    return Topology()


class _Place(NamedTuple):
    metric: str
    promql: str


_PLACES = (
    _Place("kube_pod_info", "max by (pod, node) (kube_pod_info{$m})"),
    _Place(
        "container_memory_working_set_bytes", 'max by (pod, node) (container_memory_working_set_bytes{$m,node!=""})'
    ),
)


async def _placement(survey: Survey) -> Topology:
    """Workload → its nodes, from what tells it; empty where nothing does or the scope has no namespace."""
    names = await survey.names()
    place = next((p for p in _PLACES if p.metric in names), None)
    if place is None or not survey.inquiry.scope.namespace:
        return Topology()
    workload = f'label_replace({place.promql}, "workload", "$$1", "pod", "{families.WORKLOAD_OF_POD}")'
    try:
        reading = await survey.instant(survey.fill(f"count by (workload, node) ({workload})"))
    except ConnectorError:
        return Topology()
    nodes: dict[str, set[str]] = {}
    for stream in reading.streams:
        nodes.setdefault(stream.labels.get("workload", ""), set()).add(stream.labels.get("node", ""))
    return Topology(placement={workload: tuple(sorted(where)) for workload, where in nodes.items()})


def _to_show(seen: Vitals, found: Sequence[Finding]) -> list[Subject]:
    """Subjects that findings rest on, then others that moved most."""
    by_key = {key(s): s for s in (*seen.workloads, *seen.nodes)}
    named = dict.fromkeys(by_key[k] for f in found for k in f.rests_on if k in by_key)
    moved = sorted(
        (s for s in by_key.values() if s not in named and _score(seen, s) >= 2 * CLEAR), key=lambda s: -_score(seen, s)
    )
    return [*list(named)[: 2 * _SHOWN], *moved[: max(0, _SHOWN - len(named))]]


def _score(seen: Vitals, who: Subject) -> float:
    return max((v.shift.score for v in _signals(seen, who).values() if v.shift), default=0.0)


def _signals(seen: Vitals, who: Subject) -> Mapping[str, Vital]:
    return (seen.nodes if who.kind == "Node" else seen.workloads)[who]


def _evidence(survey: Survey, who: Subject, seen: Vitals) -> Evidence:
    signals = _signals(seen, who)
    moved = [s for s, v in signals.items() if v.shift and v.shift.score >= CLEAR]
    shown = sorted(moved or signals, key=lambda s: _ORDER.index(s) if s in _ORDER else len(_ORDER))[:6]
    queries = tuple(dict.fromkeys(signals[s].reading.query for s in shown))
    bodies = [samples.series(s, signals[s].stream, signals[s].unit, signals[s].shift) for s in shown]
    over = [v.shift.until for s in shown if (v := signals[s]).shift and v.shift.until]
    ended = f" (until {datetime.fromtimestamp(max(over), UTC):%H:%M:%S})" if moved and len(over) == len(moved) else ""
    return Evidence(
        key=key(who),
        source="prometheus",
        check="golden_signals",
        title=f"Signals of {who.kind.lower()} {who.name}",
        summary=statements.sentence(who, signals, shown) + ended,
        subject=who,
        onset=statements.onset_of(signals, shown),
        query="; ".join(queries),
        link=survey.client.link(signals[shown[0]].reading.expression, *survey.focus),
        body=samples.together(bodies, len(signals) - len(shown)),
    )
