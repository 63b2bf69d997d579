"""What all states share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from connectors.cloudwatch.states.state import evidence, judged, merged, near_onset
from connectors.contract import ConnectorError, Window
from connectors.evidence import Observation, ResourceState, Subject
from tests.connectors.cloudwatch.world import NOW, ONSET

TABLE = Subject(kind="Table", name="orders")
WINDOW = Window(start=NOW - timedelta(hours=1), end=NOW, onset=ONSET)


def test_a_long_table_says_what_it_leaves_out() -> None:
    told = evidence("tables", TABLE, "t", "s" * 2_000, "q", [(str(n), "x") for n in range(40)], name="two")
    assert isinstance(told.body, ResourceState)
    assert (len(told.body.rows), told.body.omitted, len(told.summary)) == (30, 10, 1_500)
    assert told.key == "cloudwatch/tables/Table//orders/two"


def test_a_judgement_rests_on_its_state_and_needs_somebody_to_be_about() -> None:
    about = evidence("tables", TABLE, "t", "s", "q", onset=ONSET)
    found = judged("TableThrottled", about, "throttled", 0.8)
    assert (found.subject, found.rests_on, found.onset) == (TABLE, (about.key,), ONSET)
    with pytest.raises(ValueError, match="needs a subject"):
        judged("TableThrottled", about.model_copy(update={"subject": None}), "throttled", 0.8)


def brings(text: str) -> Callable[[], Awaitable[Observation]]:
    async def call() -> Observation:
        return Observation(evidence=(evidence("tables", TABLE, text, "s", "q", name=text),), partial=text)

    return call


async def refused() -> Observation:
    raise ConnectorError("forbidden", "q", "denied")


async def test_what_failed_is_told_beside_what_was_read() -> None:
    found = await merged([brings("a"), refused, brings("b")], "tables")
    assert [one.title for one in found.evidence] == ["a", "b"]
    assert found.partial == "a; b; forbidden: denied"


async def test_where_everything_failed_it_is_an_error() -> None:
    with pytest.raises(ConnectorError, match="denied"):
        await merged([refused, refused], "tables")


@pytest.mark.parametrize(("minutes", "expected"), [(-29, True), (-31, False), (4, True), (6, False)])
def test_a_change_shortly_before_the_onset_may_have_begun_it(minutes: float, expected: bool) -> None:
    assert near_onset(ONSET + timedelta(minutes=minutes), WINDOW) is expected


def test_without_an_onset_the_window_decides() -> None:
    untold = WINDOW.model_copy(update={"onset": None})
    assert near_onset(NOW - timedelta(minutes=50), untold)
    assert not near_onset(NOW - timedelta(minutes=70), untold)
    assert not near_onset(None, untold)
