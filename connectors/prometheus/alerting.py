"""What the alerts say: the expression behind the alert over time, and everything else that fires."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from connectors import changes
from connectors.contract import ConnectorError, FiringAlert
from connectors.evidence import Evidence, Observation, ResourceState
from connectors.prometheus import promql, samples
from connectors.prometheus.samples import Stream
from connectors.prometheus.survey import Survey

_IDENTITY = (
    "namespace",
    "service",
    "deployment",
    "statefulset",
    "pod",
    "node",
    "instance",
    "job",
    "container",
    "persistentvolumeclaim",
)
_MOST_ALERTS = 2
_SHOWN = 5


class Rule(NamedTuple):
    """An alerting rule as far as it is known: `waits` is its `for:`, in seconds."""

    name: str
    expression: str
    waits: float = 0.0
    found_in: str = ""


async def expressions(survey: Survey) -> Observation:
    """The alert's own expression over the window: the value, the threshold, since when, for which labels."""
    distinct = {a.name: a for a in survey.inquiry.alerts if a.name}
    if not distinct:
        return Observation(searched="no alert came with the inquiry")
    rules, problem = await _rules(survey)
    evidence: list[Evidence] = []
    missing: list[str] = []
    for alert in list(distinct.values())[:_MOST_ALERTS]:
        rule = _rule_of(alert, rules)
        if rule is None:
            missing.append(f"{alert.name}: no rule of this name here and no expression in its link")
            continue
        try:
            evidence += [await _evaluated(survey, alert, rule)]
        except ConnectorError as error:
            missing.append(f"{alert.name}: {error.detail} ({error.query})")
    return Observation(
        evidence=tuple(evidence),
        searched="" if evidence else "; ".join(missing),
        partial="; ".join([*problem, *missing]) if evidence else "; ".join(problem),
    )


async def firing(survey: Survey) -> Observation:
    """Everything that fires in the scope's Prometheus, grouped by alert, with its onset."""
    if "ALERTS" not in await survey.names():
        return Observation(searched="ALERTS has no samples: no rule fired in the window")
    reading = await survey.whole('ALERTS{alertstate="firing"}')
    if not reading.streams:
        return Observation(searched=f"nothing fired: {reading.query}")
    groups: dict[str, list[Stream]] = {}
    for stream in reading.streams:
        groups.setdefault(stream.labels.get("alertname", ""), []).append(stream)
    order = sorted(groups.items(), key=lambda item: min(s.points[0][0] for s in item[1]))
    rows = tuple(_row(name, found, survey) for name, found in order)
    first = min(s.points[0][0] for s in reading.streams)
    item = Evidence(
        key="prometheus/alerts",
        source="prometheus",
        check="firing_alerts",
        title=f"{len(groups)} alerts fired",
        summary="; ".join(f"{r[0]} ({r[1]}) for {r[2]}" for r in rows[:4]) + ".",
        onset=datetime.fromtimestamp(first, UTC),
        query=reading.query,
        link=survey.client.link('ALERTS{alertstate="firing"}', *survey.focus),
        body=ResourceState(
            columns=("alert", "series", "about", "first", "last", "severity"),
            rows=rows[:20],
            omitted=max(0, len(rows) - 20),
        ),
    )
    return Observation(evidence=(item,), partial="; ".join(reading.warnings))


async def rules_named(survey: Survey, name: str) -> Sequence[Rule]:
    """The alerting rules of this name, whatever their case."""
    rules, problem = await _rules(survey)
    if problem:
        raise ConnectorError("rejected", "rules", problem[0])
    return [r for r in rules if r.name.lower() == name.lower()]


async def _rules(survey: Survey) -> tuple[list[Rule], list[str]]:
    """All alerting rules; a server without them (VictoriaMetrics, a proxy) is a remark and no failure."""

    async def ask() -> list[Rule]:
        answer = await survey.client.rules()
        return list(_read_rules(answer.data))

    try:
        return await survey.once("rules", ask), []
    except ConnectorError as error:
        return [], [f"rules could not be read ({error.brief})"]


def _read_rules(data: Any) -> Iterable[Rule]:
    try:
        for group in data["groups"]:
            for rule in group["rules"]:
                if rule.get("type", "alerting") == "alerting":
                    yield Rule(
                        str(rule["name"]),
                        str(rule["query"]),
                        float(rule.get("duration") or 0),
                        f"{group.get('file', '')} {group.get('name', '')}".strip(),
                    )
    except (KeyError, TypeError, ValueError) as wrong:
        raise ConnectorError("garbage", "rules", "the answer is no list of rule groups") from wrong


def _rule_of(alert: FiringAlert, rules: Sequence[Rule]) -> Rule | None:
    """The rule of this alert; of several with one name the one that its link carries."""
    linked = promql.from_link(alert.generator_url)
    named = [r for r in rules if r.name == alert.name]
    exact = [r for r in named if linked and "".join(r.expression.split()) == "".join(linked.split())]
    return next(iter(exact or named), None) or (
        Rule(alert.name, linked, found_in="the alert's link") if linked else None
    )


async def _evaluated(survey: Survey, alert: FiringAlert, rule: Rule) -> Evidence:
    """The measured side of the rule over time, where it compares with a number; else what the rule yields."""
    limit = promql.threshold(rule.expression)
    reading = await survey.over_time(limit.expression if limit else rule.expression)
    own = [s for s in reading.streams if _fits(s.labels, alert.labels)] or list(reading.streams)
    shifts = [(s, changes.shift(s.points, survey.claimed)) for s in own]
    ranked = sorted(shifts, key=lambda pair: -(pair[1].score if pair[1] else 0.0))
    bodies = [
        samples.series(_label(s.labels) or rule.name, s, "", shift, limit.limit if limit else None)
        for s, shift in ranked[:_SHOWN]
    ]
    crossed = min((t for s in own if (t := _crossed(s, limit)) is not None), default=None)
    return Evidence(
        key=f"prometheus/alert/{rule.name}",
        source="prometheus",
        check="alert_expression",
        title=f"{rule.name}: its expression over time",
        summary=_summary(rule, limit, ranked, crossed),
        onset=datetime.fromtimestamp(crossed, UTC) if crossed else None,
        query=reading.query,
        link=survey.client.link(rule.expression, *survey.focus),
        body=samples.together(bodies, max(0, len(own) - _SHOWN)) if bodies else None,
    )


def _summary(
    rule: Rule,
    limit: promql.Threshold | None,
    ranked: Sequence[tuple[Stream, changes.Shift | None]],
    crossed: float | None,
) -> str:
    told = f"{rule.expression.strip()}" + (f" for {rule.waits:g} s" if rule.waits else "")
    if not ranked:
        return f"`{told}` yields no series in this range."
    stream, shift = ranked[0]
    level = (
        f"from {samples.said(shift.before)} to {samples.said(shift.after)}"
        if shift
        else f"last {samples.said(stream.points[-1][1])}"
    )
    against = f", threshold {limit.operator} {samples.said(limit.limit)}" if limit else ""
    since = f", crossed at {datetime.fromtimestamp(crossed, UTC):%H:%M:%S} UTC" if crossed else ""
    who = f" ({_label(stream.labels)})" if _label(stream.labels) else ""
    return f"`{told}`: {level}{who}{against}{since}; {len(ranked)} series."


def _crossed(stream: Stream, limit: promql.Threshold | None) -> float | None:
    """When the series first satisfied the comparison; for rules without one, when the rule first yielded it."""
    if limit is None:
        return stream.points[0][0]
    compare = _COMPARE[limit.operator]
    return next((t for t, v in stream.points if compare(v, limit.limit)), None)


_COMPARE: Mapping[str, Any] = {
    ">": float.__gt__,
    "<": float.__lt__,
    ">=": float.__ge__,
    "<=": float.__le__,
    "==": float.__eq__,
    "!=": float.__ne__,
}


def _fits(labels: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    return all(wanted.get(k, v) == v for k, v in labels.items() if k != "__name__")


def _row(name: str, found: Sequence[Stream], survey: Survey) -> tuple[str, ...]:
    about = ", ".join(dict.fromkeys(_label(s.labels) for s in found[:5]))
    first, last = min(s.points[0][0] for s in found), max(s.points[-1][0] for s in found)
    now = survey.inquiry.window.end.timestamp() - last <= 2 * survey.step + 60
    return (
        name,
        str(len(found)),
        about,
        _clock(first),
        "firing" if now else _clock(last),
        found[0].labels.get("severity", ""),
    )


def _label(labels: Mapping[str, str]) -> str:
    return "/".join(labels[k] for k in _IDENTITY if labels.get(k))


def _clock(t: float) -> str:
    return datetime.fromtimestamp(t, UTC).strftime("%H:%M:%S")
