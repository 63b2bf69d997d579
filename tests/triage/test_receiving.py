"""From alerts to incidents where several come at once, one is lost on the way, or nothing relates them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chatops.domain.alert import Alert
from chatops.domain.ports import StoreUnavailable
from chatops.settings import Settings
from chatops.store import AlertIndex, RedisStore
from chatops.telemetry import Metrics
from chatops.triage import joining
from chatops.triage.receiving import Receiving
from tests import factories
from tests.conftest import NOW
from tests.triage.test_intake import Noted


class Taking:
    """What takes alerts in, its queue, and its counts."""

    def __init__(self, store: RedisStore, *, index: bool = True, **settings: Any) -> None:
        self.queue, self.metrics, self.now = Noted(), Metrics(), NOW
        known = AlertIndex(store) if index else None
        given = Settings.model_validate(settings)
        self.receiving = Receiving(given, store, self.queue, lambda: self.now, self.metrics, known)

    async def __call__(self, *alerts: Alert) -> list[str]:
        return await self.receiving.receive(alerts)

    @property
    def counts(self) -> dict[str, float]:
        rows = [row for family in self.metrics.alerts.collect() for row in family.samples]
        return {row.labels["outcome"]: row.value for row in rows if row.name.endswith("_total") and row.value}


def alert(name: str, **more: Any) -> Alert:
    fields: dict[str, Any] = {"group_key": "", "starts_at": NOW, "labels": {"namespace": name}, **more}
    return factories.alert(fingerprint=f"alertmanager:{name}", name=name, **fields)


@pytest.fixture
def taking(store: RedisStore) -> Taking:
    return Taking(store)


async def test_alerts_of_one_delivery_that_have_nothing_in_common_are_incidents_of_their_own(taking: Taking) -> None:
    opened = await taking(alert("billing"), alert("search"))
    assert len(set(opened)) == 2
    assert taking.queue.jobs == [("triage", one) for one in opened]
    assert taking.counts == {"opened": 2}


async def test_in_one_delivery_what_is_known_is_counted_and_what_is_new_is_taken(taking: Taking) -> None:
    (first,) = await taking(alert("billing"))
    both = await taking(alert("billing"), alert("search"))
    assert both[0] == first
    assert len(both) == 2
    assert taking.counts == {"opened": 2, "repeated": 1}


async def test_without_an_index_only_a_sources_own_groups_are_one(store: RedisStore) -> None:
    taking = Taking(store, index=False)
    same = {"labels": {"namespace": "shop"}}
    opened = await taking(alert("a", group_key="g", **same), alert("b", group_key="g", **same), alert("c", **same))
    assert len(opened) == 2
    again = await taking(alert("a", group_key="g", **same))
    assert again == opened[:1]
    assert taking.counts == {"opened": 3, "repeated": 1}


async def test_alerts_of_one_group_from_two_sources_are_not_mixed(taking: Taking) -> None:
    grafana = alert("a", group_key="g").model_copy(update={"source": "grafana", "fingerprint": "grafana:a"})
    assert len(await taking(alert("billing", group_key="g"), grafana)) == 2


async def test_what_could_not_be_queued_is_taken_when_it_is_sent_again(taking: Taking) -> None:
    taking.queue.down = True
    with pytest.raises(StoreUnavailable):
        await taking(alert("billing"))
    taking.queue.down = False
    (found,) = await taking(alert("billing"))
    assert taking.queue.jobs == [("triage", found)]
    assert len(await taking(alert("billing"))) == 1
    assert taking.queue.jobs == [("triage", found)], "and then it is a repeat"


async def test_more_alerts_than_an_incident_keeps_are_counted_by_how_they_stand(
    taking: Taking, store: RedisStore
) -> None:
    alerts = [alert(f"a{n}", group_key="g") for n in range(joining.KEPT + 3)]
    (found,) = await taking(*alerts)
    incident = await store.get(found)
    assert incident is not None
    assert (len(incident.alerts), incident.more_alerts) == (joining.KEPT, 3)
    over = [one.model_copy(update={"status": "resolved", "ends_at": NOW}) for one in alerts[-2:]]
    assert await taking(*over) == [found]
    incident = await store.get(found)
    assert incident is not None
    assert incident.more_alerts == 1


async def test_what_was_quiet_for_a_day_is_not_continued(taking: Taking) -> None:
    (first,) = await taking(alert("billing"))
    taking.now = NOW + timedelta(hours=25)
    (second,) = await taking(alert("billing", starts_at=taking.now))
    assert first != second


async def test_an_alert_that_becomes_severe_goes_ahead_of_its_turn(taking: Taking, store: RedisStore) -> None:
    (found,) = await taking(alert("billing", severity="info", group_key="g"))
    held = await store.update(found, lambda one: one.model_copy(update={"held": "waits for its turn"}))
    assert held.held
    await taking(alert("worse", severity="critical", group_key="g", labels={"namespace": "billing"}))
    after = await store.get(found)
    assert after is not None
    assert after.held == ""
    assert (taking.queue.waits[found], found in taking.queue.first) == (0.0, True)
