"""Alertmanager's webhook, version 4; Grafana's alerting sends the same form with fields of its own."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from chatops.domain.alert import Alert
from chatops.settings import WebhookSettings
from chatops.webhooks import payload
from chatops.webhooks.payload import BadPayload, Delivery, Lenient, Source


class _Alert(Lenient):
    status: Literal["firing", "resolved"]
    labels: dict[str, str]
    annotations: dict[str, str] = {}
    starts_at: datetime = Field(alias="startsAt")
    ends_at: datetime | None = Field(default=None, alias="endsAt")
    generator_url: str = Field(default="", alias="generatorURL")
    fingerprint: str = Field(min_length=1)
    dashboard_url: str = Field(default="", alias="dashboardURL")
    panel_url: str = Field(default="", alias="panelURL")


class _Group(Lenient):
    version: str = ""
    group_key: str = Field(default="", alias="groupKey")
    external_url: str = Field(default="", alias="externalURL")
    alerts: list[_Alert] = Field(min_length=1, max_length=10_000)


def _parse(delivery: Delivery, settings: WebhookSettings) -> tuple[Alert, ...]:
    return _alerts("alertmanager", delivery, versions=("4",))


def _parse_grafana(delivery: Delivery, settings: WebhookSettings) -> tuple[Alert, ...]:
    return _alerts("grafana", delivery, versions=("1", ""))


def _alerts(source: str, delivery: Delivery, versions: tuple[str, ...]) -> tuple[Alert, ...]:
    group: _Group = payload.checked(_Group, delivery.document, f"{source} webhook")
    if group.version not in versions:
        expected = " or ".join(repr(version) for version in versions if version)
        raise BadPayload(
            f"{source} webhooks of version {group.version!r} are not known, version {expected} is", near=True
        )
    return tuple(_alert(source, one, group, delivery.now) for one in group.alerts)


def _alert(source: str, one: _Alert, group: _Group, now: datetime) -> Alert:
    notes = one.annotations
    ended = payload.utc(one.ends_at, now)
    return Alert(
        fingerprint=f"{source}:{one.fingerprint[:100]}",
        source=source,
        name=one.labels.get("alertname", "Alert")[:200],
        status=one.status,
        severity=payload.severity(one.labels.get("severity", "")),
        summary=(notes.get("summary") or notes.get("description") or notes.get("message") or "")[:1_000],
        labels=payload.text_labels(one.labels),
        annotations=payload.text_labels(notes),
        starts_at=payload.utc(one.starts_at, now),
        ends_at=ended if one.status == "resolved" else None,
        generator_url=one.generator_url[:4_000],
        runbook_url=notes.get("runbook_url", notes.get("runbook", ""))[:1_000],
        link=(one.dashboard_url or one.panel_url or one.generator_url)[:4_000],
        group_key=group.group_key[:1_000],
    )


ALERTMANAGER = Source("alertmanager", _parse)
GRAFANA = Source("grafana", _parse_grafana)
