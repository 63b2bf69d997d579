"""A cause is something whose own resources changed; what is only late or failing suffers."""

from __future__ import annotations

import pytest

from connectors.causes import BY_CODE
from connectors.evidence import Finding, Role, Topology
from connectors.prometheus import rules
from connectors.prometheus.suffering import Case
from tests.connectors.prometheus.signals import Levels, case, node, workload

CALM: dict[str, Levels] = {"traffic": (20, 20), "latency_p95": (20, 20), "cpu": (0.1, 0.1), "throttling": (0, 0)}
HOT: dict[str, Levels] = {**CALM, "latency_p95": (5, 80), "cpu": (0.05, 0.4), "throttling": (0, 0.7)}
WAITING: dict[str, Levels] = {**CALM, "latency_p95": (40, 120)}


def causes(of: Case) -> list[Finding]:
    return [f for f in rules.findings(of) if f.role is Role.CAUSE]


def test_who_burns_cpu_and_is_throttled_is_the_cause_and_its_late_callers_are_explained() -> None:
    found = rules.findings(case({"payments": HOT, "web": WAITING, "catalog": CALM}))
    first, *rest = found
    assert (first.cause, first.subject, first.role) == ("CPUOverload", workload("payments"), Role.CAUSE)
    assert first.confidence > 0.8
    assert first.explains == (workload("web"),)
    assert "payments is short of CPU" in first.statement
    assert "CPU 0.05 → 0.4 cores" in first.statement
    assert [(f.cause, f.role, f.subject) for f in rest] == [("LatencyIncrease", Role.SYMPTOM, workload("web"))]


def test_a_fault_that_is_over_is_told_as_over() -> None:
    over: dict[str, Levels] = {"cpu": (0.05, 0.4, 0.05), "throttling": (0, 0.7, 0), "latency_p95": (5, 80, 5)}
    first = causes(case({"payments": over}))[0]
    assert first.cause == "CPUOverload"
    assert "It was over at" in first.statement


def test_nothing_is_claimed_where_nothing_moved() -> None:
    assert rules.findings(case({"payments": CALM, "web": CALM}, {"a": {"cpu_share": (0.2, 0.2)}})) == []


def test_cpu_that_grows_with_traffic_is_no_overload_but_a_surge() -> None:
    busy: dict[str, Levels] = {"traffic": (20, 80), "cpu": (0.1, 0.4), "throttling": (0, 0.5), "latency_p95": (20, 90)}
    found = causes(case({"web": busy}))
    assert [f.cause for f in found] == ["TrafficSurge"]


def test_a_surge_begins_at_whom_no_other_busier_one_calls() -> None:
    busy: dict[str, Levels] = {"traffic": (20, 80), "latency_p95": (20, 90)}
    below: dict[str, Levels] = {"traffic": (30, 200), "latency_p95": (20, 90)}
    first = causes(case({"web": busy, "orders": below}, topology=Topology(calls=(("web", "orders"),))))[0]
    assert (first.cause, first.subject) == ("TrafficSurge", workload("web"))


def test_more_traffic_that_hurts_nobody_is_context() -> None:
    found = rules.findings(case({"web": {**CALM, "traffic": (20, 80)}}))
    assert [(f.cause, f.role) for f in found] == [("TrafficSurge", Role.CONTEXT)]


def test_throttling_that_slows_nothing_is_less_sure() -> None:
    sure, unsure = (causes(case({"payments": levels}))[0] for levels in (HOT, {**HOT, "latency_p95": (5, 5)}))
    assert unsure.confidence < sure.confidence


def test_of_two_overloaded_the_worse_one_is_surer() -> None:
    mild: dict[str, Levels] = {"cpu": (0.1, 0.2), "throttling": (0, 0.15), "latency_p95": (10, 20)}
    first, second = causes(case({"mild": mild, "payments": HOT}))
    assert first.subject == workload("payments")
    assert second.confidence < first.confidence


def test_failing_requests_are_a_symptom() -> None:
    found = rules.findings(case({"payments": {**CALM, "errors": (0.001, 0.3)}}))
    assert [(f.cause, f.role) for f in found] == [("ErrorRateIncrease", Role.SYMPTOM)]


def test_memory_that_grew_to_its_limit() -> None:
    found = causes(case({"cart": {"memory_share": (0.5, 0.97)}, "web": {"memory_share": (0.96, 0.97)}}))
    assert [(f.cause, f.subject) for f in found] == [("MemoryPressure", workload("cart"))]


@pytest.mark.parametrize(
    ("signal", "levels", "cause", "role"),
    [
        ("cpu", (0.3, 0.97), "NodeCPUSaturated", Role.CAUSE),
        ("cpu", (0.96, 0.97), "NodeCPUSaturated", Role.CONTEXT),
        ("disk", (0.96, 0.97), "NodeDiskPressure", Role.CAUSE),
        ("conntrack", (0.2, 0.99), "NodeNetworkPacketLoss", Role.CAUSE),
        ("clock", (0.01, 2.0), "ClockSkew", Role.CAUSE),
    ],
)
def test_a_node_that_is_full(signal: str, levels: Levels, cause: str, role: Role) -> None:
    found = rules.findings(case({}, {"a": {signal: levels}, "b": {signal: (0.1, 0.1)}}))
    assert [(f.cause, f.subject, f.role) for f in found] == [(cause, node("a"), role)]


def test_percentages_count_as_shares() -> None:
    from tests.connectors.prometheus.signals import vital

    vitals = case({}).vitals._replace(nodes={node("a"): {"cpu": vital("cpu", (30, 97), "percent")}})
    assert [f.cause for f in rules.findings(Case(vitals))] == ["NodeCPUSaturated"]


def test_every_finding_has_a_cause_of_the_catalogue_and_rests_on_evidence() -> None:
    for of in (case({"payments": HOT, "web": WAITING}), case({"web": {**CALM, "errors": (0, 0.2)}})):
        for found in rules.findings(of):
            assert found.cause in BY_CODE
            assert found.rests_on
            assert found.rule.startswith("prometheus:")


@pytest.mark.parametrize(
    ("levels", "confidence"),
    [
        ({"cpu": (0.05, 0.5)}, [0.4]),
        ({"throttling": (0, 0.5), "cpu": (0.1, 0.1)}, [0.4]),
        ({"cpu": (0.05, 0.12)}, []),
        ({"cpu": (0.05, 0.12), "latency_p95": (10, 40)}, [0.65]),
        ({"throttling": (0, 0.5), "cpu": (0.1, 0.1), "latency_p95": (10, 40)}, [0.7]),
        ({"cpu_share": (0.4, 0.97), "throttling": (0, 0.5), "latency_p95": (10, 40)}, [0.85]),
        ({"cpu": (0.5, 0.1), "latency_p95": (10, 10)}, []),
    ],
)
def test_how_sure_an_overload_is(levels: dict[str, Levels], confidence: list[float]) -> None:
    found = [f.confidence for f in causes(case({"cart": levels})) if f.cause == "CPUOverload"]
    assert found == confidence


def test_the_network_is_not_asked_where_a_surer_cause_is_known() -> None:
    late: dict[str, Levels] = {"latency_p50": (5, 205), "latency_p95": (10, 210), "cpu": (0.1, 0.1)}
    found = causes(case({"payments": HOT, "orders": late}))
    assert [f.cause for f in found] == ["CPUOverload"]


def test_no_cause_explains_itself() -> None:
    busy: dict[str, Levels] = {"traffic": (20, 80), "latency_p95": (20, 90)}
    slow: dict[str, Levels] = {**CALM, "latency_p95": (20, 90)}
    for of in (case({"web": busy, "orders": slow}), case({"payments": HOT, "web": WAITING})):
        first = causes(of)[0]
        assert first.explains
        assert first.subject not in first.explains


def test_who_is_called_by_a_calm_one_may_still_be_first() -> None:
    busy: dict[str, Levels] = {"traffic": (20, 80), "latency_p95": (20, 90)}
    first = causes(case({"web": CALM, "orders": busy}, topology=Topology(calls=(("web", "orders"),))))[0]
    assert first.subject == workload("orders")


def test_a_drop_in_cpu_does_not_weigh_as_load() -> None:
    idle: dict[str, Levels] = {"cpu": (5.0, 0.1), "throttling": (0, 0.3), "latency_p95": (10, 20)}
    first, second = causes(case({"idle": idle, "payments": HOT}))
    assert (first.subject, second.subject) == (workload("payments"), workload("idle"))


def test_a_share_of_the_limit_counts_only_near_the_limit() -> None:
    levels: dict[str, Levels] = {"cpu_share": (0.2, 0.5), "latency_p95": (10, 40)}
    assert [f.cause for f in causes(case({"cart": levels})) if f.cause == "CPUOverload"] == []
