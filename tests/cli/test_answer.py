"""From the options of a command to an incident, and from a diagnosis to what is printed."""

from __future__ import annotations

import io
import json
import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from typer.testing import CliRunner

from chatops.cli.answer import Format, incident, print_case
from chatops.cli.main import app
from chatops.domain.incident import Incident
from chatops.settings import Settings, SettingsError
from chatops.triage.investigate import Case
from tests import factories

LABELS = {"alertname": "Down", "namespace": "shop", "severity": "critical", "deployment": "cart"}
BEGAN = (datetime.now(UTC) - timedelta(minutes=5)).isoformat()
ALERT = {"status": "firing", "fingerprint": "f", "startsAt": BEGAN, "labels": LABELS}
PAYLOAD = json.dumps({"version": "4", "alerts": [ALERT]})


def asked(question: str = "", alert: Path | None = None, since: str = "1h", **options: str) -> Incident:
    given = {"namespace": "", "workload": "", "environment": "", **options}
    settings = Settings.model_validate({"services": {"checkout": {"namespace": "shop", "workload": "checkout-api"}}})
    return incident(settings, question, alert, since=since, **given)


def test_a_question_finds_the_service_it_names_and_options_have_the_last_word() -> None:
    found = asked("checkout is slow")
    assert (found.scope.namespace, found.scope.workload) == ("shop", "checkout-api")
    assert (found.title, found.origin, found.question) == ("checkout is slow", "cli", "checkout is slow")
    assert asked("checkout is slow", namespace="staging").scope.namespace == "staging"


def test_a_namespace_alone_is_asked_about_as_it_is() -> None:
    found = asked(namespace="shop")
    assert (found.title, found.question, found.alerts) == ("State of shop", "", ())
    assert asked(workload="cart", namespace="shop").title == "State of cart"


@pytest.mark.parametrize(("since", "minutes"), [("30m", 30), ("2h", 120), ("1d", 1440)])
def test_as_far_back_as_it_is_told(since: str, minutes: int) -> None:
    window = asked("x", since=since).window
    assert (window.end - window.start).total_seconds() == minutes * 60


def test_an_alert_brings_its_scope_severity_and_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "alert.json"
    file.write_text(PAYLOAD)
    found = asked(alert=file)
    assert (found.scope.namespace, found.scope.workload, found.severity) == ("shop", "cart", "critical")
    assert found.window.onset is not None
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(PAYLOAD.encode())))
    assert asked(alert=Path("-")).alerts[0].name == "Down"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "say what is wrong"),
        ({"question": "x", "environment": "mars"}, "--environment mars: not in the settings; there are: default"),
        ({"question": "x", "since": "yesterday"}, "--since yesterday: give a number and a unit"),
        ({"alert": Path("/nonexistent/alert.json")}, "--alert: No such file or directory: /nonexistent/alert.json"),
        ({"alert": Path(__file__)}, "--alert"),
    ],
    ids=lambda one: str(one)[:30],
)
def test_what_cannot_be_asked_is_told_with_its_option(options: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        asked(**options)
    assert said in str(caught.value)


@pytest.mark.parametrize("format", list(Format))
def test_every_format_holds_what_was_found(format: Format, capsys: pytest.CaptureFixture[str]) -> None:
    case = Case(factories.incident(), factories.diagnosis(), ())
    print_case(case, format)
    printed = capsys.readouterr().out
    assert "checkout" in printed
    if format is Format.JSON:
        schema = json.loads(CliRunner().invoke(app, ["schema"]).stdout)
        jsonschema.validate(json.loads(printed), schema)
    elif format is Format.HTML:
        assert printed.startswith("<!")
        assert "<script src=" not in printed
    elif format is Format.BRIEF:
        assert "tokens by our measure" in printed
        assert format.asks is False


def test_the_causes_are_a_table_for_people() -> None:
    lines = CliRunner().invoke(app, ["causes"]).stdout.splitlines()
    assert any(line.startswith("OOMKilled") for line in lines)
    kinds = [re.match(r"\S+ +", line) for line in lines]
    assert len({found.end() for found in kinds if found}) == 1, "in columns"
