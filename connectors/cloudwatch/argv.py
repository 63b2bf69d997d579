"""Which tool call answers this `aws` command? So that a suggested check runs here and never in a shell.

One row per command: the flags it may carry and the tool's argument that each becomes. A flag that is
not in the row means something this connector would not do, so the command is not answered at all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

Flags = Mapping[str, tuple[str, ...]]
_IGNORED = frozenset(
    {"--output", "--no-cli-pager", "--query", "--max-items", "--no-paginate", "--color", "--no-cli-auto-prompt"}
)
"""Flags that only change how an answer looks."""
_SWITCHES = frozenset(
    {"--no-cli-pager", "--no-paginate", "--no-cli-auto-prompt", "--follow", "--include-all-instances"}
)


class Form(NamedTuple):
    """One command. `flags` maps what it may carry to our arguments; `fixed` are arguments it always means."""

    service: str
    operation: str
    tool: str
    flags: Mapping[str, str]
    fixed: Mapping[str, Any] = {}
    required: tuple[str, ...] = ()
    position: str = ""
    """The argument that is given without a flag (`aws logs tail GROUP`)."""
    where: Mapping[str, str] = {}
    """Flags whose values tell this form from the next one of the same command."""


_TIMES = {"--start-time": "start", "--end-time": "end"}
_EVENT_FLAGS = {"--source-identifier": "name", "--source-type": "", "--duration": "minutes", **_TIMES}

FORMS: tuple[Form, ...] = (
    Form("cloudwatch", "describe-alarms", "aws_alarms", {"--alarm-names": "names", "--state-value": "state"}),
    Form("cloudwatch", "describe-alarm-history", "aws_alarms",
         {"--alarm-name": "names", "--history-item-type": "", "--start-date": "", "--end-date": ""},
         required=("names",)),
    Form("cloudwatch", "get-metric-statistics", "aws_metric",
         {"--namespace": "namespace", "--metric-name": "metric", "--dimensions": "dimensions", "--period": "period",
          "--statistics": "statistic", "--extended-statistics": "statistic", "--unit": "", **_TIMES},
         required=("namespace", "metric")),
    Form("cloudwatch", "list-metrics", "aws_list_metrics",
         {"--namespace": "namespace", "--metric-name": "metric", "--dimensions": "dimensions",
          "--recently-active": ""}),
    Form("logs", "filter-log-events", "aws_logs",
         {"--log-group-name": "log_group", "--filter-pattern": "pattern", "--limit": "limit", **_TIMES},
         required=("log_group",)),
    Form("logs", "tail", "aws_logs", {"--since": "since", "--filter-pattern": "pattern", "--format": ""},
         required=("log_group",), position="log_group"),
    Form("logs", "start-query", "aws_logs_insights",
         {"--log-group-name": "log_groups", "--log-group-names": "log_groups", "--query-string": "query", "--limit": "",
          **_TIMES}, required=("log_groups", "query")),
    Form("rds", "describe-events", "aws_events", _EVENT_FLAGS, {"source": "rds-cluster"}, ("name",),
         where={"--source-type": "db-cluster"}),
    Form("elasticache", "describe-events", "aws_events", _EVENT_FLAGS, {"source": "elasticache"}, ("name",),
         where={"--source-type": "cache-cluster"}),
    Form("rds", "describe-events", "aws_events", _EVENT_FLAGS, {"source": "rds"}, ("name",)),
    Form("cloudformation", "describe-stack-events", "aws_events", {"--stack-name": "name"},
         {"source": "cloudformation"}, ("name",)),
    Form("autoscaling", "describe-scaling-activities", "aws_events", {"--auto-scaling-group-name": "name"},
         {"source": "autoscaling"}, ("name",)),
    Form("rds", "describe-db-instances", "aws_describe", {"--db-instance-identifier": "name"}, {"kind": "database"},
         ("name",)),
    Form("ecs", "describe-services", "aws_describe", {"--cluster": "cluster", "--services": "name", "--include": ""},
         {"kind": "ecs-service"}, ("name", "cluster")),
    Form("eks", "describe-cluster", "aws_describe", {"--name": "name"}, {"kind": "eks-cluster"}, ("name",)),
    Form("lambda", "get-function-configuration", "aws_describe", {"--function-name": "name"}, {"kind": "function"},
         ("name",)),
    Form("dynamodb", "describe-table", "aws_describe", {"--table-name": "name"}, {"kind": "table"}, ("name",)),
    Form("ec2", "describe-instance-status", "aws_describe", {"--instance-ids": "name"}, {"kind": "instance"},
         ("name",)),
    Form("ec2", "describe-volume-status", "aws_describe", {"--volume-ids": "name"}, {"kind": "volume"}, ("name",)),
    Form("ec2", "describe-nat-gateways", "aws_describe", {"--nat-gateway-ids": "name"}, {"kind": "nat-gateway"},
         ("name",)),
    Form("elbv2", "describe-target-health", "aws_describe", {"--target-group-arn": "name"}, {"kind": "target-group"},
         ("name",)),
    Form("elbv2", "describe-target-groups", "aws_describe", {"--names": "name"}, {"kind": "target-group"}, ("name",)),
    Form("elbv2", "describe-load-balancers", "aws_describe", {"--names": "name"}, {"kind": "load-balancer"}, ("name",)),
    Form("sqs", "get-queue-url", "aws_describe", {"--queue-name": "name"}, {"kind": "queue"}, ("name",)),
    Form("cloudfront", "get-distribution", "aws_describe", {"--id": "name"}, {"kind": "distribution"}, ("name",)),
    Form("kinesis", "describe-stream-summary", "aws_describe", {"--stream-name": "name"}, {"kind": "stream"},
         ("name",)),
    Form("kafka", "list-clusters-v2", "aws_describe", {"--cluster-name-filter": "name"}, {"kind": "kafka-cluster"},
         ("name",)),
    Form("events", "describe-rule", "aws_describe", {"--name": "name"}, {"kind": "rule"}, ("name",)),
    Form("stepfunctions", "list-executions", "aws_describe", {"--state-machine-arn": "name", "--status-filter": ""},
         {"kind": "workflow"}, ("name",)),
    Form("opensearch", "describe-domain", "aws_describe", {"--domain-name": "name"}, {"kind": "search-domain"},
         ("name",)),
    Form("efs", "describe-file-systems", "aws_describe", {"--file-system-id": "name"}, {"kind": "file-system"},
         ("name",)),
    Form("acm", "describe-certificate", "aws_describe", {"--certificate-arn": "name"}, {"kind": "certificate"},
         ("name",)),
    Form("route53", "get-health-check-status", "aws_describe", {"--health-check-id": "name"}, {"kind": "health-check"},
         ("name",)),
)  # fmt: skip
_LISTS = frozenset({"names", "log_groups"})
_MANY = re.compile(r"[\s,]+")


def answering(tool: str, region: str) -> Callable[[Sequence[str]], Mapping[str, Any] | None]:
    """The function that tells whether `tool` answers a command, for an account's region."""

    def arguments(argv: Sequence[str]) -> Mapping[str, Any] | None:
        return arguments_for(tool, argv, region)

    return arguments


def arguments_for(tool: str, argv: Sequence[str], region: str = "") -> Mapping[str, Any] | None:
    """The tool's arguments for a command, None where the tool does not answer it."""
    split = _split(argv)
    if split is None:
        return None
    words, flags = split
    asked = flags.pop("--region", (region,))
    if len(words) < 2 or (asked[0] and region and asked[0] != region):
        return None
    form = next((form for form in FORMS if form.tool == tool and _meant(form, words, flags)), None)
    return _arguments(form, words[2:], flags) if form else None


def _meant(form: Form, words: Sequence[str], flags: Flags) -> bool:
    same = (form.service, form.operation) == (words[0], words[1])
    return same and all(flags.get(flag) == (value,) for flag, value in form.where.items())


def _split(argv: Sequence[str]) -> tuple[list[str], dict[str, tuple[str, ...]]] | None:
    """Words and flags of a command that begins with `aws`."""
    if not argv or argv[0] != "aws":
        return None
    words: list[str] = []
    flags: dict[str, tuple[str, ...]] = {}
    current = ""
    for part in argv[1:]:
        if part.startswith("--"):
            current, _, value = part.partition("=")
            flags[current] = (value,) if value else ()
            current = "" if current in _SWITCHES or value else current
        elif current and (not flags[current] or len(words) >= 2):
            flags[current] = (*flags[current], part)
        else:
            words.append(part)
    return words, {name: values for name, values in flags.items() if name not in _IGNORED}


def _arguments(form: Form, rest: Sequence[str], flags: dict[str, tuple[str, ...]]) -> Mapping[str, Any] | None:
    flags.pop("--include-all-instances", None)
    if any(name not in form.flags for name in flags) or len(rest) > (1 if form.position else 0):
        return None
    found: dict[str, Any] = dict(form.fixed)
    if form.position and rest:
        found[form.position] = rest[0]
    for flag, values in flags.items():
        argument = form.flags[flag]
        if argument:
            found[argument] = _value(argument, values)
    return found if all(found.get(name) for name in form.required) else None


def _written_as_json(value: str) -> Mapping[str, str]:
    """Dimensions whose names have blanks are written as JSON."""
    try:
        return {str(pair["Name"]): str(pair["Value"]) for pair in json.loads(value)}
    except (ValueError, TypeError, KeyError):
        return {}


def _value(argument: str, values: tuple[str, ...]) -> Any:
    if argument == "dimensions" and values[:1] and values[0].startswith("["):
        return _written_as_json(values[0])
    if argument == "dimensions":
        pairs = (dict(item.split("=", 1) for item in value.split(",") if "=" in item) for value in values)
        return {pair.get("Name", ""): pair.get("Value", "") for pair in pairs}
    if argument in _LISTS:
        return [one for value in values for one in _MANY.split(value) if one]
    return " ".join(values)
