"""What of AWS is reachable and permitted? Dry reads for `doctor`, one per permission that a check rests on.

A read of something that does not exist tells a permission as well as one of something that does: AWS
looks at the permission first. So nothing has to be known of the account.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from connectors.cloudwatch.access import ACTIONS, iam_action
from connectors.cloudwatch.client import Aws
from connectors.contract import ConnectorError, Health
from connectors.together import outcomes

_NOBODY = "chatops-doctor-asks"


class Probe(NamedTuple):
    """One dry read. `params` may hold `NOW` and `BEFORE` for times."""

    service: str
    operation: str
    params: Mapping[str, Any]


PROBES: tuple[Probe, ...] = (
    Probe("cloudwatch", "DescribeAlarms", {"MaxRecords": 1}),
    Probe("cloudwatch", "DescribeAlarmHistory", {"MaxRecords": 1}),
    Probe("cloudwatch", "ListMetrics", {"RecentlyActive": "PT3H"}),
    Probe("cloudwatch", "GetMetricData", {
        "MetricDataQueries": [{"Id": "m0", "MetricStat": {
            "Metric": {"Namespace": "AWS/Usage", "MetricName": "CallCount"}, "Period": 60, "Stat": "Sum"}}],
        "StartTime": "BEFORE", "EndTime": "NOW"}),
    Probe("logs", "DescribeLogGroups", {"limit": 1}),
    Probe("logs", "FilterLogEvents", {"logGroupName": _NOBODY, "limit": 1}),
    Probe("rds", "DescribeDBInstances", {"MaxRecords": 20}),
    Probe("rds", "DescribeEvents", {"MaxRecords": 20, "Duration": 1}),
    Probe("ecs", "DescribeServices", {"cluster": _NOBODY, "services": [_NOBODY]}),
    Probe("eks", "DescribeCluster", {"name": _NOBODY}),
    Probe("lambda", "GetFunctionConfiguration", {"FunctionName": _NOBODY}),
    Probe("elbv2", "DescribeTargetGroups", {"PageSize": 1}),
    Probe("dynamodb", "DescribeTable", {"TableName": _NOBODY}),
    Probe("sqs", "GetQueueUrl", {"QueueName": _NOBODY}),
    Probe("ec2", "DescribeInstanceStatus", {"MaxResults": 5}),
    Probe("cloudformation", "DescribeStacks", {}),
    Probe("autoscaling", "DescribeScalingActivities", {"MaxRecords": 1}),
    Probe("cloudtrail", "LookupEvents", {"MaxResults": 1}),
    Probe("xray", "GetServiceGraph", {"StartTime": "BEFORE", "EndTime": "NOW"}),
)  # fmt: skip
_ANSWERED = frozenset({"not_found", "rejected", "throttled"})
"""Errors that come after the permission was looked at."""
_WHY = {(row.service, row.operation): row.why for row in ACTIONS}


async def health(aws: Aws, now: datetime) -> Sequence[Health]:
    """Who we are, and a line for each permission; only the first where AWS cannot be reached at all."""
    try:
        who = await aws.call("sts", "GetCallerIdentity")
    except ConnectorError as error:
        if error.kind in ("unreachable", "timeout", "open_circuit"):
            return [Health("AWS", ok=False, detail=error.brief, remedy=_remedy(error))]
        identity = Health("AWS identity", ok=False, detail=error.detail, remedy=_remedy(error))
    else:
        text = f"account {who.get('Account')} as {who.get('Arn')}, region {aws.options.region or 'of the profile'}"
        identity = Health("AWS identity", ok=True, detail=text)
    await aws.prepare(sorted({probe.service for probe in PROBES}))
    results = await outcomes([partial(aws.call, p.service, p.operation, **_filled(p.params, now)) for p in PROBES])
    return [identity, *(_line(probe, result) for probe, result in zip(PROBES, results, strict=True))]


def _filled(params: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    times = {"NOW": now, "BEFORE": now - timedelta(minutes=5)}
    return {name: times.get(value, value) if isinstance(value, str) else value for name, value in params.items()}


def _line(probe: Probe, result: Mapping[str, Any] | ConnectorError) -> Health:
    action, why = iam_action(probe.service, probe.operation), _WHY[(probe.service, probe.operation)]
    if not isinstance(result, ConnectorError) or result.kind in _ANSWERED:
        return Health(action, ok=True, detail=why)
    detail = f"{why}: {result.kind}: {result.detail}"
    return Health(action, ok=False, detail=detail, remedy=_remedy(result, action))


def _remedy(error: ConnectorError, action: str = "") -> str:
    if error.kind == "forbidden" and action and "credential" not in error.detail.lower():
        return f"allow {action} in the policy of the role that is used"
    if error.kind == "forbidden":
        return "check the credentials: they are expired, wrong or for another account"
    if "credentials" in error.detail:
        return "set AWS_PROFILE, a role or access keys, or give the pod a role (IRSA, Pod Identity)"
    return "check the region, the endpoint URL and the network's way to AWS"
