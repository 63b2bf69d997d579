"""Which service or node is the cause of what moved, and which only suffer: rules over vitals, pure functions.

The idea is the same throughout: a cause is something whose own resources changed state (it burns CPU, is
throttled, gets more traffic, loses packets); something that is only late or failing suffers. Where nothing
has an explanation of its own, the one that is late by the most times of what it was is nearest to the cause,
because a callee's delay is a smaller part of its callers' longer answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from connectors.evidence import Finding, Role, Subject
from connectors.prometheus.samples import said
from connectors.prometheus.vitals import Vital, Vitals

Signals = Mapping[str, Vital]


class Case(NamedTuple):
    """What the rules look at. `calls` are (caller, callee) names, `placement` says which workload runs where."""

    vitals: Vitals
    calls: frozenset[tuple[str, str]] = frozenset()
    placement: Mapping[str, frozenset[str]] = {}
    """Workload's name → names of its nodes."""


def findings(case: Case, key: Callable[[Subject], str]) -> list[Finding]:
    """All findings, causes first; `key` names the evidence of a subject's signals."""
    late = suffering(case)
    causes = [*overloads(case, late, key), *surges(case, late, key), *node_causes(case, late, key)]
    if not any(f.role is Role.CAUSE and f.confidence >= 0.5 for f in causes):
        causes += delays(case, late, key)
    named = {f.subject for f in causes if f.role is Role.CAUSE}
    return [*sorted(causes, key=lambda f: -f.confidence), *symptoms(case, [s for s in late if s not in named], key)]


def suffering(case: Case) -> list[Subject]:
    """Workloads that answer later or fail more than before, the clearest first."""
    moved = [s for s, signals in case.vitals.workloads.items() if is_late(signals) or is_failing(signals)]
    return sorted(moved, key=lambda s: -lateness(case.vitals.workloads[s]))


def is_late(signals: Signals) -> bool:
    """Whether its duration clearly rose by half and by at least 5 ms."""
    return any(v.rose(1.5, _five_ms(v)) for v in _durations(signals))


def is_failing(signals: Signals) -> bool:
    """Whether two more in a hundred requests fail than before."""
    return "errors" in signals and signals["errors"].rose(1.0, 0.02)


def lateness(signals: Signals) -> float:
    """How many times of what it was its duration is: the largest of its quantiles; 0 where it is not late."""
    ratios = [v.shift.ratio for v in _durations(signals) if v.shift and v.rose(1.5, _five_ms(v))]
    return max(ratios, default=0.0)


def overloads(case: Case, late: Sequence[Subject], key: Callable[[Subject], str]) -> list[Finding]:
    """Workloads that burn more CPU or are throttled, not because more is asked of them."""
    found = []
    for subject, signals in case.vitals.workloads.items():
        confidence = _overload(signals, subject in late)
        if confidence:
            others = tuple(s for s in late if s != subject)
            found.append(
                _finding(
                    "CPUOverload",
                    subject,
                    signals,
                    ("cpu", "cpu_share", "throttling", *_LATENCY),
                    confidence,
                    "cpu-overload",
                    key,
                    others,
                )
            )
    best = max((_weight(case, f.subject) for f in found), default=0.0)
    return [
        f if _weight(case, f.subject) >= best else f.model_copy(update={"confidence": max(0.3, f.confidence - 0.3)})
        for f in found
    ]


def _overload(signals: Signals, suffers: bool) -> float:
    """How sure it is that this is an overload of the workload itself; 0 where it is none."""
    burns = _rose(signals, "cpu", 1.8, 0.02) and not _explained_by_traffic(signals)
    throttled = _rose(signals, "throttling", 2.0, 0.1)
    full = _rose(signals, "cpu_share", 1.3, 0.1) and (signals["cpu_share"].shift or _NONE).after >= 0.9
    if (burns or full) and throttled:
        return 0.85 if suffers else 0.55
    if not suffers:
        return 0.0
    return 0.7 if throttled and not _explained_by_traffic(signals) else 0.65 if burns or full else 0.0


def surges(case: Case, late: Sequence[Subject], key: Callable[[Subject], str]) -> list[Finding]:
    """More traffic than before at whoever is called by nobody that got more traffic too."""
    busier = {s: v for s, v in case.vitals.workloads.items() if _rose(v, "traffic", 1.8, 1.0)}
    called = {callee for caller, callee in case.calls if any(s.name == caller for s in busier)}
    first = [s for s in busier if s.name not in called]
    top = max(first, key=lambda s: (busier[s]["traffic"].shift or _NONE).change, default=None)
    if top is None:
        return []
    strained = [
        s for s in case.vitals.workloads if s in late or _rose(case.vitals.workloads[s], "throttling", 2.0, 0.1)
    ]
    role, confidence = (Role.CAUSE, 0.6) if strained else (Role.CONTEXT, 0.3)
    others = tuple(s for s in strained if s != top)
    return [
        _finding(
            "TrafficSurge", top, busier[top], ("traffic", *_LATENCY), confidence, "traffic-surge", key, others, role
        )
    ]


def node_causes(case: Case, late: Sequence[Subject], key: Callable[[Subject], str]) -> list[Finding]:
    """Nodes that run out of something or lose packets."""
    found = []
    for node, signals in case.vitals.nodes.items():
        for code, signal, full, confidence in _FULL:
            vital = signals.get(signal)
            if vital and vital.shift and _share(vital, vital.shift.after) >= full:
                moved = vital.rose(1.1)
                role = Role.CAUSE if moved or signal == "disk" else Role.CONTEXT
                found.append(
                    _finding(
                        code,
                        node,
                        signals,
                        (signal,),
                        confidence if moved else 0.4,
                        f"node-{signal}-full",
                        key,
                        tuple(late),
                        role,
                    )
                )
    return [*found, *_lossy(case, late, key), *_skewed(case, key)]


def _lossy(case: Case, late: Sequence[Subject], key: Callable[[Subject], str]) -> list[Finding]:
    """The one node that resends or drops far more than before, and than its neighbours."""
    change = {node: max(_change(signals, s) for s in _LOSS) for node, signals in case.vitals.nodes.items()}
    ranked = sorted(change, key=lambda node: -change[node])
    if not ranked or change[ranked[0]] < 0.3 or (len(ranked) > 1 and change[ranked[1]] > change[ranked[0]] / 2):
        return []
    node, signals = ranked[0], case.vitals.nodes[ranked[0]]
    shifted = [s for s in late if is_shifted_whole(case.vitals.workloads[s])]
    code = "NodeNetworkDelay" if late and 2 * len(shifted) > len(late) else "NodeNetworkPacketLoss"
    rule = "node-resends-and-medians-late" if code == "NodeNetworkDelay" else "node-resends"
    return [_finding(code, node, signals, (*_LOSS, "packet_drops"), 0.75 if late else 0.45, rule, key, tuple(late))]


def _skewed(case: Case, key: Callable[[Subject], str]) -> list[Finding]:
    return [
        _finding("ClockSkew", node, signals, ("clock",), 0.55, "clock-offset", key, ())
        for node, signals in case.vitals.nodes.items()
        if _rose(signals, "clock", 2.0, 0.5)
    ]


def delays(case: Case, late: Sequence[Subject], key: Callable[[Subject], str]) -> list[Finding]:
    """Lateness without any resource that explains it: the network of one workload, or of one node."""
    slow = [s for s in late if is_late(case.vitals.workloads[s])]
    roots = nearest(case, slow)
    if not roots:
        return []
    node = _common_node(case, roots, slow)
    if len(roots) > 1 and node:
        signals = case.vitals.workloads[roots[0]]
        return [
            _finding(
                "NodeNetworkDelay",
                Subject(kind="Node", name=node),
                signals,
                _LATENCY,
                0.6,
                "all-of-one-node-late",
                key,
                tuple(slow),
                on=roots,
            )
        ]
    if len(roots) > 1:
        return []
    root, signals = roots[0], case.vitals.workloads[roots[0]]
    if "cpu" not in signals and "throttling" not in signals:
        return []
    whole = is_shifted_whole(signals)
    rule = "late-as-a-whole-without-load" if whole else "late-without-load"
    return [
        _finding(
            "PodNetworkDelay",
            root,
            signals,
            (*_LATENCY, "cpu", "traffic"),
            0.65 if whole else 0.5,
            rule,
            key,
            tuple(s for s in late if s != root),
        )
    ]


def nearest(case: Case, slow: Sequence[Subject]) -> list[Subject]:
    """Those among the late that are not late because of a callee; without a call graph, those late by the most times."""
    names = {s.name for s in slow}
    if any(caller in names for caller, _ in case.calls):
        callees = {caller: {b for a, b in case.calls if a == caller} & (names - {caller}) for caller in names}
        return [s for s in slow if not callees[s.name]]
    if not slow:
        return []
    most = lateness(case.vitals.workloads[slow[0]])
    return [s for s in slow if lateness(case.vitals.workloads[s]) >= most / 2.5]


def is_shifted_whole(signals: Signals) -> bool:
    """Whether the median is late by nearly as much as the tail: a delay hits every request, a stall only some."""
    middle, tail = signals.get("latency_p50"), signals.get("latency_p95")
    if middle is None or tail is None or not middle.shift or not tail.shift or not middle.rose(1.5, _five_ms(middle)):
        return False
    return middle.shift.change >= 0.4 * tail.shift.change


def symptoms(case: Case, late: Iterable[Subject], key: Callable[[Subject], str]) -> list[Finding]:
    """Those that suffer, as symptoms: they need a cause and are none."""
    found = []
    for subject in late:
        signals = case.vitals.workloads[subject]
        code, shown = ("ErrorRateIncrease", ("errors",)) if is_failing(signals) else ("LatencyIncrease", _LATENCY)
        found.append(_finding(code, subject, signals, shown, 0.3, "suffers", key, (), Role.SYMPTOM))
    return found


def sentence(subject: Subject, signals: Signals, shown: Iterable[str]) -> str:
    """What moved, with figures: `cart: CPU 0.004 → 0.19 cores, p95 latency 4.8 → 75 ms`."""
    parts = [
        f"{_WORDS.get(s, s)} {said(v.shift.before, v.unit)} → {said(v.shift.after, v.unit)}"
        for s in shown
        if (v := signals.get(s)) and v.shift and (v.shift.score >= 2 or s in ("cpu", "traffic"))
    ]
    return f"{subject.name}: {', '.join(parts)}" if parts else subject.name


def onset_of(signals: Signals, shown: Iterable[str]) -> datetime | None:
    """When the first of these signals left its level."""
    times = [v.shift.onset for s in shown if (v := signals.get(s)) and v.shift and v.shift.onset and v.shift.score >= 4]
    return datetime.fromtimestamp(min(times), UTC) if times else None


def _finding(
    code: str,
    subject: Subject,
    signals: Signals,
    shown: Sequence[str],
    confidence: float,
    rule: str,
    key: Callable[[Subject], str],
    explains: tuple[Subject, ...],
    role: Role = Role.CAUSE,
    on: Sequence[Subject] = (),
) -> Finding:
    over = [v.shift.until for s in shown if (v := signals.get(s)) and v.shift and v.shift.score >= 4]
    ended = " It was over at " + _clock(max(t for t in over if t)) + "." if over and all(over) else ""
    who = sentence(on[0] if on else subject, signals, shown)
    return Finding(
        cause=code,
        subject=subject,
        statement=f"{_SAYS[code]}: {who}.{ended}",
        role=role,
        confidence=confidence,
        rule=f"prometheus:{rule}",
        rests_on=tuple(key(s) for s in (on or (subject,))),
        onset=onset_of(signals, shown),
        explains=explains if role is Role.CAUSE else (),
        mechanism=_HOW.get(code, "") if role is Role.CAUSE else "",
    )


def _common_node(case: Case, roots: Sequence[Subject], slow: Sequence[Subject]) -> str:
    """The node that all roots run on, where something that runs elsewhere only is not late; empty otherwise."""
    if not all(s.name in case.placement for s in roots):
        return ""
    shared = frozenset.intersection(*(case.placement[s.name] for s in roots))
    calm = [s for s in case.vitals.workloads if s not in slow and s.name in case.placement]
    elsewhere = any(not (case.placement[s.name] & shared) for s in calm)
    return next(iter(shared)) if len(shared) == 1 and elsewhere else ""


def _durations(signals: Signals) -> list[Vital]:
    return [signals[s] for s in _LATENCY if s in signals]


def _five_ms(vital: Vital) -> float:
    return 5.0 if vital.unit == "milliseconds" else 0.005


def _rose(signals: Signals, signal: str, ratio: float, by: float) -> bool:
    vital = signals.get(signal)
    scale = 100.0 if vital and vital.unit == "percent" else 1.0
    return bool(vital and vital.rose(ratio, by * scale))


def _change(signals: Signals, signal: str) -> float:
    """How much it clearly rose; 0 where it did not."""
    vital = signals.get(signal)
    return vital.shift.change if vital and vital.shift and vital.rose(2.0) else 0.0


def _explained_by_traffic(signals: Signals) -> bool:
    """Whether it burns more because more is asked of it: traffic grew by most of what CPU grew by."""
    traffic, cpu = signals.get("traffic"), signals.get("cpu")
    if traffic is None or cpu is None or not traffic.shift or not cpu.shift:
        return False
    return traffic.rose(1.3) and traffic.shift.ratio - 1 >= 0.5 * (cpu.shift.ratio - 1)


def _weight(case: Case, subject: Subject) -> float:
    """Which of two overloaded is more so: by throttling, then by CPU, in spreads."""
    signals = case.vitals.workloads[subject]
    return sum(
        min(50.0, v.shift.score)
        for s in ("throttling", "cpu")
        if (v := signals.get(s)) and v.shift and v.shift.change > 0
    )


def _share(vital: Vital, value: float) -> float:
    return value / 100 if vital.unit == "percent" else value


def _clock(t: float) -> str:
    return datetime.fromtimestamp(t, UTC).strftime("%H:%M:%S")


class _Nothing(NamedTuple):
    before: float = 0.0
    after: float = 0.0
    change: float = 0.0


_NONE = _Nothing()
_LATENCY = ("latency_p95", "latency_p50", "latency_mean")
_LOSS = ("retransmits", "packet_errors")
_FULL = (
    ("NodeCPUSaturated", "cpu", 0.9, 0.6),
    ("NodeMemoryPressure", "memory", 0.95, 0.55),
    ("NodeDiskPressure", "disk", 0.95, 0.55),
    ("NodeNetworkPacketLoss", "conntrack", 0.95, 0.5),
)
_WORDS = {
    "cpu": "CPU",
    "cpu_share": "CPU of its limit",
    "latency_p95": "p95 latency",
    "latency_p50": "median latency",
    "latency_mean": "mean latency",
    "errors": "failing requests",
    "memory_share": "memory of its limit",
    "retransmits": "TCP retransmits",
    "packet_errors": "packet errors",
    "packet_drops": "dropped packets",
    "clock": "clock offset",
    "conntrack": "connection tracking table",
}
_SAYS = {
    "CPUOverload": "It burns far more CPU than before without more requests, or is throttled",
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
    "PodNetworkDelay": "every packet of the pod waits, so every call to it takes longer; its callers are late by less of their own time",
    "NodeNetworkDelay": "every packet of the node waits, so calls to and from everything on it take longer",
    "NodeNetworkPacketLoss": "lost packets are sent again after a time-out, so some calls take much longer",
}
