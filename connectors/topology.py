"""Who calls whom and what runs where: facts of one source that decide between readings of another.

Metrics tell that five services are late; only pods tell that all five run on one node, and only
addresses tell that three of them merely wait for a fourth. A connector hands on what it knows of both in
`Observation.topology`; whoever has everything merges it and lets `related` judge the findings again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from typing import NamedTuple

from connectors.evidence import Finding, Role, Subject, Topology

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
    blamed = next((f for f in findings if f.cause == "PodNetworkDelay" or f.rule.endswith(RESENDS)), None)
    sure = any(f.role is Role.CAUSE and f.confidence >= 0.5 and f.cause not in _LATE for f in findings if f != blamed)
    if sure or blamed is None:
        return list(findings)
    seen = _seen(late, findings, topology)
    if blamed.cause != "PodNetworkDelay":
        told = seen and seen.one if seen and seen.node_likeness(blamed.subject.name) < seen.likeness - _CLEARLY else ""
        return _retargeted(blamed, told, findings, topology, seen) if told else list(findings)
    if seen and seen.node:
        return [
            _of_node(f, seen.node, _on(seen.node, late, topology), findings) if f is blamed else f for f in findings
        ]
    if seen and seen.one and (seen.one in late or not _likely(late, findings, topology, seen)):
        one = _retargeted(blamed, seen.one, findings, topology, seen)
        return [*one, *_as_likely(blamed, late, findings, topology, seen)]
    return _by_roots(blamed, late, findings, topology, seen)


def _by_roots(
    blamed: Finding, late: Sequence[str], findings: Sequence[Finding], topology: Topology, seen: _Seen | None
) -> list[Finding]:
    """By who waits for nobody that is late, where no picture of who should be late is the likest."""
    roots = _roots(late, findings, topology)
    if len(roots) == 1 and len(late) > 1:
        return _retargeted(blamed, roots[0], findings, topology, seen)
    calm = [name for name in topology.placement if name not in late]
    node = (common_node(roots, calm, topology) or _gathering(roots, topology)) if len(roots) > 1 else ""
    if not node:
        return list(findings)
    told = _of_node(blamed, node, _on(node, roots, topology) or roots, findings)
    best = max(seen.nodes.values(), default=0.0) if seen else 0.0
    unsure = seen is not None and (list(seen.nodes.values()).count(best) > 1 or bool(seen.one))
    told = told.model_copy(update={"confidence": min(told.confidence, _GUESS)}) if unsure else told
    return [told if f is blamed else f for f in findings]


def _likely(late: Sequence[str], findings: Sequence[Finding], topology: Topology, seen: _Seen) -> str:
    """The node of all that wait for nobody late, where it explains who is late well: likelier than a calm one."""
    roots = _roots(late, findings, topology)
    node = common_node(roots, [name for name in topology.placement if name not in late], topology)
    return node if len(roots) > 1 and seen.node_likeness(node) >= _LIKE else ""


def _as_likely(
    blamed: Finding, late: Sequence[str], findings: Sequence[Finding], topology: Topology, seen: _Seen
) -> list[Finding]:
    """The nodes that explain who is late as well as one workload does: guesses, to be told beside it."""
    nodes = [node for node, likeness in seen.nodes.items() if likeness >= seen.likeness]
    told = (_of_node(blamed, node, _on(node, late, topology), findings) for node in nodes[:2])
    return [one.model_copy(update={"confidence": _EITHER}) for one in told]


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


class _Seen(NamedTuple):
    """How well each node's and each workload's network explains who is late, and which does it clearly best."""

    nodes: dict[str, float]
    ones: dict[str, float]

    @property
    def likeness(self) -> float:
        """Of the likest workload."""
        return max(self.ones.values(), default=0.0)

    def node_likeness(self, node: str) -> float:
        """Of one node."""
        return self.nodes.get(node, 0.0)

    @property
    def node(self) -> str:
        """The node that explains it clearly better than any one workload, and better than any other node.

        Calls across the border of one of two nodes cross the other's too: then nobody can tell which of them it is.
        """
        best = max(self.nodes, key=lambda name: (self.nodes[name], name), default="")
        alone = list(self.nodes.values()).count(self.nodes.get(best, 0.0)) == 1
        return best if alone and self.nodes[best] >= max(_LIKE, self.likeness + _CLEARLY) else ""

    @property
    def one(self) -> str:
        """The workload that explains it better than any other and as well as any node; empty where several do."""
        best = [name for name, likeness in self.ones.items() if likeness == self.likeness]
        like = self.likeness >= max(_LIKE, *self.nodes.values(), 0.0)
        return best[0] if len(best) == 1 and like else ""

    def is_clear(self, name: str) -> bool:
        """Whether it leads all others by far."""
        others = (*(v for k, v in self.ones.items() if k != name), *self.nodes.values(), 0.0)
        return self.ones.get(name, 0.0) >= max(others) + _CLEARLY


def _seen(late: Sequence[str], findings: Sequence[Finding], topology: Topology) -> _Seen | None:
    """The likenesses of all that could be late's cause; nothing where nobody knows whom the late ones call.

    Lateness is timed by the caller or by the callee, and nobody says which: of each thing all pictures are tried. What
    answers as before may be it: of a leaf that is timed by itself only those that wait for it are late. Where some are
    late with every request, those of which only the slowest are need not be explained: their tails move at any time.
    """
    seen = set(late)
    whole = {f.subject.name for f in findings if f.subject.name in seen and AS_A_WHOLE in f.rule}
    if len(seen) < 2 or not topology.timed or not any(a in seen or b in seen for a, b in topology.calls):
        return None
    suspects = sorted(seen | {callee for caller, callee in topology.calls if caller in seen})
    everywhere = set().union(*topology.placement.values()) if topology.placement else set()
    nodes = sorted({n for name in late for n in topology.placement.get(name, ())}) if len(everywhere) > 1 else []
    return _Seen(
        {node: max(_likeness(seen, whole, p, topology) for p in _of_all(node, topology)) for node in nodes},
        {name: max(_likeness(seen, whole, p, topology) for p in _of_one(name, topology)) for name in suspects},
    )


def _of_one(name: str, topology: Topology) -> list[set[str]]:
    """Who is late where one workload's network is: timed by callers, timed by callees."""
    calls_on = any(caller == name and callee != name for caller, callee in topology.calls)
    above = _waiting({name}, topology)
    return [{name} | above, ({name} if calls_on else set()) | above]


def _of_all(node: str, topology: Topology) -> list[set[str]]:
    """Who is late where a node's network is: what runs there; or those of whose calls one crosses its border."""
    here = {name for name, where in topology.placement.items() if node in where}
    crossing = [(a, b) for a, b in topology.calls if a != b and (a in here) != (b in here)]
    across = {a for a, _ in crossing}
    above = across | _waiting(across, topology)
    return [here | _waiting(here, topology), above, above | {b for _, b in crossing}]


def _waiting(names: set[str], topology: Topology) -> set[str]:
    """Everybody who calls one of these, directly or not."""
    found: set[str] = set()
    edge = set(names)
    while edge:
        edge = {caller for caller, callee in topology.calls if callee in edge} - found - names
        found |= edge
    return found


def _likeness(seen: set[str], whole: set[str], expected: set[str], topology: Topology) -> float:
    """Shared members over all that are late (with every request, if some are) or should be, of those that are timed."""
    expected = expected & topology.timed
    either = (whole or seen) | expected
    return len(seen & expected) / len(either) if either else 0.0


def _retargeted(
    blamed: Finding, root: str, findings: Sequence[Finding], topology: Topology, seen: _Seen | None
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
