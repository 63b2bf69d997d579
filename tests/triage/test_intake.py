"""Alerts and questions open or match one incident, enqueue one job, and say what was not stored."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

import anyio
import pytest

from chatops.domain.conversation import Turn
from chatops.domain.ports import RunbookHit, StoreUnavailable
from chatops.policy.redaction import Redactor
from chatops.settings import Settings, StormSettings, load
from chatops.store import AlertIndex, RedisStore
from chatops.triage import joining
from chatops.triage.intake import Intake
from tests import factories
from tests.conftest import NOW


@dataclass
class Noted:
    """A queue that notes what it is given; a job that waits is not queued twice, as in the real one."""

    jobs: list[tuple[str, ...]] = field(default_factory=list)
    down: bool = False
    waits: dict[str, float] = field(default_factory=dict)
    first: set[str] = field(default_factory=set)
    later: dict[str, float] = field(default_factory=dict)

    async def _add(self, *job: str) -> None:
        if self.down:
            raise StoreUnavailable("down")
        if job not in self.jobs or job[0] == "refresh":
            self.jobs.append(job)

    async def triage(self, incident_id: str, *, wait: float = 0.0, first: bool = False, hurry: bool = False) -> None:
        self.waits[incident_id] = 0.0 if hurry else wait
        (self.first.add if first or hurry else self.first.discard)(incident_id)
        await self._add("triage", incident_id)

    async def refresh(self, incident_id: str, *, wait: float = 0.0, first: bool = False) -> None:
        if wait:
            self.later[incident_id] = wait
            return
        await self._add("refresh", incident_id)

    async def board(self, channel: str) -> None:
        await self._add("board", channel)

    async def answer(self, incident_id: str, turn_id: str) -> None:
        await self._add("answer", incident_id, turn_id)

    async def act(self, incident_id: str, action: str, argument: str, user: str) -> None:
        await self._add("act", incident_id, action, argument, user)


class NoPages:
    def search(self, text: str, limit: int = 5) -> list[RunbookHit]:
        return []

    def for_incident(self, alerts: object, causes: object, text: str, limit: int = 3) -> list[RunbookHit]:
        return []

    def checks_for(self, code: str) -> None:
        return None


@dataclass
class Rig:
    intake: Intake
    queue: Noted
    clock: list[timedelta]

    def later(self, **delta: float) -> None:
        self.clock[0] += timedelta(**delta)


@pytest.fixture
def rig(store: RedisStore) -> Rig:
    queue, clock = Noted(), [timedelta()]
    settings: Settings = load()
    index = AlertIndex(store)
    return Rig(Intake(settings, store, queue, NoPages(), lambda: NOW + clock[0], None, index), queue, clock)


async def test_an_alert_opens_an_incident_and_its_repeat_does_nothing(rig: Rig) -> None:
    (opened,) = await rig.intake.alerts([factories.alert()])
    (again,) = await rig.intake.alerts([factories.alert()])
    assert opened.opened
    assert (again.opened, again.joined, again.incident.id) == (False, 0, opened.incident.id)
    assert rig.queue.jobs == [("triage", opened.incident.id)]
    assert opened.incident.scope.namespace == "shop"
    assert opened.incident.thread.channel == "#incidents"


async def test_alerts_of_one_group_join_one_incident(rig: Rig) -> None:
    (opened,) = await rig.intake.alerts([factories.alert()])
    (joined,) = await rig.intake.alerts([factories.alert(fingerprint="alertmanager:f2", name="Slow")])
    assert joined.incident.id == opened.incident.id
    assert [alert.name for alert in joined.incident.alerts] == ["HighErrorRate", "Slow"]
    assert rig.queue.jobs == [("triage", opened.incident.id)], "its first message will show both"
    told = {"thread": opened.incident.thread.model_copy(update={"ts": "1.0"})}
    await rig.intake.store.update(opened.incident.id, lambda one: one.model_copy(update=told))
    await rig.intake.alerts([factories.alert(fingerprint="alertmanager:f3")])
    assert rig.queue.jobs[-1] == ("refresh", opened.incident.id), "what is told already is edited"


async def test_two_gateways_with_the_same_alert_open_one_incident(rig: Rig) -> None:
    opened: list[str] = []

    async def take() -> None:
        opened.extend(one.incident.id for one in await rig.intake.alerts([factories.alert()]))

    async with anyio.create_task_group() as group:
        for _ in range(5):
            group.start_soon(take)
    assert len([job for job in rig.queue.jobs if job[0] == "triage"]) == 1


async def test_resolved_alerts_resolve_and_a_refire_reopens_within_the_window(rig: Rig) -> None:
    (opened,) = await rig.intake.alerts([factories.alert()])
    (resolved,) = await rig.intake.alerts([factories.alert(status="resolved", ends_at=NOW)])
    assert resolved.incident.status == "resolved"
    rig.later(minutes=10)
    again = factories.alert(starts_at=NOW + timedelta(minutes=9))
    (reopened,) = await rig.intake.alerts([again])
    assert (reopened.incident.id, reopened.incident.status) == (opened.incident.id, "open")
    assert (await rig.intake.alerts([again]))[0].joined == 0, "the same re-fire again is a repeat"


async def test_a_refire_after_the_window_is_a_new_incident(rig: Rig) -> None:
    (opened,) = await rig.intake.alerts([factories.alert()])
    await rig.intake.alerts([factories.alert(status="resolved", ends_at=NOW)])
    rig.later(hours=2)
    (new,) = await rig.intake.alerts([factories.alert(starts_at=NOW + timedelta(hours=2))])
    assert new.opened
    assert new.incident.id != opened.incident.id
    (same,) = await rig.intake.alerts([factories.alert(starts_at=NOW + timedelta(hours=2))])
    assert same.incident.id == new.incident.id


async def test_what_resolved_before_it_was_told_is_not_told(rig: Rig) -> None:
    assert await rig.intake.alerts([factories.alert(status="resolved", ends_at=NOW)]) == []
    assert rig.queue.jobs == []


async def test_a_question_opens_an_incident_with_its_scope_and_window(rig: Rig) -> None:
    incident = await rig.intake.ask(
        question="checkout is slow since 30m", channel="C1", team="T1", user="U1", origin="command",
        context={"namespace": "shop"},
    )  # fmt: skip
    assert (incident.title, incident.scope.namespace) == ("checkout is slow since 30m", "shop")
    assert incident.window.end - incident.window.start == timedelta(minutes=30)
    assert rig.queue.jobs == [("triage", incident.id)]
    assert [entry.kind for entry in await rig.intake.timeline(incident.id)] == ["opened"]


async def test_a_mention_in_a_known_thread_is_a_follow_up(rig: Rig) -> None:
    first = await rig.intake.ask(
        question="slow", channel="C1", team="T1", user="U1", origin="mention", thread_ts="9.1", message_ts="9.1"
    )
    second = await rig.intake.ask(
        question="and now?", channel="C1", team="T1", user="U2", origin="mention", thread_ts="9.1", message_ts="9.2"
    )
    assert second.id == first.id
    assert rig.queue.jobs == [("triage", first.id), ("answer", first.id, "9.2")]


async def test_what_cannot_be_queued_is_not_accepted(rig: Rig) -> None:
    rig.queue.down = True
    with pytest.raises(StoreUnavailable):
        await rig.intake.alerts([factories.alert()])
    rig.queue.down = False
    (again,) = await rig.intake.alerts([factories.alert()])
    assert rig.queue.jobs == [("triage", again.incident.id)], "the sender's second try is not taken for a repeat"


async def test_actions_are_done_noted_and_refused_when_gone(rig: Rig, store: RedisStore) -> None:
    (opened,) = await rig.intake.alerts([factories.alert()])
    incident = opened.incident
    await store.save_case(incident.id, factories.diagnosis(incident), [])
    assert (
        await rig.intake.act(incident.id, "confirm", "H1", "U1")
        == "Confirmed: checkout is killed for memory: limit 64Mi."
    )
    confirmed = await store.diagnosis(incident.id)
    assert confirmed is not None
    assert (confirmed.hypotheses[0].status, confirmed.hypotheses[0].confidence) == ("confirmed", 1.0)
    assert await rig.intake.act(incident.id, "resolve", "raised the limit", "U1") == "Resolved: raised the limit"
    assert (await store.get(incident.id)).status == "resolved"  # type: ignore[union-attr]
    assert [one.resolution for one in await store.seen_before(factories.incident(), confirmed)] == ["raised the limit"]
    assert await rig.intake.act(incident.id, "rule_out", "H1", "U1") == (
        "Ruled out. No other hypothesis is left: retry, or ask in the thread."
    )
    with pytest.raises(LookupError, match="H9"):
        await rig.intake.act(incident.id, "confirm", "H9", "U1")
    with pytest.raises(LookupError, match="no longer kept"):
        await rig.intake.act("inc-gone", "stop", "", "U1")
    kinds = [entry.kind for entry in await rig.intake.timeline(incident.id)]
    assert kinds == ["opened", "hypothesis", "resolve", "hypothesis"]


async def test_a_follow_up_is_stored_before_it_is_queued(rig: Rig, store: RedisStore) -> None:
    (opened,) = await rig.intake.alerts([factories.alert()])
    turn = Turn(id="5.0", author="U1", role="person", text="why?", at=NOW)
    await rig.intake.follow_up(opened.incident, turn)
    assert await store.turns(opened.incident.id) == [turn]
    assert rig.queue.jobs[-1] == ("answer", opened.incident.id, "5.0")


@pytest.mark.parametrize(
    ("said", "alone", "asked"),
    [
        ("thanks!", False, False),
        ("who is on call for payments?", False, True),
        ("we rolled back", True, True),
        ("kubectl get pods -n shop", True, True),
    ],
)
async def test_talk_between_people_is_kept_and_not_answered(
    rig: Rig, store: RedisStore, said: str, alone: bool, asked: bool
) -> None:
    """Without a mention only what is for the app; with one everything but thanks."""
    (opened,) = await rig.intake.alerts([factories.alert()])
    for number, addressed in enumerate((False, True)):
        turn = Turn(id=f"5.{number}", author="U1", role="person", text=said, at=NOW)
        await rig.intake.follow_up(opened.incident, turn, addressed=addressed)
    answered = [job[2] for job in rig.queue.jobs if job[0] == "answer"]
    assert [f"5.{number}" in answered for number in range(2)] == [alone, asked]
    assert len(await store.turns(opened.incident.id)) == 2


async def test_a_secret_that_somebody_writes_is_not_in_the_record(rig: Rig, store: RedisStore) -> None:
    intake = replace(rig.intake, redactor=lambda incident_id: Redactor(key=incident_id.encode()))
    (opened,) = await intake.alerts([factories.alert()])
    turn = Turn(id="5.0", author="U1", role="person", text="the db password is hunter2xyz, we rotated it", at=NOW)
    await intake.follow_up(opened.incident, turn)
    entry = (await intake.timeline(opened.incident.id))[-1]
    assert entry.kind == "statement"
    assert "hunter2xyz" not in entry.text
    assert "we rotated it" in entry.text


async def test_a_repeat_is_known_without_its_incident(rig: Rig, store: RedisStore) -> None:
    (first,) = await rig.intake.receive([factories.alert()])
    await store.client.delete(f"chatops:{{{first}}}:incident")
    assert await rig.intake.receive([factories.alert()]) == [first]
    resolved = factories.alert(status="resolved", ends_at=NOW)
    assert await rig.intake.receive([resolved]) == [], "another state is no repeat"


async def test_what_was_not_queued_is_no_repeat(rig: Rig) -> None:
    rig.queue.down = True
    with pytest.raises(StoreUnavailable):
        await rig.intake.receive([factories.alert()])
    rig.queue.down = False
    await rig.intake.receive([factories.alert()])
    assert len(rig.queue.jobs) == 1


async def test_an_incident_keeps_so_many_alerts_and_counts_the_others(rig: Rig) -> None:
    many = [factories.alert(fingerprint=f"alertmanager:{number}") for number in range(250)]
    (opened,) = await rig.intake.alerts(many)
    assert (len(opened.incident.alerts), opened.incident.more_alerts) == (joining.KEPT, 50)
    (joined,) = await rig.intake.alerts([factories.alert(fingerprint="alertmanager:x")])
    assert joined.incident.more_alerts == 51
    ended = [one.model_copy(update={"status": "resolved", "ends_at": NOW}) for one in many]
    (left,) = await rig.intake.alerts(ended)
    assert (left.incident.status, left.incident.more_alerts) == ("open", 1), "one that is only counted still fires"
    (over,) = await rig.intake.alerts([factories.alert(fingerprint="alertmanager:x", status="resolved", ends_at=NOW)])
    assert over.incident.status == "resolved"


async def test_flapping_is_not_investigated_again(rig: Rig) -> None:
    await rig.intake.alerts([factories.alert()])
    for minute in range(1, 6):
        rig.later(minutes=1)
        await rig.intake.alerts([factories.alert(status="resolved", ends_at=NOW)])
        again = factories.alert(starts_at=NOW + timedelta(minutes=minute))
        (accepted,) = await rig.intake.alerts([again])
        rig.queue.jobs = [job for job in rig.queue.jobs if job[0] == "triage"]
        expected = "open" if minute < 3 else "answered"
        assert (accepted.incident.status, accepted.incident.refires) == (expected, minute)


async def test_low_severities_take_turns_and_severe_ones_do_not_wait(store: RedisStore) -> None:
    queue = Noted()
    storm = StormSettings(at_once=2, per_minute=60, channel_per_minute=60)
    intake = Intake(load(storm=storm), store, queue, NoPages(), lambda: NOW, None, AlertIndex(store))

    async def opened(number: int, severity: str) -> str:
        labels = {"namespace": f"ns{number}"}
        alert = factories.alert(fingerprint=f"a:{number}", group_key="", severity=severity, labels=labels)
        (one,) = await intake.alerts([alert])
        return one.incident.id

    low = [await opened(number, "warning") for number in range(6)]
    severe = await opened(9, "critical")
    waits = [queue.waits[one] for one in low]
    assert waits[:2] == [0, 0]
    assert waits == sorted(waits)
    assert waits[-1] > 2
    assert queue.waits[severe] == 0
    assert queue.first == {severe}
    assert (await store.get(low[-1])).held  # type: ignore[union-attr]
    worse = factories.alert(fingerprint="a:worse", group_key="", severity="critical", labels={"namespace": "ns5"})
    (joined,) = await intake.alerts([worse])
    assert (joined.incident.id, queue.waits[low[-1]]) == (low[-1], 0), "brought forward by what is severe"
    begun = low[0]
    worse = factories.alert(fingerprint="a:also", group_key="", severity="critical", labels={"namespace": "ns0"})
    await intake.alerts([worse])
    assert begun in queue.first, "it stands in the queue, and its turn has come: it is brought forward, too"


async def test_a_spent_day_tells_and_does_not_investigate(store: RedisStore) -> None:
    queue = Noted()
    intake = Intake(load(storm=StormSettings(per_day=1)), store, queue, NoPages(), lambda: NOW, None, AlertIndex(store))
    await intake.alerts([factories.alert()])
    (told,) = await intake.alerts([factories.alert(fingerprint="x:2", group_key="g2", labels={"namespace": "b"})])
    assert queue.jobs[-1] == ("refresh", told.incident.id)
    assert told.incident.status == "stopped"
    assert "used up" in told.incident.held


async def test_what_is_muted_is_looked_at_again_when_that_ends_or_when_something_not_muted_joins(
    store: RedisStore,
) -> None:
    queue = Noted()
    quiet = {"match": {"severity": "info"}, "channel": "C7", "mute": ["11:00-13:00"]}
    intake = Intake(load(routes=[quiet]), store, queue, NoPages(), lambda: NOW, None, AlertIndex(store))
    labels = {"namespace": "shop", "deployment": "cart"}
    (muted,) = await intake.alerts([factories.alert(group_key="g", labels={**labels, "severity": "info"})])
    assert (muted.incident.thread.channel, muted.incident.muted_channel) == ("", "C7")
    assert queue.later == {muted.incident.id: pytest.approx(3_601)}, "one hour from twelve o'clock on"
    queue.jobs.clear()
    severe = factories.alert(fingerprint="a:2", group_key="g", severity="critical", labels=labels)
    (joined,) = await intake.alerts([severe])
    assert joined.incident.thread.channel == "C7"
    assert (queue.jobs, queue.first) == ([("triage", joined.incident.id)], {joined.incident.id})
