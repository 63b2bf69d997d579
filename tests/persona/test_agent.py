"""A persona asks the model its settings name, and is there only where somebody can be asked."""

from __future__ import annotations

import pytest

from chatops.domain.ports import Watcher
from chatops.persona.agent import ClaudePersona, open_persona
from chatops.persona.model.models import ModelSettings
from chatops.persona.personafile import load
from tests.persona.cases import case, persona, toolbox, turn
from tests.persona.messages_api import Say, serving, submit


@pytest.mark.parametrize(("model", "asked"), [("haiku", "haiku"), ("claude-x-9", "claude-x-9"), ("", "opus")])
async def test_the_settings_model_goes_before_the_personas_own(model: str, asked: str) -> None:
    async with serving([Say([submit()])]) as api:
        result = await persona(api.url, model=model).diagnose(case(), toolbox(), Watcher())
    assert asked in api.requests[0]["model"]
    assert result.model == api.requests[0]["model"]


async def test_a_question_goes_to_the_same_model_with_the_same_tools() -> None:
    async with serving([Say([submit()]), Say([submit(answer="Yes (E1).")])]) as api:
        one = persona(api.url)
        await one.diagnose(case(), toolbox(), Watcher())
        result = await one.answer(case(), turn("is it memory?"), toolbox(), Watcher())
        await one.aclose()
    assert result.proposal is not None
    assert result.proposal.answer == "Yes (E1)."
    first, second = api.requests
    assert [first[part] for part in ("model", "system", "tools")] == [
        second[part] for part in ("model", "system", "tools")
    ]
    assert "is it memory?" in str(second["messages"])


async def test_nobody_is_asked_without_a_key_and_opening_connects_to_nothing() -> None:
    assert open_persona(ModelSettings(), load(), environ={}) is None
    opened = open_persona(ModelSettings(), load(), environ={"ANTHROPIC_API_KEY": "k"})
    assert isinstance(opened, ClaudePersona)
    assert opened.name == load().name
    await opened.aclose()
