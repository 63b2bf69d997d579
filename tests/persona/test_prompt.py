"""The prefix: small, cached, and the same byte for byte whatever the incident."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, cast

import pytest

from chatops.domain.ports import ToolSpec, Watcher
from chatops.persona import prompt
from chatops.persona.personafile import PersonaFile, load
from chatops.persona.tokens import estimate
from chatops.persona.toolbox.tools import ConnectorTools
from connectors.contract import Connector, ConnectorSettings
from tests.persona.cases import OOM, OneConnector, case, evidence, found, incident, persona, toolbox, turn
from tests.persona.messages_api import Say, call, serving, submit

ROOT = Path(__file__).parents[2]


def prefix(request: dict[str, Any]) -> bytes:
    return json.dumps([request["tools"], request["system"]]).encode()


async def test_every_request_of_every_incident_has_the_same_prefix() -> None:
    asks = Say([call("pod_logs", {"name": "cart"})])
    async with serving([asks, Say([submit()]), Say([submit()]), asks, Say([submit()])]) as api:
        await persona(api.url).diagnose(case(), toolbox(), Watcher())
        other = case((evidence(1, "else"),), incident=incident(id="inc-2", title="Else"))
        await persona(api.url).diagnose(other, toolbox(), Watcher())
        shuffled = OneConnector(pod_logs=found)
        await persona(api.url, max_turns=2).answer(case(), turn("why?"), toolbox(shuffled), Watcher())
    assert len(api.requests) == 5
    assert all("tool_choice" not in request for request in api.requests)
    assert len({prefix(request) for request in api.requests}) == 1


async def test_the_prefix_and_the_end_of_the_conversation_have_breakpoints() -> None:
    async with serving([Say([call("pod_logs", {"name": "cart"})]), Say([submit()])]) as api:
        await persona(api.url).diagnose(case(), toolbox(), Watcher())
    for request in api.requests:
        assert request["system"][-1]["cache_control"] == {"type": "ephemeral"}
        assert request["messages"][-1]["content"][-1]["cache_control"] == {"type": "ephemeral"}
        assert json.dumps(request).count("cache_control") == 2


OPTIONS: dict[str, dict[str, Any]] = {
    "kubernetes": {"server": "http://127.0.0.1:1"},
    "cloudwatch": {"region": "eu-west-1"},
    "github": {"repositories": ["acme/cart"]},
    "gitlab": {"projects": ["acme/cart"]},
    "datadog": {"api_key": "k", "app_key": "k"},
    "gcp": {"project": "acme-shop", "token": "t"},
    "azure": {"subscription": "11111111-2222-3333-4444-555555555555", "token": "t"},
}
BASE, OPTIONAL = "chatops.connectors", "chatops.connectors.optional"


def _opened(entry: EntryPoint) -> Connector | None:
    settings = ConnectorSettings(options=OPTIONS.get(entry.name, {"url": "http://127.0.0.1:1"}))
    return cast("Connector | None", entry.load()(settings))


@pytest.mark.parametrize(
    ("groups", "most"),
    [
        ((), 3_400),
        ((BASE,), 4_850),
        ((BASE, OPTIONAL), 5_000),
    ],
)
async def test_the_prefix_is_small(groups: tuple[str, ...], most: int) -> None:
    """With the real tools: of none, of the three connectors that everybody has (with room for another), of all."""
    entries = [entry for group in groups for entry in entry_points(group=group)]
    opened = [one for entry in entries if (one := _opened(entry)) is not None]
    assert len(opened) >= 3 * len(groups)
    tools = ConnectorTools(opened, incident().inquiry, redact=lambda item: item, redact_text=str)
    told = json.dumps(prompt.tools(tools.tools, load()), ensure_ascii=False, separators=(",", ":"))
    assert estimate(prompt.system(load())[0]["text"] + told) <= most
    for one in opened:
        await one.aclose()


def test_the_prefix_is_the_same_bytes_in_every_process() -> None:
    """Whatever order the process hashes strings in."""
    code = (
        "import hashlib, json; from chatops.persona import prompt; from chatops.persona.personafile import load; "
        "from tests.persona.cases import toolbox; tools = toolbox().tools; "
        "print(hashlib.sha256(json.dumps([prompt.tools(tools, load()), prompt.system(load())]).encode()).hexdigest())"
    )
    seen = {
        subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, cwd=ROOT, check=True,
                       capture_output=True, text=True).stdout
        for seed in ("0", "1", "4711")
    }  # fmt: skip
    assert len(seen) == 1


def test_tools_are_sorted_and_the_answer_comes_last() -> None:
    specs = [ToolSpec("b", "", {}, "kubernetes"), ToolSpec("read_evidence", "", {}), ToolSpec("a", "", {}, "loki")]
    assert [tool["name"] for tool in prompt.tools(specs, load())] == ["a", "b", "read_evidence", "submit_diagnosis"]


def test_a_persona_gets_the_tools_its_file_names() -> None:
    specs = [ToolSpec("b", "", {}, "kubernetes"), ToolSpec("read_evidence", "", {}), ToolSpec("a", "", {}, "loki")]

    def allowed(*tools: str) -> set[str]:
        return set(prompt.allowed_names(specs, PersonaFile(name="p", tools=tools, text="t")))

    assert allowed("loki") == {"a", "read_evidence"}
    assert allowed("b") == {"b", "read_evidence"}
    assert allowed("Read", "Bash", "WebFetch") == {"a", "b", "read_evidence"}
    assert allowed() == {"a", "b", "read_evidence"}


async def test_a_tool_the_persona_has_not_is_not_called() -> None:
    from chatops.persona.agent import ClaudePersona
    from chatops.persona.model.models import Endpoint, ModelSettings

    narrow = PersonaFile(name="p", tools=("pod_logs",), model="haiku", text="Brief.")
    connector = OneConnector(pod_logs=found, secrets=found)
    async with serving([Say([call("secrets", {"name": "x"})]), Say([submit()])]) as api:
        settings = ModelSettings(base_url=api.url)
        worker = ClaudePersona(settings, narrow, Endpoint(settings, {}))
        await worker.diagnose(case((OOM,)), toolbox(connector), Watcher())
        await worker.aclose()
    assert connector.asked == []
    assert api.requests[0]["model"] == "claude-haiku-5-5"
    assert api.requests[1]["messages"][-1]["content"][0]["is_error"]
