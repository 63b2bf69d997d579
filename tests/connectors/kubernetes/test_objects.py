from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.kubernetes import objects as o


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("200m", 0.2),
        ("1", 1),
        ("1Gi", 2**30),
        ("1k", 1000),
        ("1e3", 1000),
        ("129e6", 129e6),
        (3, 3),
        ("", 0),
        (None, 0),
        ("x", 0),
    ],
)
def test_quantities(text: object, value: float) -> None:
    assert o.quantity(text) == pytest.approx(value)


@given(st.text())
def test_any_text_is_a_quantity_or_nothing(text: str) -> None:
    assert isinstance(o.quantity(text), float)


@pytest.mark.parametrize(
    ("operator", "values", "holds"),
    [
        ("In", ["a", "b"], True), ("NotIn", ["a"], False), ("Exists", None, True), ("DoesNotExist", None, False),
        ("Gt", ["1"], False), ("Nonsense", [], False),
    ],
)  # fmt: skip
def test_expressions(operator: str, values: list[str] | None, holds: bool) -> None:
    assert o.expression({"key": "tier", "operator": operator, "values": values}, {"tier": "a"}) is holds


def test_numeric_expressions() -> None:
    assert o.expression({"key": "n", "operator": "Gt", "values": ["3"]}, {"n": "4"})
    assert not o.expression({"key": "n", "operator": "Lt", "values": ["3"]}, {"n": "4"})


def test_an_empty_service_selector_matches_nothing_and_an_empty_label_selector_everything() -> None:
    assert not o.matches({}, {"a": "b"})
    assert o.selected({}, {"a": "b"})
    assert o.selected(None, {})


def test_null_fields_of_real_servers_are_nothing() -> None:
    bare = {"metadata": None, "spec": None, "status": None}
    assert (o.name(bare), o.labels(bare), o.conditions(bare), o.container_statuses(bare), o.ready(bare)) == (
        "",
        {},
        {},
        [],
        False,
    )
    assert o.owner(bare) is None
    assert o.created(bare) is None


@pytest.mark.parametrize("text", ["2026-05-04T12:00:00Z", "2026-05-04T12:00:00.123456Z", "2026-05-04T12:00:00+00:00"])
def test_times_are_utc(text: str) -> None:
    found = o.when(text)
    assert found is not None
    assert found.hour == 12
    assert found.utcoffset() is not None


@pytest.mark.parametrize("text", [None, "", "yesterday", 5])
def test_what_is_no_time(text: object) -> None:
    assert o.when(text) is None


def test_a_port_by_name_number_and_neither() -> None:
    containers = [{"ports": [{"name": "http", "containerPort": 8080}]}]
    assert [o.port_number(port, containers) for port in ("http", 9, "9", "grpc", None)] == [8080, 9, 9, None, None]


def test_short_is_one_line() -> None:
    assert o.short("a\n b", 10) == "a b"
    assert o.short("pull of " + "x" * 99 + " 403 Forbidden", 40) == "pull of xxxxxxxxxxxxx … xx 403 Forbidden"


def test_a_condition_in_a_line_ends_with_what_it_says() -> None:
    assert o.condition_words({"status": "True", "reason": "Available", "message": ""}) == "True Available"
    assert o.condition_words({"status": "False", "reason": "NotReady", "message": "gone\n"}) == "False NotReady: gone"
