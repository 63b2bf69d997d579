"""Pictures of who should be late, by calls, places, and how many requests can wait."""

from __future__ import annotations

from connectors.evidence import Topology
from connectors.likeness import likenesses

CALLS = (("web", "orders"), ("web", "prices"), ("orders", "payments"), ("orders", "prices"), ("jobs", "stock"))
TIMED = frozenset({"web", "orders", "prices", "payments", "jobs"})
TRAFFIC = {"web": 100.0, "orders": 5.0, "payments": 5.0, "prices": 300.0}
PLACED = {"web": ("a",), "prices": ("a",), "stock": ("a",), "orders": ("b",), "payments": ("b",), "jobs": ("b",)}


def test_a_median_is_late_only_where_most_requests_wait() -> None:
    both = {"web", "orders"}
    seen = likenesses(["web", "orders"], both, Topology(calls=CALLS, timed=TIMED, traffic=TRAFFIC))
    assert seen
    assert seen.equals == ["prices"], "payments are asked for by a twentieth of what web is asked for"
    unknown = likenesses(["web", "orders"], both, Topology(calls=CALLS, timed=TIMED))
    assert unknown
    assert set(unknown.equals) == {"orders", "payments", "prices"}


def test_where_only_the_tail_is_late_few_wait() -> None:
    seen = likenesses(["web", "orders"], {"orders"}, Topology(calls=CALLS, timed=TIMED, traffic=TRAFFIC))
    assert seen
    assert set(seen.equals) == {"orders", "payments"}


def test_a_node_that_alone_sends_again_is_likelier_than_a_workload_that_explains_as_much() -> None:
    late = ["web", "orders", "jobs"]
    known = Topology(calls=CALLS, timed=TIMED, placement=PLACED)
    tied = likenesses(late, set(), known)
    assert tied
    assert not tied.node
    resending = likenesses(late, set(), known.model_copy(update={"resends": {"a": 0.0, "b": 0.9}}))
    assert resending
    assert resending.node == "b"
    assert resending.is_node_clear
    one = {"calls": CALLS[:-1], "resends": {"a": 0.0, "b": 0.9}}
    either = likenesses(["web", "orders"], set(), known.model_copy(update=one))
    assert either
    assert (either.node, either.is_node_clear) == ("b", False), "the network of prices explains it as well"
    all_alike = likenesses(late, set(), known.model_copy(update={"resends": {"a": 0.8, "b": 0.9}}))
    assert all_alike
    assert not all_alike.node


def test_nothing_is_said_of_one_late_workload_or_without_calls() -> None:
    assert likenesses(["web"], set(), Topology(calls=CALLS, timed=TIMED)) is None
    assert likenesses(["web", "orders"], set(), Topology(timed=TIMED)) is None
