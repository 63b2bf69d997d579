"""In what state is this function or table, what limits it, and when was it last changed?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from connectors.cloudwatch.client import Aws
from connectors.cloudwatch.states.state import evidence, judged, near_onset
from connectors.cloudwatch.targets import Target
from connectors.cloudwatch.wording import clock
from connectors.contract import ConnectorError, Window
from connectors.evidence import Finding, Observation, Role

_CHECK = "functions"


async def function(aws: Aws, target: Target, window: Window) -> Observation:
    """A function's limits and last update. Its environment and code are in the answer and are not kept."""
    asked: dict[str, Any] = {"FunctionName": target.name}
    answer = await aws.call("lambda", "GetFunctionConfiguration", **asked)
    changed = _time(str(answer.get("LastModified") or ""))
    state, update = str(answer.get("State") or "Active"), str(answer.get("LastUpdateStatus") or "Successful")
    reserved, note = await _reserved(aws, target.name)
    rows = [
        ("state", f"{state} {answer.get('StateReason') or ''}".strip()),
        ("last update", f"{update} {answer.get('LastUpdateStatusReason') or ''}".strip()),
        ("changed", changed.isoformat() if changed else "?"),
        ("runtime", str(answer.get("Runtime") or "image")),
        ("memory", f"{answer.get('MemorySize', '?')} MB"),
        ("timeout", f"{answer.get('Timeout', '?')} s"),
        ("reserved concurrency", "none" if reserved is None else str(reserved)),
    ]
    summary = f"{target.name} is {state}, last update {update.lower()}, changed {clock(changed)}, " + ", ".join(
        f"{name} {value}" for name, value in rows[4:]
    )
    query = aws.query("lambda", "GetFunctionConfiguration", asked)
    about = evidence(_CHECK, target.subject, f"{target.spoken} is {state}", summary, query, rows)
    findings: list[Finding] = []
    if state == "Failed" or update == "Failed":
        findings.append(
            judged("CloudDeploymentFailed", about, f"{rows[0][1]}; update {rows[1][1]}", 0.8, onset=changed)
        )
    if reserved == 0:
        text = f"{target.name} has a reserved concurrency of 0: it takes no calls"
        findings.append(judged("FunctionThrottled", about, text, 0.9))
    if near_onset(changed, window):
        text = f"{target.name} was changed at {clock(changed)}"
        findings.append(judged("BadRelease", about, text, 0.45, onset=changed, role=Role.CONTEXT, rule="LambdaUpdate"))
    return Observation(evidence=(about,), findings=tuple(findings), partial=note)


async def timeout_ms(aws: Aws, target: Target) -> float:
    """The function's time limit in milliseconds."""
    answer = await aws.call("lambda", "GetFunctionConfiguration", FunctionName=target.name)
    return float(answer.get("Timeout") or 0) * 1000


async def _reserved(aws: Aws, name: str) -> tuple[int | None, str]:
    try:
        answer = await aws.call("lambda", "GetFunctionConcurrency", FunctionName=name)
    except ConnectorError as error:
        return None, f"reserved concurrency: {error.brief}"
    value = answer.get("ReservedConcurrentExecutions")
    return (int(value) if value is not None else None), ""


def _time(text: str) -> datetime | None:
    # Lambda writes `2026-11-23T14:01:02.123+0000`.
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z").astimezone(UTC)
    except ValueError:
        return None


async def table(aws: Aws, target: Target) -> Observation:
    """A table's status and capacity."""
    asked: dict[str, Any] = {"TableName": target.name}
    described = (await aws.call("dynamodb", "DescribeTable", **asked)).get("Table") or {}
    status = str(described.get("TableStatus") or "unknown")
    mode = str((described.get("BillingModeSummary") or {}).get("BillingMode") or "PROVISIONED")
    capacity = described.get("ProvisionedThroughput") or {}
    rows = [
        ("status", status),
        ("billing", mode),
        ("read capacity", str(capacity.get("ReadCapacityUnits", ""))),
        ("write capacity", str(capacity.get("WriteCapacityUnits", ""))),
    ]
    summary = f"Table {target.name} is {status}, {mode}"
    if mode == "PROVISIONED":
        summary += f" with {rows[2][1]} read and {rows[3][1]} write units"
    query = aws.query("dynamodb", "DescribeTable", asked)
    about = evidence(_CHECK, target.subject, f"{target.spoken} is {status}", f"{summary}.", query, rows)
    if status in ("ACTIVE", "UPDATING"):
        return Observation(evidence=(about,))
    verdict = judged("DependencyUnavailable", about, f"{summary}.", 0.85, rule="TableStatus")
    return Observation(evidence=(about,), findings=(verdict,))


async def queue(aws: Aws, target: Target) -> Observation:
    """A queue's settings that decide how it backs up."""
    url = (await aws.call("sqs", "GetQueueUrl", QueueName=target.name)).get("QueueUrl")
    asked: dict[str, Any] = {"QueueUrl": url, "AttributeNames": ["All"]}
    given = (await aws.call("sqs", "GetQueueAttributes", **asked)).get("Attributes") or {}
    wanted = (
        "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed",
        "VisibilityTimeout", "MessageRetentionPeriod", "RedrivePolicy",
    )  # fmt: skip
    rows = [(name, str(given[name])) for name in wanted if name in given]
    summary = f"Queue {target.name}: " + ", ".join(f"{name} {value}" for name, value in rows)
    query = aws.query("sqs", "GetQueueAttributes", asked)
    return Observation(evidence=(evidence(_CHECK, target.subject, target.spoken, summary, query, rows),))
