"""Which service or node is the cause of what moved, and which only suffer: rules over vitals, pure functions.

A cause is something whose own resources changed state: it burns CPU, is throttled, gets more traffic, is
full. Something that is only late or failing suffers; it is explained by a cause, and is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from connectors.evidence import Finding, Role, Subject
from connectors.prometheus import network_rules
from connectors.prometheus.statements import Claim, finding
from connectors.prometheus.suffering import (
    LATENCY,
    Case,
    Signals,
    change,
    considerable,
    is_failing,
    is_late_as_a_whole,
    is_throttled,
    reached,
    rose,
    suffering,
)

_FULL = (
    ("NodeCPUSaturated", "cpu", 0.9, 0.6),
    ("NodeMemoryPressure", "memory", 0.95, 0.55),
    ("NodeDiskPressure", "disk", 0.95, 0.55),
    ("NodeNetworkPacketLoss", "conntrack", 0.95, 0.5),
)
"""Of a node: the code, the signal, the share that counts as full, and how sure that is when it rose to it."""


def findings(case: Case) -> list[Finding]:
    """All findings, the surest causes first, then those that suffer."""
    late = suffering(case)
    found = [*overloads(case, late), *surges(case, late), *memory(case), *node_full(case, late), *skewed(case)]
    late = considerable(case, late)
    found += network_rules.losses(case, late)
    if not any(f.role is Role.CAUSE and f.confidence >= 0.5 for f in found):
        found += network_rules.delays(case, late)
    named = {f.subject for f in found if f.role is Role.CAUSE}
    return [*sorted(found, key=lambda f: -f.confidence), *symptoms(case, (s for s in late if s not in named))]


def overloads(case: Case, late: Sequence[Subject]) -> list[Finding]:
    """Workloads that burn more CPU or are throttled, not because more is asked of them; the worst one surest."""
    sure = {s: _overload(signals, s in late) for s, signals in case.vitals.workloads.items()}
    worst = max((s for s in sure if sure[s]), key=lambda s: _weight(case.of(s)), default=None)
    return [
        finding(
            case,
            Claim(
                "CPUOverload",
                subject,
                confidence if subject == worst else max(0.3, confidence - 0.3),
                "cpu-overload",
                ("cpu", "cpu_share", "throttling", *LATENCY),
                tuple(s for s in late if s != subject),
            ),
        )
        for subject, confidence in sure.items()
        if confidence
    ]


def _overload(signals: Signals, suffers: bool) -> float:
    """How sure it is that this is an overload of the workload itself; 0 where it is none."""
    burns = rose(signals, "cpu", 1.8, 0.02) or (
        rose(signals, "cpu_share", 1.3, 0.1) and reached(signals, "cpu_share") >= 0.9
    )
    if _explained_by_traffic(signals) or not (burns or is_throttled(signals)):
        return 0.0
    if burns and is_throttled(signals):
        return 0.85 if suffers else 0.55
    if suffers:
        return 0.65 if burns else 0.7
    return 0.4 if rose(signals, "cpu", 5.0, 0.1) or rose(signals, "throttling", 2.0, 0.3) else 0.0


def surges(case: Case, late: Sequence[Subject]) -> list[Finding]:
    """More traffic than before, at the one whom nobody calls that got more traffic too."""
    busier = [s for s, signals in case.vitals.workloads.items() if rose(signals, "traffic", 1.8, 1.0)]
    called = {callee for caller, callee in case.topology.calls if any(s.name == caller for s in busier)}
    first = max((s for s in busier if s.name not in called), key=lambda s: change(case.of(s), "traffic"), default=None)
    if first is None:
        return []
    strained = [s for s, signals in case.vitals.workloads.items() if s in late or is_throttled(signals)]
    role, confidence = (Role.CAUSE, 0.6) if strained else (Role.CONTEXT, 0.3)
    others = tuple(s for s in strained if s != first)
    return [
        finding(case, Claim("TrafficSurge", first, confidence, "traffic-surge", ("traffic", *LATENCY), others, role))
    ]


def memory(case: Case) -> list[Finding]:
    """Workloads whose memory grew to their limit."""
    return [
        finding(case, Claim("MemoryPressure", s, 0.5, "memory-near-limit", ("memory_share", "memory")))
        for s, signals in case.vitals.workloads.items()
        if rose(signals, "memory_share", 1.2, 0.1) and reached(signals, "memory_share") >= 0.92
    ]


def node_full(case: Case, late: Sequence[Subject]) -> list[Finding]:
    """Nodes that ran out of something; one that has been full all along is context, but for a disk."""
    found = []
    for node, signals in case.vitals.nodes.items():
        for code, signal, full, confidence in _FULL:
            if reached(signals, signal) >= full:
                grew = rose(signals, signal, 1.1, 0.0)
                role = Role.CAUSE if grew or signal == "disk" else Role.CONTEXT
                sure = confidence if grew else 0.4
                found.append(
                    finding(case, Claim(code, node, sure, f"node-{signal}-full", (signal,), tuple(late), role))
                )
    return found


def skewed(case: Case) -> list[Finding]:
    """Nodes whose clock went off by half a second."""
    return [
        finding(case, Claim("ClockSkew", node, 0.55, "clock-offset", ("clock",)))
        for node, signals in case.vitals.nodes.items()
        if rose(signals, "clock", 2.0, 0.5)
    ]


def symptoms(case: Case, late: Iterable[Subject]) -> list[Finding]:
    """Those that suffer, as symptoms: they need a cause."""
    found = []
    for subject in late:
        failing = is_failing(case.of(subject))
        code, shown = ("ErrorRateIncrease", ("errors", *LATENCY)) if failing else ("LatencyIncrease", LATENCY)
        rule = "suffers-as-a-whole" if is_late_as_a_whole(case.of(subject)) else "suffers"
        found.append(finding(case, Claim(code, subject, 0.3, rule, shown, role=Role.SYMPTOM)))
    return found


def _explained_by_traffic(signals: Signals) -> bool:
    """Whether it burns more because more is asked of it: traffic grew by half of what CPU grew by, or more."""
    traffic, cpu = signals.get("traffic"), signals.get("cpu")
    if traffic is None or not traffic.shift or not traffic.rose(1.3):
        return False
    return cpu is None or not cpu.shift or traffic.shift.ratio - 1 >= 0.5 * (cpu.shift.ratio - 1)


def _weight(signals: Signals) -> float:
    """Which of two overloaded is more so: by throttling and CPU, in spreads."""
    shifts = (v.shift for s in ("throttling", "cpu") if (v := signals.get(s)))
    return sum(min(50.0, shift.score) for shift in shifts if shift and shift.change > 0)
