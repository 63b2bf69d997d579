"""A mistyped option of a connector is told; an option that was merely not needed is none."""

from __future__ import annotations

import pytest

from chatops.app.options import Asked
from chatops.app.parts import open_connectors
from chatops.settings import SettingsError, load


def test_what_was_not_asked_for_and_is_nearly_what_was_is_mistyped() -> None:
    asked = Asked({"urll": "http://x", "timeout": 4.0})
    assert asked.get("url") is None
    assert asked.mistyped() == "urll: there is no such option, did you mean url?"


def test_what_is_not_needed_is_no_mistake() -> None:
    asked = Asked({"token": "t", "verify": False})
    assert "url" not in asked
    assert asked.mistyped() == ""


def test_who_takes_all_has_asked_for_all() -> None:
    asked = Asked({"urll": "http://x"})
    assert {**asked} == {"urll": "http://x"}
    assert asked.get("url") is None
    assert asked.mistyped() == ""


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ({"prometheus": {"urll": "http://p:9090"}}, "prometheus .CHATOPS_PROMETHEUS__….*urll.*did you mean url"),
        ({"connectors": {"loki": {"url": "http://l:3100", "tokn": "t"}}}, "LOKI__….*tokn.*did you mean token"),
        ({"cloudwatch": {"region": "eu-west-1", "role_arns": "r"}}, "CLOUDWATCH__….*role_arns.*did you mean role_arn"),
        ({"kubernetes": {"servr": "http://k"}}, "KUBERNETES__….*servr.*did you mean server"),
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
