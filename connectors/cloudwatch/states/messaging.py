"""In what state is this stream, Kafka cluster, rule or workflow, and why did its last executions fail?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from connectors.cloudwatch.attached import mappings
from connectors.cloudwatch.beginning import newly
from connectors.cloudwatch.client import Aws
from connectors.cloudwatch.events import utc
from connectors.cloudwatch.logs import meaning
from connectors.cloudwatch.states.state import evidence, judged, near_onset
from connectors.cloudwatch.targets import Target
from connectors.cloudwatch.wording import clock
from connectors.contract import ConnectorError, Window
from connectors.evidence import Evidence, Finding, Observation
from connectors.together import outcomes

Suffers = Callable[[], Awaitable[datetime | None]]
"""Tells since when a resource suffers by its metrics, which are read beside."""

_CHECK = "messaging"
_READ = 3
"""Executions whose error is read; the newest ones."""
_BROKEN = ("HEALING", "FAILED")


async def readers(aws: Aws, target: Target, window: Window) -> Observation:
    """The functions that read it, and whether their mapping is on: one that was switched off reads nothing."""
    try:
        rows = await mappings(aws, [target.name])
    except ConnectorError as error:
        # Who reads it is more than most policies let see, and no reason to doubt what its metrics say.
        return Observation(searched=f"what reads {target.name}", partial=f"what reads {target.name}: {error.brief}")
    if not rows:
        return Observation(searched=f"no function reads {target.name}")
    told = [(str(r.get("FunctionArn")).split(":")[-1], str(r.get("State")), str(r.get("LastProcessingResult") or ""))
            for r in rows]  # fmt: skip
    summary = "; ".join(f"{name} reads {target.name}: {state}, {last or 'nothing yet'}" for name, state, last in told)
    query = aws.query("lambda", "ListEventSourceMappings", {"FunctionName": told[0][0]})
    about = evidence(_CHECK, target.subject, f"Readers of {target.spoken}", summary, query, told,
                     ("function", "state", "last result"), name="readers")  # fmt: skip
    off = [r for r in rows if str(r.get("State")) in ("Disabled", "Disabling")]
    at = max((t for r in off if (t := utc(r.get("LastModified")))), default=None)
    if len(off) < len(rows) or not near_onset(at, window):
        return Observation(evidence=(about,))
    text = f"Nothing reads {target.spoken}: its event source mapping was disabled at {clock(at)}"
    return Observation(evidence=(about,), findings=(judged("ConfigChange", about, text, 0.86, onset=at,
                                                           rule="MappingDisabled"),))  # fmt: skip


async def stream(aws: Aws, target: Target) -> Observation:
    """A stream's shards and mode."""
    asked: dict[str, Any] = {"StreamName": target.name}
    told = (await aws.call("kinesis", "DescribeStreamSummary", **asked)).get("StreamDescriptionSummary") or {}
    rows = [
        ("status", str(told.get("StreamStatus"))),
        ("mode", str((told.get("StreamModeDetails") or {}).get("StreamMode") or "PROVISIONED")),
        ("shards", str(told.get("OpenShardCount"))),
        ("kept for", f"{told.get('RetentionPeriodHours')} h"),
    ]
    summary = f"Stream {target.name} is {rows[0][1]}, {rows[1][1]}, with {rows[2][1]} shards"
    query = aws.query("kinesis", "DescribeStreamSummary", asked)
    about = evidence(_CHECK, target.subject, f"{target.spoken} is {rows[0][1]}", f"{summary}.", query, rows)
    if rows[0][1] in ("ACTIVE", "UPDATING"):
        return Observation(evidence=(about,))
    return Observation(evidence=(about,), findings=(judged("DependencyUnavailable", about, summary, 0.85),))


async def kafka(aws: Aws, target: Target) -> Observation:
    """The state of a Kafka cluster."""
    asked: dict[str, Any] = {"ClusterNameFilter": target.name}
    answer = await aws.call("kafka", "ListClustersV2", **asked)
    found = next((r for r in answer.get("ClusterInfoList") or () if r.get("ClusterName") == target.name), None)
    if found is None:
        return Observation(searched=f"MSK knows no cluster {target.name}")
    state = str(found.get("State"))
    why = str((found.get("StateInfo") or {}).get("Message") or "")
    summary = f"Kafka cluster {target.name} is {state}. {why}".strip()
    query = aws.query("kafka", "ListClustersV2", asked)
    about = evidence(_CHECK, target.subject, f"{target.spoken} is {state}", summary, query)
    if state not in _BROKEN:
        return Observation(evidence=(about,))
    return Observation(evidence=(about,), findings=(judged("BrokerUnavailable", about, summary, 0.82),))


async def rule(aws: Aws, target: Target) -> Observation:
    """Whether a rule is enabled, and what it is about."""
    asked: dict[str, Any] = {"Name": target.name}
    told = await aws.call("events", "DescribeRule", **asked)
    state = str(told.get("State") or "unknown")
    by = told.get("ScheduleExpression") or told.get("EventPattern") or "nothing"
    summary = f"Rule {target.name} is {state}, triggered by {by}."
    query = aws.query("events", "DescribeRule", asked)
    return Observation(evidence=(evidence(_CHECK, target.subject, f"{target.spoken} is {state}", summary, query),))


async def workflow(aws: Aws, target: Target, window: Window, suffers: Suffers | None = None) -> Observation:
    """The error of the last failed executions; a cause where they fail more since `suffers`, or began to fail."""
    asked: dict[str, Any] = {"stateMachineArn": target.dimensions[0][1], "statusFilter": "FAILED"}
    pages = await aws.pages("stepfunctions", "ListExecutions", "executions", most=1, **asked)
    failed = sorted(((at, str(r["executionArn"])) for r in pages.items if (at := utc(r.get("stopDate")))), reverse=True)
    failed = [one for one in failed if one[0] <= window.end]
    if not failed:
        return Observation(searched=f"no failed execution of {target.name}")
    asks = [partial(aws.call, "stepfunctions", "DescribeExecution", executionArn=arn) for _, arn in failed[:_READ]]
    results = await outcomes(asks)
    told = [
        (clock(at), str(one.get("error") or "?"), str(one.get("cause") or ""))
        for (at, _), one in zip(failed, results, strict=False)
        if not isinstance(one, ConnectorError)
    ]
    times = [at for at, _ in failed]
    # Pages come newest first: where there are more, what was before the oldest of them is not known.
    since = await suffers() if suffers else None
    began = since or (None if pages.more else newly(times, window.start - timedelta(hours=1), window))
    return _fails(target, told, times[0], pages.query, began)


def _fails(
    target: Target, told: Sequence[tuple[str, ...]], newest: datetime, query: str, began: datetime | None
) -> Observation:
    last = f": {told[0][1]}: {told[0][2][:400]}" if told else ""
    summary = f"The last execution of {target.name} that failed ended at {clock(newest)}{last}"
    about = evidence(_CHECK, target.subject, f"Failed executions of {target.spoken}", summary, query, told,
                     ("at", "error", "cause"))  # fmt: skip
    about = about.model_copy(update={"untrusted": True})
    found = _why(about, target, told[0], began) if told and began else None
    return Observation(evidence=(about,), findings=(found,) if found else ())


def _why(about: Evidence, target: Target, told: Sequence[str], began: datetime) -> Finding:
    said = meaning(f"{told[1]}: {told[2]}")
    cause, sure = (said.cause, said.confidence) if said else ("WorkflowFailed", 0.7)
    text = f"{target.spoken} fails since {clock(began)}: {told[1]}: {told[2][:300]}"
    return judged(cause, about, text, sure, onset=began, rule="ExecutionFailed")
