"""The answer in a terminal."""

from __future__ import annotations

from tests.render import cases, golden
from tests.render.cases import printed


def test_the_answer_as_text() -> None:
    golden.compare("terminal.txt", printed(cases.diagnosis()))


def test_text_of_others_cannot_steer_the_terminal() -> None:
    evil = cases.diagnosis(summary="\x1b]0;owned\x07 \x1b[31mred\x9b2J", gaps=("a\rb\x08c",))
    text = printed(evil)
    assert not any((ord(char) < 32 and char != "\n") or 0x7F <= ord(char) < 0xA0 for char in text)


def test_a_command_stands_on_a_line_of_its_own() -> None:
    assert "kubectl top pods -n shop" in [line.strip() for line in printed(cases.diagnosis()).splitlines()]
