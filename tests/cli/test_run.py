"""`manifest`, `settings show`, `alerts test`, `demo --list`, in this process."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from chatops.cli.main import app
from chatops.settings import SettingsError

ALERT = {"status": "firing", "fingerprint": "f", "startsAt": "2026-03-01T11:55:00Z",
         "labels": {"alertname": "Down", "namespace": "shop", "severity": "critical"}}  # fmt: skip


def run(*arguments: str, stdin: str | bytes = "") -> Result:
    return CliRunner().invoke(app, list(arguments), input=stdin)


@pytest.fixture(autouse=True)
def _own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHATOPS_STATE_DIR", str(tmp_path))


def test_a_manifest_is_for_socket_mode_unless_it_has_an_address() -> None:
    socket, http = (json.loads(run("manifest", *more).stdout) for more in ((), ("--url", "https://c.example")))
    assert socket["settings"]["socket_mode_enabled"] is True
    assert http["settings"]["event_subscriptions"]["request_url"].startswith("https://c.example/slack/")


def test_without_history_the_app_reads_no_channels() -> None:
    scopes = json.loads(run("manifest", "--no-history").stdout)["oauth_config"]["scopes"]["bot"]
    assert "channels:history" not in scopes
    assert "chat:write" in scopes


def test_settings_are_shown_without_their_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHATOPS_SLACK__BOT_TOKEN", "xoxb-not-shown")
    monkeypatch.setenv("CHATOPS_SLACK__CHANNEL", "C1")
    done = run("settings", "show")
    assert json.loads(done.stdout)["slack"]["channel"] == "C1"
    assert "not-shown" not in done.stdout


def test_a_payload_is_told_with_where_it_would_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHATOPS_SLACK__CHANNEL", "C1")
    told = json.loads(run("alerts", "test", "-", stdin=json.dumps({"version": "4", "alerts": [ALERT]})).stdout)
    assert (told["source"], told["channel"], told["muted"]) == ("alertmanager", "C1", False)
    assert told["scope"]["namespace"] == "shop"


def test_a_payload_of_which_nothing_is_told_says_so() -> None:
    acknowledged = {"action": "Acknowledge", "alert": {"alertId": "a1"}}
    told = json.loads(run("alerts", "test", "-", stdin=json.dumps(acknowledged)).stdout)
    assert (told["source"], told["alerts"]) == ("opsgenie", [])
    assert "nothing is told" in told["note"]


@pytest.mark.parametrize(("file", "said"), [("/nowhere/alert.json", "No such file"), ("-", "not JSON")])
def test_what_cannot_be_read_is_named_with_its_file(file: str, said: str) -> None:
    error = run("alerts", "test", file, stdin="{").exception
    assert isinstance(error, SettingsError)
    assert str(error).startswith(f"{file}: ")
    assert said in str(error)


def test_the_demos_incidents_are_listed_and_another_is_refused() -> None:
    assert "checkout-oom" in run("demo", "--list").stdout
    error = run("demo", "--incident", "unheard-of").exception
    assert isinstance(error, SettingsError)
    assert "checkout-oom" in str(error)
