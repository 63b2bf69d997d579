"""Which targets of this load balancer are unhealthy, and what does it say why?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import Any

from connectors.cloudwatch.client import Aws
from connectors.cloudwatch.states.state import evidence, judged, merged
from connectors.cloudwatch.targets import Target
from connectors.evidence import Observation, Subject

_CHECK = "load balancers"
_MOST = 6
_PAGE = 400
"""As many target groups as AWS tells in one answer."""
REASONS: dict[str, str] = {
    "Target.ResponseCodeMismatch": "they answer the health check with another status than it wants",
    "Target.Timeout": "they do not answer the health check in time: a security group, or they are overloaded",
    "Target.FailedHealthChecks": "the connection to them fails: nothing listens on the port, or it is not let through",
    "Target.NotRegistered": "they are not registered",
    "Target.InvalidState": "their instances are stopped or terminated",
    "Target.DeregistrationInProgress": "they are being drained",
    "Elb.InternalError": "the load balancer itself has an error",
    "Elb.RegistrationInProgress": "they are still being registered",
}
"""Reason codes of ELB and what they mean."""
_PASSING = frozenset({"initial", "draining", "unused"})


async def of_target_group(aws: Aws, target: Target) -> Observation:
    """Health of a target group that a metric names (`targetgroup/name/id`)."""
    name = dict(target.dimensions)["TargetGroup"].split("/")[1]
    answer = await aws.call("elbv2", "DescribeTargetGroups", Names=[name])
    return await _health_of(aws, answer.get("TargetGroups") or ())


async def of_load_balancer(aws: Aws, target: Target) -> Observation:
    """Health of all target groups of a load balancer (`app/name/id`).

    A group names its balancers: one page of groups saves a round trip, unless there are more than one page.
    """
    ours = f"loadbalancer/{target.dimensions[0][1]}"
    every_group = await aws.call("elbv2", "DescribeTargetGroups", PageSize=_PAGE)
    found = [
        group
        for group in every_group.get("TargetGroups") or ()
        if any(str(arn).endswith(ours) for arn in group.get("LoadBalancerArns") or ())
    ]
    return await _health_of(aws, found) if found else await _by_balancer(aws, target)


async def _by_balancer(aws: Aws, target: Target) -> Observation:
    answer = await aws.call("elbv2", "DescribeLoadBalancers", Names=[target.name])
    arns = [str(one["LoadBalancerArn"]) for one in answer.get("LoadBalancers") or ()]
    if not arns:
        return Observation(searched=f"ELB knows no load balancer {target.name}")
    groups = await aws.call("elbv2", "DescribeTargetGroups", LoadBalancerArn=arns[0])
    return await _health_of(aws, groups.get("TargetGroups") or ())


async def _health_of(aws: Aws, groups: Any) -> Observation:
    calls = [partial(_health, aws, group) for group in list(groups)[:_MOST]]
    return await merged(calls, "no target groups")


async def _health(aws: Aws, group: Mapping[str, Any]) -> Observation:
    asked: dict[str, Any] = {"TargetGroupArn": str(group["TargetGroupArn"])}
    answer = await aws.call("elbv2", "DescribeTargetHealth", **asked)
    rows = [_row(one) for one in answer.get("TargetHealthDescriptions") or ()]
    rows.sort(key=lambda row: row[1] == "healthy")
    subject = Subject(kind="TargetGroup", name=str(group.get("TargetGroupName")))
    states = Counter(row[1] for row in rows)
    told = ", ".join(f"{count} {state}" for state, count in states.most_common()) or "no registered targets"
    probe = f"{group.get('HealthCheckProtocol')} {group.get('HealthCheckPath') or ''} on {group.get('HealthCheckPort')}"
    summary = f"Target group {subject.name}: {told}; health check {probe}.{_why(rows)}"
    about = evidence(
        _CHECK, subject, f"{subject.spoken}: {told}", summary, aws.query("elbv2", "DescribeTargetHealth", asked),
        rows, ("target", "state", "reason", "description"),
    )  # fmt: skip
    bad = states["unhealthy"] + states["unavailable"]
    if (rows and not bad) or (set(states) <= _PASSING and rows):
        return Observation(evidence=(about,))
    all_bad = not states["healthy"]
    confidence = 0.8 if all_bad else 0.6
    return Observation(
        evidence=(about,),
        findings=(judged("LoadBalancerTargetsUnhealthy", about, summary, confidence, rule="TargetHealth"),),
    )


def _row(one: Mapping[str, Any]) -> tuple[str, ...]:
    target, health = one.get("Target") or {}, one.get("TargetHealth") or {}
    name = f"{target.get('Id')}:{target.get('Port', '')}".rstrip(":")
    return name, str(health.get("State")), str(health.get("Reason") or ""), str(health.get("Description") or "")


def _why(rows: list[tuple[str, ...]]) -> str:
    reasons = Counter(row[2] for row in rows if row[2] and row[1] not in _PASSING)
    if not reasons:
        return ""
    code, count = reasons.most_common(1)[0]
    return f" {count} of them because {REASONS.get(code, code)} ({code})."
