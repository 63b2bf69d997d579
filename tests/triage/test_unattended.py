"""What waits for a worker is told bare, once; what was told, ended or is a person's question is left alone."""

from __future__ import annotations

from typing import Any

from chatops.domain.incident import Incident
from chatops.store import RedisStore
from chatops.triage import unattended
from chatops.triage.telling import Telling
from tests import factories
from tests.conftest import NOW
from tests.triage.test_service import Shown


class Threads(Shown):
    """Keeps what was shown of each; one channel takes nothing."""

    def __init__(self, store: RedisStore) -> None:
        super().__init__()
        self.store = store
        self.told: list[str] = []

    async def show(self, incident: Incident, slot: str, message: Any) -> Incident:
        if incident.thread.channel == "C0":
            raise ValueError("not_in_channel")
        self.told.append(f"{incident.id} {slot} {unattended.NOBODY in str(message.blocks)}")
        await self.store.set_message_ts(incident.id, slot, "1.0")
        return incident


def of(number: int, **changes: Any) -> Incident:
    return factories.incident(id=f"inc-{number}", **changes)


async def test_what_waits_is_told_once_whatever_becomes_of_another(store: RedisStore) -> None:
    thread = factories.incident().thread
    refused = of(1, thread=thread.model_copy(update={"channel": "C0"}))
    muted = of(2, thread=thread.model_copy(update={"channel": ""}))
    left = [muted, of(3, status="answered"), of(4, alerts=()), of(5, status="resolved")]
    for one in (refused, *left, of(6), of(7, status="investigating")):
        await store.add(one)
    await store.set_message_ts("inc-3", "root", "1.0")
    threads = Threads(store)
    telling = Telling(store, threads, lambda: NOW, lambda one: "")
    await unattended.tell(store, telling)
    await unattended.tell(store, telling)
    assert sorted(threads.told) == ["inc-6 root True", "inc-7 root True"]
