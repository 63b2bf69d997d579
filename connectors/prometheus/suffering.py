"""Who suffers, and how much: what "later", "failing" and "busier" mean, in one place for all rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from connectors.evidence import Subject, Topology
from connectors.prometheus.vitals import Vital, Vitals

Signals = Mapping[str, Vital]
LATENCY = ("latency_p95", "latency_p50", "latency_mean")
_LATER = 1.5
_MILLISECONDS = 5.0
_SMALL = 0.1
_NEAR = 45.0
"""Seconds around an onset."""


class Case(NamedTuple):
    """What the rules look at: the vitals, and what is known of calls and placement."""

    vitals: Vitals
    topology: Topology = Topology()

    def of(self, subject: Subject) -> Signals:
        """The signals of a workload or node."""
        return (self.vitals.nodes if subject.kind == "Node" else self.vitals.workloads)[subject]


def suffering(case: Case) -> list[Subject]:
    """Workloads that answer later or fail more than before, those late by the most times first."""
    moved = [s for s, signals in case.vitals.workloads.items() if is_late(signals) or is_failing(signals)]
    return sorted(moved, key=lambda s: -lateness(case.of(s)))


def is_late(signals: Signals) -> bool:
    """Whether its duration clearly rose by half and by at least 5 ms."""
    return any(_later(signals[s]) for s in LATENCY if s in signals)


def is_failing(signals: Signals) -> bool:
    """Whether two more in a hundred requests fail than before."""
    return rose(signals, "errors", 1.0, 0.02)


def is_throttled(signals: Signals) -> bool:
    """Whether it is clearly throttled more than before."""
    return rose(signals, "throttling", 2.0, 0.1)


def is_late_as_a_whole(signals: Signals) -> bool:
    """Whether the median is late by nearly as much as the tail: a delay hits every request, a stall only some."""
    middle, tail = signals.get("latency_p50"), signals.get("latency_p95")
    if middle is None or tail is None or not middle.shift or not tail.shift or not _later(middle):
        return False
    return middle.shift.change >= 0.4 * tail.shift.change


def lateness(signals: Signals) -> float:
    """How many times of what it was its duration is: the largest of its quantiles; 0 where it is not late."""
    late = (signals[s] for s in LATENCY if s in signals and _later(signals[s]))
    return max((v.shift.ratio for v in late if v.shift), default=0.0)


def delay(signals: Signals) -> float:
    """By how many milliseconds it is late, most of its requests if the median is, else the slowest; or 0."""
    late = [
        v for s in ("latency_p50", "latency_mean", "latency_p95") if (v := signals.get(s)) and _later(v) and v.shift
    ]
    return late[0].shift.change * (1.0 if late[0].unit == "milliseconds" else 1000.0) if late and late[0].shift else 0.0


def considerable(case: Case, late: Sequence[Subject]) -> list[Subject]:
    """Without those that are late by a small part of what the others are, and fail no requests: that is noise."""
    delays = sorted(delay(case.of(s)) for s in late)
    least = _SMALL * delays[3 * len(delays) // 4] if delays else 0.0
    return [s for s in late if delay(case.of(s)) >= least or is_failing(case.of(s))]


def rose(signals: Signals, signal: str, ratio: float, by: float) -> bool:
    """Whether a signal clearly rose to so many times of what it was, and by so much of its unit (1 is 100 %)."""
    vital = signals.get(signal)
    return bool(vital and vital.rose(ratio, by * (100.0 if vital.unit == "percent" else 1.0)))


def reached(signals: Signals, signal: str) -> float:
    """The level a signal has after the onset, percentages as shares; 0 where it is not known."""
    vital = signals.get(signal)
    if vital is None or vital.shift is None:
        return 0.0
    return vital.shift.after / (100.0 if vital.unit == "percent" else 1.0)


def change(signals: Signals, signal: str, ratio: float = 1.0) -> float:
    """How much a signal clearly rose, in its unit; 0 where it did not."""
    vital = signals.get(signal)
    return vital.shift.change if vital and vital.shift and vital.rose(ratio) else 0.0


def burst(signals: Signals, onset: float | None, signal: str = "retransmits") -> float:
    """How far a signal went, around the onset, beyond the most it had shown before; 0 where it did not.

    Senders resend for a moment after a delay has begun, until they have learnt it: no level moves.
    """
    points = signals[signal].stream.points
    if onset is None:
        return 0.0
    before = [value for at, value in points if at < onset - _NEAR]
    around = [value for at, value in points if abs(at - onset) <= _NEAR]
    return max(0.0, max(around, default=0.0) - max(before, default=0.0))


def _later(vital: Vital) -> bool:
    return vital.rose(_LATER, _MILLISECONDS if vital.unit == "milliseconds" else _MILLISECONDS / 1000)
