"""Which read-only queries may the persona call? Names, descriptions for a model, and the arguments' schemas."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple

from connectors.cloudwatch.argv import answering
from connectors.cloudwatch.client import Aws
from connectors.cloudwatch.describe_queries import KINDS, SOURCES, Descriptions
from connectors.cloudwatch.queries import Queries
from connectors.contract import Inquiry, Tool
from connectors.evidence import Observation

Run = Callable[[Inquiry, Mapping[str, Any]], Awaitable[Observation]]


class _Row(NamedTuple):
    name: str
    description: str
    run: Run
    properties: Mapping[str, Any]
    required: tuple[str, ...] = ()


def _text(what: str) -> dict[str, Any]:
    return {"type": "string", "description": what}


_RANGE: dict[str, Any] = {
    "start": _text("ISO 8601, UTC"),
    "end": {"type": "string"},
    "since": _text("15m, 2h"),
}


def tools(aws: Aws) -> Sequence[Tool]:
    """The tools of one account and region."""
    return [
        Tool(
            name=row.name,
            description=row.description,
            schema={
                "type": "object",
                "properties": dict(row.properties),
                "required": list(row.required),
                "additionalProperties": False,
            },
            run=row.run,
            argv=answering(row.name, aws.options.region),
        )
        for row in _rows(Queries(aws), Descriptions(aws))
    ]


def _rows(queries: Queries, descriptions: Descriptions) -> tuple[_Row, ...]:
    names = {"type": "array", "items": {"type": "string"}}
    dimensions = {
        "type": "object",
        "additionalProperties": {"type": "string"},
        "description": "name to value",
    }
    return (
        _Row("aws_alarms", "Alarms in ALARM, or named ones in any state, with history.",
             queries.alarms, {"names": names, "state": {"type": "string", "enum": ["ALARM"]}}),
        _Row("aws_metric", "A CloudWatch metric over time; needs all its dimensions.",
             queries.metric,
             {"namespace": {"type": "string"}, "metric": {"type": "string"}, "dimensions": dimensions,
              "statistic": _text("Average, p99"),
              "period": {"type": "string", "pattern": r"^\d+$", "description": "seconds"}}
             | _RANGE,
             ("namespace", "metric")),
        _Row("aws_list_metrics", "Metrics of the last three hours.", queries.list_metrics,
             {"namespace": {"type": "string"}, "metric": {"type": "string"}, "dimensions": dimensions}),
        _Row("aws_logs", "A log group as patterns of lines before and after the onset.",
             queries.log_lines,
             {"log_group": {"type": "string"}, "pattern": _text("a filter of CloudWatch Logs"),
              "limit": {"type": "string", "pattern": r"^\d+$"}} | _RANGE,
             ("log_group",)),
        _Row("aws_logs_insights",
             "A Logs Insights query; takes seconds.",
             queries.insights,
             {"log_groups": names, "query": {"type": "string"}}
             | _RANGE,
             ("log_groups", "query")),
        _Row("aws_events", "What AWS reports about a resource; CloudTrail's write calls.",
             descriptions.events,
             {"source": {"type": "string", "enum": list(SOURCES)}, "name": {"type": "string"},
              "minutes": {"type": "string", "pattern": r"^\d+$"}} | _RANGE,
             ("source", "name")),
        _Row("aws_describe", "One AWS resource: status, deployments, health, limits.",
             descriptions.describe,
             {"kind": {"type": "string", "enum": list(KINDS)}, "name": {"type": "string"},
              "cluster": _text("of ECS")},
             ("kind", "name")),
    )  # fmt: skip
