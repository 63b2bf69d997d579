"""How a rule's conclusion is said: one sentence with the figures, and what it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from connectors.evidence import Finding, Role, Subject
from connectors.prometheus.samples import moved
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
        statement=_statement(claim, sources[0], signals),
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
    told = figures(signals, shown)
    return f"{subject.name}: {told}" if told else subject.name


def figures(signals: Signals, shown: Iterable[str]) -> str:
    """The levels before and after of those signals that moved, and of CPU and traffic in any case."""
    return ", ".join(
        f"{_WORDS.get(s, s)} {moved(v.shift.before, v.shift.after, v.unit)}"
        for s in shown
        if (v := signals.get(s)) and v.shift and (v.shift.score >= CLEAR / 2 or s in _ALWAYS)
    )


def onset_of(signals: Signals, shown: Iterable[str]) -> datetime | None:
    """When the first of these signals left its level."""
    shifts = (v.shift for s in shown if (v := signals.get(s)) and v.shift and v.shift.score >= CLEAR)
    times = [shift.onset for shift in shifts if shift.onset]
    return datetime.fromtimestamp(min(times), UTC) if times else None


def over_at(signals: Signals, shown: Iterable[str]) -> datetime | None:
    """When all of these that moved were back at their level; None while one is not."""
    shifts = [v.shift for s in shown if (v := signals.get(s)) and v.shift and v.shift.score >= CLEAR]
    ends = [shift.until for shift in shifts if shift.until]
    return datetime.fromtimestamp(max(ends), UTC) if shifts and len(ends) == len(shifts) else None


def _statement(claim: Claim, source: Subject, signals: Signals) -> str:
    about = claim.subject
    who = f"Node {about.name}" if about.kind == "Node" else about.name
    shown = sentence(source, signals, claim.shown) if source != about else figures(signals, claim.shown)
    return f"{who} {_SAYS[claim.cause]}: {shown}.{_ended(signals, claim.shown)}"


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
    "CPUOverload": "is short of CPU: throttled, or burning far more than before without more requests",
    "MemoryPressure": "grows to its memory limit",
    "TrafficSurge": "gets far more requests than before",
    "NodeCPUSaturated": "has no CPU left",
    "NodeMemoryPressure": "has no memory left",
    "NodeDiskPressure": "has no disk left",
    "NodeNetworkPacketLoss": "resends or drops packets, its neighbours do not",
    "NodeNetworkDelay": "is late with everything that runs on it, and nothing else explains it",
    "PodNetworkDelay": "answers late while its CPU and its traffic are as before",
    "ClockSkew": "has a clock that is off",
    "ErrorRateIncrease": "fails more requests than before",
    "LatencyIncrease": "answers later than before",
}
_HOW = {
    "CPUOverload": "throttled or busy processes answer late, and their callers wait for them",
    "TrafficSurge": "more requests than the capacity queue up",
    "PodNetworkDelay": "every packet of the pod waits: calls to it take longer, callers wait for them",
    "NodeNetworkDelay": "every packet of the node waits, so calls to and from everything on it take longer",
    "NodeNetworkPacketLoss": "lost packets are sent again after a time-out, so some calls take much longer",
}
