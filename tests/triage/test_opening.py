"""The incident of alerts, and of a question."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chatops.domain.incident import Thread
from chatops.policy.reach import OutOfReach
from chatops.settings import Settings
from chatops.triage.opening import from_alerts, from_question
from tests.conftest import NOW
from tests.factories import alert


def test_alerts_open_one_with_what_they_have_in_common() -> None:
    two = [alert(severity="warning"), alert(fingerprint="b", name="Other", severity="error")]
    made = from_alerts(Settings.model_validate({"slack": {"channel": "C9"}}), two, NOW)
    assert made.title == "HighErrorRate: checkout fails (+1 other alerts)"
    assert (made.origin, made.severity, made.thread.channel) == ("alert", "error", "C9")
    assert (made.scope.namespace, made.scope.workload) == ("shop", "checkout")
    assert made.window.onset == NOW - timedelta(minutes=5)


MUTED = {"match": {"namespace": "shop"}, "mute": ["11:00-13:00"]}


def test_a_route_may_mute_the_hour() -> None:
    settings = Settings.model_validate({"slack": {"channel": "C9"}, "routes": [MUTED]})
    assert from_alerts(settings, [alert()], NOW).thread.channel == ""


def test_a_question_opens_one_where_it_was_asked() -> None:
    thread = Thread(channel="C1", ts="1.0")
    made = from_question(
        Settings(), "why is\n  checkout slow since 2h?", thread, "U1", "command", {"namespace": "shop"}, NOW
    )
    assert made.title == "why is checkout slow since 2h?"
    assert (made.asked_by, made.thread, made.scope.namespace) == ("U1", thread, "shop")
    assert made.window.end - made.window.start == timedelta(hours=2)
    assert not made.alerts


def test_a_request_that_is_worked_off_twice_opens_the_same() -> None:
    made = from_question(Settings(), "", Thread(), "U1", "command", {}, NOW, request="inc-known")
    assert (made.id, made.title) == ("inc-known", "Investigation")


def test_a_channel_asks_only_about_what_it_may() -> None:
    settings = Settings.model_validate({"slack": {"channels": {"C1": {"namespaces": ["shop"]}}}})
    with pytest.raises(OutOfReach):
        from_question(settings, "x", Thread(channel="C1"), "U1", "command", {"namespace": "bank"}, NOW)
