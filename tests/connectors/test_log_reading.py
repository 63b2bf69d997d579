from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from connectors import log_reading
from connectors.contract import FiringAlert, Inquiry, Scope, Window
from connectors.log_reading import Line, Source

ONSET = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SOURCE = Source("somewhere", "k", "shop/cart", "the query")
OPEN = Inquiry(scope=Scope(), window=Window.ending(ONSET + timedelta(minutes=30)))


@pytest.mark.parametrize("pod", ["cart-7d9c6b5f4-x2x9z", "cart-0", "cart-x2x9z"])
def test_pods_of_a_workload_are_told_from_those_of_another(pod: str) -> None:
    pattern = log_reading.pods_of("cart")
    assert re.fullmatch(pattern, pod)
    assert not re.fullmatch(pattern, pod.replace("cart", "cart-db"))


def test_the_onset_is_the_windows_or_that_of_an_alert_within_it() -> None:
    assert log_reading.claimed_onset(OPEN) is None
    old = FiringAlert(name="Old", starts_at=ONSET - timedelta(days=3))
    fresh = FiringAlert(name="Fresh", starts_at=ONSET)
    about = OPEN.model_copy(update={"alerts": (old, fresh)})
    assert log_reading.claimed_onset(about) == ONSET
    assert log_reading.ranges(about) == ((ONSET - timedelta(minutes=30), ONSET), (ONSET, OPEN.window.end))
    now = OPEN.model_copy(update={"window": Window.ending(ONSET, onset=ONSET)})
    assert log_reading.ranges(now)[-1] == (ONSET, ONSET + timedelta(minutes=1))
    assert log_reading.ranges(OPEN) == ((OPEN.window.start, OPEN.window.end),)


def test_the_first_new_pattern_is_told_beside_the_most_frequent() -> None:
    first = [Line(ONSET + timedelta(seconds=i), f"ERROR config reload failed {i}") for i in range(3)]
    then = [Line(ONSET + timedelta(minutes=1, seconds=i), f"ERROR request {i} failed") for i in range(40)]
    old = [Line(ONSET - timedelta(minutes=i), "ERROR as always") for i in range(1, 9)]
    item = log_reading.errors([*old, *first, *then], ONSET, SOURCE).evidence[0]
    assert "40 times since 12:00:00 UTC (0 before): ERROR request 0 failed" in item.summary
    assert "the first new one: ERROR config reload failed 0" in item.summary
    assert (item.onset, item.untrusted) == (ONSET, True)


def test_without_an_onset_the_gravest_is_told() -> None:
    lines = [Line(ONSET, "WARN slow"), Line(ONSET, "panic: nil map")]
    assert "panic: nil map" in log_reading.errors(lines, None, SOURCE).evidence[0].summary


def test_no_line_says_what_was_searched() -> None:
    assert log_reading.errors([], ONSET, SOURCE).searched == "no line with a word of trouble: the query"
    assert log_reading.listed([], ONSET, SOURCE, "t", cut=False).searched == "no lines: the query"
