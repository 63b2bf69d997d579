"""Which connectors are opened, and which of those that are not configured are told of."""

from __future__ import annotations

from importlib.metadata import entry_points

import pytest

from chatops.app.parts import open_connectors
from chatops.settings import SettingsError, load
from tests.connectors.optional import NEEDED

EXPECTED = {"kubernetes", "prometheus", "cloudwatch"}


async def test_an_optional_connector_is_absent_until_it_is_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(open_connectors(load())["default"]) == EXPECTED
    monkeypatch.setenv("CHATOPS_CONNECTORS__LOKI__URL", "http://loki.invalid:3100")
    opened = open_connectors(load())["default"]
    assert set(opened) == {*EXPECTED, "loki"}
    loki = opened["loki"]
    assert loki is not None
    assert loki.name == "loki"
    await loki.aclose()


def test_a_connector_that_nobody_installed_is_a_mistake_in_the_settings() -> None:
    with pytest.raises(SettingsError, match="no such connector is installed"):
        open_connectors(load(connectors={"lokki": {"url": "http://x"}}))


def test_an_address_that_is_none_is_named() -> None:
    with pytest.raises(SettingsError, match="CHATOPS_CONNECTORS__LOKI__….*does not begin with http"):
        open_connectors(load(connectors={"loki": {"url": "loki:3100"}}))


async def test_every_optional_connector_opens_under_the_name_of_its_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    optional = sorted(one.name for one in entry_points(group="chatops.connectors.optional"))
    assert len(optional) > 10
    for name in optional:
        for option, value in {"url": "http://somewhere.invalid", **NEEDED.get(name, {})}.items():
            monkeypatch.setenv(f"CHATOPS_CONNECTORS__{name.upper()}__{option.upper()}", value)
    opened = {name: one for name, one in open_connectors(load())["default"].items() if name in optional}
    assert {name: one.name for name, one in opened.items() if one} == {name: name for name in optional}
    tools = [tool.name for one in opened.values() if one for tool in one.tools()]
    assert len(tools) == len(set(tools))
    for one in opened.values():
        assert one is not None
        await one.aclose()
