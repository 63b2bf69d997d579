"""Moments, as APIs write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from connectors import moments

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["2026-03-01T12:00:00Z", "2026-03-01T14:00:00+02:00", "2026-03-01T12:00:00", "2026-03-01T12:00:00.000000999Z"],
)
def test_every_way_to_write_noon(text: str) -> None:
    assert moments.read(text) == NOON
    assert moments.read(text).tzinfo is UTC


def test_no_moment() -> None:
    with pytest.raises(ValueError, match="noon"):
        moments.read("noon")


def test_as_queries_take_it() -> None:
    assert moments.written(NOON.astimezone(timezone(timedelta(hours=2)))) == "2026-03-01T12:00:00Z"
