"""A finding and what it rests on."""

from __future__ import annotations

from datetime import UTC, datetime

from connectors.evidence import LogPatterns, Subject
from connectors.kubernetes import reporting
from connectors.kubernetes.events import parse_event
from connectors.kubernetes.snapshot import LogLine
from tests.connectors.kubernetes.cluster import NOW, Cluster, ended_state

CART = Subject(kind="Deployment", namespace="shop", name="cart")
NODE = Subject(kind="Node", name="n1")


def test_a_finding_rests_on_its_evidence_once_and_shows_its_object() -> None:
    cluster = Cluster()
    cluster.app("cart", ready=False, state=ended_state(1))
    state = reporting.pod_state("pods", cluster.pod("cart"))
    made = reporting.case("rule", "OOMKilled", CART, "killed", 0.8, [state, None, state], explains=[NODE, NODE])
    assert made.finding.rests_on == (state.key,)
    assert made.evidence == (state,)
    assert made.finding.explains == (NODE,)
    assert made.finding.commands == (("kubectl", "describe", "deployment", "cart", "-n", "shop"),)


def test_of_a_namespace_the_quota_is_what_there_is_to_see() -> None:
    made = reporting.case("rule", "ResourceQuotaExceeded", Subject(kind="Namespace", name="shop"), "full", 0.8, [])
    assert made.finding.commands == (("kubectl", "get", "resourcequota", "-n", "shop"),)


def test_a_pod_says_why_it_waits_how_often_and_how_it_ended() -> None:
    cluster = Cluster()
    cluster.app("cart", ready=False, state=ended_state(137, "OOMKilled", restarts=4))
    told = reporting.pod_state("pods", cluster.pod("cart"))
    assert "not ready" in told.title
    assert "waiting: CrashLoopBackOff, 4 restarts, last ended OOMKilled with exit code 137" in told.summary


def test_a_pod_that_is_well_is_so_since_it_died_last() -> None:
    cluster = Cluster()
    cluster.app("cart")
    assert reporting.pod_state("pods", cluster.pod("cart")).onset is None
    died = {"lastState": {"terminated": {"exitCode": 137, "finishedAt": "2026-05-04T11:57:00Z"}}}
    cluster.app("web", state=died)
    told = reporting.pod_state("pods", cluster.pod("web"))
    assert (told.title.endswith("is ready"), told.onset) == (True, datetime(2026, 5, 4, 11, 57, tzinfo=UTC))


def test_an_event_is_quoted_as_somebody_elses_words_with_its_query() -> None:
    told = reporting.told("events", parse_event(Cluster().event("Node", "n1", "Rebooted", "it was me", count=2)))
    assert told.untrusted
    assert told.query == "kubectl get events -A --field-selector involvedObject.name=n1,reason=Rebooted"
    assert "it was me (2 times, last at 11:59:30)" in told.summary
    long = "Failed to pull: " + "/registry.example/team/image" * 30 + ": 403 Forbidden"
    once = reporting.told("events", parse_event(Cluster().event("Pod", "cart-1", "Failed", long, count=1)))
    assert once.summary.endswith(": 403 Forbidden")


def test_logs_become_patterns_and_none_is_no_evidence() -> None:
    cluster = Cluster()
    cluster.app("cart")
    pod = cluster.pod("cart")
    lines = [LogLine(NOW, f"ERROR order {number} failed") for number in range(9)]
    told = reporting.log_lines("logs", pod, "main", lines, previous=True)
    assert told is not None
    assert isinstance(told.body, LogPatterns)
    assert (told.body.lines, len(told.body.patterns), told.untrusted) == (9, 1, True)
    assert told.query.endswith("-c main --previous")
    assert reporting.log_lines("logs", pod, "main", []) is None


def test_replicas_of_each_kind_of_workload() -> None:
    daemons = {"kind": "DaemonSet", "status": {"desiredNumberScheduled": 3, "numberReady": 2}}
    assert reporting.replicas(daemons) == (3, 2)
    assert reporting.replicas({"kind": "Deployment", "spec": {}, "status": {}}) == (1, 0)
    assert reporting.replicas({"kind": "Deployment", "spec": {"replicas": 0}, "status": {}}) == (0, 0)


def test_a_workload_that_is_not_there_has_no_state() -> None:
    cluster = Cluster()
    met = {"type": "Progressing", "status": "True", "reason": "ReplicaSetUpdated"}
    cluster.app("cart", ready=False)["status"]["conditions"] = [met, {"type": "Available", "status": "False"}]
    told = reporting.workload_state("workloads", cluster.view(), CART)
    assert told is not None
    assert told.title == "cart: 0 of 1 ready"
    assert told.summary == "Available: False; Progressing: True ReplicaSetUpdated; created: 2026-05-04T11:00:00Z"
    gone = CART.model_copy(update={"name": "gone"})
    assert reporting.workload_state("workloads", cluster.view(), gone) is None
