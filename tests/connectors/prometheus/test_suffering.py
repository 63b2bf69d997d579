"""What later, failing and throttled mean."""

from __future__ import annotations

import pytest

from connectors.prometheus import suffering
from connectors.prometheus.samples import Stream
from tests.connectors.prometheus.signals import ONSET, Levels, case, vital, workload


@pytest.mark.parametrize(
    ("signal", "levels", "late"),
    [
        ("latency_p95", (10, 40), True),
        ("latency_p95", (1, 4), False),
        ("latency_p95", (100, 130), False),
        ("latency_p50", (10, 40), True),
        ("latency_mean", (0.01, 0.04), True),
        ("latency_mean", (0.001, 0.004), False),
        ("latency_p95", (40, 10), False),
    ],
)
def test_later_is_half_as_much_again_and_five_milliseconds(signal: str, levels: Levels, late: bool) -> None:
    assert suffering.is_late({signal: vital(signal, levels)}) is late


@pytest.mark.parametrize(("levels", "fails"), [((0, 0.05), True), ((0.3, 0.31), False), ((0, 0.01), False)])
def test_failing_is_two_more_in_a_hundred(levels: Levels, fails: bool) -> None:
    assert suffering.is_failing({"errors": vital("errors", levels)}) is fails


@pytest.mark.parametrize(
    ("middle", "tail", "whole"),
    [((5, 205), (10, 210), True), ((5, 5), (10, 210), False), ((5, 30), (10, 900), False)],
)
def test_late_as_a_whole_is_the_median_as_late_as_the_tail(middle: Levels, tail: Levels, whole: bool) -> None:
    signals = {"latency_p50": vital("latency_p50", middle), "latency_p95": vital("latency_p95", tail)}
    assert suffering.is_late_as_a_whole(signals) is whole


def test_a_tail_alone_is_never_a_whole() -> None:
    assert not suffering.is_late_as_a_whole({"latency_p95": vital("latency_p95", (10, 210))})


def test_those_late_by_the_most_times_come_first() -> None:
    of = case({"web": {"latency_p95": (90, 290)}, "payments": {"latency_p95": (10, 210)}, "calm": {"cpu": (1, 1)}})
    assert suffering.suffering(of) == [workload("payments"), workload("web")]


def test_levels_of_percentages_are_shares() -> None:
    signals = {"cpu": vital("cpu", (20, 95), "percent")}
    assert suffering.reached(signals, "cpu") == pytest.approx(0.95)
    assert suffering.reached(signals, "memory") == 0.0
    assert suffering.rose(signals, "cpu", 1.5, 0.5)
    assert not suffering.rose(signals, "cpu", 1.5, 0.9)


def test_a_change_counts_only_upwards() -> None:
    assert suffering.change({"traffic": vital("traffic", (10, 30))}, "traffic") == pytest.approx(20)
    assert suffering.change({"traffic": vital("traffic", (30, 10))}, "traffic") == 0.0


def test_late_by_a_small_part_of_what_the_others_are_is_noise() -> None:
    late: Levels = (10, 410)
    of = case({"a": {"latency_p50": late}, "b": {"latency_p50": late}, "c": {"latency_p50": (10, 20)}})
    assert suffering.considerable(of, suffering.suffering(of)) == [workload("a"), workload("b")]
    failing = case({"a": {"latency_p50": late}, "c": {"latency_p50": (10, 20), "errors": (0, 0.2)}})
    assert set(suffering.considerable(failing, suffering.suffering(failing))) == {workload("a"), workload("c")}


def test_a_burst_around_the_onset_is_no_level() -> None:
    calm = vital("retransmits", (0, 0))
    points = [(at, 0.9 if 0 <= at - ONSET <= 20 else value) for at, value in calm.stream.points]
    burst = {"retransmits": calm._replace(stream=Stream({}, points))}
    assert suffering.burst(burst, ONSET) == pytest.approx(0.9)
    assert suffering.burst({"retransmits": calm}, ONSET) == 0
    assert suffering.burst(burst, None) == 0
