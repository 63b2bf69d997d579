"""Who changed what around the onset, and whose calls are denied since? CloudTrail's write events, those to IAM too.

A change is context: it may have begun the trouble, and a person judges. The last one before errors or times rose is
more: in nothing else that was read did anything change. Calls of the scope's own role that
AWS denies, and did not deny before, are a cause; the policy that somebody changed shortly before says why.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from connectors.cloudwatch.beginning import newly
from connectors.cloudwatch.client import Aws, Pages
from connectors.cloudwatch.events import Event, newest, utc
from connectors.cloudwatch.events import evidence as event_evidence
from connectors.cloudwatch.states.state import NEAR, judged, near_onset
from connectors.cloudwatch.targets import Target
from connectors.cloudwatch.wording import clock
from connectors.contract import ConnectorError, Window
from connectors.evidence import Evidence, Finding, Observation, Role, Subject
from connectors.together import outcomes

_SHOWN = 12
_AFTER = timedelta(minutes=15)
_DENIED = re.compile(r"AccessDenied|Unauthorized|NotAuthorized|Forbidden", re.IGNORECASE)
_PERMISSION = re.compile(r"Polic(y|ies)|PermissionsBoundary|Grant|AssumeRole|InstanceProfile|SecurityGroup(In|E)gress")
"""In the names of calls that change who may do what."""


_RELEASE = re.compile(r"UpdateService|UpdateFunctionCode|CreateDeployment|UpdateAlias|CreateTaskSet|ExecuteChangeSet")
"""In the names of calls that bring other code to run."""
_SOON = timedelta(minutes=10)
_IAM = "iam.amazonaws.com"
_IAM_HOMES = {"cn": "cn-north-1", "us-gov": "us-gov-west-1"}
"""IAM is one for all regions of a partition, and its events are kept in one region: in AWS' own in us-east-1."""


class Call(NamedTuple):
    """A write call. `denied` is AWS' error code where it refused it."""

    event: Event
    name: str
    denied: str = ""
    why: str = ""

    @property
    def changes_permission(self) -> bool:
        """Whether it changed who may do what."""
        return not self.denied and _PERMISSION.search(self.name) is not None


async def trail(
    aws: Aws, targets: Sequence[Target], names: Sequence[str], window: Window, suffers: datetime | None = None
) -> Observation:
    """Write calls by people and pipelines around the onset, those about the scope, and the scope's own that fail.

    `suffers` is when errors or times of the scope rose.
    """
    start, end = _range(window)
    told, missed = await _told(aws, start, end)
    wanted = [*(target.name.lower() for target in targets), *names]
    ours = [call for pages in told for raw in pages.items if (call := _call(raw, wanted, pages.query))]
    shown = {event.key: event for event in newest([call.event for call in ours], _SHOWN)}
    denial, behind = _denial(ours, targets, start, window)
    shown |= {event.key: event for event in behind}
    before = [call for call in ours if not call.denied and suffers and timedelta() <= suffers - call.event.at <= _SOON]
    last = max(before, key=lambda call: call.event.at, default=None)
    shown |= {last.event.key: last.event} if last else {}
    findings = [_change(call, window, last=call is last) for call in ours if call.event.key in shown]
    notes = ["more write calls than were read"] if any(pages.more for pages in told) else []
    return Observation(
        evidence=tuple(event_evidence(one, "changes") for one in shown.values()),
        findings=tuple(one for one in (*denial, *findings) if one),
        searched=f"{sum(len(pages.items) for pages in told)} write calls in CloudTrail around the onset, "
        "none of them about this scope",
        partial="; ".join([*notes, *missed]),
    )


async def _told(aws: Aws, start: datetime, end: datetime) -> tuple[list[Pages], list[str]]:
    """The region's write calls, and those to IAM, which are kept elsewhere; what could not be read of the latter."""
    lookup = partial(aws.pages, "cloudtrail", "LookupEvents", "Events", StartTime=start, EndTime=end, MaxResults=50)
    writes = [{"AttributeKey": "ReadOnly", "AttributeValue": "false"}]
    of_iam = [{"AttributeKey": "EventSource", "AttributeValue": _IAM}]
    region = aws.options.region
    home = next((home for start, home in _IAM_HOMES.items() if region.startswith(f"{start}-")), "us-east-1")
    asked = [partial(lookup, most=2, LookupAttributes=writes)]
    asked += [partial(lookup, most=1, region=home, LookupAttributes=of_iam)] if region != home else []
    here, *elsewhere = await outcomes(asked)
    if isinstance(here, ConnectorError):
        raise here
    found = [one for one in elsewhere if not isinstance(one, ConnectorError)]
    seen = {raw.get("EventId") for raw in here.items}
    iam = [
        Pages(tuple(raw for raw in one.items if _writes(raw) and raw.get("EventId") not in seen), one.query, one.more)
        for one in found
    ]
    missed = [f"changes of IAM in {home}: {one.brief}" for one in elsewhere if isinstance(one, ConnectorError)]
    return [here, *iam], missed


def _writes(raw: Mapping[str, Any]) -> bool:
    return str(raw.get("ReadOnly", "false")).lower() == "false"


def _range(window: Window) -> tuple[datetime, datetime]:
    if window.onset is None:
        return window.start, window.end
    return window.onset - NEAR, min(window.end, window.onset + _AFTER)


def _call(raw: Mapping[str, Any], wanted: Sequence[str], query: str) -> Call | None:
    at = utc(raw.get("EventTime"))
    named = [(str(r.get("ResourceType") or ""), str(r.get("ResourceName") or "")) for r in raw.get("Resources") or ()]
    detail = _detail(raw)
    by, code = str(raw.get("Username") or ""), str(detail.get("errorCode") or "")
    hit = next((one for one in named if _mentions(one[1], wanted)), None)
    if hit is None and code and _mentions(f"{by} {_principal(detail)}", wanted):
        hit = named[0] if named else ("", str(raw.get("EventSource") or "AWS").split(".")[0])
    if at is None or hit is None:
        return None
    subject = Subject(kind=hit[0].rsplit("::", 1)[-1] or "Resource", name=hit[1].rsplit(":", 1)[-1])
    name = str(raw.get("EventName"))
    text = f"{name} on {hit[1]}" + (f": {code}" if code else "")
    event = Event(at, subject, text, "CloudTrail", query, by=by, kinds=(code,) if code else ())
    return Call(event, name, code, str(detail.get("errorMessage") or ""))


def _mentions(text: str, wanted: Sequence[str]) -> bool:
    return any(word in text.lower() for word in wanted)


def _detail(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        detail = json.loads(str(raw.get("CloudTrailEvent") or "{}"))
    except ValueError:
        return {}
    return detail if isinstance(detail, dict) else {}


def _principal(detail: Mapping[str, Any]) -> str:
    identity = detail.get("userIdentity")
    return str(identity.get("arn") or "") if isinstance(identity, dict) else ""


def _denial(
    calls: Sequence[Call], targets: Sequence[Target], start: datetime, window: Window
) -> tuple[list[Finding], list[Event]]:
    """Calls that are denied and were not before, with the change of a policy that came shortly before."""
    denied = sorted((c for c in calls if _DENIED.search(c.denied)), key=lambda call: call.event.at)
    began = newly([call.event.at for call in denied], start, window)
    if began is None:
        return [], []
    last = denied[-1]
    changes = [c.event for c in calls if c.changes_permission and timedelta() <= began - c.event.at <= NEAR]
    changed = max(changes, key=lambda event: event.at, default=None)
    why = f", after {changed.text} by {changed.by} at {clock(changed.at)}" if changed else ""
    text = f"{last.event.by or 'The scope'} is denied {last.name} since {clock(began)}{why}"
    events = [last.event, *([changed] if changed else [])]
    about: Evidence = event_evidence(last.event, "changes")
    subject = next((t.subject for t in targets if t.name.lower() in last.event.by.lower()), last.event.subject)
    found = judged(
        "CloudAccessDenied", about, f"{text}. {last.why}".strip(), 0.88 if changed else 0.74,
        onset=began, subject=subject, rule="CloudTrail.denied",
    )  # fmt: skip
    return [found.model_copy(update={"rests_on": tuple(event.key for event in events)})], events


def _change(call: Call, window: Window, *, last: bool) -> Finding | None:
    event = call.event
    by = f" by {event.by}" if event.by else ""
    about = event_evidence(event, "changes")
    text = f"{event.text}{by} at {clock(event.at)}"
    if last:
        cause = "BadRelease" if _RELEASE.match(call.name) else "ConfigChange"
        words = f"{text}, and minutes later errors or times of answers rose"
        return judged(cause, about, words, 0.55, onset=event.at, rule="CloudTrail.before")
    if call.denied or not near_onset(event.at, window):
        return None
    return judged("ConfigChange", about, text, 0.45, onset=event.at, role=Role.CONTEXT, rule="CloudTrail")
