"""What people see of incidents that are one outage: one thread that goes on, and one that points to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chatops.domain.incident import Incident
from chatops.settings import load
from chatops.store import AlertIndex
from chatops.triage import actions
from chatops.triage.grouping import Grouping
from chatops.triage.merging import Merging
from tests import factories
from tests.conftest import NOW
from tests.triage.test_intake import Noted
from tests.triage.test_service import Rig, Shown
from tests.triage.test_service import rig as rig


class Threads(Shown):
    """Keeps the messages of each incident by themselves."""

    async def show(self, incident: Incident, slot: str, message: object) -> Incident:
        await super().show(incident, f"{incident.id} {slot}", message)  # type: ignore[arg-type]
        await self.rig.store.set_message_ts(incident.id, slot, "1.0")
        return incident.model_copy(update={"thread": incident.thread.model_copy(update={"ts": "1.0"})})

    rig: Rig

    def text(self, incident: Incident, slot: str = "root") -> str:
        return str(self.slots[f"{incident.id} {slot}"].blocks)


@pytest.fixture
async def two(rig: Rig) -> tuple[Rig, Threads, Incident]:
    """A rig whose incident is about checkout, and a later one whose cause rules find there."""
    threads = Threads()
    threads.rig = rig
    rig.service = replace(
        rig.service,
        thread=threads,
        merging=Merging(Grouping(load(), rig.store, AlertIndex(rig.store), lambda: NOW)),
    )
    alert = factories.alert(
        fingerprint="alertmanager:f2", name="Slow", group_key="g2", labels={"namespace": "shop", "deployment": "cart"}
    )
    later = factories.incident(title="Slow: cart", alerts=(alert,), created_at=NOW + timedelta(seconds=5))
    await rig.store.add(later)
    await rig.service.triage(rig.incident.id)
    return rig, threads, later


async def test_both_threads_say_so_once_and_end_together(two: tuple[Rig, Threads, Incident]) -> None:
    rig, threads, later = two
    await rig.service.triage(later.id)
    assert "The same outage as <https://slack.test/" in threads.text(later)
    assert "E1" in threads.text(later), "with what rules found, and the evidence"
    assert later.id in threads.text(rig.incident)
    assert "Slow: cart" in threads.text(rig.incident, f"joined:{later.id}")
    await rig.service.triage(later.id)
    await rig.service.refresh(rig.incident.id)
    assert len(set(threads.posted)) == len(threads.posted)
    ended = {"status": "resolved", "resolved_at": NOW}
    await rig.store.update(rig.incident.id, lambda one: one.model_copy(update=ended))
    await rig.service.refresh(rig.incident.id)
    assert "Resolved" in threads.text(later)


async def test_a_worker_that_died_over_telling_is_made_good(two: tuple[Rig, Threads, Incident]) -> None:
    rig, threads, later = two
    assert rig.service.merging is not None
    diagnosis = await rig.store.diagnosis(rig.incident.id)
    assert diagnosis is not None
    await rig.service.merging.look(later, diagnosis)  # and here it was killed
    asked = len(rig.pods.asked)
    await rig.service.triage(later.id)
    assert len(rig.pods.asked) == asked, "one investigation for both"
    assert "The same outage as" in threads.text(later)
    assert "Slow: cart" in threads.text(rig.incident, f"joined:{later.id}")


async def test_a_person_splits_them_and_each_goes_on_by_itself(two: tuple[Rig, Threads, Incident]) -> None:
    rig, threads, later = two
    queue = Noted()
    with pytest.raises(LookupError, match="nothing to split"):
        await actions.act(rig.store, queue, later, "split", "", "U1", NOW)
    await rig.service.triage(later.id)
    stored = await rig.store.get(later.id)
    assert stored is not None
    assert "Not the same" in threads.text(stored)
    await actions.act(rig.store, queue, stored, "split", "", "U1", NOW)
    assert queue.jobs == [("act", later.id, "split", "", "U1")]
    for _ in range(2):  # a job may run again
        await rig.service.act(later.id, "split", "", "U1")
    assert "The same outage" not in threads.text(later)
    assert later.id not in threads.text(rig.incident)
    assert "was split from this" in threads.text(rig.incident, f"joined:{later.id}")
    split = await rig.store.get(later.id)
    assert split is not None
    assert split.status == "answered", "it was looked into by itself"
