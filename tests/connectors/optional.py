"""What every optional connector must do: used by the tests of each, with its own stand-in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from importlib.metadata import entry_points
from typing import Any

import pytest

from connectors.causes import BY_CODE
from connectors.contract import Check, Connector, ConnectorError, ConnectorSettings, Inquiry, Scope, Tape, Window
from connectors.evidence import Observation
from connectors.http import HttpApi, open_api
from tests.connectors.http_server import HttpStandIn, Trouble

ONSET = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
CART = Inquiry(
    scope=Scope(namespace="shop", workload="cart"), window=Window.ending(ONSET + timedelta(minutes=20), onset=ONSET)
)
NOWHERE = CART.model_copy(update={"window": Window.ending(ONSET - timedelta(days=9), onset=ONSET - timedelta(days=10))})
NEEDED: dict[str, dict[str, str]] = {
    "github": {"repositories": "example/shop"},
    "gitlab": {"projects": "example/shop"},
    "jenkins": {"jobs": "shop/deploy"},
    "gcp": {"project": "shop-prod", "token": "made-up"},
    "azure": {"subscription": "00000000-0000-0000-0000-000000000000", "token": "made-up"},
    "entra": {"token": "made-up"},
    "datadog": {"api_key": "made-up", "app_key": "made-up"},
    "pagerduty": {"api_key": "made-up"},
    "opsgenie": {"api_key": "made-up"},
    "circleci": {"projects": "gh/example/shop"},
}
"""What an optional connector needs beside a URL."""


def at(minutes: float) -> str:
    """A time as APIs write it, so many minutes after the onset."""
    return f"{ONSET + timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ}"


def api(server: HttpStandIn, **options: Any) -> HttpApi:
    """The plain API of a stand-in, as a client takes it."""
    made = open_api("tried", ConnectorSettings(options={"url": server.url, "timeout": 2.0, **options}))
    assert made is not None
    return made


async def garbage(call: Awaitable[Any]) -> str:
    """What the error of an answer of another shape says."""
    with pytest.raises(ConnectorError) as caught:
        await call
    assert (caught.value.kind, bool(caught.value.query)) == ("garbage", True)
    return caught.value.detail


@asynccontextmanager
async def opened(name: str, options: dict[str, Any], tape: Tape | None = None) -> AsyncIterator[Any]:
    """The connector of this name, found as the application finds it."""
    (entry,) = entry_points(group="chatops.connectors.optional", name=name)
    connector: Connector | None = entry.load()(ConnectorSettings(options=options, tape=tape))
    assert connector is not None
    assert connector.name == name
    yield connector
    await connector.aclose()


async def run(connector: Connector, name: str, inquiry: Inquiry = CART) -> Observation:
    """One check; what it finds must rest on what it shows, and name causes that exist."""
    found = await next(check for check in connector.checks(inquiry) if check.name == name).run()
    keys = [item.key for item in found.evidence]
    assert len(keys) == len(set(keys))
    assert all(item.source == connector.name and item.query for item in found.evidence)
    for finding in found.findings:
        assert finding.cause in BY_CODE
        assert set(finding.rests_on) <= set(keys)
    return found


async def ask(connector: Connector, name: str, inquiry: Inquiry = CART, **arguments: Any) -> Observation:
    """One of the persona's tools."""
    return await next(tool for tool in connector.tools() if tool.name == name).run(inquiry, arguments)


async def kind_of(check: Check) -> str:
    """How a check fails; empty where it does not."""
    try:
        await check.run()
    except ConnectorError as error:
        return error.kind if error.query else "no query"
    return ""


async def fails_well(connector: Connector, server: HttpStandIn) -> None:
    """A refusal, nonsense of three kinds, an error: every check raises the one exception, and doctor names a remedy."""
    assert all(line.ok for line in await connector.health())
    for trouble, kinds in (
        (Trouble(403, b'{"message": "not for you"}'), {"forbidden"}),
        (Trouble(200, b"<html>sign in</html>"), {"garbage"}),
        (Trouble(200, b'{"unexpected": 1}'), {"garbage", ""}),
        (Trouble(200, b'[{"unexpected": 1}]'), {"garbage"}),
        (Trouble(500, b"oops"), {"unreachable", "open_circuit"}),
    ):
        server.trouble = trouble
        for check in connector.checks(CART):
            assert await kind_of(check) in kinds, (check.name, trouble)
        if trouble.status == 403:
            health = await connector.health()
            assert not all(line.ok for line in health)
            assert all("CHATOPS_CONNECTORS__" in line.remedy for line in health if not line.ok)
    server.trouble = None


def refused(name: str, options: dict[str, Any], says: str) -> None:
    """Settings that make no sense are told in words that name the setting."""
    (entry,) = entry_points(group="chatops.connectors.optional", name=name)
    with pytest.raises(ValueError, match=says):
        entry.load()(ConnectorSettings(options=options))


def silent(name: str) -> None:
    """Without settings there is no connector."""
    (entry,) = entry_points(group="chatops.connectors.optional", name=name)
    assert entry.load()(ConnectorSettings(options={})) is None
