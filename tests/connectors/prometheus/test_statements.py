"""A conclusion is one sentence with its figures, and says when it was over."""

from __future__ import annotations

from datetime import UTC, datetime

from connectors.evidence import Role
from connectors.prometheus import statements
from connectors.prometheus.statements import Claim, finding
from tests.connectors.prometheus.signals import ONSET, Levels, case, node, workload

HOT: dict[str, Levels] = {"cpu": (0.1, 0.5), "latency_p95": (10, 80), "errors": (0, 0)}


def test_the_sentence_has_the_figures_of_what_moved_and_not_of_the_rest() -> None:
    found = finding(
        case({"cart": HOT}), Claim("CPUOverload", workload("cart"), 0.8, "r", ("cpu", "latency_p95", "errors"))
    )
    assert found.statement.startswith("cart is short of CPU")
    assert found.statement.endswith("CPU 0.1 → 0.5 cores, p95 latency 10 → 80 ms.")
    assert found.rests_on == ("prometheus/signals/Deployment/shop/cart",)
    assert found.onset is not None
    assert abs(found.onset.timestamp() - ONSET) <= 30


def test_cpu_is_told_even_where_it_did_not_move() -> None:
    calm: dict[str, Levels] = {"cpu": (0.1, 0.1), "latency_p95": (10, 80)}
    told = statements.figures(case({"cart": calm}).of(workload("cart")), ("latency_p95", "cpu"))
    assert told == "p95 latency 10 → 80 ms, CPU 0.1 → 0.1 cores"


def test_what_is_over_says_when() -> None:
    over: dict[str, Levels] = {"cpu": (0.1, 0.5, 0.1)}
    of = case({"cart": over})
    end = statements.over_at(of.of(workload("cart")), ("cpu",))
    assert end is not None
    assert abs(end.timestamp() - (ONSET + 25 * 15)) <= 30
    assert "It was over at" in finding(of, Claim("CPUOverload", workload("cart"), 0.8, "r", ("cpu",))).statement
    assert statements.over_at(case({"cart": HOT}).of(workload("cart")), ("cpu",)) is None


def test_a_node_is_shown_by_what_runs_on_it() -> None:
    of = case({"cart": HOT, "web": HOT})
    seen_at = (workload("cart"), workload("web"))
    found = finding(of, Claim("NodeNetworkDelay", node("a"), 0.6, "r", ("latency_p95",), seen_at=seen_at))
    assert found.statement.startswith("Node a is late with everything that runs on it")
    assert found.rests_on == tuple(map(statements.key, seen_at))


def test_only_causes_explain_others() -> None:
    claim = Claim("LatencyIncrease", workload("cart"), 0.3, "r", ("latency_p95",), (workload("web"),), Role.SYMPTOM)
    assert finding(case({"cart": HOT}), claim).explains == ()


def test_times_are_utc() -> None:
    onset = statements.onset_of(case({"cart": HOT}).of(workload("cart")), ("cpu",))
    assert onset is not None
    assert onset.tzinfo is UTC
    assert datetime.fromtimestamp(ONSET, UTC).date() == onset.date()
