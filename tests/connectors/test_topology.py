"""Placement and calls decide whether lateness is one workload's or its node's."""

from __future__ import annotations

from connectors import topology
from connectors.evidence import Finding, Role, Subject, Topology

CALLS = (("web", "orders"), ("web", "catalog"), ("orders", "payments"))
PLACED = {"web": ("a",), "payments": ("a",), "orders": ("b",), "catalog": ("b",)}
WATCHED = {"a": 0.0, "b": 0.0}
"""Nodes of which it is known how much they send again."""


def late(name: str, cause: str = "LatencyIncrease", confidence: float = 0.3) -> Finding:
    role = Role.CAUSE if cause == "PodNetworkDelay" else Role.SYMPTOM
    subject = Subject(kind="Deployment", namespace="shop", name=name)
    return Finding(
        cause=cause,
        subject=subject,
        statement=name,
        role=role,
        rests_on=(f"k/{name}",),
        confidence=confidence,
        rule="r",
    )


def test_what_several_sources_know_is_put_together() -> None:
    one = Topology(calls=(("web", "orders"),), placement={"web": ("a",)})
    other = Topology(calls=(("web", "orders"), ("orders", "payments")), placement={"web": ("b",), "orders": ("b",)})
    both = topology.merged([one, None, other])
    assert both.calls == (("web", "orders"), ("orders", "payments"))
    assert both.placement == {"web": ("a", "b"), "orders": ("b",)}


def test_the_nearest_wait_for_no_other() -> None:
    assert topology.nearest(["web", "orders", "payments"], Topology(calls=CALLS)) == ["payments"]
    assert topology.nearest(["orders"], Topology(calls=(("orders", "orders"),))) == ["orders"]


def test_several_late_ones_on_one_node_are_the_nodes_matter() -> None:
    findings = [late("catalog", "PodNetworkDelay", 0.35), late("orders"), late("web")]
    judged = topology.related(findings, Topology(calls=CALLS, placement=PLACED))
    first = judged[0]
    assert (first.cause, first.subject) == ("NodeNetworkDelay", Subject(kind="Node", name="b"))
    assert set(first.rests_on) == {"k/catalog", "k/orders"}
    assert {s.name for s in first.explains} == {"catalog", "orders", "web"}
    assert judged[1:] == findings[1:]


def test_the_one_all_others_wait_for_is_blamed_the_surer() -> None:
    findings = [late("payments", "PodNetworkDelay", 0.35), late("orders"), late("web")]
    judged = topology.related(findings, Topology(calls=CALLS))
    assert (judged[0].subject.name, judged[0].cause) == ("payments", "PodNetworkDelay")
    assert judged[0].confidence >= 0.5
    assert [s.name for s in judged[0].explains] == ["orders", "web"]


def test_one_that_calls_on_is_not_blamed_the_surer() -> None:
    findings = [late("orders", "PodNetworkDelay", 0.35), late("web")]
    assert topology.related(findings, Topology(calls=CALLS))[0].confidence == 0.35


def test_a_caller_that_was_blamed_only_waits() -> None:
    findings = [late("web", "PodNetworkDelay", 0.65), late("orders"), late("payments")]
    judged = topology.related(findings, Topology(calls=CALLS, placement=PLACED))
    assert {f.subject.name: (f.cause, f.role) for f in judged} == {
        "web": ("LatencyIncrease", Role.SYMPTOM),
        "orders": ("LatencyIncrease", Role.SYMPTOM),
        "payments": ("PodNetworkDelay", Role.CAUSE),
    }
    assert next(f for f in judged if f.role is Role.CAUSE).rests_on == ("k/payments",)


def test_a_single_late_one_stays_as_it_is() -> None:
    findings = [late("payments", "PodNetworkDelay", 0.5)]
    assert topology.related(findings, Topology(calls=CALLS, placement=PLACED)) == findings


def test_where_everything_runs_on_one_node_nothing_is_concluded_from_it() -> None:
    findings = [late("catalog", "PodNetworkDelay", 0.35), late("orders")]
    everywhere = dict.fromkeys(PLACED, ("a",))
    assert topology.related(findings, Topology(calls=CALLS, placement=everywhere)) == findings


def test_a_surer_cause_is_left_alone() -> None:
    sure = late("catalog").model_copy(update={"cause": "CPUOverload", "role": Role.CAUSE, "confidence": 0.85})
    findings = [sure, late("catalog", "PodNetworkDelay", 0.35), late("orders")]
    assert topology.related(findings, Topology(calls=CALLS, placement=PLACED)) == findings


def test_where_nothing_is_known_nothing_changes() -> None:
    findings = [late("catalog", "PodNetworkDelay", 0.35), late("orders")]
    for known in (Topology(), Topology(calls=CALLS)):
        assert topology.related(findings, known) == findings


SHOP = (("web", "orders"), ("web", "stock"), ("orders", "payments"), ("orders", "stock"), ("jobs", "stock"))
ON = {"web": ("a",), "jobs": ("a",), "payments": ("a",), "orders": ("b",), "stock": ("b",)}
TIMED = frozenset(ON)


def test_a_node_that_explains_who_is_late_better_than_any_one_workload() -> None:
    calls = (("web", "orders"), ("orders", "payments"), ("jobs", "stock"), ("mail", "payments"))
    placed = {"web": ("a",), "mail": ("a",), "orders": ("b",), "stock": ("b",), "payments": ("c",), "jobs": ("c",)}
    findings = [late("jobs", "PodNetworkDelay", 0.5), late("orders"), late("web")]
    judged = topology.related(findings, Topology(calls=calls, placement=placed, timed=frozenset(placed)))
    assert (judged[0].cause, judged[0].subject.name) == ("NodeNetworkDelay", "b")


def test_one_workload_that_explains_it_as_well_is_blamed() -> None:
    findings = [late("stock", "PodNetworkDelay", 0.5), late("jobs"), late("orders"), late("web")]
    judged = topology.related(findings, Topology(calls=SHOP, placement=ON, timed=TIMED))
    assert (judged[0].cause, judged[0].subject.name) == ("PodNetworkDelay", "stock")


def test_without_calls_those_that_are_late_with_every_request_speak_for_their_node() -> None:
    names = ("orders", "stock", "bills", "users")
    placed = {**dict.fromkeys(names, ("b",)), "users": ("a",), "web": ("a",), "jobs": ("a",)}
    findings = [late("orders", "PodNetworkDelay", 0.35), *(late(name) for name in (*names[1:], "web", "jobs"))]
    whole = [
        f.model_copy(update={"rule": "prometheus:suffers-as-a-whole"}) if f.subject.name in names else f
        for f in findings
    ]
    judged = topology.related(whole, Topology(placement=placed))
    assert (judged[0].cause, judged[0].subject.name) == ("NodeNetworkDelay", "b")


def test_two_nodes_between_which_all_late_calls_go_explain_it_alike() -> None:
    calls = (("web", "orders"), ("orders", "payments"), ("jobs", "stock"))
    placed = {"web": ("a",), "jobs": ("a",), "payments": ("a",), "orders": ("b",), "stock": ("b",)}
    findings = [late("jobs", "PodNetworkDelay", 0.35), late("orders"), late("web")]
    judged = topology.related(findings, Topology(calls=calls, placement=placed, timed=frozenset(placed)))
    assert [f.cause for f in judged if f.role is Role.CAUSE] == ["PodNetworkDelay"]


def whole(one: Finding) -> Finding:
    return one.model_copy(update={"rule": "prometheus:suffers-as-a-whole"})


def test_a_leaf_that_is_timed_by_itself_is_told_by_those_that_wait_for_it() -> None:
    """Its own clock stops before the packet waits: only its callers, and theirs, are late."""
    findings = [late("orders", "PodNetworkDelay", 0.6), late("jobs"), late("web")]
    placed = {**ON, "stock": ("c",), "jobs": ("c",)}
    judged = topology.related(findings, Topology(calls=SHOP, placement=placed, timed=TIMED))
    blamed = next(f for f in judged if f.role is Role.CAUSE)
    assert (blamed.cause, blamed.subject.name) == ("PodNetworkDelay", "stock")
    assert blamed.confidence < 0.5, "nothing is seen at it: told, not claimed"
    assert set(blamed.rests_on) == {"k/orders", "k/jobs", "k/web"}
    assert next(f for f in judged if f.subject.name == "orders").role is Role.SYMPTOM


def test_a_tail_that_moved_meanwhile_needs_no_explanation_where_others_are_late_with_every_request() -> None:
    findings = [whole(late("web")), late("orders", "PodNetworkDelay", 0.35), whole(late("payments")), late("stock")]
    judged = topology.related(findings, Topology(calls=SHOP, placement=ON, timed=TIMED))
    assert [f.subject.name for f in judged if f.role is Role.CAUSE] == ["payments"]


def test_one_workload_explains_late_medians_better_than_the_node_that_resends() -> None:
    """A delay makes peers send again, too: who is late decides whose network it is."""
    resends = late("x", "NodeNetworkDelay", 0.75).model_copy(
        update={
            "subject": Subject(kind="Node", name="b"),
            "rule": f"prometheus:node-{topology.RESENDS}",
            "role": Role.CAUSE,
        }
    )
    findings = [resends, late("payments"), late("orders"), late("web")]
    calls = (*SHOP, ("mail", "stock"), ("bills", "stock"))
    placed = {**ON, "mail": ("a",), "bills": ("a",)}
    judged = topology.related(findings, Topology(calls=calls, placement=placed, timed=frozenset(placed)))
    assert [(f.cause, f.subject.name) for f in judged if f.role is Role.CAUSE] == [("PodNetworkDelay", "payments")]
    assert topology.related(findings, Topology()) == findings


def test_one_workload_and_a_node_that_explain_it_alike_are_both_told() -> None:
    calls = (("web", "orders"), ("jobs", "orders"))
    placed = {"web": ("a",), "jobs": ("a",), "orders": ("b",)}
    findings = [late("orders", "PodNetworkDelay", 0.35), late("jobs"), late("web")]
    judged = topology.related(findings, Topology(calls=calls, placement=placed, timed=frozenset(placed)))
    causes = {(f.cause, f.subject.name): f.confidence for f in judged if f.role is Role.CAUSE}
    assert ("PodNetworkDelay", "orders") in causes
    assert ("NodeNetworkDelay", "b") in causes
    assert max(causes.values()) < 0.5


def test_the_node_of_all_that_wait_for_nobody_late_is_likelier_than_one_that_answers_as_before() -> None:
    calls = (("web", "orders"), ("orders", "queue"), ("jobs", "queue"), ("mail", "prices"))
    placed = {"orders": ("b",), "jobs": ("b",), "queue": ("b",), "web": ("a",), "mail": ("a",), "prices": ("c",)}
    findings = [late("orders", "PodNetworkDelay", 0.6), late("jobs"), late("web")]
    judged = topology.related(findings, Topology(calls=calls, placement=placed, timed=frozenset(placed) - {"queue"}))
    blamed = next(f for f in judged if f.role is Role.CAUSE)
    assert (blamed.cause, blamed.subject.name) == ("NodeNetworkDelay", "b")
    assert blamed.confidence < 0.5, "the network of the queue would explain it, too"


def test_where_nobody_counts_what_is_sent_again_the_nodes_delay_is_a_guess() -> None:
    findings = [late("catalog", "PodNetworkDelay", 0.35), late("orders"), late("web")]
    known = Topology(calls=CALLS, placement=PLACED)
    assert topology.related(findings, known)[0].confidence < 0.5
    assert topology.related(findings, known.model_copy(update={"resends": WATCHED}))[0].confidence > 0.5


def test_several_that_explain_who_is_late_alike_are_told_as_guesses() -> None:
    findings = [late("orders", "PodNetworkDelay", 0.65), late("web")]
    calls = (*CALLS, ("orders", "stock"))
    timed = frozenset({"web", "orders", "catalog", "payments", "stock"})
    traffic = {"web": 10.0, "orders": 10.0, "payments": 5.0, "stock": 9.0}
    judged = topology.related(findings, Topology(calls=calls, timed=timed, traffic=traffic))
    guesses = [(f.subject.name, f.confidence < 0.5) for f in judged if f.cause == "PodNetworkDelay"]
    assert guesses == [("orders", True), ("stock", True), ("payments", True)]
