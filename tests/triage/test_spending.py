"""Budgets hold over runs at the same time, and what is not used is given back everywhere."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from chatops.domain.incident import Incident, Thread
from chatops.store import RedisStore, connect
from chatops.triage.spending import Limits, reserve, settle
from tests import factories
from tests.conftest import NOW

INCIDENT = "The model's budget of this incident is used up (${:.2f}, model.incident_usd)"
CHANNEL = "The model's budget of this channel's day is used up (${:.2f}, model.channel_usd)"


def there(channel: str) -> Incident:
    return factories.incident(thread=Thread(team="T1", channel=channel, ts="1.0"))


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (Limits(run=1, incident=1.5, channel=9, day=9), INCIDENT.format(1.5)),
        (Limits(run=1, incident=9, channel=1.5, day=9), CHANNEL.format(1.5)),
        (
            Limits(run=1, incident=9, channel=9, day=1.5),
            "The model's budget of the day is used up ($1.50, model.daily_usd)",
        ),
    ],
)
async def test_each_budget_holds_and_is_named(store: RedisStore, limits: Limits, said: str) -> None:
    one = there("C1")
    assert await reserve(store, limits, one, NOW) == ""
    assert await reserve(store, limits, one, NOW) == said
    await settle(store, limits, one, NOW, 0.2)
    assert await reserve(store, limits, one, NOW) == "", "0.8 came back"


async def test_what_one_budget_refuses_is_taken_from_none(store: RedisStore) -> None:
    limits = Limits(run=1, incident=1, channel=9, day=3)
    busy = there("C1")
    assert await reserve(store, limits, busy, NOW) == ""
    for _ in range(5):
        assert await reserve(store, limits, busy, NOW) == INCIDENT.format(1)
    assert await reserve(store, limits, there("C2"), NOW) == ""
    assert await reserve(store, limits, there("C3"), NOW) == "", "the day has room: refused runs took nothing"


async def test_a_channel_s_day_ends_and_other_channels_have_their_own(store: RedisStore) -> None:
    limits = Limits(run=1, incident=9, channel=1, day=9)
    assert await reserve(store, limits, there("C1"), NOW) == ""
    assert await reserve(store, limits, there("C1"), NOW) == CHANNEL.format(1)
    assert await reserve(store, limits, there("C2"), NOW) == ""
    assert await reserve(store, limits, there("C1"), NOW + timedelta(days=1)) == ""


async def test_two_workers_at_the_same_moment_do_not_pass_a_limit(store: RedisStore, valkey_url: str) -> None:
    """Twenty runs on two connections, each in a channel of its own: as many begin as the day pays for."""
    limits = Limits(run=1, incident=9, channel=9, day=7)
    others = connect(valkey_url)
    stores = (store, RedisStore(others))
    places = [there(f"C{number}") for number in range(20)]
    told = await asyncio.gather(*(reserve(stores[n % 2], limits, one, NOW) for n, one in enumerate(places)))
    assert told.count("") == 7
    begun = [one for one, refused in zip(places, told, strict=True) if not refused]
    await asyncio.gather(*(settle(stores[n % 2], limits, one, NOW, 0.5) for n, one in enumerate(begun)))
    again = [await reserve(store, limits, there(f"D{number}"), NOW) for number in range(4)]
    assert again.count("") == 3, "3.5 of 7 came back"
    await others.aclose()


async def test_a_run_over_midnight_is_paid_by_the_day_it_began(store: RedisStore) -> None:
    limits = Limits(run=1, incident=9, channel=9, day=1)
    evening = NOW.replace(hour=23, minute=59)
    assert await reserve(store, limits, there("C1"), evening) == ""
    morning = evening + timedelta(minutes=5)
    assert await reserve(store, limits, there("C2"), morning) == "", "a new day has its own"
    await settle(store, limits, there("C1"), evening, 0.3)
    assert await reserve(store, limits, there("C3"), morning) != "", "what came back came back to the day before"
