"""Vitals by hand, for rules: a level before, one during the fault, and one after it."""

from __future__ import annotations

from collections.abc import Mapping

from connectors import changes
from connectors.evidence import Subject, Topology
from connectors.prometheus.samples import Stream
from connectors.prometheus.suffering import Case
from connectors.prometheus.survey import Reading
from connectors.prometheus.vitals import Vital, Vitals

ONSET = 1_772_366_400.0
UNITS: Mapping[str, tuple[str, float]] = {
    "traffic": ("req/s", 0.1),
    "errors": ("ratio", 0.005),
    "latency_p50": ("milliseconds", 1.0),
    "latency_p95": ("milliseconds", 1.0),
    "latency_mean": ("seconds", 0.001),
    "cpu": ("cores", 0.01),
    "cpu_share": ("ratio", 0.05),
    "throttling": ("ratio", 0.02),
    "memory_share": ("ratio", 0.05),
    "retransmits": ("segments/s", 0.1),
    "packet_errors": ("packets/s", 0.5),
    "disk": ("ratio", 0.02),
    "conntrack": ("ratio", 0.02),
    "clock": ("seconds", 0.05),
}
Levels = tuple[float, float] | tuple[float, float, float]
"""Before, during, and after the fault; the last one left out where it lasts."""


def vital(signal: str, levels: Levels, unit: str = "") -> Vital:
    """Ten minutes before and ten minutes since, every 15 s, with a little ripple."""
    before, during, *rest = levels
    values = [before] * 40 + ([during] * 40 if not rest else [during] * 25 + [rest[0]] * 15)
    points = [(ONSET + (i - 40) * 15, v * (1 + 0.01 * (i % 3 - 1))) for i, v in enumerate(values)]
    told, floor = UNITS[signal]
    shift = changes.shift(points, ONSET, floor)
    return Vital(signal, unit or told, floor, Stream({}, points), Reading((), signal, signal), shift)


def workload(name: str) -> Subject:
    return Subject(kind="Deployment", namespace="shop", name=name)


def node(name: str) -> Subject:
    return Subject(kind="Node", name=name)


def case(
    workloads: Mapping[str, Mapping[str, Levels]],
    nodes: Mapping[str, Mapping[str, Levels]] | None = None,
    topology: Topology = Topology(),  # noqa: B008 - a frozen value
) -> Case:
    """A case from levels by name and signal."""
    read = {workload(w): {s: vital(s, levels) for s, levels in of.items()} for w, of in workloads.items()}
    below = {node(n): {s: vital(s, levels) for s, levels in of.items()} for n, of in (nodes or {}).items()}
    return Case(Vitals(read, below, ONSET), topology)
