"""Who calls whom and what runs where: facts of one source that decide between readings of another.

Metrics tell that five services are late; only pods tell that all five run on one node, and only
addresses tell that three of them merely wait for a fourth. A connector hands on what it knows of both in
`Observation.topology`; whoever has everything merges it and lets `related` judge the findings again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce

from connectors.evidence import Finding, Role, Subject, Topology
from connectors.likeness import CLEARLY, EQUALS, LIKE, Seen, likenesses

_LATE = frozenset({"PodNetworkDelay", "LatencyIncrease"})
_SURE_OF_NODE = 0.65
_SURE_OF_ROOT = 0.6
_GUESS, _EITHER = 0.48, 0.4
"""What is told, and not claimed: by itself, and as one of several."""
RESENDS = "resends-and-medians-late"
"""In the name of the rule that reads a node's network out of segments sent again."""
_ON_THE_WAY = "every packet of the workload waits, so calls to and from it take longer"
AS_A_WHOLE = "as-a-whole"
"""In the names of rules about workloads of which every request is late, and not only the slowest."""
_SEVERAL, _NEARLY_ALL, _FEW, _NEARLY = 3, 0.75, 3, 0.05


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
            traffic={**other.traffic, **one.traffic},
            resends={**other.resends, **one.resends},
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
    blamed = next((f for f in findings if f.cause == "PodNetworkDelay" or f.rule.endswith(RESENDS)), None)
    sure = any(f.role is Role.CAUSE and f.confidence >= 0.5 and f.cause not in _LATE for f in findings if f != blamed)
    if sure or blamed is None:
        return list(findings)
    seen = likenesses(late, {f.subject.name for f in findings if AS_A_WHOLE in f.rule}, topology)
    if blamed.cause != "PodNetworkDelay":
        told = seen and seen.one if seen and seen.node_likeness(blamed.subject.name) < seen.likeness - CLEARLY else ""
        return _retargeted(blamed, told, findings, topology, seen) if told else list(findings)
    if seen and seen.node:
        of_node = _of_node(blamed, seen.node, _on(seen.node, late, topology), findings, topology)
        most = of_node.confidence if seen.is_node_clear else _GUESS
        of_node = of_node.model_copy(update={"confidence": min(of_node.confidence, most)})
        return [of_node if f is blamed else f for f in findings]
    if seen and seen.one and (seen.one in late or not _likely(late, findings, topology, seen)):
        one = _retargeted(blamed, seen.one, findings, topology, seen)
        less = min(_EITHER, next(f.confidence for f in one if f.cause == "PodNetworkDelay") - 0.03)
        nodes = _as_likely(blamed, late, findings, topology, seen)
        return [*one, *(node.model_copy(update={"confidence": less}) for node in nodes)]
    if seen and 1 < len(seen.equals) <= 2 * _FEW:
        return _any_of(blamed, seen, findings, topology)
    return _by_roots(blamed, late, findings, topology, seen)


def _by_roots(
    blamed: Finding, late: Sequence[str], findings: Sequence[Finding], topology: Topology, seen: Seen | None
) -> list[Finding]:
    """By who waits for nobody that is late, where no picture of who should be late is the likest."""
    roots = _roots(late, findings, topology)
    if len(roots) == 1 and len(late) > 1:
        return _retargeted(blamed, roots[0], findings, topology, seen)
    calm = [name for name in topology.placement if name not in late]
    node = (common_node(roots, calm, topology) or _gathering(roots, topology)) if len(roots) > 1 else ""
    if not node:
        return list(findings)
    told = _of_node(blamed, node, _on(node, roots, topology) or roots, findings, topology)
    best = max(seen.nodes.values(), default=0.0) if seen else 0.0
    unsure = seen is not None and (list(seen.nodes.values()).count(best) > 1 or bool(seen.one))
    told = told.model_copy(update={"confidence": min(told.confidence, _GUESS)}) if unsure else told
    return [told if f is blamed else f for f in findings]


def _any_of(blamed: Finding, seen: Seen, findings: Sequence[Finding], topology: Topology) -> list[Finding]:
    """Several that explain who is late alike: guesses, first those late themselves, then those that are asked most."""
    late = {f.subject.name for f in findings if f.cause in _LATE}
    first, *others = sorted(seen.equals, key=lambda name: (name not in late, -topology.traffic.get(name, 0.0)))[:_FEW]
    told = _retargeted(blamed, first, findings, topology, seen)
    like = next(f for f in told if f.cause == "PodNetworkDelay")
    more = [like.model_copy(update=_of_calm(name, findings) | {"confidence": _EITHER - 0.05}) for name in others]
    return [f.model_copy(update={"confidence": _EITHER}) if f is like else f for f in told] + more


def _likely(late: Sequence[str], findings: Sequence[Finding], topology: Topology, seen: Seen) -> str:
    """The node of all that wait for nobody late, where it explains who is late well: likelier than a calm one."""
    roots = _roots(late, findings, topology)
    node = common_node(roots, [name for name in topology.placement if name not in late], topology)
    return node if len(roots) > 1 and seen.node_likeness(node) >= max(LIKE, seen.likeness - EQUALS) else ""


def _as_likely(
    blamed: Finding, late: Sequence[str], findings: Sequence[Finding], topology: Topology, seen: Seen
) -> list[Finding]:
    """The nodes that explain who is late as well as one workload does: guesses, to be told beside it."""
    nodes = [node for node, likeness in seen.nodes.items() if likeness >= seen.likeness - _NEARLY]
    return [_of_node(blamed, node, _on(node, late, topology), findings, topology) for node in nodes[:2]]


def _on(node: str, names: Iterable[str], topology: Topology) -> list[str]:
    return [name for name in names if node in topology.placement.get(name, ())]


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


def _retargeted(
    blamed: Finding, root: str, findings: Sequence[Finding], topology: Topology, seen: Seen | None
) -> list[Finding]:
    """The finding about the one for which all others that are late wait; who was blamed before suffers.

    Surer only where that one is late itself, calls nobody (else the way to one of its callees may be what is slow), and
    explains who is late clearly better than any other would.
    """
    waited_for = not any(caller == root and callee != root for caller, callee in topology.calls)
    own = next((f for f in findings if f.subject.name == root and f.cause in _LATE), None)
    clear = own is not None and (seen is None or seen.is_clear(root))
    guessed = blamed.confidence if blamed.cause == "PodNetworkDelay" else _GUESS
    confidence = max(guessed, _SURE_OF_ROOT) if clear and waited_for else guessed if clear else min(guessed, _GUESS)
    others = tuple(dict.fromkeys(f.subject for f in findings if f.cause in _LATE and f.subject.name != root))
    surer = {"confidence": confidence, "explains": others}
    if own is blamed:
        return [f.model_copy(update=surer) if f is blamed else f for f in findings]
    told = {"cause": "PodNetworkDelay", "mechanism": _ON_THE_WAY, "rule": "topology:all-others-wait-for-it"}
    cause = blamed.model_copy(update={**surer, **told, **(_of_late(own) if own else _of_calm(root, findings))})
    rest = [
        _suffering(f) if f is blamed else f for f in findings if f is not own and (f is not blamed or f.cause in _LATE)
    ]
    return [cause, *rest]


def _of_late(own: Finding) -> dict[str, object]:
    return {"subject": own.subject, "statement": own.statement, "rests_on": own.rests_on, "onset": own.onset}


def _of_calm(root: str, findings: Sequence[Finding]) -> dict[str, object]:
    """About one that answers as before, by its own clock: those that call it say that the way to it is slow."""
    late = [f for f in findings if f.cause in _LATE]
    names = ", ".join(dict.fromkeys(f.subject.name for f in late))
    return {
        "subject": late[0].subject.model_copy(update={"name": root}),
        "statement": f"{names} wait for {root} and are late together, what does not wait for it is not",
        "rests_on": tuple(dict.fromkeys(key for f in late for key in f.rests_on)),
        "onset": min((f.onset for f in late if f.onset), default=None),
    }


def _suffering(blamed: Finding) -> Finding:
    told = {"cause": "LatencyIncrease", "role": Role.SYMPTOM, "confidence": 0.3, "explains": (), "mechanism": ""}
    return blamed.model_copy(update=told)


def _of_node(
    blamed: Finding, node: str, roots: Sequence[str], findings: Sequence[Finding], topology: Topology
) -> Finding:
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
            # Where nobody counts what is sent again, lost packets look alike.
            "confidence": _SURE_OF_NODE if node in topology.resends else _GUESS,
            "rests_on": keys or blamed.rests_on,
            "explains": victims,
            "mechanism": "every packet of the node waits, so calls to and from everything on it take longer",
            "rule": "topology:all-of-one-node-late",
        }
    )
