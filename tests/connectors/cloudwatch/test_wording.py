"""Figures, times and links read the same everywhere."""

from __future__ import annotations

import pytest

from connectors.cloudwatch.wording import alarm_link, amount, clock, console
from tests.connectors.cloudwatch.world import NOW


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (96.4321, "%", "96.4%"),
        (512 * 2**20, "B", "512 MiB"),
        (240 * 2**20, "B/s", "240 MiB/s"),
        (100, "B", "100 B"),
        (5 * 2**60, "B", "5.12e+03 PiB"),
        (1_140, "s", "1,140 s"),
        (7, "count", "7"),
        (0.05, "", "0.05"),
    ],
)
def test_a_value_in_its_unit(value: float, unit: str, expected: str) -> None:
    assert amount(value, unit) == expected


def test_a_time_that_is_not_known_is_no_text() -> None:
    assert (clock(NOW), clock(None)) == ("12:00 UTC", "")


def test_links_lead_into_the_region_or_nowhere() -> None:
    assert console("", "rds", "x") == ""
    link = alarm_link("eu-west-1", "a/b c")
    assert link == "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#alarmsV2:alarm/a%2Fb%20c"
