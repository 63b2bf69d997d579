"""Is it the network: one node that loses packets, or lateness that no resource explains.

Without a call graph, the one that is late with every request is nearest to the cause, of several the one that is
late by the least: a callee's delay is a part of its callers' longer answers.
"""

from __future__ import annotations

from collections.abc import Sequence

from connectors import topology
from connectors.evidence import Finding, Subject
from connectors.prometheus.statements import Claim, finding
from connectors.prometheus.suffering import LATENCY, Case, change, delay, is_late, is_late_as_a_whole, lateness

_LOSS = ("retransmits", "packet_errors")
_FEWEST_PER_SECOND = 0.3
"""Segments or packets: fewer are the noise of any network."""
_ALONE, _ALL_ALIKE = 0.5, 0.85
"""How much of what one node does its neighbour does: peers of a lossy node resend too, but less."""
_NEAR = 1.2
"""How many times later another one may be and still be nearest."""
_TIMES = 2.5
"""The same, in times of what they took before."""
_GUESS = 0.48
"""What is told, and not claimed."""
_FEW, _MANY = 3, 0.4
"""More late ones than this, in number and in share, are not due to one: what is broken everywhere is upstream."""


def losses(case: Case, late: Sequence[Subject]) -> list[Finding]:
    """The one node that resends or drops far more than before; unsure where a neighbour does half as much or more."""
    more = {node: max(change(signals, s, 2.0) for s in _LOSS) for node, signals in case.vitals.nodes.items()}
    ranked = sorted(more, key=lambda node: -more[node])
    if not ranked or more[ranked[0]] < _FEWEST_PER_SECOND:
        return []
    share = more[ranked[1]] / more[ranked[0]] if len(ranked) > 1 else 0.0
    if share > _ALL_ALIKE:
        return []
    whole = [s for s in late if is_late_as_a_whole(case.of(s))]
    delayed = bool(late) and 2 * len(whole) > len(late)
    code, rule = (
        ("NodeNetworkDelay", f"node-{topology.RESENDS}") if delayed else ("NodeNetworkPacketLoss", "node-resends")
    )
    shown = (*_LOSS, "retransmit_share", "packet_drops")
    return [finding(case, Claim(code, ranked[0], 0.75 if late and share <= _ALONE else 0.45, rule, shown, tuple(late)))]


def delays(case: Case, late: Sequence[Subject]) -> list[Finding]:
    """Lateness without any resource that explains it: the network of one workload, or of one node."""
    slow = [s for s in late if is_late(case.of(s))]
    roots = nearest(case, slow)
    node = _shared_node(case, roots, slow) if len(roots) > 1 else ""
    if node:
        return [_of_node(case, node, roots, slow)]
    root = min(roots, key=lambda s: delay(case.of(s)), default=None)
    if root is None or not {"cpu", "throttling"} & case.of(root).keys():
        return []
    return [_of_workload(case, root, slow, alone=len(roots) == 1)]


def nearest(case: Case, slow: Sequence[Subject]) -> list[Subject]:
    """Those of the late that wait for no late one; without a call graph, of those late as a whole the least late.

    Who waits is late by all that it waits for; of those late by as much, the one that took the least time before.
    """
    if _graph(case, slow):
        first = topology.nearest([s.name for s in slow], case.topology)
        return [s for s in slow if s.name in first]
    among = [s for s in slow if is_late_as_a_whole(case.of(s))] or slow
    least = min((delay(case.of(s)) for s in among), default=0.0)
    near = [s for s in among if delay(case.of(s)) <= least * _NEAR]
    most = max((lateness(case.of(s)) for s in near), default=0.0)
    return [s for s in near if lateness(case.of(s)) >= most / _TIMES]


def _graph(case: Case, slow: Sequence[Subject]) -> bool:
    """Whether calls of those that are late are known."""
    names = {s.name for s in slow}
    return any(caller in names for caller, _ in case.topology.calls)


def _of_workload(case: Case, root: Subject, slow: Sequence[Subject], *, alone: bool) -> Finding:
    """Unsure where only the tail is late (a lock, a disk, a collector) or only the mean is known, or most are late.

    A guess where several are late with every request and nobody knows who calls whom, or where it calls what nobody
    times.
    """
    whole = is_late_as_a_whole(case.of(root))
    timed = [s for s, signals in case.vitals.workloads.items() if set(LATENCY) & signals.keys()]
    only = whole and sum(is_late_as_a_whole(case.of(s)) for s in slow) == 1
    everywhere = len(slow) > max(_FEW, _MANY * len(timed)) and not only
    timed_well = "latency_p95" in case.of(root)
    confidence = 0.35 if not alone or everywhere or not timed_well else 0.65 if whole else 0.5
    called = {callee for caller, callee in case.topology.calls if caller == root.name}
    if called - {s.name for s in timed} or not (only or len(slow) == 1 or _graph(case, slow)):
        confidence = min(confidence, _GUESS)
    rule = "late-as-a-whole-without-load" if whole else "late-without-load"
    others = tuple(s for s in slow if s != root)
    return finding(case, Claim("PodNetworkDelay", root, confidence, rule, (*LATENCY, "cpu", "traffic"), others))


def _of_node(case: Case, node: str, roots: Sequence[Subject], slow: Sequence[Subject]) -> Finding:
    where, explains = Subject(kind="Node", name=node), tuple(slow)
    claim = Claim("NodeNetworkDelay", where, 0.6, "all-of-one-node-late", LATENCY, explains, seen_at=tuple(roots))
    return finding(case, claim)


def _shared_node(case: Case, roots: Sequence[Subject], slow: Sequence[Subject]) -> str:
    calm = [s.name for s in case.vitals.workloads if s not in slow]
    return topology.common_node([s.name for s in roots], calm, case.topology)
