"""People's words: what is stated is evidence, what is asked is not."""

from __future__ import annotations

import pytest

from chatops.persona.statements import statement
from tests.persona.cases import NOW, turn


@pytest.mark.parametrize(
    ("said", "stated"),
    [
        ("We rolled back at 10:42.", "We rolled back at 10:42."),
        ("We rolled back at 10:42, is it better now?", "We rolled back at 10:42"),
        ("The vendor broke version 1.4.2 in eu-west-1!\nwhat else?", "The vendor broke version 1.4.2 in eu-west-1!"),
    ],
)  # fmt: skip
def test_statements(said: str, stated: str) -> None:
    found = statement(turn(said), 14)
    assert found is not None
    assert (found.id, found.key, found.source, found.untrusted) == ("E14", "people/t1", "people", True)
    assert found.summary == stated


@pytest.mark.parametrize(
    "said", ["why?", "Please check the database", "Is redis ok", "show me the logs", "thanks", "@U1 what changed"]
)
def test_questions_and_requests(said: str) -> None:
    assert statement(turn(said), 1) is None


def test_the_moment_is_read_on_the_clock_of_whoever_said_it_and_shown() -> None:
    berlin = turn("rolled back at 12:42").model_copy(update={"utc_offset": 7_200})
    found = statement(berlin, 1)
    assert found is not None
    assert found.onset == NOW.replace(hour=10, minute=42)
    assert found.query.endswith("10:42 UTC as it is read")
    nowhere = statement(turn("we rolled back"), 1)
    assert nowhere is not None
    assert nowhere.onset is None


def test_pasted_output_keeps_its_lines_and_says_what_it_leaves_out() -> None:
    lines = [f"2026-03-01T10:41:{second:02}Z ERROR refused" for second in range(40)]
    found = statement(turn("look:\n```\n" + "\n".join(lines) + "\n```"), 1)
    assert found is not None
    assert found.title == f"{turn('').author} pastes"
    told = found.summary.splitlines()
    assert (told[0], told[6], told[-1]) == (lines[0], "… 28 more lines …", lines[-1])


def test_the_app_states_nothing() -> None:
    assert statement(turn("It is memory.").model_copy(update={"role": "app"}), 1) is None
