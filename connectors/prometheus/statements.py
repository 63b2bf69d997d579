"""How a rule's conclusion is said: one sentence with the figures, and what it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from connectors.evidence import Finding, Role, Subject
from connectors.prometheus.samples import said
from connectors.prometheus.suffering import Case, Signals
from connectors.prometheus.vitals import CLEAR


class Claim(NamedTuple):
    """What a rule concludes: the code, about whom, how sure, shown by which signals of whom."""

    cause: str
    subject: Subject
    confidence: float
    rule: str
    shown: Sequence[str]
    explains: tuple[Subject, ...] = ()
    role: Role = Role.CAUSE
    seen_at: tuple[Subject, ...] = ()
    """Whose signals show it; the subject's own, if empty."""


def key(subject: Subject) -> str:
    """The key of the evidence that holds a subject's signals."""
    return f"prometheus/signals/{subject.kind}/{subject.namespace}/{subject.name}"


def finding(case: Case, claim: Claim) -> Finding:
    """The claim as a finding."""
    sources = claim.seen_at or (claim.subject,)
    signals = case.of(sources[0])
    causes = claim.role is Role.CAUSE
    return Finding(
        cause=claim.cause,
        subject=claim.subject,
        statement=f"{_SAYS[claim.cause]}: {sentence(sources[0], signals, claim.shown)}.{_ended(signals, claim.shown)}",
        role=claim.role,
        rests_on=tuple(key(s) for s in sources),
        confidence=claim.confidence,
        onset=onset_of(signals, claim.shown),
        explains=claim.explains if causes else (),
        mechanism=_HOW.get(claim.cause, "") if causes else "",
        rule=f"prometheus:{claim.rule}",
    )


def sentence(subject: Subject, signals: Signals, shown: Iterable[str]) -> str:
    """What moved, with figures: `cart: CPU 0.004 → 0.19 cores, p95 latency 4.8 → 75 ms`."""
    parts = [
        f"{_WORDS.get(s, s)} {said(v.shift.before, v.unit)} → {said(v.shift.after, v.unit)}"
        for s in shown
        if (v := signals.get(s)) and v.shift and (v.shift.score >= CLEAR / 2 or s in _ALWAYS)
    ]
    return f"{subject.name}: {', '.join(parts)}" if parts else subject.name


def onset_of(signals: Signals, shown: Iterable[str]) -> datetime | None:
    """When the first of these signals left its level."""
    moved = (v.shift for s in shown if (v := signals.get(s)) and v.shift and v.shift.score >= CLEAR)
    times = [shift.onset for shift in moved if shift.onset]
    return datetime.fromtimestamp(min(times), UTC) if times else None


def over_at(signals: Signals, shown: Iterable[str]) -> datetime | None:
    """When all of these that moved were back at their level; None while one is not."""
    moved = [v.shift for s in shown if (v := signals.get(s)) and v.shift and v.shift.score >= CLEAR]
    ends = [shift.until for shift in moved if shift.until]
    return datetime.fromtimestamp(max(ends), UTC) if moved and len(ends) == len(moved) else None


def _ended(signals: Signals, shown: Iterable[str]) -> str:
    over = over_at(signals, shown)
    return f" It was over at {over:%H:%M:%S} UTC." if over else ""


_ALWAYS = frozenset({"cpu", "traffic"})
"""Said even where they did not move: that they did not is the point."""
_WORDS = {
    "cpu": "CPU",
    "cpu_share": "CPU of its limit",
    "latency_p95": "p95 latency",
    "latency_p50": "median latency",
    "latency_mean": "mean latency",
    "errors": "failing requests",
    "memory_share": "memory of its limit",
    "retransmits": "TCP retransmits",
    "retransmit_share": "share of segments resent",
    "packet_errors": "packet errors",
    "packet_drops": "dropped packets",
    "clock": "clock offset",
    "conntrack": "connection tracking table",
}
_SAYS = {
    "CPUOverload": "It is throttled, or burns far more CPU than before without more requests",
    "MemoryPressure": "Its memory grows to its limit",
    "TrafficSurge": "Far more requests than before",
    "NodeCPUSaturated": "The node has no CPU left",
    "NodeMemoryPressure": "The node has no memory left",
    "NodeDiskPressure": "The node has no disk left",
    "NodeNetworkPacketLoss": "The node resends or drops packets, its neighbours do not",
    "NodeNetworkDelay": "What runs on the node is late, and nothing else explains it",
    "PodNetworkDelay": "It answers late while its CPU and its traffic are as before",
    "ClockSkew": "The node's clock is off",
    "ErrorRateIncrease": "More requests fail than before",
    "LatencyIncrease": "It answers later than before",
}
_HOW = {
    "CPUOverload": "throttled or busy processes answer late, and their callers wait for them",
    "TrafficSurge": "more requests than the capacity queue up",
    "PodNetworkDelay": "every packet of the pod waits: calls to it take longer, callers wait for them",
    "NodeNetworkDelay": "every packet of the node waits, so calls to and from everything on it take longer",
    "NodeNetworkPacketLoss": "lost packets are sent again after a time-out, so some calls take much longer",
}
