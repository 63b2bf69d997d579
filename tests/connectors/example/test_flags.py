"""The worked example does what the guide promises: found by its entry point, gathered, redacted, covered."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chatops.app.parts import open_connectors
from chatops.policy.redaction import Redactor
from chatops.settings import SettingsError, load
from chatops.triage.gather import Gatherer
from connectors.causes import BY_CODE
from connectors.contract import Connector, Inquiry, Scope, Window
from connectors.evidence import Change, State
from tests.connectors.http_server import HttpStandIn, Request, Trouble

ONSET = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
INQUIRY = Inquiry(scope=Scope(namespace="shop"), window=Window.ending(ONSET + timedelta(minutes=10), onset=ONSET))
SWITCHED = {"flag": "new-checkout", "at": "2026-03-01T11:58:00+00:00", "by": "ana", "from": "off", "to": "on"}


def answer(request: Request) -> Any:
    since, until = request.params.get("since", ""), request.params.get("until", "")
    return {"changes": [SWITCHED] if since <= SWITCHED["at"] <= until else []}


def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opener: str) -> None:
    """What an installed package leaves behind: its name and its entry points."""
    package = tmp_path / "chatops_flags-1.0.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: chatops-flags\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text(f"[chatops.connectors.optional]\nflags = {opener}\n")
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, monkeypatch, "tests.connectors.example.flags:open_connector")


async def opened(server: HttpStandIn) -> Connector:
    settings = load(connectors={"flags": {"url": server.url, "timeout": 1.0, "flag_environment": "production"}})
    found = open_connectors(settings)["default"]["flags"]
    assert found is not None
    return found


def test_without_settings_it_is_silent(installed: None) -> None:
    assert "flags" not in open_connectors(load())["default"]


@pytest.mark.parametrize("opener", ["tests.connectors.example.flags:open_nothing", "no_such_package:open_connector"])
def test_a_package_that_cannot_be_loaded_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opener: str) -> None:
    install(tmp_path, monkeypatch, opener)
    with pytest.raises(SettingsError, match=f"connector flags .{opener} of chatops-flags. cannot be loaded: .*install"):
        open_connectors(load())


async def test_it_is_gathered_like_any_other(installed: None, server: HttpStandIn) -> None:
    connector = await opened(server)
    gatherer = Gatherer({connector.name: connector}, lambda incident: Redactor(key=incident.encode()))
    gathered = await gatherer.gather("i1", INQUIRY)
    assert [(row.source, row.check, row.state) for row in gathered.coverage] == [("flags", "switched", State.CHECKED)]
    assert isinstance(gathered.evidence[0].body, Change)
    assert {finding.cause for finding in gathered.findings} <= set(BY_CODE)
    assert {key for finding in gathered.findings for key in finding.rests_on} <= {e.key for e in gathered.evidence}
    assert server.requests[0].params["environment"] == "production"
    await connector.aclose()


async def test_its_failure_is_a_row_with_the_reason(installed: None, server: HttpStandIn) -> None:
    connector = await opened(server)
    server.trouble = Trouble(403, b'{"message": "not for you"}')
    gatherer = Gatherer({connector.name: connector}, lambda incident: Redactor(key=incident.encode()))
    (row,) = (await gatherer.gather("i1", INQUIRY)).coverage
    assert (row.state, row.detail) == (State.FAILED, "forbidden: HTTP 403: not for you")
    assert [line.ok for line in await connector.health()] == [False]
    await connector.aclose()


async def test_its_tool_answers_for_another_range(installed: None, server: HttpStandIn) -> None:
    connector = await opened(server)
    (tool,) = connector.tools()
    assert (await tool.run(INQUIRY, {"minutes": 5})).searched.startswith("no flag was switched: GET /api/changes")
    assert len((await tool.run(INQUIRY, {"minutes": 30})).evidence) == 1
    await connector.aclose()
