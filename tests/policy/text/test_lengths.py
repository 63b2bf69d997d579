"""How long it took, and how far apart moments are."""

from __future__ import annotations

import pytest

from chatops.policy.text.lengths import LASTING, RELATIVE, Lengths
from chatops.policy.text.observed import observe
from tests.persona.cases import OOM, case, evidence

SEEN = (OOM, evidence(2, "it waited for 40 s, from 10:15:21 to 10:19:01"))
LENGTHS = Lengths(observe(case(SEEN), SEEN))


@pytest.mark.parametrize(
    ("said", "holds"),
    [("40 seconds after it", True), ("forty seconds before", True), ("17 seconds after it", False)],
)
def test_before_and_after_something(said: str, holds: bool) -> None:
    found = RELATIVE.search(said)
    assert found is not None
    assert LENGTHS.relative(found) is holds


@pytest.mark.parametrize(("said", "holds"), [("forty seconds", True), ("three hours", False), ("9 days", False)])
def test_what_it_took(said: str, holds: bool) -> None:
    found = LASTING.search(said)
    assert found is not None
    assert LENGTHS.lasting(found) is holds


def test_between_moments() -> None:
    assert LENGTHS.elapsed(220.0)
    assert LENGTHS.between_clocks("from 10:15:21 to 10:15:32", 11.0)
    assert LENGTHS.between_clocks("it began at 10:18:50", 11.0), "the other moment was observed"
    assert not LENGTHS.between_clocks("it began at 10:18:50", 12.5)


def test_a_flood_of_clock_times_leaves_the_later_moments() -> None:
    flood = " ".join(f"10:{at // 60:02}:{at % 60:02}" for at in range(0, 300, 3))
    seen = (*SEEN, evidence(3, f"{flood} then 10:21 and 10:31"))
    assert Lengths(observe(case(seen), seen)).elapsed(600.0)
