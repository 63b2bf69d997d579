"""What may be asked of AWS by the persona or by a click? Each function answers one tool call with evidence.

Arguments come from a model or from a person's command line: everything is checked and bounded here, and
what is refused is a `ConnectorError` of the kind `rejected` that says why.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.cloudwatch import alarms, describing, insights, logs, metrics
from connectors.cloudwatch.client import Aws
from connectors.cloudwatch.measures import Metric, Service
from connectors.cloudwatch.metrics import Range, Wanted
from connectors.cloudwatch.services import SERVICES
from connectors.cloudwatch.states.state import evidence
from connectors.cloudwatch.targets import Target
from connectors.cloudwatch.wording import clock
from connectors.contract import ConnectorError, Inquiry
from connectors.evidence import Evidence, LogPatterns, Observation, Subject
from connectors.patterns import patterns

_LONGEST = timedelta(days=2)
_STATISTICS = re.compile(r"Average|Sum|Minimum|Maximum|SampleCount|p\d{1,2}(\.\d+)?")
_SINCE = re.compile(r"(\d+)\s*([smhd])")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_SHOWN = 20


@dataclass(frozen=True)
class Queries:
    """The tool calls about alarms, metrics and logs."""

    aws: Aws
    insights_deadline: float = 12.0

    async def alarms(self, inquiry: Inquiry, asked: Mapping[str, Any]) -> Observation:
        """Alarms by name, or all that are in ALARM, with their state changes."""
        names = [str(name) for name in _listed(asked.get("names"))]
        if str(asked.get("state") or "ALARM") != "ALARM":
            raise rejected("aws_alarms", "only state ALARM can be listed; name alarms to see them in any state")
        found = await alarms.in_alarm(self.aws, names)
        try:
            history = await alarms.history(self.aws, inquiry.window)
            note = ""
        except ConnectorError as error:
            history, note = [], f"history: {error.brief}"
        region = self.aws.options.region
        shown = [describing.alarm(one, region, found.query, history) for one in found.alarms[:_SHOWN]]
        return Observation(evidence=tuple(shown), searched=f"{len(found.alarms)} alarms ({found.query})", partial=note)

    async def metric(self, inquiry: Inquiry, asked: Mapping[str, Any]) -> Observation:
        """One metric of one resource over time."""
        dimensions = asked.get("dimensions") or {}
        if not isinstance(dimensions, Mapping):
            raise rejected("aws_metric", "dimensions must be an object of names and values")
        statistic = str(asked.get("statistic") or "Average")
        if not _STATISTICS.fullmatch(statistic):
            raise rejected("aws_metric", f"{statistic} is no statistic; one of Average, Sum, Minimum, Maximum, p99 …")
        namespace, name = str(asked.get("namespace") or ""), str(asked.get("metric") or "")
        if not namespace or not name:
            raise rejected("aws_metric", "namespace and metric are needed")
        target = _target(namespace, {str(k): str(v) for k, v in dimensions.items()})
        start, end = times(asked, inquiry)
        wanted = Wanted(target, _metric(target.service, name, statistic))
        period = _period(asked.get("period"), start, end)
        found = await metrics.read(self.aws, [wanted], Range(start, end, period), inquiry.window.onset)
        readings = [reading for group in found for reading in group.by_name.values()]
        region = self.aws.options.region
        shown = [describing.reading(one, Range(start, end, period), region, "aws_metric") for one in readings]
        shown = [one.model_copy(update={"key": f"{one.key}/{statistic}/{clock(start)}"}) for one in shown]
        told = f"{namespace} {name} {dict(target.dimensions)} from {start:%H:%M} to {end:%H:%M}: no data points"
        return Observation(evidence=tuple(shown), searched=told)

    async def list_metrics(self, _: Inquiry, asked: Mapping[str, Any]) -> Observation:
        """Which metrics there are, by namespace, name or dimension."""
        request: dict[str, Any] = {"RecentlyActive": "PT3H"}
        if asked.get("namespace"):
            request["Namespace"] = str(asked["namespace"])
        if asked.get("metric"):
            request["MetricName"] = str(asked["metric"])
        if asked.get("dimensions"):
            request["Dimensions"] = [{"Name": str(k), "Value": str(v)} for k, v in dict(asked["dimensions"]).items()]
        pages = await self.aws.pages("cloudwatch", "ListMetrics", "Metrics", most=2, **request)
        rows = [
            (str(one.get("Namespace")), str(one.get("MetricName")),
             ", ".join(f"{d['Name']}={d['Value']}" for d in one.get("Dimensions") or ()))
            for one in pages.items
        ]  # fmt: skip
        subject = Subject(kind="Metrics", name=str(asked.get("namespace") or "all"))
        text, columns = f"{len(rows)} metrics were active lately", ("namespace", "metric", "dimensions")
        about = evidence("aws_list_metrics", subject, text, f"{text}.", pages.query, rows, columns)
        return Observation(evidence=(about,) if rows else (), searched=pages.query)

    async def log_lines(self, inquiry: Inquiry, asked: Mapping[str, Any]) -> Observation:
        """Lines of a log group as patterns, with the newest examples."""
        group = str(asked.get("log_group") or "")
        if not group:
            raise rejected("aws_logs", "log_group is needed")
        start, end = times(asked, inquiry)
        most = min(int(asked.get("limit") or 1000), 1000)
        found = await logs.lines(self.aws, group, start, end, str(asked.get("pattern") or ""), most)
        body = patterns(found.lines, inquiry.window.onset)
        about = _log_evidence(group, f"{asked.get('pattern', '')}{start}{end}", body, found.query)
        note = "there are more lines than were read" if found.more else ""
        return Observation(evidence=(about,) if found.lines else (), searched=f"{found.query}: no lines", partial=note)

    async def insights(self, inquiry: Inquiry, asked: Mapping[str, Any]) -> Observation:
        """A Logs Insights query."""
        groups = [str(name) for name in _listed(asked.get("log_groups"))][:10]
        try:
            query = insights.guarded(str(asked.get("query") or ""))
        except ValueError as error:
            raise rejected("aws_logs_insights", str(error)) from error
        if not groups:
            raise rejected("aws_logs_insights", "log_groups are needed")
        start, end = times(asked, inquiry)
        table = await insights.run(self.aws, groups, query, start, end, deadline=self.insights_deadline)
        subject = Subject(kind="LogGroup", name=groups[0])
        summary = f"{len(table.rows)} rows out of {table.matched:,} records: {query}"
        about = evidence("aws_logs_insights", subject, f"Logs Insights on {groups[0]}", summary, table.query,
                         table.rows, table.columns, name=query[:200])  # fmt: skip
        about = about.model_copy(update={"untrusted": True})
        return Observation(evidence=(about,) if table.rows else (), searched=f"{query}: no rows")


def _log_evidence(group: str, what: str, body: LogPatterns, query: str) -> Evidence:
    top = body.patterns[0].example[:300] if body.patterns else ""
    about = evidence("aws_logs", Subject(kind="LogGroup", name=group), f"Lines of {group}",
                     f"{body.lines} lines of {group} in {len(body.patterns) + body.omitted} patterns; first: {top}",
                     query, name=what)  # fmt: skip
    return about.model_copy(update={"body": body, "untrusted": True})


def rejected(tool: str, detail: str) -> ConnectorError:
    """The error for arguments that are not let through."""
    return ConnectorError("rejected", tool, detail)


def times(asked: Mapping[str, Any], inquiry: Inquiry) -> tuple[datetime, datetime]:
    """The range asked for: `start`/`end`, `since` (`90m`) or `minutes`, else the window; two days at most."""
    end = _time(asked.get("end")) or inquiry.window.end
    back = _duration(asked.get("since")) or timedelta(minutes=float(asked.get("minutes") or 0))
    start = _time(asked.get("start")) or (end - back if back else inquiry.window.start)
    if start >= end:
        raise rejected("time range", f"the range from {start} to {end} is empty")
    return max(start, end - _LONGEST), end


def _time(value: Any) -> datetime | None:
    """ISO 8601, unix seconds or unix milliseconds as UTC."""
    if value in (None, ""):
        return None
    text = str(value)
    try:
        if re.fullmatch(r"\d{10}(\d{3})?", text):
            return datetime.fromtimestamp(int(text) / (1000 if len(text) == 13 else 1), UTC)
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise rejected("time range", f"{text} is no time; use ISO 8601 or unix seconds") from error
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _duration(value: Any) -> timedelta | None:
    if value in (None, ""):
        return None
    found = _SINCE.fullmatch(str(value).strip())
    if not found:
        raise rejected("time range", f"{value} is no duration; use 15m, 2h or 1d")
    return timedelta(seconds=int(found.group(1)) * _UNITS[found.group(2)])


def _listed(value: Any) -> Sequence[Any]:
    if value is None:
        return ()
    return value if isinstance(value, (list, tuple)) else [value]


def _period(value: Any, start: datetime, end: datetime) -> int:
    least = max(60, int((end - start).total_seconds() / 1400) // 60 * 60 + 60)
    wished = int(value) if str(value or "").isdigit() else 60
    return max(60, wished // 60 * 60, least if (end - start) > timedelta(hours=20) else 60)


def _target(namespace: str, dimensions: Mapping[str, str]) -> Target:
    """The resource these dimensions name; one we have no row for is named by its first dimension."""
    known = next((s for s in SERVICES if s.namespace == namespace and set(s.dimensions) == dimensions.keys()), None)
    service = known or Service("other", namespace, "Metric", tuple(dimensions) or ("",), ())
    return Target(service, tuple((name, dimensions.get(name, namespace)) for name in service.dimensions if name))


def _metric(service: Service, name: str, statistic: str) -> Metric:
    known = next((metric for metric in service.metrics if metric.name == name), None)
    return known._replace(stat=statistic) if known else Metric(name, statistic, "", "state", "")
