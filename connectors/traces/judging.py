"""Where do errors begin and where is time lost since the onset? From samples of traces before and after it.

A cause in another service is worth more than the suffering of the one that was asked about, but a trace only
says where it ends, and not why: confidence stays modest, and a surer finding of another source wins.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

from connectors.evidence import Evidence, Finding, ResourceState, Role, Subject
from connectors.traces import spans
from connectors.traces.spans import Place, Trace

_FEWEST = 5
"""Samples on each side without which nothing is concluded."""
_SHOWN = 12
_OFTEN = 3
_MAIN = 0.5
"""The share of the failures, or of the lost time, that makes a place the main one."""
_SLOWER = 2.0
_LOST = 0.02
"""Seconds that must be lost at least."""


class Origin(NamedTuple):
    """A place where errors begin: how many traces before and after the onset, what is said, and one example."""

    place: Place
    before: int
    after: int
    message: str
    example: str


class Loss(NamedTuple):
    """A place's own time per trace, median before and after, in seconds; in how many traces, and a slow example."""

    place: Place
    before: float
    after: float
    traces: int
    example: str

    @property
    def lost(self) -> float:
        """Seconds more than before, in all traces together."""
        return (self.after - self.before) * self.traces


@dataclass(frozen=True)
class Samples:
    """Traces of a service before and after the onset, and those with errors among what was asked for."""

    before: Sequence[Trace]
    after: Sequence[Trace]
    failed_before: Sequence[Trace] = ()
    failed_after: Sequence[Trace] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    namespace: str = ""
    store: str = "traces"

    def subject(self, service: str) -> Subject:
        """A service as the workload that other sources know."""
        return Subject(kind="Deployment", namespace=self.namespace, name=service.split(".", 1)[0])


def origins(samples: Samples) -> list[Origin]:
    """The places where errors begin, those first that are new or more since the onset."""
    after, before = _counted(samples.failed_after), _counted(samples.failed_before)
    found = []
    for place, (count, message, example) in after.items():
        found.append(Origin(place, before.get(place, (0, "", ""))[0], count, message, example))
    return sorted(found, key=lambda one: (one.before - one.after, one.place))


def _counted(traces: Sequence[Trace]) -> dict[Place, tuple[int, str, str]]:
    counts: Counter[Place] = Counter()
    told: dict[Place, tuple[str, str]] = {}
    for trace in traces:
        for place, span in dict(spans.origins(trace)).items():
            counts[place] += 1
            told.setdefault(place, (span.message, span.trace))
    return {place: (count, *told[place]) for place, count in counts.items()}


def losses(samples: Samples) -> list[Loss]:
    """The places by the time they take more than before, the greatest first."""
    before, after = _own(samples.before), _own(samples.after)
    found = []
    for place, times in after.items():
        known = [seconds for seconds, _ in before.get(place, ())]
        if len(times) >= _OFTEN:
            usual = median(known) if known else 0.0
            found.append(Loss(place, usual, median(s for s, _ in times), len(times), max(times)[1]))
    return sorted(found, key=lambda one: (-one.lost, one.place))


def _own(traces: Sequence[Trace]) -> Mapping[Place, list[tuple[float, str]]]:
    """Per place the time it took in each trace, all its spans together."""
    found: dict[Place, list[tuple[float, str]]] = defaultdict(list)
    for trace in traces:
        tree = spans.children(trace)
        sums: dict[Place, float] = defaultdict(float)
        for span in trace:
            sums[spans.place(span, tree)] += spans.own_seconds(span, tree)
        for place, seconds in sums.items():
            found[place].append((seconds, trace[0].trace))
    return found


def failing(samples: Samples, found: Sequence[Origin], item: Evidence) -> list[Finding]:
    """The place where most errors begin, if they are new; who calls it suffers."""
    if not found or found[0].after < _OFTEN or found[0].after < 3 * found[0].before:
        return []
    main, failed = found[0], max(1, len(samples.failed_after))
    if main.after < _MAIN * failed:
        return []
    said = f": {main.message[:160]}" if main.message else ""
    counts = f"{main.after} of {failed} failed traces since the onset ({main.before} before)"
    if main.place.peer:
        statement = f"{counts} end in calls of {main.place.service} to {main.place.peer}{said}"
        culprit, cause, confidence = Subject(kind="Service", name=main.place.peer), "DependencyUnavailable", 0.45
        sufferers = [main.place.service, *spans.callers(main.place.service, samples.pairs)]
    else:
        statement = f"{counts} begin in {main.place.service}, {main.place.operation}{said}"
        culprit, cause, confidence = samples.subject(main.place.service), "ErrorRateIncrease", 0.4
        sufferers = spans.callers(main.place.service, samples.pairs)
    return _blamed(samples, item, culprit, cause, confidence, statement, sufferers, "ErrorRateIncrease")


def slow(samples: Samples, found: Sequence[Loss], item: Evidence) -> list[Finding]:
    """The place that most of the additional time is spent at; who waits for it suffers."""
    if min(len(samples.before), len(samples.after)) < _FEWEST or not found:
        return []
    main, lost = found[0], sum(one.lost for one in found if one.lost > 0)
    if main.after - main.before < _LOST or main.lost < _MAIN * lost or main.after < _SLOWER * main.before:
        return []
    took = f"takes {_ms(main.after)} per trace since the onset, {_ms(main.before)} before"
    share = f"{round(100 * main.lost / lost)}% of all additional time"
    if main.place.peer:
        statement = f"{main.place.service}'s call to {main.place.peer} {took}: {share}"
        culprit = Subject(kind="Service", name=main.place.peer)
        sufferers = [main.place.service, *spans.callers(main.place.service, samples.pairs)]
    else:
        statement = f"{main.place.service} itself {took} ({main.place.operation}): {share}"
        culprit = samples.subject(main.place.service)
        sufferers = spans.callers(main.place.service, samples.pairs)
    return _blamed(samples, item, culprit, "LatencyIncrease", 0.4, statement, sufferers, "LatencyIncrease")


def _blamed(
    samples: Samples, item: Evidence, culprit: Subject, cause: str, confidence: float, statement: str,
    sufferers: Sequence[str], suffering: str,
) -> list[Finding]:  # fmt: skip
    victims = tuple(samples.subject(name) for name in sufferers)
    blamed = Finding(
        cause=cause, subject=culprit, statement=statement, rests_on=(item.key,), confidence=confidence,
        onset=item.onset, explains=victims, rule=f"{samples.store}:where-it-begins",
        mechanism="whoever calls it waits or fails with it" if victims else "",
    )  # fmt: skip
    others = [
        Finding(
            cause=suffering, subject=one, role=Role.SYMPTOM, rests_on=(item.key,), confidence=0.3, onset=item.onset,
            statement=f"{one.name} waits for {culprit.name}, directly or through others",
            rule=f"{samples.store}:waits-for-it",
        )
        for one in victims
    ]  # fmt: skip
    return [blamed, *others]


def origins_table(found: Sequence[Origin]) -> ResourceState:
    """The origins as a table."""
    rows = tuple(
        (o.place.service, o.place.operation, o.place.peer, str(o.before), str(o.after), o.message[:200], o.example)
        for o in found[:_SHOWN]
    )
    columns = ("service", "operation", "calls", "before", "after", "says", "trace")
    return ResourceState(columns=columns, rows=rows, omitted=max(0, len(found) - _SHOWN))


def losses_table(found: Sequence[Loss]) -> ResourceState:
    """The losses as a table."""
    rows = tuple(
        (o.place.service, o.place.operation, o.place.peer, _ms(o.before), _ms(o.after), o.example)
        for o in found[:_SHOWN]
    )
    columns = ("service", "operation", "calls", "before", "after", "trace")
    return ResourceState(columns=columns, rows=rows, omitted=max(0, len(found) - _SHOWN))


def told(found: Sequence[Loss]) -> str:
    """The places that lost the most time, in a sentence."""
    most = [one for one in found[:3] if one.lost > 0]
    return "; ".join(f"{one.place}: {_ms(one.before)} before, {_ms(one.after)} after" for one in most)


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 10 else f"{seconds:.1f} s"
