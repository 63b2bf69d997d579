"""A stream of any length passes the redactor as a text would, wherever the reads fall."""

from __future__ import annotations

import io
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatops.policy.redaction import RedactionFailed, Redactor, stream
from chatops.policy.redaction.spans import TAG, Span
from chatops.policy.redaction.stream import CHUNK, CONTEXT, redact_stream
from tests.policy.planted import FORMS, MIXED, drawn, private_key, token

REDACTOR = Redactor(key=b"0" * 32)
LINE = '2026-11-23T10:00:00Z {"level":"info","pod":"cart-7d9f8c6b5-x2x4z","message":"order placed","ms":12}\n'


class Trickle:
    """A source that gives less than it is asked for."""

    def __init__(self, text: str, sizes: list[int]) -> None:
        self._text, self._sizes, self._at = text, sizes, 0

    def read(self, size: int, /) -> str:
        wanted = min(size, self._sizes[self._at % len(self._sizes)])
        self._at += 1
        piece, self._text = self._text[:wanted], self._text[wanted:]
        return piece


def passed(text: str, sizes: list[int] | None = None) -> str:
    sink = io.StringIO()
    redact_stream(REDACTOR, Trickle(text, sizes or [CHUNK]), sink)
    return sink.getvalue()


@given(st.sampled_from(sorted(FORMS)), st.integers(0, 2**32), st.lists(st.integers(1, 4000), min_size=1, max_size=5))
@settings(max_examples=40, deadline=None)
def test_a_stream_gives_what_a_text_gives(kind: str, seed: int, sizes: list[int]) -> None:
    text = LINE * 3 + f"password={drawn(MIXED, 20, seed)}\n{token(kind, seed)}\n{private_key(seed)}\n" + LINE
    assert passed(text, sizes) == REDACTOR.text(text)


@pytest.mark.parametrize("shift", [0, 1, 500, 1400, 1700])
def test_a_key_that_lies_across_two_chunks_is_gone(shift: int) -> None:
    filler = LINE * ((CHUNK + shift) // len(LINE))
    key = private_key(shift, lines=25)
    text = filler + key + "\n" + LINE * (2 * CONTEXT // len(LINE))
    clear = passed(text)
    assert not any(line in clear for line in key.splitlines()[1:-1])
    assert clear == filler + TAG.findall(clear)[0] + "\n" + LINE * (2 * CONTEXT // len(LINE))


def test_what_holds_no_secret_comes_out_as_it_went_in() -> None:
    text = LINE * (2 * CHUNK // len(LINE)) + "no end of line"
    assert passed(text, [100_000]) == text
    assert passed("") == ""


def test_a_line_without_an_end_passes_too() -> None:
    secret = token("github", 4)
    text = "word " * (CHUNK // 3) + secret + " word" * (CHUNK // 3)
    clear = passed(text)
    assert secret not in clear
    assert len(clear) > len(text) - 100


def test_a_secret_without_an_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    endless = Redactor(key=b"0" * 32, personal=(lambda text: [Span(0, len(text), "all")],))
    monkeypatch.setattr(stream, "LONGEST", 3 * CHUNK)
    with pytest.raises(RedactionFailed):
        redact_stream(endless, io.StringIO("x" * (8 * CHUNK)), io.StringIO())


def test_a_broken_finder_lets_nothing_pass() -> None:
    def broken(text: str) -> list[Span]:
        raise ValueError(text[:3])

    sink = io.StringIO()
    with pytest.raises(RedactionFailed):
        redact_stream(Redactor(key=b"0" * 32, personal=(broken,)), io.StringIO("abc"), sink)
    assert sink.getvalue() == ""


class Kept:
    """A sink that remembers what it was given, piece by piece."""

    def __init__(self) -> None:
        self.pieces: list[str] = []

    def write(self, text: str, /) -> None:
        self.pieces.append(text)


def pieces(text: str, redactor: Redactor = REDACTOR) -> tuple[list[str], int]:
    """What is written, piece by piece, and how many secrets there were."""
    sink = Kept()
    count = redact_stream(redactor, io.StringIO(text), sink)
    return sink.pieces, count


def test_the_middle_is_let_go_at_the_last_line_end_before_the_context() -> None:
    body = " , x" * (CHUNK // 4 - 10) + "\n" + "y" * 20
    text = body + "z, " * ((CONTEXT + 40) // 3)
    first, *rest = pieces(text)[0]
    assert first == body[:-20]
    assert "".join([first, *rest]) == text


@pytest.mark.parametrize("mark", [" ", ",", ";"])
def test_a_line_without_an_end_is_cut_behind_a_mark(mark: str) -> None:
    text = "x" * 99 + mark + "y" * (CHUNK + CONTEXT)
    assert pieces(text)[0] == [text[:100], text[100:]]
    assert pieces(mark + text[1:99] + text[100:])[0][0] == mark


def test_nothing_is_let_go_before_what_follows_is_there() -> None:
    text = LINE * ((CHUNK + CONTEXT) // len(LINE))
    assert pieces(text)[0] == [text]
    assert len(pieces(text + LINE * 2)[0]) == 2
    assert pieces("")[0] == []


def test_secrets_are_counted_once_whatever_lies_between() -> None:
    lines = [f"password={drawn(MIXED, 20, at)}\n" for at in range(3)]
    filler = LINE * (CHUNK // len(LINE))
    written, count = pieces(lines[0] + lines[1] + filler + lines[2] + filler)
    assert count == 3
    assert len(written) == 2
    assert "".join(written) == "".join(map(REDACTOR.text, lines[:2])) + filler + REDACTOR.text(lines[2]) + filler


def test_a_secret_is_never_cut() -> None:
    def whole(text: str) -> list[Span]:
        return [Span(m.start(), m.end(), "word") for m in re.finditer(r"<[^>]*>", text)]

    redactor = Redactor(key=b"0" * 32, personal=(whole,))
    long = "<" + "a\n" * (CHUNK * 3 // 5) + ">"
    text = "one\n" + long + "\n" + "x\n" * 100 + "<b>"
    told = f"one\n{redactor.tag(long, 'word')}\n" + "x\n" * 100 + redactor.tag("<b>", "word")
    written, count = pieces(text, redactor)
    assert "".join(written) == told
    assert count == 2
    assert written[0] == "one\n"
