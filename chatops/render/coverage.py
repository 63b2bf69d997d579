"""What was looked at, what could not be, and what would that have shown? In words, for every surface."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from chatops.domain.diagnosis import Diagnosis
from connectors.causes import BY_CODE
from connectors.evidence import Coverage, State

STATES = {
    State.CHECKED: "found something",
    State.NO_DATA: "nothing found",
    State.FAILED: "failed",
    State.SKIPPED: "skipped",
    State.NOT_CONFIGURED: "not configured",
}
"""What became of a check, in words: the contract's `no data` means that it looked and had nothing to tell."""

_PRODUCTS = {
    "awx": "AWX",
    "circleci": "CircleCI",
    "cloudwatch": "CloudWatch",
    "entra": "Entra ID",
    "gcp": "Google Cloud",
    "github": "GitHub",
    "gitlab": "GitLab",
    "pagerduty": "PagerDuty",
}
_AGAIN = re.compile(r"open_circuit: [^(]*\((.*)\); not asked again yet", re.DOTALL)
_UNREAD = re.compile(
    r"(?:([\w-]+)/)?(.+? (?:could not be read|was not read to the end) \(.*?|no source told .*?)"
    r"(?:; stays open: ([\w, ]+?)(?: and (\d+) more)?)?\Z",
    re.DOTALL,
)


def product(source: str) -> str:
    """What people call a source."""
    return _PRODUCTS.get(source, source[:1].upper() + source[1:])


def counts(coverage: Sequence[Coverage]) -> str:
    """The coverage strip: how many checks ran, found something, failed (those are named) or were skipped."""
    rows = {state: [row for row in coverage if row.state == state] for state in State}
    absent = ", ".join(sorted({product(row.source) for row in rows[State.NOT_CONFIGURED]}))
    found = len(rows[State.CHECKED])
    ran = found + len(rows[State.NO_DATA])
    told = f"{found} found something" if found else "none found anything"
    parts = [f"✅ {ran} check{'s' * (ran != 1)} ran, {told}"] if ran else []
    if rows[State.FAILED]:
        parts.append(f"❌ {len(rows[State.FAILED])} failed: {_failed(coverage)}")
    if rows[State.SKIPPED]:
        parts.append(f"{len(rows[State.SKIPPED])} skipped")
    if absent:
        parts.append(f"not connected: {absent}")
    return " · ".join(parts)


def unknown(diagnosis: Diagnosis) -> list[str]:
    """What is not known and would decide, cause codes in words; a check that was not read decides nothing any more
    where the cause is found."""
    told = [(gap, _UNREAD.match(gap)) for gap in diagnosis.gaps]
    sure, away = diagnosis.verdict == "identified", _away(diagnosis.coverage)
    said = [_would_show(unread, away) if unread else gap for gap, unread in told if not (sure and unread)]
    return list(dict.fromkeys(said))


def _would_show(unread: re.Match[str], away: Mapping[str, str]) -> str:
    """`kubernetes/events could not be read (…); stays open: OOMKilled and 2 more`, as one would say it.

    Of a source of which nothing was read everything stays open.
    """
    source, what, codes, more = unread.groups()
    if source in away:
        return f"{product(source)} could not be read at all ({away[source]})"
    said = f"{product(source)}: {what}" if source else what[:1].upper() + what[1:]
    titles = [_within(BY_CODE[code].title) if code in BY_CODE else code for code in (codes or "").split(", ") if code]
    if more:
        titles.append(f"{more} more causes")
    return f"{said}. It would show whether it is one of these: {'; '.join(titles)}" if titles else said


def _within(sentence: str) -> str:
    """A sentence as a part of another one."""
    return sentence[:1].lower() + sentence[1:] if sentence[1:2].islower() or sentence[1:2] == " " else sentence


def _away(coverage: Sequence[Coverage]) -> dict[str, str]:
    """The sources of which no check could be read, and why."""
    read = {row.source for row in coverage if row.state in (State.CHECKED, State.NO_DATA)}
    why: dict[str, Counter[str]] = {}
    for row in coverage:
        if row.state is State.FAILED and row.source not in read:
            why.setdefault(row.source, Counter())[_why(row.detail)] += 1
    return {source: reasons.most_common(1)[0][0] for source, reasons in why.items()}


def _why(detail: str) -> str:
    """Why a check failed; of one that was not even asked, why those before it did."""
    return _AGAIN.sub(r"\1", detail)


def _failed(coverage: Sequence[Coverage]) -> str:
    """The failed checks, those of one source that failed in the same way together."""
    away = _away(coverage)
    groups: dict[tuple[str, str], list[str]] = {}
    for row in coverage:
        if row.state is State.FAILED:
            known = away.get(row.source)
            groups.setdefault((row.source, known or _why(row.detail)), []).append("" if known else row.check)
    return _some([_group(*of, checks) for of, checks in groups.items()], 4)


def _group(source: str, why: str, checks: Sequence[str]) -> str:
    named = f" {_some(checks, 3)}" if checks[0] else ""
    return product(source) + named + (f" ({why})" if why else "")


def _some(names: Sequence[str], most: int) -> str:
    """The first names, and how many more there are."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")
