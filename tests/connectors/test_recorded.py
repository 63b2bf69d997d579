"""The tape: what was answered while recording is answered again, and nothing else."""

from __future__ import annotations

import contextlib
import gzip
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.calls import Caller, Throttled
from connectors.contract import ConnectorError, Tape
from connectors.recorded import Blindfold, CallCounter, Player, Recorder, key_of

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class Refused(Exception):
    pass


def explain(error: Exception, query: str) -> ConnectorError | Throttled:
    if isinstance(error, Refused):
        return ConnectorError("forbidden", query, str(error))
    raise error


def caller(tape: Tape) -> Caller:
    return Caller("source", explain, tape=tape)


async def recorded(path: Path, *calls: tuple[str, Callable[[], Any]], redact: Any = lambda row: row) -> int:
    """Make these calls live, write the tape, return how many answers were withheld."""
    tape = Recorder(NOW)
    for query, call in calls:
        with contextlib.suppress(ConnectorError):
            await caller(tape).thread(query, call, 1.0)
    return tape.save(path, redact)


def never() -> Any:
    raise AssertionError("the source was asked")


async def played(path: Path, *queries: str) -> list[Any]:
    source = caller(Player.load(path, NOW))
    return [await source.thread(query, never, 1.0) for query in queries]


@pytest.mark.parametrize(
    "value",
    [
        {"a": [1, 2.5, None, True], "b": {"c": "text"}},
        [],
        b"plain text \xff of a log",
        {"at": NOW, "nested": [{"at": NOW}], "raw": b"\x00\xff"},
    ],
)
async def test_an_answer_comes_back_as_it_was(value: Any, tmp_path: Path) -> None:
    await recorded(tmp_path / "tape", ("q", lambda: value))
    assert await played(tmp_path / "tape", "q") == [value]


async def test_json_bytes_come_back_as_the_same_document(tmp_path: Path) -> None:
    await recorded(tmp_path / "tape", ("q", lambda: b'{"items": [ {"name": "x"} ]}'))
    [raw] = await played(tmp_path / "tape", "q")
    assert isinstance(raw, bytes)
    assert json.loads(raw) == {"items": [{"name": "x"}]}


async def test_an_error_comes_back_with_its_kind_and_words(tmp_path: Path) -> None:
    def refuse() -> None:
        raise Refused("pods is forbidden")

    await recorded(tmp_path / "tape", ("list pods", refuse))
    with pytest.raises(ConnectorError, match="pods is forbidden") as caught:
        await played(tmp_path / "tape", "list pods")
    assert (caught.value.kind, caught.value.query) == ("forbidden", "list pods")


async def test_what_was_not_asked_is_an_error_and_never_an_empty_answer(tmp_path: Path) -> None:
    await recorded(tmp_path / "tape", ("q", lambda: 1))
    tape = Player.load(tmp_path / "tape", NOW)
    with pytest.raises(ConnectorError, match="not in the recording") as caught:
        await caller(tape).thread("another", never, 1.0)
    assert caught.value.kind == "unreachable"
    assert tape.missing == ["another"]


async def test_the_same_call_more_than_once_is_answered_in_order_then_by_the_last(tmp_path: Path) -> None:
    answers = iter(["running", "complete"])
    await recorded(tmp_path / "tape", ("poll", lambda: next(answers)), ("poll", lambda: next(answers)))
    assert await played(tmp_path / "tape", "poll", "poll", "poll") == ["running", "complete", "complete"]


async def test_pages_follow_in_order_whatever_became_of_their_tokens(tmp_path: Path) -> None:
    await recorded(
        tmp_path / "tape", ("GET /pods?limit=2&continue=abc", lambda: 2), ("GET /pods?limit=2&continue=def", lambda: 3)
    )
    first = "GET /pods?limit=2&continue=other"
    assert await played(tmp_path / "tape", first, first) == [2, 3]
    assert key_of("k", "GET /pods?limit=2") != key_of("k", first)


async def test_sources_with_the_same_query_are_kept_apart(tmp_path: Path) -> None:
    tape = Recorder(NOW)
    for name in ("one", "other"):
        await Caller(name, explain, tape=tape).thread("q", lambda name=name: name, 1.0)  # type: ignore[misc]
    tape.save(tmp_path / "tape", lambda row: row)
    player = Player.load(tmp_path / "tape", NOW)
    assert await Caller("other", explain, tape=player).thread("q", never, 1.0) == "other"


async def test_a_key_says_what_the_query_does_not(tmp_path: Path) -> None:
    tape = Recorder(NOW)
    for key in ("at 1", "at 2"):
        await caller(tape).thread("up", lambda key=key: key, 1.0, key)  # type: ignore[misc]
    tape.save(tmp_path / "tape", lambda row: row)
    assert await caller(Player.load(tmp_path / "tape", NOW)).thread("up", never, 1.0, "at 2") == "at 2"


async def test_nothing_that_was_not_redacted_is_written(tmp_path: Path) -> None:
    def redact(row: dict[str, Any]) -> dict[str, Any]:
        if "broken" in row["key"]:
            raise ValueError("cannot")
        return {**row, "answer": row["answer"].replace("hunter2", "[secret]")}

    withheld = await recorded(
        tmp_path / "tape", ("q", lambda: "password hunter2"), ("broken", lambda: "hunter2"), redact=redact
    )
    text = gzip.decompress((tmp_path / "tape").read_bytes()).decode()
    assert withheld == 1
    assert "hunter2" not in text
    assert "[secret]" in text
    with pytest.raises(ConnectorError, match="not in the recording"):
        await played(tmp_path / "tape", "broken")


async def test_a_value_nothing_is_known_of_is_an_error_on_the_tape(tmp_path: Path) -> None:
    await recorded(tmp_path / "tape", ("q", lambda: {"x": object()}))
    with pytest.raises(ConnectorError, match="not recorded"):
        await played(tmp_path / "tape", "q")


async def test_what_a_connector_does_to_its_answer_is_not_recorded(tmp_path: Path) -> None:
    tape = Recorder(NOW)
    answer = await caller(tape).thread("q", lambda: {"items": [1]}, 1.0)
    answer["items"].clear()
    tape.save(tmp_path / "tape", lambda row: row)
    first = Player.load(tmp_path / "tape", NOW)
    again = await caller(first).thread("q", never, 1.0)
    again["items"].append(2)
    assert await caller(first).thread("q", never, 1.0) == {"items": [1]}


async def test_the_same_recording_is_the_same_file(tmp_path: Path) -> None:
    for name in ("a", "b"):
        await recorded(tmp_path / name, ("q", lambda: {"x": 1}))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


async def test_a_counter_lets_every_call_through() -> None:
    tape = CallCounter(NOW)

    async def ask() -> str:
        return "live"

    asked: Callable[[], Awaitable[str]] = ask
    assert [await caller(tape).call("q", asked, 1.0) for _ in range(2)] == ["live", "live"]
    assert tape.calls == 2


@pytest.mark.parametrize(
    ("without", "source", "key", "taken"),
    [
        ("prometheus", "prometheus", "up", True),
        ("prometheus", "kubernetes", "up", False),
        ("kubernetes:/events", "kubernetes", "GET /api/v1/events", True),
        ("kubernetes:/events", "kubernetes", "GET /api/v1/pods", False),
        ("aws", "aws logs", "aws logs describe-log-groups", True),
        ("aws logs", "aws rds", "aws rds describe-events", False),
        ("kube", "kubernetes", "GET /api/v1/pods", False),
    ],
)
async def test_a_blindfold_forbids_what_it_names_and_nothing_else(
    without: str, source: str, key: str, taken: bool
) -> None:
    counter = CallCounter(NOW)
    call = Caller(source, explain, tape=Blindfold(counter, (without,))).thread(key, lambda: "seen", 1.0)
    if taken:
        with pytest.raises(ConnectorError) as caught:
            await call
        assert caught.value.kind == "forbidden"
    else:
        assert await call == "seen"
    assert counter.calls == (not taken)


def test_a_recording_answers_whatever_the_size_of_the_pages() -> None:
    old, new = "GET /api/v1/pods?limit=1000&resourceVersion=0", "GET /api/v1/pods?limit=2500&resourceVersion=0"
    assert key_of("kubernetes", old) == key_of("kubernetes", new)
    assert key_of("kubernetes", old) != key_of("kubernetes", "GET /api/v1/pods?resourceVersion=1")
