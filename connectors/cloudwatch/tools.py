"""Which read-only queries may the persona call? Names, descriptions for a model, and the arguments' schemas."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple

from connectors.cloudwatch.argv import answering
from connectors.cloudwatch.client import Aws
from connectors.cloudwatch.describe_queries import KINDS, SOURCES, Descriptions
from connectors.cloudwatch.insights import STAGES
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
    "start": _text("ISO 8601 time (UTC); default: the incident's window"),
    "end": _text("ISO 8601 time (UTC)"),
    "since": _text("instead of start: 15m, 2h, 1d before the end"),
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
        "description": 'CloudWatch dimensions, e.g. {"DBInstanceIdentifier": "orders"}',
    }
    return (
        _Row("aws_alarms", "CloudWatch alarms that are in ALARM, or the named ones in any state, with their history.",
             queries.alarms, {"names": names, "state": {"type": "string", "enum": ["ALARM"]}}),
        _Row("aws_metric", "One CloudWatch metric of one resource over time. All its dimensions must be given.",
             queries.metric,
             {"namespace": _text("e.g. AWS/RDS"), "metric": _text("e.g. CPUUtilization"), "dimensions": dimensions,
              "statistic": _text("Average, Sum, Minimum, Maximum, SampleCount or a percentile such as p99"),
              "period": {"type": "string", "pattern": r"^\d+$", "description": "seconds between points, from 60 on"}}
             | _RANGE,
             ("namespace", "metric")),
        _Row("aws_list_metrics", "Which CloudWatch metrics were active in the last three hours.", queries.list_metrics,
             {"namespace": _text("e.g. AWS/SQS"), "metric": _text("metric name"), "dimensions": dimensions}),
        _Row("aws_logs", "Lines of a CloudWatch log group, as patterns counted before and after the onset.",
             queries.log_lines,
             {"log_group": _text("its full name"), "pattern": _text('filter pattern, e.g. ?ERROR ?"timed out"'),
              "limit": {"type": "string", "pattern": r"^\d+$", "description": "lines, at most 1000"}} | _RANGE,
             ("log_group",)),
        _Row("aws_logs_insights",
             f"A CloudWatch Logs Insights query. Stages allowed: {', '.join(sorted(STAGES))}. Takes seconds.",
             queries.insights,
             {"log_groups": names, "query": _text("fields @timestamp, @message | filter @message like /x/ | limit 20")}
             | _RANGE,
             ("log_groups", "query")),
        _Row("aws_events", "What AWS reports about a resource: RDS events, CloudFormation stack events, Auto Scaling "
             "activities, or CloudTrail write calls that name it.",
             descriptions.events,
             {"source": {"type": "string", "enum": list(SOURCES)}, "name": _text("the resource's name"),
              "minutes": {"type": "string", "pattern": r"^\d+$", "description": "how far back"}} | _RANGE,
             ("source", "name")),
        _Row("aws_describe", "The state of one AWS resource: status, deployments, health of targets, add-ons, limits.",
             descriptions.describe,
             {"kind": {"type": "string", "enum": list(KINDS)}, "name": _text("the resource's name or id"),
              "cluster": _text("for ecs-service: its cluster")},
             ("kind", "name")),
    )  # fmt: skip
