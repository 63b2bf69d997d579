"""Which words, colours and bars stand for a state? One table, for every surface.

The words are those an on-call reads at 3 a.m.: what is wrong or what is being done, never an internal name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from chatops.domain.alert import Alert
from chatops.domain.diagnosis import Diagnosis, Hypothesis, SeenBefore, Usage, Verdict
from chatops.domain.incident import Incident, Status
from connectors.causes import BY_CODE
from connectors.evidence import Change


class Look(NamedTuple):
    """How a state looks: a mark that is its colour, the colour as a number, and a word."""

    mark: str
    color: str
    word: str


_STATUS: dict[Status, Look] = {
    "open": Look("🔎", "#2b6cb0", "Looking into it"),
    "investigating": Look("🔎", "#2b6cb0", "Investigating"),
    "answered": Look("🟠", "#d9822b", "Open"),
    "failed": Look("❗", "#8a6d3b", "Could not finish"),
    "stopped": Look("🛑", "#6b7280", "Stopped"),
    "resolved": Look("🟢", "#2f855a", "Resolved"),
}
_ELSEWHERE = Look("🔗", "#6b7280", "Told in another thread")
_VERDICT: dict[Verdict, Look] = {
    "identified": Look("🔴", "#c53030", "Cause found"),
    "probable": Look("🟠", "#d9822b", "Probable cause"),
    "inconclusive": Look("🟡", "#b7791f", "Not clear yet"),
    "healthy": Look("🟢", "#2f855a", "Nothing wrong found"),
    "blocked": Look("⚪", "#6b7280", "Could not look"),
}


def look(incident: Incident, diagnosis: Diagnosis | None) -> Look:
    """The incident's look: its verdict once it is answered, its state before and after."""
    if incident.joined_to and incident.status != "resolved":
        return _ELSEWHERE
    if incident.status == "answered" and diagnosis is not None:
        return _VERDICT[diagnosis.verdict]
    return _STATUS[incident.status]


_CITED = re.compile(r"\s*[(\[](?:\d+\s?%)?(?:(?:,\s*|\s+|\b)E\d+)*[)\]]")
_NOT_READ = re.compile(r"\s*Not read: .*\Z", re.DOTALL)
_SENTENCE = re.compile(r"(?<=: )(?:The|No|A|An|Its?|Another|Nothing)(?= )")


def answer(diagnosis: Diagnosis) -> str:
    """The summary as one would say it aloud: no citations and figures (they stand below), no kind where a name will do.

    What was not read stands in the coverage; that something was not is part of the answer only where there is none.
    """
    said = _CITED.sub("", diagnosis.summary)
    for hypothesis in diagnosis.hypotheses:  # a model writes it as it was told it
        said = said.replace(str(hypothesis.subject), hypothesis.subject.spoken)
    found = diagnosis.verdict in ("identified", "probable")
    said = _NOT_READ.sub("" if found else " Not everything could be read", said)
    return _SENTENCE.sub(lambda found: found[0].lower(), said).strip().removesuffix(".")


def headline(incident: Incident, diagnosis: Diagnosis | None) -> str:
    """The first line: the answer where there is one, the state where there is none."""
    known = answer(diagnosis) if diagnosis else ""
    if incident.joined_to and incident.status != "resolved":
        return f"{look(incident, diagnosis).mark} Part of another incident: {incident.title}"
    found = diagnosis is not None and diagnosis.verdict in ("identified", "probable")
    unclear = diagnosis is not None and diagnosis.verdict in ("inconclusive", "blocked")
    going = known if found else f"Looking into: {incident.title}" + (f". So far: {known}" if known else "")
    said = {
        "open": going,
        "investigating": going,
        "answered": f"{incident.title}. {known}" if unclear and incident.alerts else known or incident.title,
        "failed": f"I could not finish: {incident.title}" + (f". So far: {known}" if known else ""),
        "stopped": f"Stopped. So far: {known}" if known else f"Stopped before there was an answer: {incident.title}",
        "resolved": _resolved(incident, known if found else ""),
    }[incident.status]
    if incident.status == "answered" and diagnosis and diagnosis.verdict == "healthy" and incident.firing:
        said += f", though {incident.firing[0].name} fires"
    return f"{look(incident, diagnosis).mark} {said}"


def _resolved(incident: Incident, known: str) -> str:
    if incident.resolution:
        return f"Resolved: {incident.resolution}"
    return f"Resolved. It was: {known}" if known else f"Resolved: {incident.title}"


def bar(confidence: float, width: int = 10) -> str:
    """A confidence as a bar and a figure (`████████░░ 80%`)."""
    full = int(confidence * width + 1e-9)
    return "█" * full + "░" * (width - full) + f" {confidence:.0%}"


def unit(of: str) -> str:
    """What stands behind a figure of such a unit: `87%`, but `64 MiB`."""
    return of if of in ("", "%") else f" {of}"


def span(length: timedelta) -> str:
    """A length of time in the two units a person would say."""
    seconds = max(int(length.total_seconds()), 0)
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min"
    if seconds < 86_400:
        return f"{seconds // 3600} h {seconds % 3600 // 60} min"
    return f"{seconds // 86_400} d {seconds % 86_400 // 3600} h"


def clock(at: datetime) -> str:
    """A time of day in UTC."""
    return f"{at:%H:%M} UTC"


def age(incident: Incident, now: datetime) -> str:
    """Since when it is going on, or how long it took."""
    begun = min((alert.starts_at for alert in incident.alerts), default=incident.window.onset or incident.created_at)
    if incident.resolved_at:
        return f"{clock(begun)} – {clock(incident.resolved_at)} ({span(incident.resolved_at - begun)})"
    if incident.alerts or incident.window.onset:
        return f"since {clock(begun)} ({span(now - begun)})"
    return f"asked {clock(begun)}"


def where(incident: Incident) -> str:
    """The scope in one line, the widest first."""
    scope = incident.scope
    place = "/".join(part for part in (scope.namespace, scope.workload or scope.service) if part)
    environment = "" if scope.environment == "default" else scope.environment
    parts = (environment, scope.cluster, place, scope.pod, scope.node, scope.account, scope.region)
    return " · ".join(dict.fromkeys(part for part in parts if part))


_SERVICE_LABELS = ("deployment", "statefulset", "daemonset", "workload", "service", "app", "node")


def alerts(count: int, known: Sequence[Alert]) -> str:
    """How many alerts fire, and in how many services (`37 alerts in 6 services`)."""
    named = [next((alert.labels[one] for one in _SERVICE_LABELS if alert.labels.get(one)), "") for alert in known]
    services = len({name for name in named if name})
    return f"{count} alert{'s' * (count != 1)}" + (f" in {services} services" if services > 1 else "")


def more_alerts(incident: Incident, shown: int) -> str:
    """How many alerts fire beside those that are shown (`+37 alerts in 6 services`)."""
    more = len(incident.firing) - shown + incident.more_alerts
    return f"+{alerts(more, incident.firing)}" if more > 0 else ""


def waiting(incident: Incident) -> str:
    """Why nothing is being looked into just now, where that needs saying."""
    return incident.held if incident.status in ("open", "stopped", "answered") else ""


def difference(change: Change) -> str:
    """What a change was, with from and to where its own words do not say them already."""
    said = change.before in change.what and change.after in change.what
    return change.what if said else f"{change.what} ({change.before or 'nothing'} → {change.after or 'nothing'})"


def engine(diagnosis: Diagnosis, *, going: bool = False) -> str:
    """Who diagnosed, how long it took and what it cost; `going`: a model may still be asked."""
    by = diagnosis.engine
    turns = "1 turn" if by.turns == 1 else f"{by.turns} turns"
    cost = f" · ${by.usage.cost_usd:.2f}" if by.usage.cost_usd else ""
    lost = f"{len(by.removed)} claim{'s'[: len(by.removed) != 1]}"
    checked = f"checked by rules: {lost} left out or marked as unverified" if by.removed else "checked by rules"
    told = f"By {by.model or 'a model'} in {turns}, {checked} · {by.seconds.total:.0f} s{cost}"
    if by.kind == "rules":
        without = f", {by.model} gave no answer" if by.model else "" if by.unasked else ", no model"
        told = f"By rules{' so far' if going else without} · {by.seconds.total:.1f} s"
    return f"{told}. {by.unasked}" if by.unasked else told


def spent(usage: Usage) -> str:
    """What a model used, every token that went in counted, and what that costs."""
    cached = f" ({usage.cache_read_input_tokens:,} from cache)" if usage.cache_read_input_tokens else ""
    return f"{usage.all_input:,} tokens in{cached}, {usage.output_tokens:,} out · ${usage.cost_usd:.3f}"


def live(hypotheses: Sequence[Hypothesis]) -> list[Hypothesis]:
    """The hypotheses that still stand, best first."""
    return sorted((h for h in hypotheses if h.status != "ruled out"), key=lambda h: h.rank)


WEAK, SURE = 0.2, 0.6


def worth_reading(hypotheses: Sequence[Hypothesis]) -> list[Hypothesis]:
    """Those that still stand, best first, without the unlikely ones where the best is likely."""
    standing = live(hypotheses)
    if not standing or standing[0].confidence < SURE:
        return standing
    return [h for h in standing if h is standing[0] or h.confidence >= WEAK]


def less_likely(rest: Sequence[Hypothesis]) -> str:
    """How many causes are not shown, and how likely the best of them is."""
    ones = "1 less likely cause" if len(rest) == 1 else f"{len(rest)} less likely causes"
    return f"{ones} (at most {rest[0].confidence:.0%})"


def usual_fix(hypothesis: Hypothesis) -> str:
    """What usually ends such a fault, where the cause is likely: for a person to decide."""
    row = BY_CODE.get(hypothesis.cause)
    return row.next_step if row is not None and hypothesis.confidence >= SURE else ""


STATUS_WORD = {
    "open": "",
    "strengthened": "stronger",
    "weakened": "weaker",
    "confirmed": "confirmed",
    "ruled out": "ruled out",
}
"""What is said beside a hypothesis that has moved."""


def ended(one: SeenBefore) -> str:
    """What an earlier incident was, what fixed it, and what differs from the one that is looked at."""
    title = BY_CODE[one.cause].title if one.cause in BY_CODE else one.cause
    on = f" on {one.at:%Y-%m-%d}" if one.at else ""
    fix = f"what fixed it: {one.resolution}" if one.resolution else "no fix noted"
    differs = f". Differs: {one.differs}" if one.differs else ""
    return f"{title}, confirmed by a person{on}; {fix}{differs}"
