"""The network is blamed only where no resource explains the lateness, and the node only with a reason."""

from __future__ import annotations

from connectors.evidence import Topology
from connectors.prometheus import network_rules
from connectors.prometheus.suffering import Case, suffering
from tests.connectors.prometheus.signals import Levels, case, node, workload

LATE: dict[str, Levels] = {"latency_p50": (5, 205), "latency_p95": (10, 210), "cpu": (0.1, 0.1)}
CALLER: dict[str, Levels] = {"latency_p50": (40, 245), "latency_p95": (90, 300), "cpu": (0.1, 0.1)}
TAIL: dict[str, Levels] = {"latency_p50": (5, 5), "latency_p95": (10, 250), "cpu": (0.1, 0.1)}
CALM: dict[str, Levels] = {"latency_p50": (5, 5), "latency_p95": (10, 10), "cpu": (0.1, 0.1)}
CALLS = (("web", "orders"), ("web", "catalog"), ("orders", "payments"))
PLACED = {"web": ("a",), "payments": ("a",), "orders": ("b",), "catalog": ("b",)}


def delays(of: Case) -> list[tuple[str, str, float]]:
    return [(f.cause, f.subject.name, f.confidence) for f in network_rules.delays(of, suffering(of))]


def losses(of: Case) -> list[tuple[str, str, float]]:
    return [(f.cause, f.subject.name, f.confidence) for f in network_rules.losses(of, suffering(of))]


def test_without_a_call_graph_the_one_late_by_the_most_times_is_nearest() -> None:
    assert delays(case({"payments": LATE, "web": CALLER, "catalog": CALM})) == [("PodNetworkDelay", "payments", 0.48)]
    assert delays(case({"payments": LATE, "web": TAIL, "catalog": CALM})) == [("PodNetworkDelay", "payments", 0.65)]


def test_without_a_call_graph_who_is_late_by_less_is_nearer_than_who_is_late_by_more() -> None:
    waits: dict[str, Levels] = {"latency_p50": (2, 502), "latency_p95": (4, 504), "cpu": (0.1, 0.1)}
    assert delays(case({"payments": CALLER, "web": waits, "catalog": CALM}))[0][1] == "payments"


def test_a_late_tail_alone_may_have_other_reasons() -> None:
    assert delays(case({"payments": TAIL, "catalog": CALM})) == [("PodNetworkDelay", "payments", 0.5)]


def test_without_knowing_its_load_nothing_is_claimed() -> None:
    bare: dict[str, Levels] = {k: v for k, v in LATE.items() if k != "cpu"}
    assert delays(case({"payments": bare, "catalog": CALM})) == []


def test_with_a_call_graph_who_waits_is_not_nearest() -> None:
    of = case({"orders": LATE, "payments": CALLER, "catalog": CALM}, topology=Topology(calls=CALLS))
    assert delays(of) == [("PodNetworkDelay", "payments", 0.65)]


def test_where_most_are_late_no_single_one_is_blamed_for_sure() -> None:
    of = case({**{f"s{i}": LATE for i in range(5)}, "calm": CALM})
    assert [confidence < 0.5 for _, _, confidence in delays(of)] == [True]


def test_late_ones_that_share_a_node_speak_for_the_node() -> None:
    of = case(
        {"orders": LATE, "catalog": LATE, "web": CALLER, "payments": CALM},
        topology=Topology(calls=CALLS, placement=PLACED),
    )
    found = network_rules.delays(of, suffering(of))[0]
    assert (found.cause, found.subject, found.confidence) == ("NodeNetworkDelay", node("b"), 0.6)
    assert set(found.explains) == {workload("orders"), workload("catalog"), workload("web")}


def test_the_one_node_that_resends_loses_packets() -> None:
    of = case({"web": TAIL}, {"a": {"retransmits": (0.1, 8)}, "b": {"retransmits": (0.1, 0.2)}})
    assert losses(of) == [("NodeNetworkPacketLoss", "a", 0.75)]


def test_where_the_medians_are_late_too_it_is_a_delay() -> None:
    of = case({"web": LATE}, {"a": {"retransmits": (0.1, 8)}, "b": {"retransmits": (0.1, 0.2)}})
    assert losses(of) == [("NodeNetworkDelay", "a", 0.75)]


def test_resending_that_makes_nobody_late_is_unsure() -> None:
    assert losses(case({"web": CALM}, {"a": {"retransmits": (0.1, 8)}}))[0][2] < 0.5


def test_what_all_nodes_do_is_no_nodes_fault() -> None:
    of = case({"web": TAIL}, {"a": {"retransmits": (0.1, 8)}, "b": {"retransmits": (0.1, 7.5)}})
    assert losses(of) == []


def test_a_peer_that_resends_less_makes_it_unsure() -> None:
    of = case({"web": TAIL}, {"a": {"retransmits": (0.1, 8)}, "b": {"retransmits": (0.1, 5)}})
    assert losses(of) == [("NodeNetworkPacketLoss", "a", 0.45)]


def test_a_handful_of_segments_is_noise() -> None:
    assert losses(case({"web": TAIL}, {"a": {"retransmits": (0.0, 0.13)}})) == []


def test_the_delayed_one_explains_the_others_and_not_itself() -> None:
    of = case({"payments": LATE, "web": CALLER, "catalog": CALM})
    assert network_rules.delays(of, suffering(of))[0].explains == (workload("web"),)


def test_where_calm_ones_share_the_node_only_it_is_not_blamed() -> None:
    everywhere = dict.fromkeys(PLACED, ("a",))
    of = case({"orders": LATE, "catalog": LATE, "payments": CALM}, topology=Topology(placement=everywhere))
    assert [cause for cause, _, _ in delays(of)] == ["PodNetworkDelay"]


def test_calls_of_others_leave_the_nearest_to_be_guessed_by_lateness() -> None:
    of = case({"payments": LATE, "web": CALLER}, topology=Topology(calls=(("x", "y"),)))
    assert [name for _, name, _ in delays(of)] == ["payments"]


def test_without_a_call_graph_the_one_that_is_late_with_every_request_goes_before_late_tails() -> None:
    of = case({"payments": CALLER, **{f"s{i}": TAIL for i in range(5)}, "calm": CALM})
    assert delays(of) == [("PodNetworkDelay", "payments", 0.65)]


def test_who_calls_what_nobody_times_may_be_late_for_that() -> None:
    of = case({"payments": LATE, "catalog": CALM}, topology=Topology(calls=(("payments", "payments-db"),)))
    assert [(name, confidence < 0.5) for _, name, confidence in delays(of)] == [("payments", True)]
