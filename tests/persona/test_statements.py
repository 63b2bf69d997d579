"""People's words: what is stated is evidence, what is asked is not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chatops.persona.statements import statement
from tests.persona.cases import NOW, turn


@pytest.mark.parametrize(
    ("said", "stated"),
    [
        ("We rolled back at 10:42.", "We rolled back at 10:42."),
        ("We rolled back at 10:42. Is it better now?", "We rolled back at 10:42."),
        ("The vendor broke version 1.4.2 in eu-west-1!\nwhat else?", "The vendor broke version 1.4.2 in eu-west-1!"),
    ],
)  # fmt: skip
def test_statements(said: str, stated: str) -> None:
    found = statement(turn(said), 14)
    assert found is not None
    assert (found.id, found.key, found.source, found.untrusted) == ("E14", "people/t1", "people", True)
    assert found.summary == stated


@pytest.mark.parametrize(
    "said", ["why?", "Please check the database", "Is redis ok", "show me the logs", "thanks", "<@U1> what changed"]
)
def test_questions_and_requests(said: str) -> None:
    assert statement(turn(said), 1) is None


def test_a_clock_time_is_read_as_utc_and_in_the_past() -> None:
    yesterday = NOW.replace(hour=23, minute=50) - timedelta(days=1)
    said = {
        "rolled back at 10:42": NOW.replace(hour=10, minute=42),
        "it broke at 23:50": yesterday,
        "we rolled back": None,
        "we rolled back at 12:42": None,  # of another zone, or yesterday: nobody can tell
    }
    found = [statement(turn(words), 1) for words in said]
    assert [one.onset for one in found if one] == list(said.values())


def test_the_app_states_nothing() -> None:
    assert statement(turn("It is memory.").model_copy(update={"role": "app"}), 1) is None
