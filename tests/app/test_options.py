"""An option that a connector does not read is told at the start, with those that it reads."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import EntryPoint, entry_points

import pytest

from chatops.app.parts import open_connectors
from chatops.settings import SettingsError, load
from connectors.address import COMMON
from connectors.contract import ConnectorSettings
from connectors.kubernetes.client import Access
from tests.connectors.optional import NEEDED
from tests.docs_configuration import MEANINGS

HIDDEN = ("federated_token_file", "authority", "imds")
"""What AKS sets by variables; as options they are for tests."""


class Heard(dict[str, object]):
    """Options that remember every name that was asked for."""

    def __init__(self, options: Mapping[str, object]) -> None:
        super().__init__(options)
        self.names: set[str] = set()

    def get(self, name: str, default: object = None) -> object:
        self.names.add(name)
        return super().get(name, default)


@pytest.mark.parametrize(
    "entry",
    [
        e
        for group in ("", ".optional")
        for e in entry_points(group=f"chatops.connectors{group}")
        if "connectors." in e.value
    ],
    ids=lambda entry: entry.name,
)
def test_a_connector_declares_what_it_reads_no_more_and_no_less(entry: EntryPoint) -> None:
    heard = Heard({"url": "http://source:1", "region": "eu-west-1", **NEEDED.get(entry.name, {}), "token": ""})
    opener = entry.load()
    opener(ConnectorSettings(options=heard))
    assert heard.names == opener.reads
    told = MEANINGS.get(entry.name, "").replace("{kubernetes}", str(list(Access.__dataclass_fields__)))
    own = opener.reads - set(COMMON) - set(HIDDEN)
    assert [name for name in own if name not in told + (opener.__doc__ or "")] == []


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ({"prometheus": {"urll": "http://p:9090"}}, "prometheus .CHATOPS_PROMETHEUS__….*urll.*did you mean url"),
        ({"connectors": {"loki": {"url": "http://l:3100", "tokn": "t"}}}, "LOKI__….*tokn.*did you mean token"),
        ({"cloudwatch": {"region": "eu-west-1", "role_arns": "r"}}, "CLOUDWATCH__….*role_arns.*did you mean role_arn"),
        ({"kubernetes": {"servr": "http://k"}}, "KUBERNETES__….*servr.*did you mean server"),
        (
            {"prometheus": {"adress": "http://p"}},
            "PROMETHEUS__….*adress: there is no such option; there are: ca, .*, verify$",
        ),
        ({"connectors": {"loki": {"retention": "1d"}}}, "LOKI__….*retention: there is no such option.*labels.*url"),
        ({"prometheus": {"url": "http://p", "headers": "x"}}, "headers: a value of another kind.*text was given"),
        ({"kubernetes": {"contexts": 4}}, "contexts: a value of another kind.*a number was given"),
        (
            {"connectors": {"loki": {"url": "http://l", "timeout": {}, "labels": True}}},
            "labels: .*true or false was given",
        ),
    ],
)
def test_of_every_kind_of_connector(section: dict[str, object], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        open_connectors(load(**section))


def test_an_option_that_is_read_and_not_needed_is_no_mistake() -> None:
    open_connectors(
        load(prometheus={"url": "http://p", "ca": "/ca.crt", "verify": False}, cloudwatch={"enabled": False})
    )


@pytest.mark.parametrize(
    ("name", "option", "needed"),
    [("loki", "token", "url"), ("github", "token", "repositories"), ("pagerduty", "timeout", "api_key or url")],
)
def test_options_that_are_not_enough_are_told(name: str, option: str, needed: str) -> None:
    told: list[str] = []
    opened = open_connectors(load(connectors={name: {option: "5"}}), unfinished=lambda *said: told.extend(said))
    assert name not in opened["default"]
    where = f"{name} (CHATOPS_CONNECTORS__{name.upper()}__…), environment default"
    assert told == [where, f"{option} without {needed}: it is not asked"]
