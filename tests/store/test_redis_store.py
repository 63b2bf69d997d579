"""The store keeps its promises on a real Valkey; every test also checks that no key lives for ever (conftest)."""

from __future__ import annotations

from datetime import timedelta

import anyio
import pytest

from chatops.domain.conversation import Turn
from chatops.domain.incident import Incident, Thread, TimelineEntry
from chatops.domain.ports import StoreUnavailable
from chatops.store import RedisStore, connect
from tests import factories
from tests.conftest import NOW


async def test_an_incident_is_found_by_id_thread_alert_and_channel(store: RedisStore) -> None:
    incident = factories.incident()
    await store.claim_alerts(incident.alerts[:1], incident.id)
    await store.add(incident)
    posted = await store.update(
        incident.id, lambda one: one.model_copy(update={"thread": one.thread.model_copy(update={"ts": "1.2"})})
    )
    assert await store.get(incident.id) == posted
    assert await store.by_thread(Thread(team="T1", channel="C1", ts="1.2")) == posted
    assert await store.by_alert(factories.alert(fingerprint="alertmanager:other")) == posted, "by its group"
    assert await store.recent() == [posted]
    assert await store.recent(channel="C1") == [posted]
    assert await store.recent(channel="C2") == []


async def test_concurrent_changes_are_all_applied(store: RedisStore) -> None:
    incident = factories.incident(title="")
    await store.add(incident)

    async def add(letter: str) -> None:
        await store.update(incident.id, lambda one: one.model_copy(update={"title": one.title + letter}))

    async with anyio.create_task_group() as group:
        for letter in "abcdefgh":
            group.start_soon(add, letter)
    changed = await store.get(incident.id)
    assert changed is not None
    assert sorted(changed.title) == list("abcdefgh")


async def test_of_many_claims_of_one_group_one_wins(store: RedisStore) -> None:
    owners: list[str] = []

    async def claim(number: int) -> None:
        alert = factories.alert(fingerprint=f"alertmanager:{number}")
        owners.append(await store.claim_alerts([alert], f"inc-{number}"))

    async with anyio.create_task_group() as group:
        for number in range(10):
            group.start_soon(claim, number)
    assert len(set(owners)) == 1
    replaced = await store.claim_alerts([factories.alert()], "inc-new", stale=owners[0])
    assert replaced == "inc-new"
    assert await store.claim_alerts([factories.alert()], "inc-late", stale=owners[0]) == "inc-new"


async def test_things_are_seen_for_the_first_time_once(store: RedisStore) -> None:
    assert await store.first_time("event", "Ev1", timedelta(hours=1))
    assert not await store.first_time("event", "Ev1", timedelta(hours=1))
    await store.forget("event", "Ev1")
    assert await store.first_time("event", "Ev1", timedelta(hours=1))


async def test_case_conversation_and_record_survive(store: RedisStore) -> None:
    incident = factories.incident()
    await store.add(incident)
    diagnosis = factories.diagnosis(incident, evidence=tuple(factories.evidence(n) for n in range(1, 40)))
    await store.save_case(incident.id, diagnosis, [factories.finding()])
    turn = Turn(id="2.0", author="U1", role="person", text="why?", at=NOW)
    await store.add_turn(incident.id, turn)
    await store.add_turn(incident.id, turn.model_copy(update={"text": "a redelivery"}))
    await store.add_turn(incident.id, Turn(id="1.0", author="U1", role="person", text="first", at=NOW - timedelta(1)))
    await store.note(incident.id, TimelineEntry(at=NOW, kind="opened", text="by alert"))
    assert await store.diagnosis(incident.id) == diagnosis
    assert await store.findings(incident.id) == (factories.finding(),)
    assert [one.text for one in await store.turns(incident.id)] == ["first", "why?"]
    assert [one.text for one in await store.timeline(incident.id)] == ["by alert"]


async def test_messages_attempts_documents_and_budgets(store: RedisStore) -> None:
    assert await store.message_ts("inc-1", "root") == ""
    await store.set_message_ts("inc-1", "root", "1.2")
    assert await store.message_ts("inc-1", "root") == "1.2"
    assert [await store.count_attempt("triage:inc-1") for _ in range(3)] == [1, 2, 3]
    await store.put("button", "b1", {"step": "S1"}, timedelta(hours=1))
    assert await store.take("button", "b1") == {"step": "S1"}
    await store.drop("button", "b1")
    assert await store.take("button", "b1") is None
    assert await store.spend("day", 0.6, 1.0, timedelta(days=1))
    assert not await store.spend("day", 0.6, 1.0, timedelta(days=1)), "nothing is taken beyond the limit"
    assert await store.spend("day", 0.4, 1.0, timedelta(days=1))


async def test_places_in_a_bucket_are_a_gap_apart_after_the_burst(store: RedisStore) -> None:
    waits = [await store.pace("post:C1", per_second=1.0, burst=2) for _ in range(4)]
    assert waits[0] == waits[1] == 0
    assert 0.5 < waits[2] < waits[3] <= 2.0
    assert await store.pace("post:C1", per_second=1.0, burst=2, within=1.5) > 1.5
    assert await store.pace("post:C1", per_second=1.0, burst=2) < 3, "what is too far away is not reserved"
    await store.hold("post:C2", 30)
    assert await store.pace("post:C2", per_second=1.0) > 29


async def test_a_confirmed_incident_is_seen_again_by_alert_and_cause(store: RedisStore) -> None:
    old, new = factories.incident(), factories.incident()
    confirmed = factories.hypothesis()
    await store.remember(old, factories.diagnosis(old), confirmed, "")
    assert await store.remember_fix(old.id, "raised the limit")
    assert not await store.remember_fix(new.id, "nobody confirmed it")
    seen = await store.seen_before(new, factories.diagnosis(new))
    assert [(one.incident, one.resolution) for one in seen] == [(old.id, "raised the limit")]
    assert not await store.seen_before(old, factories.diagnosis(old)), "not by itself"
    elsewhere = factories.hypothesis(subject=factories.CHECKOUT.model_copy(update={"name": "search"}))
    quiet = factories.incident(alerts=(factories.alert(name="Other"),))
    assert not await store.seen_before(quiet, factories.diagnosis(quiet, hypotheses=(elsewhere,)))
    await store.forget_cause(old.id, "BadRelease")
    assert await store.seen_before(new, factories.diagnosis(new)), "it was not that one"
    await store.forget_cause(old.id, "OOMKilled")
    assert not await store.seen_before(new, factories.diagnosis(new)), "taken back"


async def test_a_store_that_is_gone_says_so() -> None:
    store = RedisStore(connect("unix:///nonexistent/valkey.sock"))
    with pytest.raises(StoreUnavailable):
        await store.get("inc-1")
    await store.client.aclose()


async def test_an_incident_that_is_gone_cannot_be_changed(store: RedisStore) -> None:
    def same(one: Incident) -> Incident:
        return one

    with pytest.raises(LookupError, match="inc-none"):
        await store.update("inc-none", same)


@pytest.mark.parametrize("url", ["http://localhost", "redis+sentinel://localhost:26379"])
def test_a_url_that_cannot_be_used_is_refused_with_what_would_be(url: str) -> None:
    with pytest.raises(ValueError, match=r"redis\+sentinel://"):
        connect(url)
