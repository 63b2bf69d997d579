"""How well does the network of each workload, and of each node, explain who is late?

For each suspect there is a picture of who should be late, by who calls whom, what runs where and how many requests can
wait; the picture that is likest to what is seen tells the suspect.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from connectors.evidence import Topology

LIKE, CLEARLY = 0.75, 0.15
"""How well a node must explain who is late, and by how much better than one workload."""
_ALL, _MOST, _TAIL = 0.9, 0.45, 0.04
"""Of a workload's requests: that wait where its median should be late, where it may be, where its tail is."""
EQUALS, _RESENT, _SILENT, _SOME = 0.01, 0.2, 0.02, 0.4
"""What decides between equals; what a node is likelier for by sending again, at least so many segments a second, and
less likely for by not doing so."""

Expected = dict[str, float]
"""Who should be late, and the most of its requests that can be."""


class Seen(NamedTuple):
    """How well each node's and each workload's network explains who is late, and which does it clearly best."""

    nodes: dict[str, float]
    ones: dict[str, float]
    resending: str = ""
    """The node that alone sends again."""

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
        return best if alone and self.nodes[best] >= max(LIKE, self.likeness + CLEARLY) else ""

    @property
    def is_node_clear(self) -> bool:
        """Whether the node would explain it clearly better, too, if it did not send again."""
        like = self.nodes.get(self.node, 0.0) - (_RESENT if self.node == self.resending else 0.0)
        return bool(self.node) and like >= self.likeness + CLEARLY

    @property
    def equals(self) -> list[str]:
        """The workloads that explain it better than any other and as well as any node."""
        best = [name for name, likeness in self.ones.items() if likeness == self.likeness]
        return best if self.likeness >= max(LIKE, *self.nodes.values(), 0.0) else []

    @property
    def one(self) -> str:
        """The workload that alone explains it best; empty where several do."""
        return self.equals[0] if len(self.equals) == 1 else ""

    def is_clear(self, name: str) -> bool:
        """Whether it leads all others by far."""
        others = (*(v for k, v in self.ones.items() if k != name), *self.nodes.values(), 0.0)
        return self.ones.get(name, 0.0) >= max(others) + CLEARLY


def likenesses(late: Sequence[str], whole: AbstractSet[str], topology: Topology) -> Seen | None:
    """The likenesses of all that could be late's cause; nothing where nobody knows whom the late ones call.

    Lateness is timed by the caller or by the callee, and nobody says which: of each thing all pictures are tried. What
    answers as before may be it: of a leaf that is timed by itself only those that wait for it are late. Where some are
    late with every request, those of which only the slowest are need not be explained: their tails move at any time.
    """
    seen = set(late)
    if len(seen) < 2 or not topology.timed or not any(a in seen or b in seen for a, b in topology.calls):
        return None
    exist = topology.timed | topology.placement.keys()
    suspects = sorted(seen | {callee for caller, callee in topology.calls if caller in seen and callee in exist})
    everywhere = set().union(*topology.placement.values()) if topology.placement else set()
    nodes = sorted({n for name in late for n in topology.placement.get(name, ())}) if len(everywhere) > 1 else []

    def like(pictures: Sequence[Expected]) -> float:
        return _best([_likeness(seen, whole, one, topology) for one in pictures], topology)

    resending = _resending(topology)
    more = {node: _RESENT if node == resending else -_SILENT for node in topology.resends}
    return Seen(
        {node: like(_of_all(node, topology)) + more.get(node, 0.0) for node in nodes},
        {name: like(_of_one(name, topology)) for name in suspects},
        resending,
    )


def _of_one(name: str, topology: Topology) -> list[Expected]:
    """Who is late where one workload's network is: timed by callers, timed by callees."""
    calls_on = any(caller == name and callee != name for caller, callee in topology.calls)
    above, own = _waiting({name: 1.0}, topology), {name: 1.0}
    return [own | above, (own if calls_on else {}) | above]


def _of_all(node: str, topology: Topology) -> list[Expected]:
    """Who is late where a node's network is: what runs there; or those of whose calls one crosses its border."""
    here = {name: 1.0 for name, where in topology.placement.items() if node in where}
    crossing = [(a, b) for a, b in topology.calls if a != b and (a in here) != (b in here)]
    across: Expected = {}
    for caller, callee in crossing:
        across[caller] = max(across.get(caller, 0.0), _part(caller, callee, topology))
    above = _waiting(across, topology) | across
    return [_waiting(here, topology) | here, above, dict.fromkeys((callee for _, callee in crossing), 1.0) | above]


def _part(caller: str, callee: str, topology: Topology) -> float:
    """The most of a caller's requests that can wait for a callee: one that gets a tenth of them delays no more."""
    asked, answered = topology.traffic.get(caller, 0.0), topology.traffic.get(callee, 0.0)
    return min(1.0, answered / asked) if asked and answered else 1.0


def _waiting(names: Expected, topology: Topology) -> Expected:
    """Everybody who calls one of these, directly or not, with the most of its requests that can wait for them."""
    found: Expected = {}
    edge = dict(names)
    while edge:
        above: Expected = {}
        for caller, callee in topology.calls:
            if callee in edge and caller not in names:
                part = min(edge[callee], _part(caller, callee, topology))
                if part >= _TAIL and part > max(found.get(caller, 0.0), above.get(caller, 0.0)):
                    above[caller] = part
        found |= above
        edge = above
    return found


def _likeness(seen: set[str], whole: AbstractSet[str], expected: Expected, topology: Topology) -> float:
    """Shared members over all that are late (with every request, if some are) or should be, of those that are timed.

    A median is late only where most requests wait.
    """
    awaited = {name for name, part in expected.items() if name in topology.timed}
    told = {name for name in seen & awaited if name not in whole or expected[name] >= _MOST}
    either = (whole or seen) | awaited
    more = sum(expected[name] >= _ALL for name in told - whole) if whole else 0
    return (len(told) - EQUALS * more) / len(either) if either else 0.0


def _best(pictures: Sequence[float], topology: Topology) -> float:
    """The likest picture; of equals the one that callees time, where they do: what nobody calls is timed itself."""
    calling = {caller for caller, _ in topology.calls} - {callee for _, callee in topology.calls}
    by_callees = bool(calling & topology.timed)
    return max(pictures) + (EQUALS * pictures[1] if by_callees else 0.0)


def _resending(topology: Topology) -> str:
    """The node that alone sends again around the onset; pods count their own segments, not their node."""
    ranked = sorted(topology.resends, key=lambda node: -topology.resends[node])
    most, second = (topology.resends[node] for node in ranked[:2]) if len(ranked) > 1 else (0.0, 0.0)
    return ranked[0] if most >= max(_SOME, 2 * second) else ""
