"""The model sees placeholders for machines; everybody else sees the machines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from chatops.app.parts import open_parts
from chatops.domain.ports import Watcher
from chatops.persona.model.hiding import Hidden
from chatops.persona.model.stream import Reply
from chatops.settings import ModelSettings, RedactionSettings, Settings
from connectors.contract import Inquiry
from connectors.evidence import Observation, ResourceState, Subject
from tests.persona.cases import OneConnector, case, evidence, persona, toolbox, turn
from tests.persona.messages_api import ANSWER, Say, call, serving, submit, text

NODE = evidence(1, "worker-7 is not ready", subject=Subject(kind="Node", name="worker-7"))


def found(inquiry: Inquiry, arguments: Any) -> Observation:
    table = ResourceState(columns=("name", "state"), rows=(("worker-9", "Ready"),))
    return Observation(evidence=(evidence(0, key="n", id="", query="kubectl get nodes", body=table),))


SCRIPT = [
    Say([text("Is machine-1 back?"), call("pod_logs", {"name": "machine-1"})]),
    Say(
        [
            submit(
                answer="machine-2 took over from machine-1",
                summary="machine-1 is not ready",
                hypotheses=[
                    {**ANSWER["hypotheses"][0], "subject": {"kind": "Node", "namespace": "", "name": "machine-1"}}
                ],
                next_steps=[
                    {"argv": ["kubectl", "describe", "node", "machine-1"], "why": "", "expect": "", "hypothesis": 1}
                ],
            )
        ]
    ),
]


async def run(placeholders: bool) -> tuple[Any, list[Any], list[str], list[Any]]:
    told: list[str] = []
    connector = OneConnector(pod_logs=found)

    async def hear(words: str) -> None:
        told.append(words)

    async with serving(SCRIPT) as api:
        one = persona(api.url, placeholders=placeholders)
        question = turn("why did worker-7 fail?")
        result = await one.answer(case((NODE,)), question, toolbox(connector, known=(NODE,)), Watcher(text=hear))
        await one.aclose()
    return result, api.requests, told, connector.asked


async def test_names_stay_here_and_come_back() -> None:
    result, requests, told, asked = await run(True)
    sent = json.dumps(requests)
    assert "worker-7" not in sent
    assert "worker-9" not in sent
    assert "machine-1 is not ready" in sent
    assert asked == [("pod_logs", {"name": "worker-7"})]
    assert "".join(told).replace("\n", "") == "Is worker-7 back?worker-9 took over from worker-7"
    assert result.proposal.answer == "worker-9 took over from worker-7"
    assert result.proposal.hypotheses[0].subject.name == "worker-7"
    assert result.proposal.next_steps[0].argv[-1] == "worker-7"


async def test_off_unless_asked_for() -> None:
    result, requests, _, asked = await run(False)
    assert "worker-7 is not ready" in json.dumps(requests, ensure_ascii=False)
    assert asked == [("pod_logs", {"name": "machine-1"})]
    assert result.proposal.summary == "machine-1 is not ready"


class Echo:
    """An endpoint that says the last text back in pieces and thinks."""

    def __init__(self, *pieces: str) -> None:
        self.pieces = pieces
        self.asked: list[Any] = []

    async def ask(self, request: Any, timeout: float, on_text: Any) -> Reply:
        self.asked.append(request)
        for piece in self.pieces:
            await on_text(piece, "")
        return Reply(
            content=({"type": "thinking", "thinking": "machine-1?", "signature": "s"},), stop_reason="end_turn"
        )


@pytest.mark.parametrize("pieces", [("see mach", "ine-1", "2 and machine-1"), ("see machine-12 and machine-", "1")])
async def test_a_placeholder_in_pieces_is_one(pieces: tuple[str, ...]) -> None:
    told: list[str] = []

    async def hear(words: str, answer: str) -> None:
        told.append(words)

    hidden = Hidden(Echo(*pieces), names=[f"host-{letter}" for letter in "abcdefghijkl"])
    await hidden.ask({"messages": []}, 1.0, hear)
    assert "".join(told) == "see host-l and host-a"


async def test_thoughts_and_what_belongs_to_the_api_stay_as_they_are() -> None:
    async def hear(words: str, answer: str) -> None:
        return None

    echo = Echo()
    hidden = Hidden(echo, names=["toolu_x", "text"])
    blocks: list[dict[str, Any]] = [
        {"type": "thinking", "thinking": "text", "signature": "text"},
        {"type": "tool_use", "id": "toolu_x", "name": "text", "input": {"type": "text", "tail": 5}},
        {"type": "text", "text": "a text", "cache_control": {"type": "text"}},
    ]
    reply = await hidden.ask({"messages": [{"role": "user", "content": blocks}]}, 1.0, hear)
    sent = echo.asked[0]["messages"][0]["content"]
    assert sent[0] == blocks[0]
    assert sent[1] == {**blocks[1], "input": {"type": "machine-2", "tail": 5}}
    assert sent[2] == {**blocks[2], "text": "a machine-2"}
    assert reply.content[0]["thinking"] == "machine-1?"


@pytest.mark.parametrize("placeholders", [True, False])
async def test_the_setting_decides(placeholders: bool, tmp_path: Path) -> None:
    async with serving([Say([submit()])]) as api:
        settings = Settings(
            state_dir=tmp_path,
            redaction=RedactionSettings(placeholders=placeholders),
            model=ModelSettings(base_url=api.url, api_key=SecretStr("k" * 8)),
        )
        async with open_parts(settings, environments={"default": {"kubernetes": None}}) as parts:
            one = parts.personas("")
            assert one is not None
            await one.diagnose(case((NODE,)), toolbox(known=(NODE,)), Watcher())
    assert ("worker-7" in json.dumps(api.requests)) is not placeholders
