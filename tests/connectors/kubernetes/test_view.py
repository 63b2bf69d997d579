"""The snapshot as rules ask for it."""

from __future__ import annotations

from datetime import timedelta

from connectors.evidence import Subject
from tests.connectors.kubernetes.cluster import NOW, Cluster


def deployment(name: str) -> Subject:
    return Subject(kind="Deployment", namespace="shop", name=name)


def test_a_pod_belongs_to_its_deployment_and_counts_there() -> None:
    cluster = Cluster()
    cluster.app("cart", pods=2)
    view = cluster.view()
    assert view.workload_of(cluster.pod("cart")) == deployment("cart")
    assert [len(pods) for pods in view.pods_by_workload.values()] == [2]


def test_without_replica_sets_the_name_still_tells_whose_pod_it_is() -> None:
    cluster = Cluster()
    cluster.app("cart")
    cluster.forbid("replicasets")
    assert cluster.view().workload_of(cluster.pod("cart")) == deployment("cart")


def test_services_and_pods_find_each_other_by_labels() -> None:
    cluster = Cluster()
    cluster.app("cart")
    lost = cluster.service("lost")
    view = cluster.view()
    assert [one["metadata"]["name"] for one in view.services_of[deployment("cart")]] == ["cart"]
    assert view.selected_pods(lost) == []


def test_calls_are_read_from_the_environment() -> None:
    cluster = Cluster()
    cluster.app("cart", env={"ORDERS_ADDR": "orders:8080", "GONE_ADDR": "gone:8080"})
    cluster.app("orders")
    view = cluster.view()
    assert view.callers["shop", "orders"] == [deployment("cart")]


def test_events_of_an_object_the_latest_first_and_by_reason() -> None:
    cluster = Cluster()
    cluster.app("cart")
    cluster.pod_event("cart", "BackOff", "old", seconds=600)
    cluster.pod_event("cart", "Unhealthy", "new", seconds=10)
    view = cluster.view()
    assert [one.message for one in view.pod_events(cluster.pod("cart"))] == ["new", "old"]
    assert [one.message for one in view.pod_events(cluster.pod("cart"), "BackOff")] == ["old"]


def test_recent_is_by_minutes_and_unknown_times_are_not() -> None:
    view = Cluster().view()
    assert view.recent(NOW - timedelta(minutes=9))
    assert not view.recent(NOW - timedelta(minutes=11))
    assert not view.recent(None)


def test_what_could_not_be_read_is_not_the_same_as_none() -> None:
    cluster = Cluster()
    cluster.forbid("services")
    view = cluster.view()
    assert (view.all("services"), view.read("services"), view.read("pods")) == ([], False, True)


def test_a_failed_try_of_a_job_that_was_then_done_is_over() -> None:
    cluster = Cluster()
    for job, phase in (("sync", "Failed"), ("sync", "Succeeded"), ("export", "Failed")):
        owner = [{"kind": "Job", "name": job, "controller": True}]
        cluster.add(
            "pods", "Pod", f"{job}-{phase.lower()}", metadata={"ownerReferences": owner}, status={"phase": phase}
        )
    assert [one["metadata"]["name"] for one in cluster.view().pods] == ["export-failed"]
