"""Alerts that other apps post as messages in a Slack channel: Alertmanager's, Grafana's, Datadog's, Jenkins' …

Read is what machines write into them: the word or the colour of the state, the title, and labels with their values.
A message that has no state (a deployment's notice, a joke) is no alert.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from chatops.domain.alert import Alert
from chatops.settings import WebhookSettings
from chatops.webhooks import payload
from chatops.webhooks.payload import BadPayload, Delivery, Source

_FIRING = re.compile(r"\b(firing|alerting|alarm|triggered|re-triggered|problem|critical|down|failed)\b", re.I)
_RESOLVED = re.compile(r"\b(resolved|recovered|recovery|ok|closed|normal|up)\b", re.I)
_COLORS = {"danger": "firing", "warning": "firing", "good": "resolved"}
_EMOJI = re.compile(r":[a-z0-9_+-]+:")
_LINK = re.compile(r"<((?:https?|mailto)[^>|]*)(?:\|([^>]*))?>")
_LABEL = re.compile(
    r"(?:^|[\s,;{(*_`-])([A-Za-z][\w./-]{1,40})[*_`]*\s?[:=][*_`\"]*[ \t]?[*_`\"]*(?![A-Za-z][\w./-]*[:=][^/\d])"
    r"([^\s,;`*\"/}][^\s,;`*\"}]*)",
    re.M,
)
_IDENTITY = re.compile(r"alertname|monitor|.*(namespace|cluster|deployment|stateful_?set|daemon_?set|workload|service"
                       r"|pod|node|container|app|job|instance|host|region|identifier)(_?name)?$", re.I)  # fmt: skip
"""Labels that say which alert it is; what else is told (values, times) changes from message to message."""


def _parse(delivery: Delivery, settings: WebhookSettings) -> tuple[Alert, ...]:
    message = delivery.document
    if not isinstance(message, dict) or not message.get("bot_id") or not message.get("ts"):
        raise BadPayload("this is no message of an app in a Slack channel: bot_id and ts are missing")
    texts = list(dict.fromkeys(filter(None, map(_plain, _texts(message)))))
    title = texts[0] if texts else ""
    state = _state(message, title)
    if not state:
        raise BadPayload("the message tells no state (firing, resolved …): it is no alert", near=True)
    labels = _labels(message, "\n".join(texts))
    name = labels.get("alertname") or payload.untold(title)
    identity = [f"{key}={value}" for key, value in sorted(labels.items()) if _IDENTITY.fullmatch(key)]
    told_by = message.get("channel"), message["bot_id"], name
    at = payload.utc(payload.from_unix(_number(message["ts"])), delivery.now)
    return (
        Alert(
            fingerprint=payload.fingerprint("slack", *map(str, told_by), *identity),
            source="slack",
            name=name[:200],
            status="resolved" if state == "resolved" else "firing",
            severity=payload.severity(labels.get("severity") or labels.get("priority") or ""),
            summary=(labels.get("summary") or title)[:1_000],
            labels=payload.text_labels(labels),
            starts_at=at,
            ends_at=at if state == "resolved" else None,
            link=_link(message)[:4_000],
            channel=str(message.get("channel", ""))[:100],
            message=str(message["ts"])[:100],
        ),
    )


def alerts_in(message: Mapping[str, Any], now: datetime) -> tuple[Alert, ...]:
    """The alert that a message of another app tells; nothing where it tells none."""
    try:
        return _parse(Delivery({}, dict(message), b"", now), WebhookSettings())
    except BadPayload:
        return ()


def _attachments(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows = message.get("attachments")
    return [one for one in rows if isinstance(one, dict)][:20] if isinstance(rows, list) else []


def _texts(message: Mapping[str, Any]) -> Iterator[str]:
    """What people read, the title first."""
    rows = _attachments(message)
    for row in rows:
        yield from (str(row[key]) for key in ("title", "pretext") if row.get(key))
    yield from _in_blocks(message.get("blocks"))
    yield str(message.get("text") or "")
    for row in rows:
        yield from (str(row[key]) for key in ("text", "fallback") if row.get(key))
        yield from _in_blocks(row.get("blocks"))


def _in_blocks(blocks: Any) -> Iterator[str]:
    """The texts of blocks, and of the fields and elements in them."""
    for block in blocks[:50] if isinstance(blocks, list) else ():
        if not isinstance(block, dict):
            continue
        text = block.get("text")
        if isinstance(text, dict):
            text = text.get("text")
        if isinstance(text, str):
            yield text
        for inner in (block.get("fields"), block.get("elements")):
            yield from _in_blocks(inner)


def _plain(text: str) -> str:
    said = _EMOJI.sub(" ", _LINK.sub(lambda found: found[2] or found[1], text))
    return said.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()[:8_000]


def _state(message: Mapping[str, Any], title: str) -> str:
    """`firing`, `resolved`, or '' where nothing tells it: the title's first word of a state, else the colour."""
    firing, resolved = _FIRING.search(title), _RESOLVED.search(title)
    if firing or resolved:
        return "resolved" if resolved and (not firing or resolved.start() < firing.start()) else "firing"
    colors = (str(row.get("color")) for row in _attachments(message))
    return next((_COLORS[color] for color in colors if color in _COLORS), "")


def _labels(message: Mapping[str, Any], text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for row in _attachments(message):
        fields = row.get("fields")
        for field in fields[:50] if isinstance(fields, list) else ():
            if isinstance(field, dict) and field.get("title") and field.get("value"):
                key = "_".join(str(field["title"]).lower().split())
                found.setdefault(key, _plain(str(field["value"])).strip("`*_ "))
    for key, value in _LABEL.findall(text):
        found.setdefault(key.lower() if key.istitle() else key, value)
    return found


def _link(message: Mapping[str, Any]) -> str:
    return next((str(row["title_link"]) for row in _attachments(message) if row.get("title_link")), "")


def _number(text: Any) -> float:
    try:
        return float(text)
    except (TypeError, ValueError):
        return 0.0


SLACK = Source("slack", _parse)
