"""Who calls whom and what runs where: facts of one source that decide between readings of another.

Metrics tell that five services are late; only pods tell that all five run on one node, and only
addresses tell that three of them merely wait for a fourth. A connector hands on what it knows of both in
`Observation.topology`; whoever has everything merges it and lets `related` judge the findings again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce

from connectors.evidence import Finding, Role, Subject, Topology

_LATE = frozenset({"PodNetworkDelay", "LatencyIncrease"})
_SURE_OF_NODE = 0.65
_SURE_OF_ROOT = 0.6
AS_A_WHOLE = "as-a-whole"
"""In the names of rules about workloads of which every request is late, and not only the slowest."""
_SEVERAL, _NEARLY_ALL = 3, 0.75
_LIKE, _CLEARLY = 0.75, 0.15
"""How well a node must explain who is late, and by how much better than one workload."""


def merged(parts: Iterable[Topology | None]) -> Topology:
    """Everything that any source knows."""

    def both(one: Topology, other: Topology) -> Topology:
        nodes = {
            w: set(one.placement.get(w, ())) | set(other.placement.get(w, ()))
            for w in (*one.placement, *other.placement)
        }
        return Topology(
            calls=tuple(dict.fromkeys((*one.calls, *other.calls))),
            placement={w: tuple(sorted(n)) for w, n in nodes.items()},
            timed=one.timed | other.timed,
            reaches=tuple(dict.fromkeys((*one.reaches, *other.reaches))),
        )

    return reduce(both, (part for part in parts if part), Topology())


def nearest(late: Sequence[str], topology: Topology) -> list[str]:
    """Of workloads that are late, those that do not wait for another late one."""
    waiting = {caller for caller, callee in topology.calls if callee in late and callee != caller}
    return [name for name in late if name not in waiting]


def common_node(late: Iterable[str], calm: Iterable[str], topology: Topology) -> str:
    """The one node all of these run on, where something calm runs elsewhere; empty otherwise."""
    where = [frozenset(topology.placement.get(name, ())) for name in late]
    shared = frozenset.intersection(*where) if where else frozenset()
    elsewhere = any(
        not (frozenset(topology.placement.get(name, ())) & shared) for name in calm if name in topology.placement
    )
    return next(iter(shared)) if len(shared) == 1 and elsewhere else ""


def related(findings: Sequence[Finding], topology: Topology) -> list[Finding]:
    """The findings, with lateness that nothing else explains judged by what runs where and who calls whom.

    Several late workloads that wait for none of the others and share a node speak for the node's network;
    one for which all others wait speaks for its own. Where neither is known, or with a surer cause,
    nothing changes.
    """
    late = list(dict.fromkeys(f.subject.name for f in findings if f.cause in _LATE))
    sure = any(f.role is Role.CAUSE and f.confidence >= 0.5 and f.cause not in _LATE for f in findings)
    blamed = next((f for f in findings if f.cause == "PodNetworkDelay"), None)
    if sure or blamed is None:
        return list(findings)
    roots = _roots(late, findings, topology)
    node = _explaining_node(late, topology) if len(late) > 1 else ""
    if not node and len(roots) == 1 and len(late) > 1:
        return _retargeted(blamed, roots[0], findings, topology)
    calm = [name for name in topology.placement if name not in late]
    if not node and len(roots) > 1:
        node = common_node(roots, calm, topology) or _gathering(roots, topology)
    on_it = [name for name in roots if node in topology.placement.get(name, ())] or roots
    return [_of_node(f, node, on_it, findings) if node and f is blamed else f for f in findings]


def reached(findings: Sequence[Finding], behind: Mapping[str, Subject], topology: Topology) -> list[Finding]:
    """The findings, those about a resource behind a host explaining the workloads that use the host."""
    users: dict[tuple[str, str], list[Subject]] = {}
    for workload, host in topology.reaches:
        if host in behind:
            users.setdefault((behind[host].kind, behind[host].name), []).append(workload)

    def explaining(one: Finding) -> Finding:
        more = users.get((one.subject.kind, one.subject.name), [])
        return one.model_copy(update={"explains": tuple(dict.fromkeys((*one.explains, *more)))}) if more else one

    return [explaining(one) for one in findings]


def _roots(late: Sequence[str], findings: Sequence[Finding], topology: Topology) -> list[str]:
    """Those that wait for no other late one; where nobody knows who calls whom, those late with every request."""
    if any(caller in late and callee in late for caller, callee in topology.calls):
        return nearest(late, topology) or list(late)
    whole = [f.subject.name for f in findings if f.subject.name in late and AS_A_WHOLE in f.rule]
    return list(dict.fromkeys(whole)) or list(late)


def _gathering(roots: Sequence[str], topology: Topology) -> str:
    """The node on which nearly all of several roots run, where the others hold hardly any; empty otherwise."""
    on: dict[str, int] = {}
    for name in roots:
        for node in topology.placement.get(name, ()):
            on[node] = on.get(node, 0) + 1
    first = max(on, key=lambda node: (on[node], node), default="")
    enough = len(roots) >= _SEVERAL and on.get(first, 0) >= _NEARLY_ALL * len(roots)
    return first if enough and len(set().union(*topology.placement.values())) > 1 else ""


def _explaining_node(late: Sequence[str], topology: Topology) -> str:
    """The node whose network explains who is late clearly better than any one workload's does; empty otherwise.

    Lateness is timed by the caller or by the callee, and nobody says which: of each thing both pictures are tried.
    """
    seen = set(late)
    if not topology.timed or not any(caller in seen or callee in seen for caller, callee in topology.calls):
        return ""
    nodes = {node for name in late for node in topology.placement.get(name, ())}
    everywhere = set().union(*topology.placement.values()) if topology.placement else set()
    if len(everywhere) < 2:
        return ""
    suspects = seen | {callee for caller, callee in topology.calls if caller in seen}
    one = max(
        (_likeness(seen, picture, topology) for name in suspects for picture in _of_one(name, topology)), default=0
    )
    scored = {node: max(_likeness(seen, p, topology) for p in _of_all(node, topology)) for node in nodes}
    best = max(scored, key=lambda node: (scored[node], node), default="")
    # Calls across the border of one of two nodes cross the other's too: then nobody can tell which of them it is.
    if not best or scored[best] < _LIKE or list(scored.values()).count(scored[best]) > 1:
        return ""
    return best if scored[best] - one >= _CLEARLY else ""


def _of_one(name: str, topology: Topology) -> list[set[str]]:
    """Who is late where one workload's network is: timed by callers, timed by callees."""
    calls_on = any(caller == name and callee != name for caller, callee in topology.calls)
    above = _waiting({name}, topology)
    return [{name} | above, ({name} if calls_on else set()) | above]


def _of_all(node: str, topology: Topology) -> list[set[str]]:
    """Who is late where a node's network is: what runs there; or those of whose calls one crosses its border."""
    here = {name for name, where in topology.placement.items() if node in where}
    across = {a for a, b in topology.calls if a != b and (a in here) != (b in here)}
    return [here | _waiting(here, topology), across | _waiting(across, topology)]


def _waiting(names: set[str], topology: Topology) -> set[str]:
    """Everybody who calls one of these, directly or not."""
    found: set[str] = set()
    edge = set(names)
    while edge:
        edge = {caller for caller, callee in topology.calls if callee in edge} - found - names
        found |= edge
    return found


def _likeness(seen: set[str], expected: set[str], topology: Topology) -> float:
    """Shared members over all members, of those whose times are known."""
    expected = expected & topology.timed
    return len(seen & expected) / len(seen | expected) if seen | expected else 0.0


def _retargeted(blamed: Finding, root: str, findings: Sequence[Finding], topology: Topology) -> list[Finding]:
    """The finding about the one for which all others that are late wait; who was blamed before suffers.

    Surer only where that one calls nobody itself: else the way to one of its callees may be what is slow.
    """
    calls_on = any(caller == root and callee != root for caller, callee in topology.calls)
    confidence = blamed.confidence if calls_on else max(blamed.confidence, _SURE_OF_ROOT)
    own = next(f for f in findings if f.subject.name == root and f.cause in _LATE)
    others = tuple(dict.fromkeys(f.subject for f in findings if f.cause in _LATE and f.subject.name != root))
    surer = {"confidence": confidence, "explains": others}
    if own is blamed:
        return [f.model_copy(update=surer) if f is blamed else f for f in findings]
    told = {"subject": own.subject, "statement": own.statement, "rests_on": own.rests_on, "onset": own.onset}
    cause = blamed.model_copy(update={**surer, **told, "rule": "topology:all-others-wait-for-it"})
    return [cause if f is own else _suffering(f) if f is blamed else f for f in findings]


def _suffering(blamed: Finding) -> Finding:
    told = {"cause": "LatencyIncrease", "role": Role.SYMPTOM, "confidence": 0.3, "explains": (), "mechanism": ""}
    return blamed.model_copy(update=told)


def _of_node(blamed: Finding, node: str, roots: Sequence[str], findings: Sequence[Finding]) -> Finding:
    """The finding about one workload's network as one about its node's."""
    victims = tuple(dict.fromkeys(f.subject for f in findings if f.cause in _LATE))
    keys = tuple(
        dict.fromkeys(key for f in findings if f.subject.name in roots and f.cause in _LATE for key in f.rests_on)
    )
    return blamed.model_copy(
        update={
            "cause": "NodeNetworkDelay",
            "subject": Subject(kind="Node", name=node),
            "statement": f"{', '.join(roots)} run on node {node} and are late together, what runs elsewhere is not",
            "confidence": _SURE_OF_NODE,
            "rests_on": keys or blamed.rests_on,
            "explains": victims,
            "mechanism": "every packet of the node waits, so calls to and from everything on it take longer",
            "rule": "topology:all-of-one-node-late",
        }
    )
