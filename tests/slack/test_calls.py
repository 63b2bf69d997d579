"""The Web API: paced for all replicas, 429 by method, and no post repeated that may have arrived."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from chatops.slack.calls import Calls, OneWorkspace, SlackError
from chatops.store import RedisStore
from tests.slack.conftest import BOT, Buckets, Clock
from tests.slack.web_api import SlackApi

POST = {"channel": "C1", "text": "hello", "unfurl_links": False, "unfurl_media": False}


async def test_an_error_has_slacks_code_and_detail(calls: Calls, api: SlackApi) -> None:
    api.closed.add("C1")
    with pytest.raises(SlackError) as refused:
        await calls.call("T1", "chat.postMessage", **POST)
    assert (refused.value.method, refused.value.code) == ("chat.postMessage", "not_in_channel")


async def test_a_429_is_waited_for_and_holds_the_method_for_every_replica(
    api: SlackApi, store: RedisStore, clock: Clock
) -> None:
    workspace = OneWorkspace(BOT, api.base_url)
    calls = Calls(workspace, store, sleep=clock.sleep)
    api.scripted["chat.update"].append((429, {"ok": False, "error": "ratelimited"}, {"Retry-After": "30"}))
    ts = (await calls.call("T1", "chat.postMessage", **POST))["ts"]
    await calls.call("T1", "chat.update", channel="C1", ts=ts, text="edited")
    assert len(api.of("chat.update")) == 2
    assert clock.now - 1_000 > 25
    assert await store.pace("slack::chat.update", 1.0) > 25
    assert await store.pace("slack::chat.delete", 1.0) == 0
    await workspace.aclose()


async def test_what_knows_its_workspace_and_what_does_not_are_paced_together(calls: Calls, clock: Clock) -> None:
    for number in range(6):
        await calls.call("T1" if number % 2 else "", "chat.postMessage", **POST)
    assert clock.now - 1_000 >= 3


async def test_a_method_that_stays_refused_is_an_error(calls: Calls, api: SlackApi) -> None:
    for _ in range(9):
        api.scripted["auth.test"].append((429, {"ok": False, "error": "ratelimited"}, {"retry-after": "nonsense"}))
    with pytest.raises(SlackError, match="ratelimited"):
        await calls.call("T1", "auth.test")


async def test_a_read_is_repeated_after_a_lost_connection_and_a_post_is_not(calls: Calls, api: SlackApi) -> None:
    api.lose |= {"auth.test", "chat.postMessage"}
    assert (await calls.call("T1", "auth.test"))["user_id"] == "UBOT"
    with pytest.raises(SlackError) as lost:
        await calls.call("T1", "chat.postMessage", **POST)
    assert lost.value.code == "unreachable"
    assert len(api.of("chat.postMessage")) == 1


async def test_posts_to_one_channel_are_a_second_apart(calls: Calls, api: SlackApi, clock: Clock) -> None:
    for _ in range(8):
        await calls.call("T1", "chat.postMessage", **POST)
    in_a_row = clock.now - 1_000
    await calls.call("T1", "chat.postMessage", **{**POST, "channel": "C2"})
    assert in_a_row >= 4
    assert clock.now - 1_000 == in_a_row


async def test_an_answer_that_is_no_answer_is_an_error(calls: Calls, api: SlackApi) -> None:
    api.scripted["auth.test"].append((503, {"ok": False, "error": "service_unavailable"}, {}))
    with pytest.raises(SlackError, match="service_unavailable"):
        await calls.call("T1", "auth.test")


async def test_nobody_there_is_unreachable(store: RedisStore, clock: Clock) -> None:
    workspace = OneWorkspace(BOT, "http://127.0.0.1:9/api")
    with pytest.raises(SlackError, match="unreachable"):
        await Calls(workspace, store, sleep=clock.sleep).call("T1", "auth.test")
    await workspace.aclose()


@dataclass
class Shared:
    """A clock that several sleep by: it goes on to the next who wakes when nothing else happens."""

    now: float = 1_000.0
    sleeping: list[tuple[float, int, asyncio.Future[None]]] = field(default_factory=list)
    number: int = 0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.number += 1
        woken = asyncio.get_running_loop().create_future()
        heapq.heappush(self.sleeping, (self.now + seconds, self.number, woken))
        await woken

    async def until(self, done: Callable[[], bool]) -> None:
        while not done():
            await asyncio.sleep(0.01)
            if self.sleeping:
                self.now, _, woken = heapq.heappop(self.sleeping)
                woken.set_result(None)


async def test_what_is_patient_lets_others_go_before_it(api: SlackApi) -> None:
    clock, workspace = Shared(), OneWorkspace(BOT, api.base_url)
    calls = Calls(workspace, Buckets(clock), sleep=clock.sleep)
    waiting = [asyncio.create_task(calls.patiently("T1", "chat.postMessage", **POST)) for _ in range(20)]
    await clock.until(lambda: len(api.of("chat.postMessage")) == 5)
    begun = clock.now
    severe = asyncio.create_task(calls.call("T1", "chat.postMessage", **{**POST, "text": "severe"}))
    await clock.until(severe.done)
    assert clock.now - begun < 4, "behind those that came before it, it would take fifteen seconds"
    await clock.until(lambda: all(one.done() for one in waiting))
    assert len(api.of("chat.postMessage")) == 21
    assert clock.now - 1_000 >= 17, "none goes faster than the channel takes them"
    await workspace.aclose()
