"""Logs of one line with the incident's id, and metrics that add up."""

from __future__ import annotations

import json
import logging

import pytest
from prometheus_client import generate_latest

from chatops.telemetry import Metrics, bound_contextvars, log, set_up_logs


def test_an_event_is_one_json_line_with_what_is_bound(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("info", json=True)
    with bound_contextvars(incident="inc-1"):
        log.info("facts shown", checks=12)
    log.debug("not asked for")
    [line] = capsys.readouterr().err.splitlines()
    told = json.loads(line)
    assert (told["event"], told["incident"], told["checks"], told["level"]) == ("facts shown", "inc-1", 12, "info")
    assert told["timestamp"].endswith("Z")


def test_what_libraries_say_has_the_same_form_and_stands_once(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        set_up_logs("info", json=True)
    with bound_contextvars(incident="inc-1"):
        logging.getLogger("chatops.slack.thread").warning("not posted: %s", "ratelimited")
    [line] = capsys.readouterr().err.splitlines()
    told = json.loads(line)
    assert (told["event"], told["incident"], told["level"]) == ("not posted: ratelimited", "inc-1", "warning")


def test_libraries_that_quote_bodies_are_kept_quiet() -> None:
    set_up_logs("debug", json=True)
    assert not logging.getLogger("slack_sdk").isEnabledFor(logging.INFO)


def test_a_run_of_the_model_is_counted_in_dollars_and_by_kind_of_token() -> None:
    metrics = Metrics()
    for _ in range(2):
        metrics.used({"input_tokens": 10, "output_tokens": 3, "cost_usd": 0.25})
    told = generate_latest(metrics.registry).decode()
    assert "chatops_model_usd_total 0.5" in told
    assert 'chatops_model_tokens_total{kind="input_tokens"} 20.0' in told
    assert "cost_usd" not in told


def test_instances_do_not_share_their_counts() -> None:
    one, other = Metrics(), Metrics()
    one.alerts.labels("alertmanager", "opened").inc()
    assert b'source="alertmanager"' not in generate_latest(other.registry)
    assert b"chatops_settings_taken 1.0" in generate_latest(other.registry)
