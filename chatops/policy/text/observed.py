"""What was observed? Names, numbers and times of the case file, to hold an answer against.

A name counts for a command only where systems said it themselves; text that users control (request
paths, user agents, messages) may be quoted, but cannot put a host or an object into a command.
"""

from __future__ import annotations

import ipaddress
import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from chatops.domain.alert import Alert
from chatops.domain.casefile import CaseFile
from chatops.policy.text import quotations
from chatops.policy.text.quantities import between, counted, courses, measured, seconds_of_day, shares
from chatops.policy.untrusted import MAX_TEXT, tokens
from connectors.evidence import Evidence, LogPatterns, ResourceState

_TOKEN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:/@-]*")
_PARTS = re.compile(r"[/:@]")
_NUMBER = re.compile(r"(?<![\w.-])-?\d+(?:,\d{3})*(?:\.\d+)?")
_CLOCK = re.compile(r"(?<![\d:])([01]?\d|2[0-3]):([0-5]\d)(?::[0-5]\d)?(?![\d:])")
_ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]*://([^\s/:`\"'>)]+)", re.IGNORECASE)
_PROSE = re.compile(r"\s|://")
_NAMING = frozenset({"namespace", "name", "object", "node", "kind"})
"""Columns of tables that hold names of objects."""
_ALWAYS = frozenset({"default", "kube-system", "kube-public", "all", "localhost", "127.0.0.1"})
"""Names that exist in every cluster and on every machine."""
_BEGINNING = 4
"""Letters from which on the beginning of a name stands for it."""


@dataclass(frozen=True)
class Observed:
    """Everything that occurs in a case file, ready for questions."""

    systems: frozenset[str]
    """Lower-case names from what systems said themselves."""
    anywhere: frozenset[str]
    """Names from everywhere, logs, users' text and people's words included."""
    hosts: frozenset[str]
    """Hosts that may be quoted, though not be put into commands: named by a control plane other than in an
    address, or of a private network."""
    numbers: frozenset[float]
    """Numbers wherever they stand, and what two levels that are told as `41 → 198` differ by."""
    minutes: frozenset[str]
    """Clock times as `10:42`."""
    moments: tuple[datetime, ...]
    happened: tuple[datetime, ...]
    """Moments at which something was: times of the clock in texts are of the window's day, its beginning is none."""
    hostile: tuple[str, ...]
    """Texts of logs and users, for comparing what the answer may have taken over from them."""
    others: tuple[str, ...] = ()
    """All texts that systems did not say themselves: of logs, users, people, annotations, findings, errors."""
    quantities: frozenset[float] = frozenset()
    """What is written with its unit, in seconds or bytes."""
    shares: frozenset[float] = frozenset()
    """What our own code told of the case: how sure it is, and how much was checked."""
    parts: frozenset[float] = frozenset()
    """What is written as a share, of 1."""
    to_the_second: frozenset[int] = frozenset()
    """What clocks said to the second, as seconds since midnight."""
    courses: frozenset[tuple[float, float]] = frozenset()
    """From which level something went to which."""
    counted: frozenset[tuple[str, int]] = frozenset()
    """What was told with its number, as (`restart`, 6)."""
    objects: frozenset[str] = frozenset()
    """Lower-case names of what evidence, findings and the scope are about."""
    spoken: str = ""
    """The words of every text in a row, a text a line."""

    def name(self, name: str, by_systems: bool = False) -> bool:
        """Whether a name was observed: as it is, or as the beginning of one (`cart` of `cart-7d9f-x2x4z`)."""
        wanted, pool = name.lower().strip("./:"), self.systems if by_systems else self.anywhere
        in_order = self._systems if by_systems else self._anywhere
        return wanted in pool or wanted in _ALWAYS or _begins(f"{wanted}-", in_order)

    def mentions(self, word: str) -> bool:
        """Whether a plain word occurs anywhere, also in the plural, as a part or as the beginning of a name."""
        wanted = word.lower()
        if self.name(wanted) or self.name(f"{wanted}s") or self.name(wanted.removesuffix("s")):
            return True
        if wanted in self._pieces:
            return True
        return len(wanted) >= _BEGINNING and _begins(wanted, self._anywhere)

    def object(self, name: str) -> bool:
        """Whether something that was observed is called so: an object, or a workload by what its pods begin with."""
        wanted = name.lower()
        return wanted in self.objects or any(one.startswith(f"{wanted}-") for one in self.objects)

    @cached_property
    def _anywhere(self) -> Sequence[str]:
        return sorted(self.anywhere)

    @cached_property
    def _pieces(self) -> frozenset[str]:
        """What names are put together from: `hotifx` of `2.14-hotifx`."""
        return frozenset(piece for name in self.anywhere for piece in re.findall(r"[a-z]{3,}", name))

    @cached_property
    def _systems(self) -> Sequence[str]:
        return sorted(self.systems)

    def heard(self, row: str) -> bool:
        """Whether words (as `quotations.words` gives them) stand so in a text."""
        return f" {row} " in self.spoken


def _begins(beginning: str, in_order: Sequence[str]) -> bool:
    """Whether one of the words begins so: the first that is not before it would."""
    at = bisect_left(in_order, beginning)
    return at < len(in_order) and in_order[at].startswith(beginning)


def observe(case: CaseFile, evidence: Sequence[Evidence]) -> Observed:
    """Read a case file with the evidence that was added to it."""
    incident = case.incident
    told: list[Any] = [incident.scope.model_dump(), [_named_by_alert(alert) for alert in incident.alerts]]
    told += [row.model_dump(exclude={"detail"}) for row in case.coverage]
    told += [finding.model_dump(exclude={"statement", "mechanism"}) for finding in case.findings]
    told += [hypothesis.subject.model_dump() for hypothesis in case.diagnosis.hypotheses]
    prose = [text for text in _leaves(told) if _PROSE.search(text)]
    quoting = [_quoting(alert) for alert in incident.alerts], [row.detail for row in case.coverage]
    quotes = [*_leaves(quoting), *prose, *(f"{one.statement} {one.mechanism}" for one in case.findings)]
    systems = [text for text in _leaves(told) if not _PROSE.search(text)]
    said = [text for item in evidence for text in _said_by_systems(item)]
    systems += [text for text in said if not _PROSE.search(text)]
    sentences = [text for text in said if _PROSE.search(text)]
    users = [text for item in evidence for text in _said_by_users(item)]
    words = [incident.title, incident.question, *(turn.text for turn in case.turns if turn.role == "person")]
    every = [*systems, *sentences, *quotes, *users, *words]
    went = {*courses(every), *_levels(evidence)}
    moments = _moments(case, evidence)
    return Observed(
        systems=frozenset(_names(systems)) | _named_in(sentences),
        anywhere=frozenset(_names(every)),
        hosts=frozenset(_hosts(evidence)),
        numbers=frozenset([*_numbers(every), *_figures(evidence), *(one for pair in went for one in between(*pair))]),
        courses=frozenset(went),
        shares=frozenset(_shares(case)),
        parts=frozenset(shares(every)),
        counted=frozenset(counted(every)),
        quantities=frozenset(measured(every)),
        minutes=frozenset([*_minutes(every), *(f"{at:%H:%M}" for at in moments)]),
        moments=moments,
        happened=_happened(case, moments, every),
        to_the_second=frozenset([*seconds_of_day(every), *seconds_of_day(f"{at:%H:%M:%S}" for at in moments)]),
        hostile=tuple(users),
        others=(*users, *quotes, *words, *sentences),
        objects=frozenset(_objects(case, evidence)),
        spoken="\n".join(f" {quotations.words(text)} " for text in dict.fromkeys(every)),
    )


def _named_in(sentences: Iterable[str]) -> frozenset[str]:
    """The names in what systems say in sentences, without hosts, addresses and images: a message may quote anybody."""
    return frozenset(name for text in sentences for name in set(_names([text])) - tokens(text[:MAX_TEXT]))


def numbers_in(text: str) -> Iterable[float]:
    """The numbers in a text; what the clock says is none."""
    for found in _NUMBER.finditer(_CLOCK.sub(" ", text)):
        yield abs(float(found.group().replace(",", "")))


def _named_by_alert(alert: Alert) -> list[str]:
    """An alert names objects in its labels; sentences and addresses among them count for nothing (`observe`)."""
    return [alert.name, *alert.labels, *alert.labels.values()]


def _quoting(alert: Alert) -> Mapping[str, Any]:
    return alert.model_dump(exclude={"fingerprint", "name"})


def by_users(item: Evidence) -> bool:
    """Whether users of the systems, or people in the thread, may have written it.

    Objects and events of a control plane are fenced where their messages may quote others, but only who
    operates it writes them; logs, labels of requests and words of people anybody may have written.
    """
    words = item.query.split()[:3]
    return item.untrusted and not (words[:1] in (["kubectl"], ["aws"]) and "logs" not in words)


def _said_by_systems(item: Evidence) -> Iterable[str]:
    """All it says; of what is fenced, only what names objects: messages may quote anybody."""
    if not item.untrusted:
        return _leaves(item.model_dump(exclude={"key", "body"} if isinstance(item.body, LogPatterns) else {"key"}))
    if by_users(item):
        return ()
    table = item.body if isinstance(item.body, ResourceState) else ResourceState(columns=(), rows=())
    naming = [at for at, column in enumerate(table.columns) if column in _NAMING]
    cells = [row[at] for row in table.rows for at in naming if at < len(row)]
    named = [*cells, *(item.subject.model_dump().values() if item.subject else ())]
    return [name for name in named if not _PROSE.search(name)]


def _said_by_users(item: Evidence) -> Iterable[str]:
    if item.untrusted:
        return _leaves(item.model_dump(exclude={"key"}))
    return _leaves(item.body.model_dump()) if isinstance(item.body, LogPatterns) else ()


def _hosts(evidence: Sequence[Evidence]) -> Iterable[str]:
    for item in evidence:
        for text in _leaves(item.model_dump(exclude={"key"})):
            yield from (host for host in _ADDRESS.findall(text) if _is_private(host))
            if not by_users(item):
                yield from _names([_ADDRESS.sub(" ", text)])


def _is_private(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return False


def _objects(case: CaseFile, evidence: Sequence[Evidence]) -> Iterable[str]:
    scope = case.incident.scope
    yield from (name.lower() for name in (scope.workload, scope.service, scope.pod, scope.node) if name)
    subjects = [item.subject for item in evidence] + [finding.subject for finding in case.findings]
    yield from (subject.name.lower() for subject in subjects if subject)
    tables = [item.body for item in evidence if isinstance(item.body, ResourceState)]
    for table in tables:
        places = [at for at, column in enumerate(table.columns) if column == "name"]
        yield from (row[at].lower() for row in table.rows for at in places if at < len(row))


def _leaves(value: Any) -> Iterable[str]:
    match value:
        case str():
            yield value
        case Mapping():
            for key, item in value.items():
                yield str(key)
                yield from _leaves(item)
        case list() | tuple():
            for item in value:
                yield from _leaves(item)


def _names(texts: Iterable[str]) -> Iterable[str]:
    for text in texts:
        for token in _TOKEN.findall(text):
            whole = token.strip("./:-").lower()
            yield whole
            yield from (part.strip(".-") for part in _PARTS.split(whole) if part)


def _numbers(texts: Iterable[str]) -> Iterable[float]:
    for text in texts:
        yield from numbers_in(text)


def _figures(evidence: Sequence[Evidence]) -> Iterable[float]:
    """The numbers of bodies that are no text: levels, counts, the ends and extremes of series."""
    for item in evidence:
        for series in getattr(item.body, "series", (item.body,)):
            values = [value for _, value in getattr(series, "points", ())]
            if values:
                yield from (min(values), max(values), values[0], values[-1], sum(values) / len(values))
            yield from (level for name in ("before", "after") if (level := _level(series, name)) is not None)
            if (threshold := _level(series, "threshold")) is not None:
                yield threshold
        for pattern in getattr(item.body, "patterns", ()):
            yield from (float(pattern.before), float(pattern.after), float(pattern.before + pattern.after))
        yield from (
            float(count) for name in ("lines", "omitted") if isinstance(count := getattr(item.body, name, None), int)
        )


def _levels(evidence: Sequence[Evidence]) -> Iterable[tuple[float, float]]:
    """Of series, the level before the onset and the one after it."""
    for item in evidence:
        for series in getattr(item.body, "series", (item.body,)):
            before, after = _level(series, "before"), _level(series, "after")
            if before is not None and after is not None:
                yield before, after


def _shares(case: CaseFile) -> Iterable[float]:
    """What our own code told of the case in figures: how sure the rules are, and how much was checked."""
    yield from (finding.confidence for finding in case.findings)
    yield from (one.confidence for one in case.diagnosis.hypotheses)
    states = [row.state for row in case.coverage]
    yield from (float(states.count(state)) for state in set(states))
    yield float(len(states))


def _level(series: Any, name: str) -> float | None:
    value = getattr(series, name, None)
    return float(value) if isinstance(value, int | float) else None


def _minutes(texts: Iterable[str]) -> Iterable[str]:
    for text in texts:
        for hour, minute in _CLOCK.findall(text):
            yield f"{int(hour):02}:{minute}"


def _happened(case: CaseFile, moments: Iterable[datetime], texts: Iterable[str]) -> tuple[datetime, ...]:
    window = case.incident.window
    told = {window.end.replace(hour=int(at[:2]), minute=int(at[3:]), second=0, microsecond=0) for at in _minutes(texts)}
    return tuple(sorted({at for at in (*moments, *told) if window.start < at <= window.end}))


def _moments(case: CaseFile, evidence: Sequence[Evidence]) -> tuple[datetime, ...]:
    window = case.incident.window
    found = [window.start, window.end, window.onset, *(alert.starts_at for alert in case.incident.alerts)]
    found += [alert.ends_at for alert in case.incident.alerts] + [item.onset for item in evidence]
    found += [getattr(item.body, "at", None) for item in evidence] + [turn.at for turn in case.turns]
    found += [pattern.first for item in evidence for pattern in getattr(item.body, "patterns", ())]
    return tuple(sorted({at for at in found if at is not None}))
