"""Does an alert belong to an outage that already has its thread? By names, who depends on whom, and time.

Pure functions. Nothing here reads a text that somebody or a model wrote: only names from labels and from the
findings of rules. A failure travels from what is called to its callers, and from a node to what runs on it: an
alert of a caller follows from its callee, one of a callee may be the cause of what is not explained yet.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connectors.contract import Scope

THRESHOLD = 0.5
"""From this score on, an alert is told in the incident's thread."""
PRESSED = 0.39
"""The threshold while one place has many open incidents: then being in the same namespace lately is enough."""

SAME = 1.0
ON_BROKEN_NODE = 0.9
STEPS = {1: 0.9, 2: 0.56, 3: 0.4}
"""How much being so many calls away tells: what lies between is not broken, or not told yet."""
SPREADS = 1 / 3
"""The share of the window in which a failure reaches others; the same thing may fire again later."""
NAMESPACE_ITSELF = 0.6
"""One of both is about the namespace as a whole."""
SAME_NODE = 0.45
NEIGHBOURS = 0.55
"""The same namespace, and nothing known of how both are related: enough for two minutes, and no longer."""
STRANGERS = 0.2
"""The same namespace, both known to be related to others and not to each other, or by habit not failing together."""
HABIT = 0.7
"""They began to fail together before, as a rule."""
_RULE, _TIMES, _AGAINST = 0.35, 2, 3
"""The share of the rarer one's failures that is a rule; how often it takes, and against what is known of calls."""
_EXCEPTION, _OFTEN = 0.15, 4
"""The share that is none; how often both must have failed for that."""
_MAPPED = 0.75
"""The share of what runs on known nodes that has known calls, from which having none tells something."""
_BROAD = frozenset({"ClusterName", "ApiName"})


@dataclass(frozen=True)
class Names:
    """What an alert or an incident is about: names, the nodes that things run on, and its namespaces."""

    about: frozenset[str] = frozenset()
    """`shop/checkout`, `node:worker-1`, `resource:DBInstanceIdentifier=orders`."""
    runs_on: frozenset[str] = frozenset()
    """Nodes (`node:worker-1`) that carry it and may be well."""
    within: frozenset[str] = frozenset()

    def union(self, other: Names) -> Names:
        """Everything that either names."""
        return Names(self.about | other.about, self.runs_on | other.runs_on, self.within | other.within)


@dataclass(frozen=True)
class Outage:
    """An open incident as far as correlation knows it."""

    incident: str
    names: Names
    first: datetime
    last: datetime
    cause: str = ""
    """What rules identified as its cause, `<name> <code>`."""


@dataclass(frozen=True)
class Habits:
    """How often each name began to fail, and with which others within minutes: name → name → times, both ways."""

    fired: Mapping[str, int] = field(default_factory=dict)
    together: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, fired: Mapping[str, int], pairs: Iterable[tuple[str, str, int]]) -> Habits:
        """From each name's count, and each pair's, which are given once."""
        together: dict[str, dict[str, int]] = defaultdict(dict)
        for one, other, times in pairs:
            together[one][other] = together[other][one] = times
        return cls(fired, together)

    def rule(self, names: Iterable[str], others: Set[str], times: int) -> bool:
        """Whether one of the names failed with one of the others as a rule, and so many times at least."""
        return any(
            seen >= times and seen >= _RULE * min(self.fired.get(name, 0), self.fired.get(other, 0))
            for name in names
            for other, seen in self.together.get(name, {}).items()
            if other in others
        )

    def apart(self, names: Iterable[str], others: Set[str]) -> bool:
        """Whether they failed often enough to tell, and hardly ever any two of them together."""
        often = [other for other in others if self.fired.get(other, 0) >= _OFTEN]
        pairs = [(name, other) for name in names if self.fired.get(name, 0) >= _OFTEN for other in often]
        return bool(pairs) and all(
            self.together.get(name, {}).get(other, 0) < _EXCEPTION * min(self.fired[name], self.fired[other])
            for name, other in pairs
        )


@dataclass(frozen=True)
class Relations:
    """Who depends on whom: name → the names it depends on, and the other way round."""

    needs: Mapping[str, frozenset[str]] = field(default_factory=dict)
    needed_by: Mapping[str, frozenset[str]] = field(default_factory=dict)
    mapped: bool = True
    """Whether nearly everything that runs somewhere has calls that are known: what has none then truly has none."""
    habits: Habits = field(default_factory=Habits)

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]], habits: Habits = Habits()) -> Relations:
        """From pairs (caller, callee), or (what runs there, node), and what failed together before."""
        needs, needed_by = defaultdict(set), defaultdict(set)
        for one, other in pairs:
            needs[one].add(other)
            needed_by[other].add(one)
        placed = {one for one, others in needs.items() if any(map(_is_node, others))}
        calling = {one for one in placed if not all(map(_is_node, needs[one])) or one in needed_by}
        return cls(
            {k: frozenset(v) for k, v in needs.items()},
            {k: frozenset(v) for k, v in needed_by.items()},
            len(calling) >= _MAPPED * len(placed),
            habits,
        )

    def knows(self, name: str) -> bool:
        """Whether its calls are known: a node alone tells nothing of them where calls are mostly unknown."""
        needs = self.needs.get(name, frozenset())
        return name in self.needed_by or not all(map(_is_node, needs)) or (bool(needs) and self.mapped)

    def steps(self, name: str, targets: frozenset[str]) -> int:
        """How many calls lead from this name to one of the targets; 0 where none does within three."""
        reached, edge = {name}, {name}
        for step in STEPS:
            edge = {needed for one in edge for needed in self.needs.get(one, ())} - reached
            if edge & targets:
                return step
            reached |= edge
        return 0


def _is_node(name: str) -> bool:
    return name.startswith("node:")


def names(scope: Scope) -> Names:
    """The names of a scope that was read from an alert's labels."""
    namespace = scope.namespace
    about = {f"{namespace}/{name}" for name in (scope.workload, scope.service) if name}
    about |= {f"resource:{key}={value}" for key, value in scope.dimensions.items() if key not in _BROAD}
    node = frozenset({f"node:{scope.node}"} if scope.node else ())
    return Names(
        about=frozenset(about) or node,
        runs_on=node if about else frozenset(),
        within=frozenset({namespace} if namespace else ()),
    )


def score(alert: Names, at: datetime, outage: Outage, relations: Relations, window: timedelta) -> float:
    """How surely (0–1) the alert, which began at `at`, belongs to the outage."""
    related = relatedness(alert, outage, relations)
    return related * closeness(at, outage, window if related == SAME else window * SPREADS)


def closeness(at: datetime, outage: Outage, window: timedelta) -> float:
    """1 within the outage's time, falling to a half at the end of the window around it, 0 outside."""
    gap = max(outage.first - at, at - outage.last, timedelta())
    return 0.0 if gap > window else 1.0 - 0.5 * (gap / window)


def relatedness(alert: Names, outage: Outage, relations: Relations) -> float:
    """How much the names and what is known of their relations speak for one outage."""
    known = outage.names
    if alert.about & known.about:
        return SAME
    if alert.runs_on & known.about or alert.about & known.runs_on:
        return ON_BROKEN_NODE
    if found := max(_follows(alert, known, relations), _explains(alert, known, relations)):
        return found
    beside = SAME_NODE if alert.runs_on & known.runs_on else 0.0
    return _by_habit(alert, known, relations, max(beside, _same_namespace(alert, outage, relations)))


def _follows(alert: Names, known: Names, relations: Relations) -> float:
    """The alert is of something that calls (or runs on) what is broken."""
    steps = [found for name in alert.about if (found := relations.steps(name, known.about))]
    return STEPS[min(steps)] if steps else 0.0


def _explains(alert: Names, known: Names, relations: Relations) -> float:
    """The alert is of something that a member without a broken callee depends on."""
    steps = [
        found
        for name in known.about
        if not relations.steps(name, known.about - {name}) and (found := relations.steps(name, alert.about))
    ]
    return STEPS[min(steps)] if steps else 0.0


def _by_habit(alert: Names, known: Names, relations: Relations, otherwise: float) -> float:
    """What earlier outages say where nothing else is known; more of them where it contradicts what is."""
    if not relations.habits.fired or otherwise == NAMESPACE_ITSELF:
        return otherwise
    if relations.habits.rule(alert.about, known.about, _AGAINST if otherwise == STRANGERS else _TIMES):
        return HABIT
    return STRANGERS if otherwise == NEIGHBOURS and relations.habits.apart(alert.about, known.about) else otherwise


def _same_namespace(alert: Names, outage: Outage, relations: Relations) -> float:
    if not alert.within & outage.names.within:
        return 0.0
    if not alert.about or not outage.names.about:
        return NAMESPACE_ITSELF
    both_known = any(map(relations.knows, alert.about)) and any(map(relations.knows, outage.names.about))
    return STRANGERS if both_known else NEIGHBOURS


def best(
    alert: Names,
    at: datetime,
    outages: Sequence[Outage],
    relations: Relations,
    window: timedelta,
    threshold: float = THRESHOLD,
) -> list[Outage]:
    """The outages that the alert may belong to, the surest first; of equals the earliest."""
    scored = [(score(alert, at, outage, relations, window), outage) for outage in outages]
    fitting = [(figure, outage) for figure, outage in scored if figure >= threshold]
    fitting.sort(key=lambda pair: (-round(pair[0], 2), pair[1].first, pair[1].incident))
    return [outage for _, outage in fitting]
