"""What Slack sends is read, told apart, and known again."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from chatops.slack.requests import is_repeated, key_of, read, wants_answer

JSON, FORM = "application/json; charset=utf-8", "application/x-www-form-urlencoded"


def test_a_command_an_interaction_and_an_event_are_read() -> None:
    assert read(urlencode({"command": "/triage", "text": "a=b &c"}).encode(), FORM) == {
        "command": "/triage",
        "text": "a=b &c",
    }
    assert read(urlencode({"payload": json.dumps({"type": "block_actions"})}).encode(), FORM) == {
        "type": "block_actions"
    }
    assert read(b'{"type": "event_callback"}', JSON) == {"type": "event_callback"}
    assert read(b"ssl_check=1&token=x", FORM) == {"ssl_check": "1", "token": "x"}


@pytest.mark.parametrize(
    ("raw", "kind"),
    [(b"[]", JSON), (b"{", JSON), (b'"x"', JSON), (b"\xff", FORM), (b"payload=[]", FORM), (b"payload=", FORM)],
)
def test_what_is_none_is_refused(raw: bytes, kind: str) -> None:
    with pytest.raises(ValueError):
        read(raw, kind)


@pytest.mark.parametrize(
    ("body", "waits"),
    [
        ({"type": "url_verification", "challenge": "x"}, True),
        ({"ssl_check": "1"}, True),
        ({"type": "view_submission"}, True),
        ({"type": "block_suggestion"}, True),
        ({"type": "block_actions"}, False),
        ({"command": "/triage"}, False),
        ({"type": "event_callback"}, False),
    ],
)
def test_which_are_answered_in_the_response(body: dict[str, Any], waits: bool) -> None:
    assert wants_answer(body) is waits


def event(**of: Any) -> dict[str, Any]:
    return {"type": "event_callback", "event_id": "Ev1", "event": of}


MESSAGE = {"type": "message", "user": "U1", "channel": "C1", "ts": "1.1"}


@pytest.mark.parametrize(
    ("body", "key"),
    [
        (event(type="app_mention", user="U1"), "event:Ev1"),
        (event(**MESSAGE, channel_type="im"), "event:Ev1"),
        (event(**MESSAGE, thread_ts="1.0"), "event:Ev1"),
        (event(**MESSAGE), ""),
        (event(**MESSAGE, channel_type="im", bot_id="B1"), ""),
        (event(**MESSAGE, channel_type="im", subtype="message_changed"), ""),
        (event(type="reaction_added"), ""),
        ({"type": "event_callback", "event_id": "Ev1"}, ""),
        ({"command": "/triage", "trigger_id": "7.7"}, "interaction:7.7"),
        ({"type": "block_actions", "trigger_id": "8.8"}, "interaction:8.8"),
    ],
)
def test_what_a_request_is_known_by(body: dict[str, Any], key: str) -> None:
    assert key_of(body) == key


def test_what_has_no_id_is_known_by_all_it_says() -> None:
    one, other = key_of({"type": "block_actions", "a": 1, "b": 2}), key_of({"type": "block_actions", "a": 1, "b": 3})
    assert one == key_of({"b": 2, "type": "block_actions", "a": 1})
    assert one != other


def test_only_events_are_sent_again() -> None:
    assert is_repeated(event(type="app_mention"))
    assert not is_repeated({"command": "/triage"})


def test_what_other_apps_post_is_kept_only_in_channels_of_alerts() -> None:
    event = {"type": "message", "bot_id": "B9", "channel": "C9", "ts": "1.0"}
    body = {"type": "event_callback", "event_id": "Ev1", "event": event}
    assert (key_of(body), key_of(body, ("C1",)), key_of(body, ("C9",))) == ("", "", "event:Ev1")
