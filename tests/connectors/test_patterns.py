from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.patterns import level, patterns, quote, readable, template

ONSET = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "shape"),
    [
        ("2026-05-04T12:00:00.123Z GET /cart 200 in 12ms", "<time> GET /cart <n> in <n>ms"),
        ("dial tcp 10.0.0.7:3306: refused", "dial tcp <address>: refused"),
        ("order 3f2504e0-4f89-11d3-9a0c-0305e82c3301 failed", "order <id> failed"),
        ("panic at 0xdeadbeef", "panic at <id>"),
        ("\x1b[31mERROR\x1b[0m no route", "ERROR no route"),
        ("GET key exports/f10482 by r7x2k9", "GET key exports/<id> by <id>"),
        ("http2 stream over x509 on s3 closed", "http2 stream over <id> on s3 closed"),
        ("commit 9fceb02d0ae598e95dc970b74767f19372d61af8", "commit <id>"),
    ],
)
def test_what_differs_is_masked(line: str, shape: str) -> None:
    assert template(line) == shape


def test_lines_of_one_shape_are_counted_before_and_after() -> None:
    lines = [(ONSET + timedelta(seconds=n), f"request {n} refused") for n in (-30, -20, 10, 20, 30)]
    found = patterns(lines, ONSET)
    assert [(one.template, one.before, one.after) for one in found.patterns] == [("request <n> refused", 2, 3)]
    assert found.patterns[0].first == ONSET - timedelta(seconds=30)
    assert found.lines == 5


def test_json_lines_go_by_what_they_say() -> None:
    """Identifiers and times in other fields make no pattern of each line; what else they hold is in the example."""
    line = (
        '{{"error":"dial tcp: no host db","id":"3f2504e0-4f89-11d3-9a0c-0305e82c33{:02}","code":7,"msg":"no products"}}'
    )
    found = patterns([(None, line.format(n)) for n in range(20)])
    (one,) = found.patterns
    assert one.template == "no products: dial tcp: no host db"
    assert one.example == "no products: dial tcp: no host db code=7"
    assert one.after == 20


def test_the_gravest_come_first_then_what_is_new() -> None:
    before, after = ONSET - timedelta(1), ONSET + timedelta(1)
    lines = [
        (before, "all is well"),
        (before, "ERROR old"),
        (after, "ERROR new"),
        (after, "panic: nil"),
        (after, "WARN slow"),
    ]
    assert [one.example for one in patterns(lines, ONSET).patterns] == [
        "panic: nil",
        "ERROR new",
        "ERROR old",
        "WARN slow",
        "all is well",
    ]


def test_what_is_not_shown_is_counted() -> None:
    shapes = [(None, "x" * n) for n in range(1, 21)]
    found = patterns(shapes, limit=5)
    assert (len(found.patterns), found.omitted) == (5, 15)


def test_levels() -> None:
    assert [level(line) for line in ("E0504 oops", "level=warning msg", "FATAL: gone", "fine")] == [
        "error",
        "warning",
        "fatal",
        "",
    ]


@given(st.lists(st.text(max_size=80), max_size=40))
def test_every_line_is_in_one_pattern(lines: list[str]) -> None:
    found = patterns([(None, line) for line in lines], limit=1000)
    assert (
        sum(one.before + one.after for one in found.patterns)
        == found.lines
        == sum(bool(line.strip()) for line in lines)
    )


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ('{"level":"error","msg":"request failed","error":"lookup cart: no such host","id":7}',
         "error request failed: lookup cart: no such host"),
        ('{"severity":"ERROR","message":"boom: refused","err":"refused"}', "ERROR boom: refused"),
        ('{"level":"info","error":"","msg":"ready"}', "info ready"),
        ('{"id": 1}', '{"id": 1}'),
        ("{not json", "{not json"),
        ("[1]", "[1]"),
        ("  plain words ", "plain words"),
    ],
)  # fmt: skip
def test_a_line_is_read_by_its_message(line: str, read: str) -> None:
    assert readable(line) == read


def test_a_long_line_keeps_the_end_where_the_reason_stands() -> None:
    line = "request failed: " + "at frame " * 1_200 + "caused by: connection refused"
    assert quote(line, 160).startswith("request failed: at frame")
    assert quote(line, 160).endswith("caused by: connection refused")
    assert len(quote(line, 160)) <= 160
    (found,) = patterns([(ONSET, line), (ONSET, line)]).patterns
    assert found.example.endswith("caused by: connection refused")
    assert (found.level, found.after) == ("error", 2)
    assert level("x" * 9_000 + " fatal: no space left") == "fatal"


def test_of_an_object_its_words_are_quoted() -> None:
    line = '{"error": "dial tcp 10.0.0.7:9555: connection refused", "ts": "2026-05-04T12:00:00Z", "level": "warn"}'
    assert quote(line, 80) == "warn dial tcp 10.0.0.7:9555: connection refused"
