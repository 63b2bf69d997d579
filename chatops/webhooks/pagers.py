"""Paging services: PagerDuty v3 (signed), Opsgenie and Datadog (with the bearer or basic credentials)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import Field, field_validator

from chatops.domain.alert import Alert
from chatops.settings import WebhookSettings
from chatops.webhooks import payload
from chatops.webhooks.payload import BadPayload, Delivery, Lenient, Source

_RESOLVED = ("resolved", "closed", "close", "recovered", "ok")


class _Named(Lenient):
    summary: str = ""
    id: str = ""


class _PagerDutyData(Lenient):
    id: str = Field(min_length=1)
    type: str = ""
    title: str = ""
    urgency: str = ""
    status: str = ""
    created_at: datetime | None = None
    html_url: str | None = ""
    service: _Named | None = None
    priority: _Named | None = None


class _PagerDutyEvent(Lenient):
    type: str = Field(alias="event_type")
    occurred_at: datetime | None = None
    data: dict[str, Any] = {}


class _PagerDuty(Lenient):
    event: _PagerDutyEvent


async def _verify_pagerduty(delivery: Delivery, settings: WebhookSettings) -> None:
    if settings.pagerduty_secret is None:
        raise BadPayload("set webhooks.pagerduty_secret (the webhook's signing secret) to take PagerDuty's events", 401)
    key = settings.pagerduty_secret.get_secret_value().encode()
    expected = "v1=" + hmac.new(key, delivery.body, hashlib.sha256).hexdigest()
    given = delivery.headers.get("x-pagerduty-signature", "")
    # Several signatures stand in the header while a secret is being rotated.
    if not any(hmac.compare_digest(one.strip().encode(), expected.encode()) for one in given.split(",")):
        raise BadPayload("the signature is wrong: X-PagerDuty-Signature does not fit the body", 401)


def _parse_pagerduty(delivery: Delivery, settings: WebhookSettings) -> tuple[Alert, ...]:
    event: _PagerDutyEvent = payload.checked(_PagerDuty, delivery.document, "PagerDuty v3 event").event
    if event.type not in ("incident.triggered", "incident.reopened", "incident.resolved", "incident.priority_updated"):
        return ()  # acknowledgements, notes and pings say nothing of the system
    data: _PagerDutyData = payload.checked(_PagerDutyData, event.data, "PagerDuty incident")
    since = payload.utc(data.created_at or event.occurred_at, delivery.now)
    resolved = event.type == "incident.resolved"
    service = data.service.summary if data.service else ""
    word = data.priority.summary if data.priority else data.urgency
    return (
        Alert(
            fingerprint=f"pagerduty:{data.id[:100]}",
            source="pagerduty",
            name=(data.title or "PagerDuty incident")[:200],
            status="resolved" if resolved else "firing",
            severity=payload.severity(word),
            summary=data.title[:1_000],
            labels=payload.text_labels({"service": service} if service else {}),
            starts_at=since,
            ends_at=payload.utc(event.occurred_at, delivery.now) if resolved else None,
            link=(data.html_url or "")[:4_000],
        ),
    )


class _OpsgenieAlert(Lenient):
    id: str = Field(alias="alertId", min_length=1)
    message: str = ""
    description: str | None = ""
    priority: str | None = ""
    created_at: float | None = Field(default=None, alias="createdAt")
    alias: str | None = ""
    tags: list[str] = []
    details: dict[str, Any] = {}
    entity: str | None = ""


class _Opsgenie(Lenient):
    action: str
    alert: _OpsgenieAlert


def _parse_opsgenie(delivery: Delivery, settings: WebhookSettings) -> tuple[Alert, ...]:
    told: _Opsgenie = payload.checked(_Opsgenie, delivery.document, "Opsgenie webhook")
    if told.action not in ("Create", "Close", "Delete", "UpdatePriority"):
        return ()
    alert = told.alert
    entity = {"entity": alert.entity} if alert.entity else {}
    labels = payload.text_labels({**_tagged(alert.tags), **alert.details, **entity})
    resolved = told.action in ("Close", "Delete")
    created = payload.from_unix(alert.created_at)
    return (
        Alert(
            fingerprint=f"opsgenie:{alert.id[:100]}",
            source="opsgenie",
            name=(alert.message or "Opsgenie alert")[:200],
            status="resolved" if resolved else "firing",
            severity=payload.severity(alert.priority or ""),
            summary=(alert.description or alert.message)[:1_000],
            labels=labels,
            starts_at=payload.utc(created, delivery.now),
            ends_at=delivery.now if resolved else None,
            group_key=(alert.alias or "")[:1_000],
        ),
    )


class _Datadog(Lenient):
    """The form our documentation tells to set as the webhook's payload; Datadog fills the variables in."""

    id: str = Field(min_length=1)
    title: str = ""
    body: str = ""
    transition: str = ""
    priority: str | None = ""
    link: str = ""
    date: float | None = None
    tags: str | list[str] = ""
    aggregate: str = ""

    @field_validator("id", "title", "transition", "aggregate", mode="before")
    @classmethod
    def _text(cls, value: object) -> str:
        return "" if value is None else str(value)

    @field_validator("date", mode="before")
    @classmethod
    def _number(cls, value: object) -> object:
        return None if value in ("", None) else value


def _parse_datadog(delivery: Delivery, settings: WebhookSettings) -> tuple[Alert, ...]:
    event: _Datadog = payload.checked(_Datadog, delivery.document, "Datadog webhook")
    if not (event.title or event.transition):
        raise BadPayload("this is no Datadog webhook: title, transition: set the payload that docs/alerts.md shows")
    pairs = _tagged(event.tags if isinstance(event.tags, list) else event.tags.split(","))
    resolved = event.transition.lower() in _RESOLVED
    since = payload.from_unix(event.date)
    return (
        Alert(
            fingerprint=f"datadog:{(event.aggregate or event.id)[:100]}",
            source="datadog",
            name=(payload.untold(event.title) or "Datadog monitor")[:200],
            status="resolved" if resolved else "firing",
            severity=payload.severity(event.priority or ""),
            summary=event.body.replace(_MARKDOWN, "").strip()[:1_000],
            labels=payload.text_labels(_renamed(pairs)),
            starts_at=payload.utc(since, delivery.now),
            ends_at=delivery.now if resolved else None,
            link=event.link[:4_000],
        ),
    )


_MARKDOWN = "%%%"
"""Stands around Markdown in what Datadog sends."""
_DATADOG = {"kube_namespace": "namespace", "kube_deployment": "deployment", "pod_name": "pod", "kube_node": "node"}


def _tagged(tags: Sequence[str]) -> dict[str, str]:
    """Tags of the form `name:value`."""
    return dict(tag.strip().split(":", 1) for tag in tags if ":" in tag)


def _renamed(tags: dict[str, str]) -> dict[str, str]:
    """Datadog's unified tags under the names that the rest of the field uses."""
    return {_DATADOG.get(key, key): value for key, value in tags.items()}


PAGERDUTY = Source("pagerduty", _parse_pagerduty, _verify_pagerduty)
OPSGENIE = Source("opsgenie", _parse_opsgenie)
DATADOG = Source("datadog", _parse_datadog)
