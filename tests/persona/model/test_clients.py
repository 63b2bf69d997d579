"""Whether there is anything to ask."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr

from chatops.persona.agent import open_persona
from chatops.persona.model.models import ModelSettings
from chatops.persona.personafile import load


@pytest.mark.parametrize(
    ("settings", "environ", "there"),
    [
        ({}, {}, False),
        ({"api_key": SecretStr("")}, {}, False),
        ({"api_key": SecretStr("k")}, {}, True),
        ({}, {"ANTHROPIC_API_KEY": "k"}, True),
        ({}, {"ANTHROPIC_AUTH_TOKEN": "k"}, True),
        ({}, {"ANTHROPIC_BASE_URL": "http://127.0.0.1:1"}, True),
        ({"base_url": "http://127.0.0.1:1"}, {}, True),
        ({"provider": "none", "api_key": SecretStr("k")}, {"ANTHROPIC_API_KEY": "k"}, False),
        ({"provider": "bedrock"}, {}, False),
        ({"provider": "bedrock"}, {"AWS_REGION": "eu-west-1"}, True),
        ({"provider": "vertex", "region": "global"}, {}, False),
        ({"provider": "vertex", "region": "global", "project": "p"}, {}, True),
        ({"provider": "anthropic", "api_key": SecretStr("k")}, {}, True),
    ],
)
def test_a_persona_opens_where_there_is(settings: dict[str, Any], environ: dict[str, str], there: bool) -> None:
    assert (open_persona(ModelSettings(**settings), load(), environ=environ) is not None) is there
