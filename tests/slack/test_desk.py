"""Once, and taken back when what followed failed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from chatops.domain.incident import Thread
from chatops.domain.ports import StoreUnavailable
from chatops.slack.app import SlackApp
from chatops.slack.calls import SlackError
from chatops.slack.desk import Desk, Where
from chatops.store import RedisStore
from tests.render import cases

HERE = Where(team="T1", channel="C1", user="U1")


@pytest.fixture
def desk(app: SlackApp) -> Desk:
    return app.desk


async def test_the_second_time_is_none(desk: Desk) -> None:
    async with desk.once("kind", "key", HERE) as first, desk.once("kind", "key", HERE) as second:
        assert first == HERE
        assert second is None


async def test_what_failed_may_come_again(desk: Desk) -> None:
    with pytest.raises(StoreUnavailable):
        async with desk.once("kind", "key", HERE):
            raise StoreUnavailable("down")
    async with desk.once("kind", "key", HERE) as again:
        assert again is not None


async def test_a_channel_that_cannot_be_looked_up_is_no_first_time(desk: Desk) -> None:
    class Half:
        def __getattr__(self, name: str) -> Any:
            return getattr(sound, name)

        async def take(self, kind: str, key: str) -> Mapping[str, Any] | None:
            raise StoreUnavailable("down")

    sound, desk.intake = desk.intake, Half()
    with pytest.raises(StoreUnavailable):
        async with desk.once("kind", "key", HERE):
            pass
    desk.intake = sound
    async with desk.once("kind", "key", HERE) as again:
        assert again is not None


async def test_the_channels_own_incident_comes_along(desk: Desk, store: RedisStore) -> None:
    incident = cases.incident(thread=Thread(team="T1", channel="C9", ts="1.1"))
    await store.add(incident)
    await desk.bind(HERE, incident)
    async with desk.once("kind", "key", HERE) as here:
        assert here is not None
        assert here.bound == incident
        assert await desk.meant(here) == incident


async def test_which_incident_is_meant(desk: Desk, store: RedisStore) -> None:
    assert await desk.meant(HERE) is None
    done = cases.incident(
        id="inc-1n8z0w0000000001", status="resolved", thread=Thread(team="T1", channel="C1", ts="1.1")
    )
    going = cases.incident(id="inc-1n8z0w0000000002", thread=Thread(team="T1", channel="C1", ts="2.2"))
    newest = done.model_copy(update={"id": "inc-1n8z0w0000000003", "created_at": done.created_at + timedelta(hours=1)})
    for one in (done, going, newest):
        await store.add(one)
    assert await desk.meant(HERE) == going
    assert await desk.meant(HERE, done.id) == done
    assert await desk.meant(HERE._replace(thread_ts="2.2")) == going
    assert await desk.meant(HERE, "inc-1n8z0w0000000009") is None


async def test_what_fails_in_the_background_is_only_logged(desk: Desk) -> None:
    async def fails() -> None:
        raise SlackError("chat.postEphemeral", "user_not_in_channel")

    desk.later(fails())
    await desk.aclose()
    assert not desk.tasks
