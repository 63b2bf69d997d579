"""What every source shares: words become severities, odd times become moments, and bad input one line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from chatops.webhooks import payload
from chatops.webhooks.payload import BadPayload, Lenient
from tests.conftest import NOW


class Needs(Lenient):
    number: int


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("P1", "critical"),
        (" page ", "critical"),
        ("major", "error"),
        ("low", "warning"),
        ("ok", "info"),
        ("?", "warning"),
    ],
)
def test_a_word_for_a_severity(word: str, expected: str) -> None:
    assert payload.severity(word) == expected


def test_what_is_not_said_has_the_severity_that_the_source_means() -> None:
    assert payload.severity("", "info") == "info"


@pytest.mark.parametrize("year_one", [None, datetime(1, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC)])
def test_a_time_that_is_none_is_the_default(year_one: datetime | None) -> None:
    assert payload.utc(year_one, NOW) == NOW


def test_a_time_is_told_in_utc() -> None:
    berlin = datetime(2026, 3, 1, 13, 0, tzinfo=timezone(timedelta(hours=1)))
    assert payload.utc(berlin, NOW + timedelta(days=1)) == NOW
    assert payload.utc(datetime(2026, 3, 1, 12, 0), datetime.max) == NOW


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(NOW.timestamp(), NOW), (NOW.timestamp() * 1000, NOW), (0, None), (None, None), (1e300, None)],
)
def test_unix_time_in_seconds_or_milliseconds(seconds: float | None, expected: datetime | None) -> None:
    assert payload.from_unix(seconds) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [("a.1.b", "found"), ("a.7.b", None), ("a.x", None), ("a.1.b.c", None), ("", {"a": [0, {"b": "found"}]})],
)
def test_a_value_at_a_dotted_path(path: str, expected: Any) -> None:
    assert payload.at({"a": [0, {"b": "found"}]}, path) == expected


def test_labels_are_bounded_text() -> None:
    kept = payload.text_labels({"gone": None, "number": 7, "long": "x" * 5_000, **{f"k{n}": n for n in range(100)}})
    assert len(kept) == 63  # of the first 64 one has no value
    assert kept["number"] == "7"
    assert len(kept["long"]) == 1_000


def test_half_of_a_surrogate_pair_can_be_stored_afterwards() -> None:
    document = payload.parsed(b'{"text": "\\ud83d and \\u00e9"}')
    assert document == {"text": "? and é"}
    document["text"].encode()


def test_what_is_missing_is_named() -> None:
    with pytest.raises(BadPayload, match="this is no example: number: field required") as caught:
        payload.checked(Needs, {"other": 1}, "example")
    assert caught.value.status == 400


def test_a_fingerprint_keeps_its_parts_apart() -> None:
    assert payload.fingerprint("s", "ab", "c") != payload.fingerprint("s", "a", "bc")
    assert payload.fingerprint("s", "a") == payload.fingerprint("s", "a")


def test_what_only_the_library_reads_is_read_all_the_same() -> None:
    assert payload.parsed("\ufeff{}".encode()) == {}
    assert payload.parsed('{"a": NaN}'.encode("utf-16"))["a"] != 0
    assert payload.parsed(b"[" * 300 + b"]" * 300)
