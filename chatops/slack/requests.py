"""What has Slack sent? Its body read, whether Slack waits for an answer in the response, and what it is known by.

Everything here stands before the acknowledgement: it looks at a few fields and asks nobody.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import parse_qsl

from chatops.slack.listeners.events import is_heard

Body = Mapping[str, Any]

_IN_THE_RESPONSE = frozenset({"url_verification", "view_submission", "view_closed", "block_suggestion"})
"""Types that are answered in the response itself: errors in a form, options of a menu, the challenge."""


def read(raw: bytes, content_type: str) -> Body:
    """The body of a request over HTTP as Socket Mode sends it. ValueError where it is none."""
    text = raw.decode()
    if content_type.startswith("application/json") or text.startswith("{"):
        found = json.loads(text)
    else:
        found = dict(parse_qsl(text, keep_blank_values=True))
        if "payload" in found:
            found = json.loads(found["payload"])
    if not isinstance(found, dict):
        raise ValueError("not an object")  # noqa: TRY004 - what came is wrong, not our use of it
    return found


def wants_answer(body: Body) -> bool:
    """Whether the response itself has to say more than that it came."""
    return body.get("type") in _IN_THE_RESPONSE or "ssl_check" in body


def is_form(body: Body) -> bool:
    """Whether it is a submitted form: looked through in the response, then kept like everything else."""
    return body.get("type") == "view_submission"


def is_repeated(body: Body) -> bool:
    """Whether Slack sends it again where it is not acknowledged: events are, what people type and click is not."""
    return body.get("type") == "event_callback"


def key_of(body: Body, alert_channels: Collection[str] = ()) -> str:
    """What a request is known by when it comes again; '' for what nobody here listens to."""
    if is_repeated(body):
        event = body.get("event")
        if not isinstance(event, Mapping) or not is_heard(event, alert_channels):
            return ""
        return f"event:{body['event_id']}" if body.get("event_id") else _digest(body)
    if is_form(body):
        view = body["view"]
        return f"form:{view['id']}:{view.get('hash', '')}"  # pressed again, it has another trigger
    return f"interaction:{body['trigger_id']}" if body.get("trigger_id") else _digest(body)


def _digest(body: Body) -> str:
    return "body:" + hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
