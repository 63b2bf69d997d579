"""The answer in a terminal."""

from __future__ import annotations

from chatops.render.detail import decisive
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


def test_what_is_to_be_copied_is_whole_and_the_rest_keeps_its_indentation_in_a_narrow_terminal() -> None:
    diagnosis = cases.diagnosis()
    lines = printed(diagnosis, width=44).splitlines()
    for whole in (*(step.command for step in diagnosis.next_steps), *(item.query for item in decisive(diagnosis))):
        assert " ".join(whole.split()) in [" ".join(line.split()) for line in lines]
    causes = lines[lines.index("Likely causes") + 1 : lines.index("Next") - 1]
    assert all(line.startswith(("  1. ", "  2. ", "     ", "  ")) and line[5:6] != " " for line in causes)
    assert any(len(line) <= 44 and line.startswith("     ") for line in causes)
