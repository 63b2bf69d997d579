"""Levels, changes and stretches of a series are told as a person would see them on the chart."""

import pytest

from connectors.cloudwatch.readings import Reading
from tests.connectors.cloudwatch.world import ONSET, Curve, calm, jump, ramp, readings, target


def reading(curve: Curve, metric: str = "CPUUtilization") -> Reading:
    return readings(target("rds", "orders"), **{metric: curve}).by_name[metric]


def test_a_jump_is_seen_at_its_time_with_both_levels() -> None:
    seen = reading(jump(20, 80))
    assert seen.shifted
    assert seen.changed_at is not None
    assert abs((seen.changed_at - ONSET).total_seconds()) <= 120
    assert (round(seen.before, -1), round(seen.now, -1)) == (20, 80)
    assert seen.growth == pytest.approx(4, abs=0.3)


@pytest.mark.parametrize("curve", [calm(20), calm(20, 0.3), calm(0, 0), jump(20, 95, 18), calm(1e12, 0)])
def test_noise_and_a_last_spike_are_no_change(curve: Curve) -> None:
    assert not reading(curve).shifted


def test_a_change_with_the_first_samples_is_seen() -> None:
    seen = reading(jump(20, 95, -38))
    assert seen.shifted
    assert seen.before == pytest.approx(20, abs=2)


def test_a_stretch_holds_only_when_it_lasts_to_the_end() -> None:
    lasting, past = (
        reading(jump(20, 95)).beyond(lambda v: v > 85),
        reading(jump(20, 95, -20, -5)).beyond(lambda v: v > 85),
    )
    assert lasting is not None
    assert past is not None
    assert (lasting.holds, past.holds) == (True, False)
    assert past.minutes == pytest.approx(14, abs=1)


def test_a_stretch_may_miss_a_sample_and_must_have_enough() -> None:
    gap = reading(lambda m: 95 if m >= 0 and m != 8 else 20).beyond(lambda v: v > 85)
    assert gap is not None
    assert (gap.start, gap.samples) == (ONSET.timestamp(), 19)
    assert reading(jump(20, 95, 16.5)).beyond(lambda v: v > 85) is None


def test_the_worst_of_a_shrinking_metric_is_its_least() -> None:
    low = reading(ramp(100, 1, 10), "FreeStorageSpace").beyond(lambda v: v <= 10)
    assert low is not None
    assert low.worst == 1


def test_a_reading_is_evidence_with_its_levels() -> None:
    body = reading(jump(20, 80)).series(threshold=90)
    assert (body.unit, body.threshold, body.labels) == ("%", 90, {"DBInstanceIdentifier": "orders"})
    assert body.after is not None
    assert body.after > 70
