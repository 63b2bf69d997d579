"""CloudWatch alarms: through SNS (signed), or through EventBridge (an API destination with the bearer token)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from chatops.domain.alert import Alert
from chatops.settings import WebhookSettings
from chatops.telemetry import log
from chatops.webhooks import payload, sns_signature
from chatops.webhooks.payload import BadPayload, Delivery, Lenient, Source


class _Dimension(Lenient):
    name: str = ""
    value: str = ""


class _Trigger(Lenient):
    metric: str = Field(default="", alias="MetricName")
    namespace: str = Field(default="", alias="Namespace")
    dimensions: list[_Dimension] = Field(default=[], alias="Dimensions")


class _Alarm(Lenient):
    name: str = Field(alias="AlarmName", min_length=1)
    description: str | None = Field(default="", alias="AlarmDescription")
    account: str = Field(default="", alias="AWSAccountId")
    region: str = Field(default="", alias="Region")
    arn: str = Field(default="", alias="AlarmArn")
    state: str = Field(alias="NewStateValue")
    reason: str = Field(default="", alias="NewStateReason")
    changed: datetime | None = Field(default=None, alias="StateChangeTime")
    trigger: _Trigger = Field(default=_Trigger(), alias="Trigger")


class _State(Lenient):
    value: str = ""
    reason: str = ""
    timestamp: datetime | None = None


class _Detail(Lenient):
    name: str = Field(alias="alarmName", min_length=1)
    state: _State
    configuration: dict[str, Any] = {}


class _Event(Lenient):
    kind: str = Field(alias="detail-type", pattern="^CloudWatch Alarm State Change$")
    account: str = ""
    region: str = ""
    resources: list[str] = []
    detail: _Detail


class _Message(Lenient):
    type: str = Field(alias="Type")
    topic: str = Field(default="", alias="TopicArn")
    message: str = Field(default="", alias="Message")
    subscribe: str = Field(default="", alias="SubscribeURL")


_certificates = sns_signature.Certificates()


async def _verify(delivery: Delivery, settings: WebhookSettings) -> None:
    """Signature first; then the topic must be listed; then a subscription to it is confirmed."""
    message: _Message = payload.checked(_Message, delivery.document, "SNS message")
    await sns_signature.verify(delivery.document, _certificates, settings.sns_cert_hosts)
    if message.topic not in settings.sns_topics:
        raise BadPayload(f"the topic {message.topic[:200]} is not listed in webhooks.sns_topics", 401)
    if message.type == "SubscriptionConfirmation":
        sns_signature.trusted(message.subscribe, settings.sns_cert_hosts)
        await sns_signature.fetch(message.subscribe)
        log.info("SNS subscription confirmed", topic=message.topic)


def _parse(delivery: Delivery, settings: WebhookSettings) -> tuple[Alert, ...]:
    message: _Message = payload.checked(_Message, delivery.document, "SNS message")
    if message.type != "Notification":
        return ()
    try:
        document = payload.parsed(message.message)
    except (ValueError, RecursionError) as error:
        raise BadPayload("the SNS message does not hold a CloudWatch alarm", near=True) from error
    if isinstance(document, dict) and "detail-type" in document:
        return (_event_alert(document, delivery.now),)
    return (_alarm_alert(payload.checked(_Alarm, document, "CloudWatch alarm"), delivery.now),)


def _parse_event(delivery: Delivery, settings: WebhookSettings) -> tuple[Alert, ...]:
    return (_event_alert(delivery.document, delivery.now),)


def _alarm_alert(alarm: _Alarm, now: datetime) -> Alert:
    trigger = alarm.trigger
    region = alarm.arn.split(":")[3] if alarm.arn.count(":") >= 5 else alarm.region
    labels = {
        "alertname": alarm.name,
        "account": alarm.account,
        "region": region,
        "metric": trigger.metric,
        "metric_namespace": trigger.namespace,
        **{dimension.name: dimension.value for dimension in trigger.dimensions if dimension.name},
    }
    return _alert(alarm.name, alarm.state, alarm.description or alarm.reason, labels, alarm.arn, alarm.changed, now)


def _event_alert(document: Any, now: datetime) -> Alert:
    event: _Event = payload.checked(_Event, document, "CloudWatch alarm event")
    labels = {"alertname": event.detail.name, "account": event.account, "region": event.region}
    labels |= _event_metric(event.detail.configuration)
    description = str(event.detail.configuration.get("description") or event.detail.state.reason)
    arn = event.resources[0] if event.resources else ""
    state = event.detail.state
    return _alert(event.detail.name, state.value, description, labels, arn, state.timestamp, now)


def _event_metric(configuration: dict[str, Any]) -> dict[str, str]:
    """The first metric's name and dimensions; none for composite alarms and expressions."""
    for index in range(10):
        metric = payload.at(configuration, f"metrics.{index}.metricStat.metric")
        if isinstance(metric, dict) and metric.get("name"):
            dimensions = metric.get("dimensions")
            found = {"metric": metric["name"], "metric_namespace": metric.get("namespace", "")}
            return payload.text_labels({**found, **(dimensions if isinstance(dimensions, dict) else {})})
    return {}


def _alert(
    name: str, state: str, summary: str, labels: dict[str, str], arn: str, changed: datetime | None, now: datetime
) -> Alert:
    kept = payload.text_labels({key: value for key, value in labels.items() if value})
    region = kept.get("region", "")
    console = f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}#alarmsV2:alarm/{name}"
    since = payload.utc(changed, now)
    return Alert(
        fingerprint=payload.fingerprint("cloudwatch", arn or name, kept.get("account", ""), region),
        source="cloudwatch",
        name=name[:200],
        # INSUFFICIENT_DATA is no recovery: an alarm whose metric stopped coming is told, and stays open.
        status="resolved" if state == "OK" else "firing",
        severity="warning" if state == "INSUFFICIENT_DATA" else "critical",
        summary=summary[:1_000],
        labels=kept,
        annotations={"state": state},
        starts_at=since,
        ends_at=since if state == "OK" else None,
        link=console if region else "",
    )


CLOUDWATCH = Source("cloudwatch", _parse, _verify)
EVENTBRIDGE = Source("eventbridge", _parse_event)
