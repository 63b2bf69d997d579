"""Are the containers of this ECS service running, and if not, why did its tasks stop?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

from connectors.cloudwatch.client import Aws
from connectors.cloudwatch.events import utc
from connectors.cloudwatch.states.state import evidence, judged, near_onset
from connectors.cloudwatch.targets import Target
from connectors.cloudwatch.wording import clock
from connectors.contract import ConnectorError, Window
from connectors.evidence import Evidence, Finding, Observation, Role
from connectors.together import Once, beside

_CHECK = "containers"


class Stopped(NamedTuple):
    """What ECS says when it stops a task, and the cause that means."""

    text: str
    cause: str
    confidence: float


_NO_WAY = r"(connection issue|i/o timeout|dial tcp|no such host|deadline exceeded|connection refused)"
"""In messages of who could not get through: no route, no endpoint, a security group, DNS."""
STOPPED: tuple[Stopped, ...] = (
    Stopped(r"OutOfMemory|exit code:? 137", "OOMKilled", 0.9),
    Stopped(rf"(CannotPullContainer|cannot pull registry auth).*{_NO_WAY}", "ImageRegistryUnreachable", 0.86),
    Stopped(r"CannotPullContainer.*(manifest|not found|does not exist)", "IncorrectImageReference", 0.9),
    Stopped(r"CannotPullContainer.*(denied|authoriz|forbidden|403)", "MissingImagePullSecret", 0.88),
    Stopped(r"CannotPullContainer", "ImagePullFailure", 0.86),
    Stopped(r"ResourceInitializationError.*(AccessDenied|not authorized)", "CloudAccessDenied", 0.88),
    Stopped(rf"ResourceInitializationError.*{_NO_WAY}", "DependencyUnavailable", 0.7),
    Stopped(r"ResourceInitializationError.*(NotFound|can't find|did not contain json key)", "MissingSecret", 0.86),
    Stopped(r"ResourceInitializationError.*secret", "MissingSecret", 0.6),
    Stopped(r"unable to place a task.*(insufficient memory|RESOURCE:MEMORY)", "InsufficientMemory", 0.82),
    Stopped(r"unable to place a task.*(already using a port|RESOURCE:PORTS)", "HostPortConflict", 0.82),
    Stopped(
        r"unable to place a task.*(missing an attribute|MemberOf placement constraint)", "NodeSelectorMismatch", 0.8
    ),
    Stopped(r"unable to place a task.*No Container Instances were found", "ClusterAutoscalerBlocked", 0.78),
    Stopped(r"unable to place a task.*(insufficient|RESOURCE|no container instance)", "InsufficientCPU", 0.78),
    Stopped(r"Capacity is unavailable|InsufficientCapacity", "ClusterAutoscalerBlocked", 0.82),
    Stopped(r"vCPU.*limit|limit.*vCPU|concurrent (tasks|vCPU)|quota", "CloudQuotaExceeded", 0.86),
    Stopped(r"CannotStartContainer.*(executable file not found|no such file)", "InvalidCommand", 0.88),
    Stopped(r"exec format error", "ImageArchitectureMismatch", 0.88),
    Stopped(r"failed (ELB|container) health checks|is unhealthy in", "LoadBalancerTargetsUnhealthy", 0.66),
    Stopped(r"unable to consistently start tasks", "CloudDeploymentFailed", 0.7),
    Stopped(r"Essential container in task exited", "ApplicationCrash", 0.66),
)
"""From the most to the least telling; ECS' service events and stop reasons use the same words."""


async def service(aws: Aws, target: Target, window: Window) -> Observation:
    """A service's deployments, counts, events and stopped tasks."""
    values = dict(target.dimensions)
    asked: dict[str, Any] = {"cluster": values["ClusterName"], "services": [values["ServiceName"]], "include": ["TAGS"]}
    ask = partial(aws.call, "ecs", "DescribeServices", **asked)
    known: Once[tuple[list[str], str]] = Once(partial(_stopped, aws, values["ClusterName"], values["ServiceName"]))
    described_services: Once[Mapping[str, Any]] = Once(ask)
    await beside(described_services.or_none, known.or_none)
    answer = await described_services()
    query = aws.query("ecs", "DescribeServices", asked)
    described = next(iter(answer.get("services") or ()), None)
    if described is None:
        return Observation(searched=f"ECS knows no service {target.name}")
    stopped, note = await known()
    about = _described(described, stopped, target, query)
    findings = [
        *_counts(described, about, target),
        *_rollouts(described, about, window),
        *_reasons(described, stopped, about, target, window),
    ]
    return Observation(evidence=(about,), findings=tuple(findings), partial=note)


async def _stopped(aws: Aws, cluster: str, name: str) -> tuple[list[str], str]:
    """The reasons of the newest stopped tasks (ECS keeps them for an hour), or why they are not known."""
    try:
        listed = await aws.call(
            "ecs", "ListTasks", cluster=cluster, serviceName=name, desiredStatus="STOPPED", maxResults=10
        )
        if not listed.get("taskArns"):
            return [], ""
        answer = await aws.call("ecs", "DescribeTasks", cluster=cluster, tasks=listed["taskArns"])
    except ConnectorError as error:
        return [], f"stopped tasks: {error.brief}"
    return [_reason(task) for task in answer.get("tasks") or ()], ""


def _reason(task: Mapping[str, Any]) -> str:
    containers = [
        f"{c.get('name')}: {c.get('reason') or ''} exit code {c['exitCode']}"
        for c in task.get("containers") or ()
        if c.get("exitCode") not in (None, 0)
    ]
    return "; ".join([str(task.get("stoppedReason") or ""), *containers])


def _described(described: Mapping[str, Any], stopped: list[str], target: Target, query: str) -> Evidence:
    running, desired = int(described.get("runningCount") or 0), int(described.get("desiredCount") or 0)
    rows = [("status", str(described.get("status") or "")), ("running", f"{running} of {desired}")]
    for one in described.get("deployments") or ():
        task = str(one.get("taskDefinition") or "").rsplit("/", 1)[-1]
        state = one.get("rolloutState") or one.get("status") or ""
        rows.append(
            (
                f"deployment of {clock(utc(one.get('createdAt')))}",
                f"{task} {state} {one.get('rolloutStateReason') or ''}",
            )
        )
    rows += [(clock(utc(e.get("createdAt"))), str(e.get("message") or "")) for e in (described.get("events") or ())[:8]]
    rows += [("stopped task", reason) for reason in dict.fromkeys(stopped)]
    summary = f"{target.name} runs {running} of {desired} tasks."
    if stopped:
        summary += f" {len(stopped)} tasks stopped in the last hour, lately: {stopped[0][:200]}"
    return evidence(_CHECK, target.subject, f"{target.spoken}: {running}/{desired} tasks", summary, query, rows)


def _counts(described: Mapping[str, Any], about: Evidence, target: Target) -> list[Finding]:
    if described.get("status") != "ACTIVE" or described.get("desiredCount"):
        return []
    return [judged("WorkloadScaledToZero", about, f"{target.spoken} wants no tasks at all", 0.8)]


def _rollouts(described: Mapping[str, Any], about: Evidence, window: Window) -> list[Finding]:
    found = []
    for one in described.get("deployments") or ():
        at, task = utc(one.get("createdAt")), str(one.get("taskDefinition") or "").rsplit("/", 1)[-1]
        if one.get("rolloutState") == "FAILED":
            reason = one.get("rolloutStateReason") or "it did not become steady"
            text = f"The deployment of {task} failed: {reason}"
            found.append(judged("CloudDeploymentFailed", about, text, 0.8, onset=at))
        elif near_onset(at, window):
            text = f"{task} was deployed at {clock(at)}"
            found.append(judged("BadRelease", about, text, 0.45, onset=at, role=Role.CONTEXT, rule="EcsDeployment"))
    return found


def _reasons(
    described: Mapping[str, Any], stopped: list[str], about: Evidence, target: Target, window: Window
) -> list[Finding]:
    """What recent messages mean; they are causes only where tasks are missing now or kept stopping."""
    recent = [
        str(e.get("message") or "")
        for e in described.get("events") or ()
        if (at := utc(e.get("createdAt"))) and window.start <= at <= window.end
    ]
    missing = int(described.get("runningCount") or 0) < int(described.get("desiredCount") or 0)
    texts = [*stopped, *recent]
    for row in STOPPED:
        hits = [text for text in texts if re.search(row.text, text, re.IGNORECASE | re.DOTALL)]
        if hits:
            holds = missing or len(hits) >= 2
            confidence, role = (row.confidence, Role.CAUSE) if holds else (0.35, Role.CONTEXT)
            text = f"{target.spoken}: {hits[0][:300]}"
            return [judged(row.cause, about, text, confidence, role=role, rule="EcsStopped")]
    return []
