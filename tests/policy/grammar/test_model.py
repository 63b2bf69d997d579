"""How a row is written, and how a flag is taken apart."""

from __future__ import annotations

import pytest

from chatops.policy.grammar.model import paths, split_flag, words


def test_a_row_is_written_as_one_string() -> None:
    assert words(" get  list\n describe ") == {"get", "list", "describe"}
    assert paths("get, rollout   status,\n , version,") == ("get", "rollout status", "version")


@pytest.mark.parametrize(
    ("argument", "name", "value"),
    [
        ("--output=json", "--output", "json"),
        ("-output=json", "-output", "json"),
        ("--selector=app=cart", "--selector", "app=cart"),
        ("--output=", "--output", ""),
        ("--output", "--output", None),
        ("-n", "-n", None),
        ("app=cart", "app=cart", None),
    ],
)
def test_a_flag_has_a_value_of_its_own_or_none(argument: str, name: str, value: str | None) -> None:
    assert split_flag(argument) == (name, value)
