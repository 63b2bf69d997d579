"""What was deployed or scaled around the onset, and did it fail?

CloudFormation stacks and Auto Scaling activities. Each is a check of its own: who may
read one of them often may not read the next.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from connectors.cloudwatch.client import Aws
from connectors.cloudwatch.events import utc
from connectors.cloudwatch.states.state import NEAR, evidence, judged, merged
from connectors.cloudwatch.targets import Target, alike
from connectors.cloudwatch.wording import clock
from connectors.contract import Window
from connectors.evidence import Evidence, Finding, Observation, Role, Subject

_FAILED = re.compile(r"FAILED|ROLLBACK")
_MOST_STACKS = 4

REASONS: tuple[tuple[str, str, float], ...] = (
    (r"not authorized to perform|AccessDenied|is not authorized", "CloudAccessDenied", 0.84),
    (r"limit ?exceeded|quota|maximum number of|VcpuLimitExceeded|vCPU (capacity|limit)", "CloudQuotaExceeded", 0.86),
    (r"InsufficientInstanceCapacity|do(es)? not have sufficient .*capacity", "ClusterAutoscalerBlocked", 0.8),
    (r"", "CloudDeploymentFailed", 0.7),
)
"""Why a deployment or a scaling activity failed, from the most telling on."""


async def stacks(aws: Aws, window: Window, names: Sequence[str], *, only_named: bool = False) -> Observation:
    """Stacks that changed within the window; those that failed with their first failing resource."""
    pages = await aws.pages("cloudformation", "DescribeStacks", "Stacks", most=3)
    recent = [one for one in pages.items if _changed(one) and near_window(_changed(one), window)]
    if only_named:
        recent = [one for one in recent if _ours(str(one.get("StackName")), names)]
    recent.sort(key=lambda one: not _FAILED.search(str(one.get("StackStatus"))))
    calls = [partial(_stack, aws, one, window, names, pages.query) for one in recent[:_MOST_STACKS]]
    return await merged(calls, f"{len(pages.items)} CloudFormation stacks, none changed in the window")


def _changed(stack: Mapping[str, Any]) -> datetime | None:
    return utc(stack.get("DeletionTime") or stack.get("LastUpdatedTime") or stack.get("CreationTime"))


def near_window(at: datetime | None, window: Window) -> bool:
    """Within the window or a little before it."""
    return at is not None and window.start - NEAR <= at <= window.end


async def _stack(aws: Aws, stack: Mapping[str, Any], window: Window, names: Sequence[str], query: str) -> Observation:
    name, status, at = str(stack.get("StackName")), str(stack.get("StackStatus")), _changed(stack)
    subject = Subject(kind="Stack", name=name)
    if not _FAILED.search(status):
        about = evidence(
            "stacks", subject, f"{subject.spoken} is {status}", f"Stack {name} is {status} since {clock(at)}.", query
        )
        verdict = judged("ConfigChange", about, about.summary, 0.35, role=Role.CONTEXT, onset=at, rule="StackChange")
        return Observation(evidence=(about,), findings=(verdict,))
    pages = await aws.pages("cloudformation", "DescribeStackEvents", "StackEvents", most=2, StackName=name)
    rows = [
        (clock(utc(e.get("Timestamp"))), str(e.get("LogicalResourceId")), str(e.get("ResourceStatus")),
         str(e.get("ResourceStatusReason") or ""))
        for e in reversed(pages.items)
        if near_window(utc(e.get("Timestamp")), window) and "FAILED" in str(e.get("ResourceStatus"))
    ]  # fmt: skip
    first = next((row for row in rows if "cancelled" not in row[3].lower()), None)
    why = f": {first[1]}: {first[3]}" if first else ""
    summary = f"Stack {name} is {status} since {clock(at)}{why}"
    about = evidence(
        "stacks",
        subject,
        f"Stack {name} is {status}",
        summary,
        pages.query,
        rows,
        ("at", "resource", "status", "reason"),
    )
    return Observation(evidence=(about,), findings=(_failed(about, first[3] if first else "", at, name, names),))


def _failed(about: Evidence, reason: str, at: datetime | None, name: str, names: Sequence[str]) -> Finding:
    cause, confidence = _why(reason)
    # A stack that has nothing of the scope in its name may be anybody's.
    ours = not names or _ours(name, names)
    return judged(cause, about, about.summary, confidence if ours else 0.4, onset=at, rule="StackFailed")


def _ours(stack: str, names: Sequence[str]) -> bool:
    return any(alike(name, stack) for name in names)


def _why(reason: str) -> tuple[str, float]:
    return next((cause, sure) for text, cause, sure in REASONS if re.search(text, reason, re.IGNORECASE))


async def scaling(aws: Aws, groups: Sequence[Target], window: Window) -> Observation:
    """Scaling activities of these groups; those that fail now with why."""
    calls = [partial(_activities, aws, group, window) for group in groups]
    return await merged(calls, f"scaling activities of {', '.join(group.name for group in groups)}")


async def _activities(aws: Aws, group: Target, window: Window) -> Observation:
    pages = await aws.pages(
        "autoscaling", "DescribeScalingActivities", "Activities", most=1, AutoScalingGroupName=group.name
    )
    rows = [
        (at, str(one.get("StatusCode")), str(one.get("Description") or ""), str(one.get("StatusMessage") or ""))
        for one in pages.items
        if (at := utc(one.get("StartTime"))) and near_window(at, window)
    ]
    if not rows:
        return Observation(searched=f"no scaling activity of {group.name} in the window")
    failed = [row for row in rows if row[1] in ("Failed", "Cancelled")]
    shown = [(clock(at), *rest) for at, *rest in (failed or rows)]
    newest_row = max(rows)
    summary = (
        f"{len(rows)} scaling activities of {group.name}, {len(failed)} failed; newest: {newest_row[2]} {newest_row[3]}"
    )
    about = evidence("scaling", group.subject, f"Scaling of {group.name}", summary, pages.query, shown,
                     ("at", "status", "what", "message"))  # fmt: skip
    if not failed or newest_row[1] == "Successful":
        return Observation(evidence=(about,))
    cause, confidence = _why(failed[0][3])
    cause = "ClusterAutoscalerBlocked" if cause == "CloudDeploymentFailed" else cause
    text = f"{group.name} cannot scale: {failed[0][3] or failed[0][2]}"
    verdict = judged(cause, about, text, confidence, onset=min(row[0] for row in failed), rule="ScalingFailed")
    return Observation(evidence=(about,), findings=(verdict,))
