"""The Azure connector: what was changed, what Azure says is unavailable, which metrics are worse since the onset."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from hashlib import sha256
from typing import Any

from connectors import log_reading, noted
from connectors.address import COMMON
from connectors.azure import access, metrics
from connectors.azure.client import Activity, Availability, Azure
from connectors.contract import Check, ConnectorError, ConnectorSettings, Health, Inquiry, Scope, Tool, reads
from connectors.evidence import Evidence, Finding, Observation, ResourceState, SeriesSet, Subject
from connectors.http import open_api
from connectors.noted import Noted
from connectors.together import outcomes

_SUBSCRIPTION = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_RESOURCE = re.compile(r"/subscriptions/[0-9a-fA-F-]{36}/resource[gG]roups/[^/\s?#]+/providers/[A-Za-z0-9./_() -]+")
_CHANGING = re.compile(r"/(?:write|delete|action)$", re.IGNORECASE)
_QUIET = re.compile(
    r"/list/action|list(?:keys|secrets|accountsas|clusteruser|credential)|/checkname|/validate/action", re.IGNORECASE
)
"""Actions that only read."""
_SHOWN = 20
_RESOURCES = 10


class AzureConnector:
    """One subscription in one environment."""

    name = "azure"

    def __init__(self, client: Azure, resources: Sequence[str] = (), group: str = "") -> None:
        self._client = client
        self._resources = tuple(resources)
        self._group = group

    def checks(self, inquiry: Inquiry) -> Sequence[Check]:
        """Changes, health, metrics."""
        return (
            Check("activity_log", "What was changed in the subscription around the onset?",
                  partial(self._activity, inquiry), decides=("CloudDeploymentFailed",)),
            Check("resource_health", "Which resources does Azure itself call unavailable?",
                  partial(self._health, inquiry), decides=("CloudInstanceImpaired",)),
            Check("metrics", "Which metrics of the known resources are bad since the onset?",
                  partial(self._metrics, inquiry)),
        )  # fmt: skip

    def tools(self) -> Sequence[Tool]:
        """The activity log as a table, and any metric of a resource."""
        return (
            Tool(
                "azure_activity_log",
                "Operations on Azure resources in the incident's window and two hours before, of one resource group "
                "where one is given.",
                {"type": "object", "properties": {"resource_group": {"type": "string", "maxLength": 90}},
                 "additionalProperties": False},
                self._log, _az_activity_log,
            ),
            Tool(
                "azure_metric",
                "A metric of an Azure resource over the incident's window and half an hour before, a point a minute.",
                {"type": "object", "properties": {
                    "resource": {"type": "string", "maxLength": 500, "description": "the resource's full id"},
                    "metric": {"type": "string", "maxLength": 100},
                    "aggregation": {"type": "string", "enum": ["Average", "Maximum", "Minimum", "Total", "Count"]}},
                 "required": ["resource", "metric"], "additionalProperties": False},
                self._metric,
            ),
        )  # fmt: skip

    async def subjects(self, scope: Scope) -> Sequence[Subject]:
        """The resources that the settings name."""
        return tuple(map(metrics.subject_of, self._resources))

    async def health(self) -> Sequence[Health]:
        """Whether the subscription may be read."""
        return await self._client.health()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _activity(self, inquiry: Inquiry) -> Observation:
        found, cut, query = await self._client.activities(*noted.span(inquiry), self._group)
        changed = _latest(one for one in found if _changes(one))
        told = noted.told(self.name, "activity_log", [_row(one) for one in changed], inquiry, query)
        shown = {item.key for item in told.evidence}
        failed = [_deployment(one) for one in changed if _is_failed_deployment(one)]
        partials = [told.partial, "the log has more entries than were read" if cut else ""]
        return told.model_copy(
            update={
                "findings": tuple(one for one in failed if one.rests_on[0] in shown),
                "partial": "; ".join(filter(None, partials)),
            }
        )

    async def _health(self, inquiry: Inquiry) -> Observation:
        found, known, more, query = await self._client.unavailable()
        rest = f"Azure knows more than the {known} resources that were read" if more else ""
        if not found:
            return Observation(searched=f"none of {known} resources is unavailable: {query}", partial=rest)
        pairs = [_impaired(one, query) for one in found[:_SHOWN]]
        left = len(found) - len(pairs)
        return Observation(
            evidence=tuple(item for item, _ in pairs),
            findings=tuple(finding for _, finding in pairs if finding),
            partial="; ".join(filter(None, (f"{left} more resources are unavailable" if left else "", rest))),
        )

    async def _metrics(self, inquiry: Inquiry) -> Observation:
        named = list(dict.fromkeys((*self._resources, *_of_alerts(inquiry))))[:_RESOURCES]
        asked = [(resource, row) for resource in named for row in metrics.of(resource)]
        if not asked:
            return Observation(skipped="neither the settings nor the alert name a resource whose metrics are known")
        start, end = log_reading.ranges(inquiry)[0][0], inquiry.window.end
        answers = await outcomes(
            [partial(self._client.metrics, name, row.name, row.aggregation, start, end) for name, row in asked]
        )
        onset = log_reading.claimed_onset(inquiry)
        failed = [one for one in answers if isinstance(one, ConnectorError)]
        if len(failed) == len(answers):
            raise failed[0]
        pairs = [
            pair
            for (name, row), answer in zip(asked, answers, strict=True)
            if not isinstance(answer, ConnectorError)
            for series in answer[0]
            if (pair := metrics.told(row, name, series, onset, answer[1]))
        ]
        return Observation(
            evidence=tuple(item for item, _ in pairs),
            findings=tuple(finding for _, finding in pairs),
            searched=f"{len(asked) - len(failed)} metrics of {len(named)} resources",
            partial="; ".join(dict.fromkeys(one.brief for one in failed)),
        )

    async def _log(self, inquiry: Inquiry, arguments: Mapping[str, Any]) -> Observation:
        group = str(arguments.get("resource_group") or self._group)
        if "'" in group:
            raise ConnectorError("rejected", group, "not the name of a resource group")
        found, cut, query = await self._client.activities(*noted.span(inquiry), group)
        if not found:
            return Observation(searched=f"no operations: {query}")
        rows = noted.table_rows(_row(one) for one in _latest(found))
        item = Evidence(
            key=f"{self.name}/activities/{group}",
            source=self.name,
            check="query",
            title=f"{len(rows)} operations",
            summary="; ".join(f"{row[0]} {row[1][:100]}" for row in rows[:4]),
            query=query,
            body=ResourceState(columns=("at", "operation", "by"), rows=rows[:60], omitted=max(0, len(rows) - 60)),
            untrusted=True,
        )
        return Observation(evidence=(item,), partial="the log has more entries than were read" if cut else "")

    async def _metric(self, inquiry: Inquiry, arguments: Mapping[str, Any]) -> Observation:
        resource, name = str(arguments["resource"]).rstrip("/"), str(arguments["metric"])
        if not _RESOURCE.fullmatch(resource) or f"/{self._client.subscription}/" not in resource.lower():
            raise ConnectorError("rejected", resource, "not the id of a resource of this subscription")
        start = log_reading.ranges(inquiry)[0][0]
        how = str(arguments.get("aggregation") or "Average")
        found, query = await self._client.metrics(resource, name, how, start, inquiry.window.end)
        drawn = [one for one in found if one.points]
        if not drawn:
            return Observation(searched=f"no points: {query}")
        item = Evidence(
            key=f"{self.name}/metric/{sha256(f'{resource}{name}{how}'.encode()).hexdigest()[:12]}",
            source=self.name,
            check="query",
            title=f"{name} of {metrics.subject_of(resource).name}",
            summary="; ".join(f"{one.name}: last {one.points[-1][1]:g} {one.unit}" for one in drawn[:4]),
            query=query,
            link=self._client.link(resource),
            body=SeriesSet(series=tuple(drawn[:10])),
        )
        return Observation(evidence=(item,))


def _changes(one: Activity) -> bool:
    administrative = one.category in ("Administrative", "Autoscale", "Policy") and _CHANGING.search(one.operation)
    return bool(administrative and not _QUIET.search(one.operation)) or one.category == "ServiceHealth"


def _latest(found: Any) -> list[Activity]:
    """One entry an operation: it is logged when it starts, is accepted, and ends."""
    kept: dict[tuple[str, str, str], Activity] = {}
    for one in sorted(found, key=lambda one: one.at):
        kept[one.correlation or one.id, one.operation, one.resource] = one
    return list(kept.values())


def _row(one: Activity) -> Noted:
    message = f": {' '.join(one.message.split())[:300]}" if one.message else ""
    what = f"{one.what} on {metrics.subject_of(one.resource)} {one.status.lower()}{message}"
    return Noted(one.id, one.at, what, one.by, Azure.link(one.resource), metrics.subject_of(one.resource))


def _is_failed_deployment(one: Activity) -> bool:
    return one.status == "Failed" and one.operation.lower() == "microsoft.resources/deployments/write"


def _deployment(one: Activity) -> Finding:
    subject = metrics.subject_of(one.resource)
    return Finding(
        cause="CloudDeploymentFailed",
        subject=subject,
        statement=f"Deployment {subject.name} failed at {one.at:%H:%M:%S}: {' '.join(one.message.split())[:250]}",
        rests_on=(f"azure/activity_log/{one.id}",),
        confidence=0.5,
        onset=one.at,
        rule="deployment failed",
    )


def _impaired(one: Availability, query: str) -> tuple[Evidence, Finding | None]:
    subject = metrics.subject_of(one.resource)
    words = f"{subject.kind} {subject.name} is {one.state.lower()}: {one.title or one.summary}"
    item = Evidence(
        key=f"azure/resource_health/{one.resource.lower()}",
        source=AzureConnector.name,
        check="resource_health",
        title=words[:120],
        summary=f"{words} ({one.reason or 'no reason given'}). {one.summary[:300]}",
        subject=subject,
        onset=one.since,
        query=query,
        link=Azure.link(one.resource),
        untrusted=True,
    )
    if one.reason.lower() in ("userinitiated", "customer initiated"):
        return item, None  # somebody stopped it: the activity log says who
    finding = Finding(
        cause="CloudInstanceImpaired",
        subject=subject,
        statement=words[:300],
        rests_on=(item.key,),
        confidence=0.6 if one.state == "Unavailable" else 0.4,
        onset=one.since,
        rule="resource health",
    )
    return item, finding


def _of_alerts(inquiry: Inquiry) -> list[str]:
    """Resources that the alerts name, in labels and annotations."""
    texts = (text for alert in inquiry.alerts for text in (*alert.labels.values(), *alert.annotations.values()))
    return [found[0].rstrip("/") for text in texts if (found := _RESOURCE.search(text))]


def _az_activity_log(argv: Sequence[str]) -> Mapping[str, Any] | None:
    """`az monitor activity-log list [--resource-group G]` as arguments."""
    if list(argv[:4]) != ["az", "monitor", "activity-log", "list"]:
        return None
    rest = list(argv[4:])
    if not rest:
        return {}
    return {"resource_group": rest[1]} if len(rest) == 2 and rest[0] in ("--resource-group", "-g") else None


@reads(*COMMON, "subscription", "resource_group", "resources", *access.OPTIONS)
def open_connector(settings: ConnectorSettings) -> AzureConnector | None:
    """The connector of these settings; None without a `subscription`.

    Options: `subscription`; `tenant`, `client_id` and `client_secret` (without them workload identity or the machine's
    identity), or `token`; `resource_group` to look at one only; `resources`: full ids whose metrics are read; and those
    of `connectors.http`. Role: Reader.
    """
    options = settings.options
    subscription = str(options.get("subscription") or "").lower()
    if not subscription:
        return None
    if not _SUBSCRIPTION.fullmatch(subscription):
        raise ValueError(f"subscription: {subscription!r} is no subscription id")
    given = options.get("resources") or ()
    resources = [str(one).strip().rstrip("/") for one in (given.split(",") if isinstance(given, str) else given)]
    if wrong := [one for one in resources if not _RESOURCE.fullmatch(one)]:
        raise ValueError(f"resources: {wrong[0]!r} is no full resource id (/subscriptions/…/providers/…)")
    group = str(options.get("resource_group") or "")
    if "'" in group:
        raise ValueError(f"resource_group: {group!r} is no name of a resource group")
    keep = ("subscription", "resources", "resource_group")
    api = open_api(AzureConnector.name, settings, keep, url=access.MANAGEMENT, sign=access.tokens(options))
    return AzureConnector(Azure(api, subscription), resources, group) if api else None
