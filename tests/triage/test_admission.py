"""Turns: the severe at once, the others apart, none beyond the day's budget."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chatops.domain.alert import Severity
from chatops.domain.incident import Incident, Thread
from chatops.settings import StormSettings
from chatops.store import RedisStore
from chatops.triage import admission
from chatops.triage.admission import Admission, Rank, Turn, before, goes_first, rank
from tests.conftest import NOW
from tests.factories import alert, incident

FAST = {"burn_rate": "14.4"}


def of(severity: Severity, **labels: str) -> Incident:
    return incident(severity=severity, alerts=(alert(severity=severity, labels=labels),))


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (of("critical", **FAST), admission.NOW),
        (of("critical"), admission.CRITICAL),
        (of("error", **FAST), admission.CRITICAL),
        (of("error"), admission.ERROR),
        (of("warning", burn_rate="2"), admission.BURNING),
        (of("info"), admission.OTHERS),
    ],
)
def test_severity_and_burn_are_a_rank(one: Incident, expected: Rank) -> None:
    assert rank(one) == expected
    assert goes_first(one) == (expected in (admission.NOW, admission.CRITICAL))


def test_ranks_are_in_order() -> None:
    assert before(of("critical"), of("error"))
    assert not before(of("error"), of("error"))


@pytest.fixture
def made(store: RedisStore) -> Callable[..., Admission]:
    return lambda **settings: Admission(StormSettings(**settings), store, lambda: NOW)


async def test_so_many_begin_at_once_and_the_next_wait_their_turn(made: Callable[..., Admission]) -> None:
    turns = [await made(at_once=2, channel_per_minute=6).turn(of("warning")) for _ in range(4)]
    assert [turn.waits for turn in turns] == [False, False, True, True]
    assert 9 < turns[2].wait <= 10
    assert 19 < turns[3].wait <= 20


async def test_a_crowd_of_lesser_ones_holds_nobody_severe(made: Callable[..., Admission]) -> None:
    admit = made(at_once=1, channel_per_minute=1)
    for _ in range(5):
        await admit.turn(of("warning"))
    assert not (await admit.turn(of("error"))).waits
    assert await admit.turn(of("critical", **FAST)) == Turn(first=True)


async def test_channels_do_not_wait_for_each_other(made: Callable[..., Admission]) -> None:
    admit = made(at_once=1, channel_per_minute=1)
    await admit.turn(of("warning"))
    elsewhere = of("warning").model_copy(update={"thread": Thread(channel="C2")})
    assert not (await admit.turn(elsewhere)).waits


async def test_beyond_the_days_budget_nothing_begins(made: Callable[..., Admission]) -> None:
    admit = made(per_day=1)
    await admit.turn(of("critical"))
    turn = await admit.turn(of("critical"))
    assert not turn.waits
    told = turn.told(of("critical"), NOW)
    assert told.status == "stopped"
    assert "the day's 1 investigations are used up" in told.held


def test_who_waits_is_told_until_when() -> None:
    told = Turn(wait=90).told(incident(), NOW)
    assert "about 12:01:30 UTC" in told.held
    assert Turn(wait=0.5).told(incident(), NOW).held == ""
