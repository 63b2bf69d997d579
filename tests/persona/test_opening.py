"""The first message: brief, statement, task."""

from __future__ import annotations

import pytest

from chatops.persona.opening import opening, task
from chatops.persona.personafile import load
from chatops.persona.watching import Ended
from chatops.policy.redaction import RedactionFailed
from tests.persona.cases import FENCE, case, toolbox, turn


def test_a_diagnosis_begins_with_the_evidence_and_states_nothing() -> None:
    begun = opening(case(), None, toolbox(), load(), FENCE)
    assert "E1" in begun.brief
    assert (begun.question, begun.stated) == (None, ())
    assert task(None, FENCE).startswith("Find the cause.")


def test_what_a_person_states_is_evidence_once() -> None:
    said = turn("we rolled back at 10:42")
    begun = opening(case(), said, toolbox(), load(), FENCE)
    assert [item.id for item in begun.stated] == ["E2"]
    again = opening(case(items=(*case().evidence, *begun.stated)), said, toolbox(), load(), FENCE)
    assert again.stated == ()
    assert opening(case(), turn("is it the database?"), toolbox(), load(), FENCE).stated == ()


def test_what_a_person_says_is_redacted_before_it_is_asked() -> None:
    tools = toolbox(redact_text=lambda text: text.replace("hunter2", "***"))
    begun = opening(case(), turn("the password is hunter2"), tools, load(), FENCE)
    assert begun.question is not None
    assert "hunter2" not in task(begun.question, FENCE)
    assert "***" in task(begun.question, FENCE)


def test_what_cannot_be_redacted_ends_it() -> None:
    def fails(text: str) -> str:
        raise RedactionFailed("no")

    with pytest.raises(Ended, match="withheld"):
        opening(case(), turn("so?"), toolbox(redact_text=fails), load(), FENCE)
