"""Quantities in seconds and bytes, however they are written, and what levels differ by."""

from __future__ import annotations

import pytest

from chatops.policy.text.quantities import between, counted, courses, duration, measured, shares, unit


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("limit 256Mi", 256 * 2.0**20),
        ("2.9 GiB free", 2.9 * 2**30),
        ("back-off 2m40s restarting", 160.0),
        ("90 days old", 90 * 86_400.0),
        ("within 250 ms", 0.25),
        ("rate(x[5m])", 300.0),
    ],
)
def test_a_quantity_is_read_with_its_unit(text: str, seen: float) -> None:
    assert seen in set(measured([text]))


@pytest.mark.parametrize("text", ["cart-7d9f", "31 %", "8080", "revision 8", "pods x5h6f8"])
def test_what_is_no_quantity(text: str) -> None:
    assert list(measured([text])) == []


def test_levels_differ_by_an_amount_a_factor_and_a_share() -> None:
    ((before, after),) = courses(["41 → 198 at 11:43"])
    told = between(before, after)
    assert [round(one, 2) for one in told] == [157.0, 4.83, 0.21, 382.93]
    assert list(between(0, 5)) == [5]


def test_units_by_their_names() -> None:
    assert [unit(one) for one in ("minutes", "mebibytes", "bytes", "%", "req/s", None)] == [
        "min",
        "Mi",
        "B",
        "%",
        "",
        "",
    ]
    assert (duration(2, "weeks"), duration(3, "hours")) == (14 * 86_400, 10_800)


def test_what_is_said_with_its_number() -> None:
    texts = ["Revision 8: image at 11:44", "6 restarts, 1 restart, kept", "revision 2.1, no restarts"]
    assert set(counted(texts)) == {("revision", 8), ("restart", 6), ("restart", 1)}


def test_shares_are_told_as_percent_or_as_parts() -> None:
    assert [*shares(["31.5 % of it, 6 of 12, 0/3 ready; 7 of 5, v1/2.5"])] == [0.315, 0.5, 0.0]
