"""A thread from its alert to its end, with a model: asked on, told things, out of money, remembered, overloaded.

The whole app as a process, a signed Slack before it, and a scripted Messages API behind it: what is asserted is what
people read in the thread, what the store keeps, and what the model was sent.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chatops.demo.incidents import BY_NAME
from chatops.domain.diagnosis import Diagnosis
from chatops.store import RedisStore
from tests.app.processes import Rig, deliver, rig, signed, until
from tests.persona.messages_api import ANSWER, MessagesAPI, Say, overloaded, serving, submit

pytestmark = pytest.mark.timeout(400)  # processes start slowly on a machine that does other work

PERSON = {"team": {"id": "T1"}, "user": {"id": "U1", "team_id": "T1"}, "channel": {"id": "C1"}}
KILLED = {
    **ANSWER["hypotheses"][0],
    "id": "H1",
    "subject": {"kind": "Deployment", "namespace": "shop", "name": "checkout"},
    "statement": "checkout is killed at its memory limit",
}
"""What the model holds to be the cause."""


def answered(words: str = "", **changes: Any) -> Say:
    """The model's answer, with what it now says of its hypothesis."""
    one = {**KILLED, **changes}
    return Say([submit(answer=words, hypotheses=[one], summary="checkout runs out of memory.")], input_tokens=6_900)


def said_by_people(request: dict[str, Any]) -> str:
    """The number under which the model reads the latest statement of a person."""
    found: list[str] = re.findall(r"(E\d+) \[people/statement\]", json.dumps(request["messages"]))
    return found[-1]


@dataclass
class Thread:
    """An incident's thread, and what stands around it."""

    one: Rig
    gateway: str
    model: MessagesAPI
    store: RedisStore
    said: int = 0

    async def alert(self, **changes: Any) -> None:
        """An alert comes, and the thread is complete when its evidence is there."""
        before = self.one.posted().count("evidence")
        assert await self.one.alert(self.gateway, **changes) == 202
        await until(lambda: self.one.posted().count("evidence") > before)

    async def diagnosis(self) -> Diagnosis:
        """Of the incident that was opened first."""
        found = await self.store.diagnosis((await self.store.recent())[-1].id)
        assert found is not None
        return found

    def roots(self) -> list[dict[str, Any]]:
        return [message for message in self.one.slack.thread("C1") if not message.get("thread_ts")]

    async def ask(self, words: str, answer: str) -> None:
        """Say something in the first thread, and wait until what is wanted stands there, with nothing growing on."""
        self.said += 1
        event = {
            "type": "app_mention",
            "user": "U1",
            "channel": "C1",
            "ts": f"{time.time():.6f}",
            "thread_ts": self.roots()[0]["ts"],
            "text": f"<@UBOT> {words}",
        }
        sent = {"type": "event_callback", "team_id": "T1", "event_id": f"Ev{self.said}", "event": event}
        await deliver(self.gateway, signed(sent))
        await until(lambda: any(answer in text for text in self.replies()) and not self.one.slack.streams)

    def replies(self) -> list[str]:
        """What stands below the roots, evidence excepted."""
        kept = [message for message in self.one.slack.thread("C1") if message.get("thread_ts")]
        return [message["text"] for message in kept if '"evidence"' not in json.dumps(message.get("metadata"))]

    async def press(self, action: str, value: str) -> None:
        pressed = {"type": "button", "action_id": action, "block_id": "b", "value": value, "action_ts": "5.5"}
        root = self.roots()[0]["ts"]
        message = {"container": {"type": "message", "message_ts": root, "channel_id": "C1"}, "message": {"ts": root}}
        told = {**PERSON, **message, "type": "block_actions", "trigger_id": action, "actions": [pressed]}
        await deliver(self.gateway, signed({**told, "response_url": self.one.slack.response_url}))


@asynccontextmanager
async def opened(
    tmp_path: Path, valkey_url: str, store: RedisStore, script: Callable[[int, dict[str, Any]], Say], **settings: str
) -> AsyncIterator[Thread]:
    """The app with a model, an alert of its demo behind it."""
    async with serving(script) as model:
        asking = {"PROVIDER": "anthropic", "API_KEY": "k", "BASE_URL": model.url, "MAX_SECONDS": "600"}
        environment = {f"CHATOPS_MODEL__{name}": value for name, value in asking.items()}
        async with rig(tmp_path, valkey_url, {**environment, **settings}) as one:
            one.gate.set()
            one.slack.people["U1"] = {"id": "U1", "team_id": "T1"}
            process, gateway = await one.start("both")
            thread = Thread(one, gateway, model, store)
            await thread.alert()
            yield thread
            assert await one.end(process) == 0
            assert one.slack.problems == []


async def test_hypotheses_move_with_what_people_ask_and_say(tmp_path: Path, store: RedisStore, valkey_url: str) -> None:
    """A question strengthens, a statement is evidence with its author and weakens, a click confirms: always H1."""

    def script(number: int, request: dict[str, Any]) -> Say:
        match number:
            case 0:
                return answered()
            case 1:
                return answered("No: it is killed first.", status="strengthened", reason="E1 shows it", confidence=0.93)
            case _:
                stated = said_by_people(request)
                weaker = {"status": "weakened", "reason": "it restarts after the rollback", "confidence": 0.6}
                return answered(f"Noted, {stated}.", contradicting=[stated], **weaker)

    async with opened(tmp_path, valkey_url, store, script) as thread:
        await thread.ask("is it the database?", "killed first")
        first = (await thread.diagnosis()).hypotheses[0]
        assert (first.id, first.cause, first.status, first.reason) == ("H1", "OOMKilled", "strengthened", "E1 shows it")
        await thread.ask("we rolled checkout back at 10:42", "Noted")
        diagnosis = await thread.diagnosis()
        moved = next(one for one in diagnosis.hypotheses if one.id == "H1")
        stated = next(item for item in diagnosis.evidence if item.source == "people")
        assert (moved.cause, moved.status, moved.contradicting) == ("OOMKilled", "weakened", (stated.id,))
        assert moved.confidence < first.confidence
        assert "rolled checkout back at 10:42" in stated.summary
        assert stated.title == "U1 says"
        assert len(thread.model.requests) == 3
        assert len({json.dumps([request["system"], request["tools"]]) for request in thread.model.requests}) == 1
        incident = (await store.recent())[0]
        await thread.press("chatops.confirm:H1", f"{incident.id}|H1")

        async def status() -> str:
            return next(one.status for one in (await thread.diagnosis()).hypotheses if one.id == "H1")

        await until(status, wanted="confirmed")


@pytest.mark.parametrize("limit", ["INCIDENT_USD", "CHANNEL_USD", "DAILY_USD"])
async def test_when_a_budget_is_used_up_rules_answer_and_the_models_diagnosis_stands(
    tmp_path: Path, store: RedisStore, valkey_url: str, limit: str
) -> None:
    """The first run leaves less than a run may cost: a question is answered, no model is asked, and why is said."""
    settings = {f"CHATOPS_MODEL__{limit}": "1.02"}
    async with opened(tmp_path, valkey_url, store, lambda number, request: answered(), **settings) as thread:
        before = await thread.diagnosis()
        assert before.engine.kind == "model"
        await thread.ask("is it the database?", "what the rules and the sources say")
        assert f"is used up ($1.02, model.{limit.lower()})" in thread.replies()[-1]
        after = await thread.diagnosis()
        assert len(thread.model.requests) == 1
        assert after.engine.kind == "model"
        assert after.engine.usage == before.engine.usage
        assert after.engine.usage.cost_usd > 0
        assert after.summary == before.summary
        assert [one.statement for one in after.hypotheses] == [one.statement for one in before.hypotheses]
        assert "No model is configured" not in str(thread.one.slack.messages)


async def test_what_helped_is_told_when_the_same_comes_again(
    tmp_path: Path, store: RedisStore, valkey_url: str
) -> None:
    """Confirmed and resolved in words: the next incident's card and the model both have it."""
    helped = "rolled checkout back to 2.13.1"
    settings = {"CHATOPS_REOPEN_MINUTES": "0"}
    async with opened(tmp_path, valkey_url, store, lambda number, request: answered(), **settings) as thread:
        (incident,) = await store.recent()
        await thread.press("chatops.confirm:H1", f"{incident.id}|H1")
        await thread.press("chatops.resolve", f"{incident.id}|")
        await until(lambda: thread.one.slack.of("views.open"))
        form = thread.one.slack.of("views.open")[-1]["view"]
        values = {"cause": {"cause": {"type": "plain_text_input", "value": helped}}}
        filled = {**form, "id": "V1", "hash": "h", "state": {"values": values}}
        await deliver(thread.gateway, signed({**PERSON, "type": "view_submission", "trigger_id": "t9", "view": filled}))
        await until(lambda: f"Resolved: {helped}" in thread.one.root())
        trigger = BY_NAME["checkout-oom"].build(thread.one.began).trigger
        assert trigger is not None
        again = [
            {**alert, "fingerprint": "f00dfeedf00dfeed"} for alert in json.loads(json.dumps(trigger.body))["alerts"]
        ]
        for alert in again:
            alert["startsAt"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        await thread.alert(alerts=again)
        first, second = (json.dumps(root["blocks"]) for root in thread.roots())
        assert "Seen before" not in first
        assert "Seen before" in second
        assert helped in second
        briefs = [json.dumps(request["messages"]) for request in thread.model.requests]
        assert [helped in brief for brief in briefs] == [False, True]


async def test_an_overload_is_answered_by_another_model_and_said(
    tmp_path: Path, store: RedisStore, valkey_url: str
) -> None:
    def script(number: int, request: dict[str, Any]) -> Say:
        return overloaded() if "opus" in request["model"] else answered()

    async with opened(tmp_path, valkey_url, store, script) as thread:
        diagnosis = await thread.diagnosis()
        assert (diagnosis.engine.kind, diagnosis.engine.model) == ("model", "claude-sonnet-5-5")
        assert "overloaded: asking claude-sonnet-5-5 instead" in json.dumps(thread.one.slack.calls)
        assert "By claude-sonnet-5-5" in json.dumps(thread.roots()[0]["blocks"])
