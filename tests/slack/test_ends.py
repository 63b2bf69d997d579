"""Whatever order the edits of several replicas come in, the thread says how it ended."""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass, field

from chatops.render.blocks import saying
from chatops.slack.calls import Calls, OneWorkspace
from chatops.slack.thread import SlackThread
from chatops.store import RedisStore
from tests.render import cases
from tests.slack.conftest import BOT, Buckets, Clock
from tests.slack.web_api import SlackApi


@dataclass
class Held(Buckets):
    """A pace that holds every edit until it is let go: how long a call is on its way."""

    gate: asyncio.Event = field(default_factory=asyncio.Event)
    held: asyncio.Event = field(default_factory=asyncio.Event)

    async def pace(self, bucket: str, per_second: float, burst: int = 1, within: float = math.inf) -> float:
        if bucket.endswith("chat.update"):
            self.held.set()
            await self.gate.wait()
        return 0.0


async def test_an_older_edit_that_comes_after_the_end_does_not_stay(
    api: SlackApi, store: RedisStore, calls: Calls, clock: Clock
) -> None:
    pace, workspace = Held(clock), OneWorkspace(BOT, api.base_url)
    asked: list[str] = []
    told_again = asyncio.Event()

    async def again(incident_id: str) -> None:
        asked.append(incident_id)
        told_again.set()

    incident = cases.incident(status="investigating", asked_by="U1")
    await store.add(incident)
    quick = SlackThread(store, calls, sleep=clock.sleep)
    shown = await quick.show(incident, "root", saying("first"))
    slow = SlackThread(store, Calls(workspace, pace, sleep=clock.sleep), sleep=clock.sleep, again=again)
    await slow.show(shown, "root", saying("gathering"))
    await pace.held.wait()
    done = await store.update(shown.id, lambda one: one.model_copy(update={"status": "answered"}))
    await quick.show(done, "root", saying("the end"))
    pace.gate.set()
    await told_again.wait()
    assert [message["text"] for message in api.thread("C1")] == ["gathering"], "it came later, and replaced the end"
    assert asked == [incident.id]
    await quick.show(done, "root", saying("the end"))
    assert [message["text"] for message in api.thread("C1")] == ["the end"]
    await quick.show(done, "root", saying("the end"))
    assert len(api.of("chat.update")) == 3, "told again once, not for ever"
    await slow.aclose()
    await workspace.aclose()


async def test_an_edit_of_another_message_has_nothing_to_show_again(
    api: SlackApi, store: RedisStore, calls: Calls
) -> None:
    asked: list[str] = []
    ended, quiet = asyncio.Event(), asyncio.Event()

    async def again(incident_id: str) -> None:
        asked.append(incident_id)

    async def sleep(seconds: float) -> None:
        quiet.set()
        await ended.wait()

    incident = cases.incident(status="investigating", asked_by="U1")
    await store.add(incident)
    thread = SlackThread(store, calls, sleep=sleep, again=again)
    shown = await thread.show(incident, "root", saying("first"))
    await thread.show(shown, "progress", saying("reads"))
    await thread.show(shown, "progress", saying("reads more"))
    await quiet.wait()
    await store.update(shown.id, lambda one: one.model_copy(update={"status": "answered"}))
    ended.set()
    await thread.aclose()
    assert [message["text"] for message in api.thread("C1")][-1] == "reads more"
    assert asked == []
