"""What `chatops doctor` says of the model."""

from __future__ import annotations

import pytest

from chatops.persona.model.health import health
from chatops.persona.model.models import ModelSettings
from tests.persona.messages_api import Say, serving, text

KEY = {"ANTHROPIC_API_KEY": "k"}


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY["ANTHROPIC_API_KEY"])


def settings(url: str, fallback: str = "") -> ModelSettings:
    return ModelSettings(base_url=url, fallback=fallback)


async def test_without_a_key_there_is_nothing_to_ask() -> None:
    assert await health(ModelSettings(), "opus", {}) == []


async def test_the_model_and_its_fallback_are_asked_for_one_token_each() -> None:
    async with serving(lambda number, request: Say([text("ok")])) as api:
        found = await health(settings(api.url, "sonnet"), "opus", KEY)
    assert [(one.ok, one.name) for one in found] == [(True, "claude-opus-5-5"), (True, "claude-sonnet-5-5")]
    assert [request["max_tokens"] for request in api.requests] == [1, 1]


@pytest.mark.parametrize(
    ("status", "error", "remedy"),
    [(401, "authentication_error", "check the key"), (404, "not_found_error", "correct model.model"),
     (429, "rate_limit_error", "answers are given by rules")],
)  # fmt: skip
async def test_a_refusal_has_what_to_do(status: int, error: str, remedy: str) -> None:
    async with serving([Say(status=status, error=error)]) as api:
        [found] = await health(settings(api.url), "opus", KEY)
    assert not found.ok
    assert remedy in found.remedy
