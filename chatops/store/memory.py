"""Is an earlier incident, whose cause a person confirmed, this one again? By cause, object, alert and log patterns.

Never by words a model wrote. The same cause at the same object is the same, wherever it runs and whatever its pods are
called; what differs is said. Where no cause is found yet, the same alert or the same new log lines at the same object
are worth a look. Where another cause is found, an earlier one is another story.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from chatops.domain.diagnosis import Diagnosis, Hypothesis, SeenBefore
from chatops.domain.incident import Incident
from connectors.evidence import LogPatterns, Subject, Value

FOUND = 0.5
"""From this confidence on a cause counts as found."""
_WORTH = 0.3
_RANKS = 3
"""Hypotheses that are looked at."""
_PATTERNS = 20
_ALIKE = 0.5
"""Share of log patterns in common that makes two incidents alike."""
_HASH = re.compile(r"(?:-[0-9a-f]{6,10})?-[0-9a-z]{5}$|-[0-9]+$")
_SHARED = frozenset({"Node", "Namespace", "Cluster", "PersistentVolume", "Instance"})
"""What others stand on: at another one of them it may be the same trouble."""
_COUNTED = re.compile(r"[\d.:]+")


class Remembered(Value):
    """What is kept of an incident for the next one of its kind."""

    seen: SeenBefore
    kind: str
    name: str
    """Of the object at fault, without what changes with every pod."""
    environment: str = ""
    cluster: str = ""
    namespace: str = ""
    alerts: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    """Templates of log lines that were new."""


class _Match(NamedTuple):
    strength: float
    differs: tuple[str, ...] = ()


def remembered(
    incident: Incident, diagnosis: Diagnosis, cause: Hypothesis, resolution: str, at: datetime
) -> Remembered:
    """What is kept of an incident with a confirmed cause."""
    seen = SeenBefore(incident=incident.id, title=incident.title, cause=cause.cause, resolution=resolution, at=at)
    return Remembered(
        seen=seen,
        kind=cause.subject.kind,
        name=_stem(cause.subject),
        environment=incident.scope.environment,
        cluster=incident.scope.cluster,
        namespace=cause.subject.namespace or incident.scope.namespace,
        alerts=_alerts(incident),
        patterns=_patterns(diagnosis),
    )


def buckets(incident: Incident, causes: Sequence[str]) -> list[str]:
    """Under what an incident is filed, and looked for: its causes and its alerts."""
    return [*(f"cause:{cause}" for cause in dict.fromkeys(causes)), *(f"alert:{name}" for name in _alerts(incident))]


def causes(diagnosis: Diagnosis) -> list[str]:
    """The causes that stand, as far as they are looked at."""
    return [one.cause for one in _standing(diagnosis)]


def found_again(incident: Incident, diagnosis: Diagnosis, known: Sequence[Remembered]) -> list[SeenBefore]:
    """Earlier incidents that this one may be again, the closest and then the latest first, with what differs."""
    matched = [(one, match) for one in known if (match := _compared(incident, diagnosis, one))]
    ordered = sorted(matched, key=lambda pair: pair[0].seen.at.timestamp() if pair[0].seen.at else 0, reverse=True)
    ordered.sort(key=lambda pair: -pair[1].strength)
    return [one.seen.model_copy(update={"differs": "; ".join(match.differs)}) for one, match in ordered]


def _compared(incident: Incident, diagnosis: Diagnosis, then: Remembered) -> _Match | None:
    standing = _standing(diagnosis)
    mine = next((one for one in standing if one.cause == then.seen.cause and _stem(one.subject) == then.name), None)
    place = tuple(_elsewhere(incident, mine, then))
    if mine is not None:
        lower = () if mine is standing[0] else ("now it is not the likeliest cause",)
        return _Match(1.0 - 0.1 * len(place) - 0.3 * len(lower), (*place, *lower))
    alike = _share(_patterns(diagnosis), then.patterns)
    alerted = not {*_alerts(incident)}.isdisjoint(then.alerts)
    if standing and standing[0].confidence >= FOUND:
        first = standing[0]
        shared = first.cause == then.seen.cause and first.subject.kind == then.kind and then.kind in _SHARED
        return _Match(0.4, (*place, f"then it was {then.kind} {then.name}")) if shared and (alerted or alike) else None
    scope = incident.scope
    here = then.name in (scope.workload, scope.service, _HASH.sub("", scope.pod)) and not place
    if here and (alerted or alike >= _ALIKE):
        what = "the same alert" if alerted else "the same log lines"
        return _Match(0.3 + 0.1 * alike, (f"{what} at the same place, but no cause is found yet",))
    return None


def _standing(diagnosis: Diagnosis) -> list[Hypothesis]:
    return [one for one in diagnosis.hypotheses if one.status != "ruled out" and one.confidence >= _WORTH][:_RANKS]


def _elsewhere(incident: Incident, mine: Hypothesis | None, then: Remembered) -> Iterator[str]:
    """In which ways the place is another; what one of both does not say differs in nothing."""
    scope = incident.scope
    namespace = (mine.subject.namespace if mine else "") or scope.namespace
    here = {"environment": scope.environment, "cluster": scope.cluster, "namespace": namespace}
    for name, now in here.items():
        before: str = getattr(then, name)
        if before and now and before != now:
            yield f"then in {name} {before}"


def _alerts(incident: Incident) -> tuple[str, ...]:
    return tuple(sorted({alert.name for alert in incident.alerts}))


def _stem(subject: Subject) -> str:
    """The name of an object; of a pod or a replica set that of what it belongs to."""
    if subject.kind == "ReplicaSet":
        return re.sub(r"-[0-9a-z]{5,10}$", "", subject.name)
    return _HASH.sub("", subject.name) if subject.kind in ("Pod", "Job") else subject.name


def _patterns(diagnosis: Diagnosis) -> tuple[str, ...]:
    """Log lines that are new or more since the onset, without figures."""
    bodies = [one.body for one in diagnosis.evidence if isinstance(one.body, LogPatterns)]
    fresh = [one.template for body in bodies for one in body.patterns if one.after > one.before]
    return tuple(dict.fromkeys(_COUNTED.sub("#", text.lower())[:160] for text in fresh))[:_PATTERNS]


def _share(some: Sequence[str], others: Sequence[str]) -> float:
    """0–1: how much two lists have in common."""
    return len({*some} & {*others}) / len({*some} | {*others}) if some and others else 0.0
