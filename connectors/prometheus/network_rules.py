"""Is it the network: one node that loses packets, or lateness that no resource explains.

Without a call graph, the one that is late by the most times of what it was is nearest to the cause: a
callee's delay is a smaller part of its callers' longer answers.
"""

from __future__ import annotations

from collections.abc import Sequence

from connectors.evidence import Finding, Subject
from connectors.prometheus.statements import Claim, finding
from connectors.prometheus.suffering import LATENCY, Case, change, is_late, is_late_as_a_whole, lateness

_LOSS = ("retransmits", "packet_errors")
_FEWEST_PER_SECOND = 0.3
"""Segments or packets: fewer are the noise of any network."""
_NEAR = 2.5
"""How many times less late another one may be and still be nearest."""


def losses(case: Case, late: Sequence[Subject]) -> list[Finding]:
    """The one node that resends or drops far more than before, and twice as much as any neighbour."""
    more = {node: max(change(signals, s, 2.0) for s in _LOSS) for node, signals in case.vitals.nodes.items()}
    ranked = sorted(more, key=lambda node: -more[node])
    if not ranked or more[ranked[0]] < _FEWEST_PER_SECOND:
        return []
    if len(ranked) > 1 and more[ranked[1]] > more[ranked[0]] / 2:
        return []
    whole = [s for s in late if is_late_as_a_whole(case.of(s))]
    delayed = bool(late) and 2 * len(whole) > len(late)
    code, rule = (
        ("NodeNetworkDelay", "node-resends-and-medians-late") if delayed else ("NodeNetworkPacketLoss", "node-resends")
    )
    shown = (*_LOSS, "retransmit_share", "packet_drops")
    return [finding(case, Claim(code, ranked[0], 0.75 if late else 0.45, rule, shown, tuple(late)))]


def delays(case: Case, late: Sequence[Subject]) -> list[Finding]:
    """Lateness without any resource that explains it: the network of one workload, or of one node."""
    slow = [s for s in late if is_late(case.of(s))]
    roots = nearest(case, slow)
    if len(roots) > 1:
        return _of_node(case, roots, slow)
    return [_of_workload(case, root, late) for root in roots if {"cpu", "throttling"} & case.of(root).keys()]


def nearest(case: Case, slow: Sequence[Subject]) -> list[Subject]:
    """Those of the late whose callees are not late; without a call graph, those late by the most times."""
    names = {s.name for s in slow}
    if any(caller in names for caller, _ in case.calls):
        waiting = {caller for caller, callee in case.calls if callee in names and callee != caller}
        return [s for s in slow if s.name not in waiting]
    most = max((lateness(case.of(s)) for s in slow), default=0.0)
    return [s for s in slow if lateness(case.of(s)) >= most / _NEAR]


def _of_workload(case: Case, root: Subject, late: Sequence[Subject]) -> Finding:
    """Only a late median speaks for the network alone: a late tail may also be a lock, a disk or a collector."""
    whole = is_late_as_a_whole(case.of(root))
    rule = "late-as-a-whole-without-load" if whole else "late-without-load"
    others = tuple(s for s in late if s != root)
    return finding(
        case, Claim("PodNetworkDelay", root, 0.65 if whole else 0.5, rule, (*LATENCY, "cpu", "traffic"), others)
    )


def _of_node(case: Case, roots: Sequence[Subject], slow: Sequence[Subject]) -> list[Finding]:
    node = _common_node(case, roots, slow)
    if not node:
        return []
    where = Subject(kind="Node", name=node)
    return [
        finding(
            case,
            Claim(
                "NodeNetworkDelay",
                where,
                0.6,
                "all-of-one-node-late",
                LATENCY,
                explains=tuple(slow),
                seen_at=tuple(roots),
            ),
        )
    ]


def _common_node(case: Case, roots: Sequence[Subject], slow: Sequence[Subject]) -> str:
    """The node that all roots run on, where something that runs elsewhere is not late; empty otherwise."""
    if not all(s.name in case.placement for s in roots):
        return ""
    shared = frozenset.intersection(*(case.placement[s.name] for s in roots))
    calm = [s for s in case.vitals.workloads if s not in slow and s.name in case.placement]
    elsewhere = any(not (case.placement[s.name] & shared) for s in calm)
    return next(iter(shared)) if len(shared) == 1 and elsewhere else ""
