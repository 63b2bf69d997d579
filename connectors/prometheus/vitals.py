"""How every service and node was before and after the onset: signals by subject, each with its shift.

Several sources may tell the same (a recording rule, a mesh, a framework, cAdvisor); the team's own
recording rules come first, then meshes, then frameworks, and a subject's signal is taken from the first.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple

import anyio.to_thread

from connectors import changes
from connectors.changes import Shift
from connectors.contract import ConnectorError
from connectors.evidence import Subject
from connectors.prometheus import exporters, families, promql, recorded_rules
from connectors.prometheus.families import Row
from connectors.prometheus.samples import Stream
from connectors.prometheus.survey import Reading, Survey, together

NAMES = (
    "deployment",
    "workload",
    "destination_service_name",
    "exported_service",
    "app",
    "service",
    "application",
    "service_name",
    "envoy_cluster_name",
    "ingress",
    "job",
)
"""Labels that name a workload, the most exact first."""
NAMESPACES = ("destination_service_namespace", "exported_namespace", "namespace")
CLEAR = 4.0
"""Spreads that a level must have moved by before it counts."""
_MOST_FAMILIES = 2
_NEAR = 1200.0
"""Seconds around an onset that was found."""


class Vital(NamedTuple):
    """One signal of one subject; `reading` says which question brought it."""

    signal: str
    unit: str
    floor: float
    stream: Stream
    reading: Reading
    shift: Shift | None = None

    def rose(self, ratio: float = 1.5, by: float = 0.0) -> bool:
        """Whether its level went up clearly: by so much, and to so many times of what it was."""
        s = self.shift
        return bool(s and s.score >= CLEAR and s.change > 0 and s.change >= by and s.ratio >= ratio)


class Vitals(NamedTuple):
    """Signals by subject, and the onset (unix seconds) they were measured around, found or claimed."""

    workloads: Mapping[Subject, Mapping[str, Vital]]
    nodes: Mapping[Subject, Mapping[str, Vital]]
    onset: float | None
    partial: tuple[str, ...] = ()


Found = tuple[Subject, Vital]


async def gather(survey: Survey) -> Vitals:
    """The vitals of the scope; raises `ConnectorError` where nothing at all could be read.

    Where nobody says when it began, a coarse look at the whole window finds the time, and a second look at
    that time has the fine steps that short faults need.
    """

    async def ask() -> Vitals:
        seen = await _ask(survey)
        nearer = None if survey.claimed is not None else _worth_a_look(survey, seen)
        return await _ask(survey.closer(*nearer)) if nearer else seen

    return await survey.once("vitals", ask)


def _worth_a_look(survey: Survey, seen: Vitals) -> tuple[datetime, datetime] | None:
    """Where the data are, and the onset in them, if that is much less than what was asked."""
    points = [
        v.stream.points for of in (seen.workloads, seen.nodes) for signals in of.values() for v in signals.values()
    ]
    if not points:
        return None
    start, end = min(p[0][0] for p in points) - survey.step, max(p[-1][0] for p in points)
    if seen.onset is not None:
        start, end = max(start, seen.onset - _NEAR), min(end, seen.onset + _NEAR)
    asked = (survey.focus[1] - survey.focus[0]).total_seconds()
    return (datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC)) if end - start < 0.7 * asked else None


async def _ask(survey: Survey) -> Vitals:
    names = await survey.names()
    spoken = [f for f in families.REQUESTS if f.counter in names][:_MOST_FAMILIES]
    tables = (*map(families.rows_of, spoken), exporters.CONTAINERS, exporters.NODES)
    asks: list[Callable[[], Awaitable[list[Found]]]] = [
        *(partial(_recorded, survey, entity) for entity in ("workload", "node")),
        *(partial(_table, survey, rows) for rows in tables),
    ]
    parts = await together(*(partial(_tolerant, ask) for ask in asks))
    failures = [part for part in parts if isinstance(part, ConnectorError)]
    found = [item for part in parts if not isinstance(part, ConnectorError) for item in part]
    if failures and not found:
        raise failures[0]
    # In a thread: a thousand series take a fifth of a second, and nobody else may wait for that.
    return await anyio.to_thread.run_sync(_measured, survey, found, tuple(dict.fromkeys(f.brief for f in failures)))


async def _tolerant(ask: Callable[[], Awaitable[list[Found]]]) -> list[Found] | ConnectorError:
    """A part that fails leaves the others to tell what they can."""
    try:
        return await ask()
    except ConnectorError as error:
        return error


async def _recorded(survey: Survey, entity: str) -> list[Found]:
    """The team's own recording rules about services or nodes, in one question."""
    names = sorted(n for n in await survey.names() if (m := recorded_rules.meaning(n)) and m.entity == entity)
    if not names:
        return []
    inside = f'__name__=~"{"|".join(names[:40])}"' + (",$m" if entity == "workload" else "")
    reading = await survey.over_time(survey.fill(f"{{{inside}}}"))
    return [item for stream in reading.streams if (item := _read_recorded(stream, reading, entity))]


def _read_recorded(stream: Stream, reading: Reading, entity: str) -> Found | None:
    means = recorded_rules.meaning(stream.name, stream.labels.get("quantile", ""))
    subject = subject_of(stream.labels) if entity == "workload" else node_of(stream.labels)
    if means is None or subject is None:
        return None
    if means.inverted:
        stream = Stream(stream.labels, [(t, 1.0 - v) for t, v in stream.points])
    own = reading.part(promql.selector(stream.labels))
    return subject, Vital(means.signal, means.unit, means.floor, stream, own)


async def _table(survey: Survey, table: Iterable[Row]) -> list[Found]:
    reading, rows = await survey.rows(table)
    names = {s.labels.get("instance", ""): s.labels.get("nodename", "") for row, s in rows if row.signal == "name"}
    found = []
    for row, stream in rows:
        subject = node_of(stream.labels, names) if row.entity == "node" else subject_of(stream.labels)
        if subject is not None and row.signal != "name":
            own = reading.part(survey.expression(row))
            found.append((subject, Vital(row.signal, row.unit, row.floor, stream, own)))
    return found


def subject_of(labels: Mapping[str, str]) -> Subject | None:
    """The workload a row is about, by whatever label names it."""
    name = next((labels[key] for key in NAMES if labels.get(key)), "")
    namespace = next((labels[key] for key in NAMESPACES if labels.get(key)), "")
    kind = "StatefulSet" if labels.get("statefulset") else "DaemonSet" if labels.get("daemonset") else "Deployment"
    name = labels.get("statefulset") or labels.get("daemonset") or name.rsplit("/", 1)[-1].split(".", 1)[0]
    return Subject(kind=kind, namespace=namespace, name=name) if name and name != "unknown" else None


def node_of(labels: Mapping[str, str], names: Mapping[str, str] | None = None) -> Subject | None:
    """The node a row is about: by its name, else by the exporter's address without the port."""
    instance = labels.get("instance", "")
    name = labels.get("node") or labels.get("nodename") or (names or {}).get(instance) or re.sub(r":\d+$", "", instance)
    return Subject(kind="Node", name=name) if name else None


def _measured(survey: Survey, found: list[Found], failed: tuple[str, ...]) -> Vitals:
    start = survey.focus[0].timestamp()
    calm = [
        (who, v._replace(stream=Stream(v.stream.labels, changes.settled(v.stream.points, start)))) for who, v in found
    ]
    onset = survey.claimed if survey.claimed is not None else _found_onset(v for _, v in calm)
    workloads: dict[Subject, dict[str, Vital]] = {}
    nodes: dict[Subject, dict[str, Vital]] = {}
    for who, vital in calm:
        held = (nodes if who.kind == "Node" else workloads).setdefault(who, {})
        if vital.signal not in held:
            held[vital.signal] = vital._replace(shift=changes.shift(vital.stream.points, onset, vital.floor))
    told = {w for _, v in calm for w in v.reading.warnings}
    told |= {f"{v.reading.omitted} series were not read" for _, v in calm if v.reading.omitted}
    return Vitals(workloads, nodes, onset, (*failed, *sorted(told)))


def _found_onset(vitals: Iterable[Vital]) -> float | None:
    """The onset most clearly shifted signals agree on."""
    shifts = (changes.shift(v.stream.points, None, v.floor) for v in vitals)
    return changes.common_onset(s.onset for s in shifts if s and s.onset is not None and s.score >= 2 * CLEAR)
