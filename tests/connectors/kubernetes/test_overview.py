"""What is there, the broken first, and which warnings still matter."""

from __future__ import annotations

from connectors.evidence import Evidence, ResourceState
from connectors.kubernetes import overview
from tests.connectors.kubernetes.cluster import Cluster, ended_state


def table(evidence: Evidence) -> ResourceState:
    assert isinstance(evidence.body, ResourceState)
    return evidence.body


def test_broken_pods_stand_first_with_their_trouble() -> None:
    cluster = Cluster()
    cluster.app("a-fine", pods=2)
    cluster.app("z-broken", ready=False, state=ended_state(137, "OOMKilled"))
    [found] = overview.pods(cluster.view())
    assert found.summary == "3 pods, 1 not as they should be"
    assert found.query == "kubectl get pods -n shop -o wide"
    first = table(found).rows[0]
    assert first[1].startswith("z-broken")
    assert "OOMKilled" in first[3]


def test_long_tables_say_how_much_they_leave_out() -> None:
    cluster = Cluster()
    for number in range(6):
        cluster.app(f"app{number}", pods=5)
    [found] = overview.pods(cluster.view())
    assert (len(table(found).rows), table(found).omitted) == (25, 5)


def test_workloads_with_too_few_or_none_come_first() -> None:
    cluster = Cluster()
    cluster.app("fine")
    cluster.app("scaled-away", pods=0)["spec"]["replicas"] = 0
    [found] = overview.workloads(cluster.view())
    assert table(found).rows[0][1:4] == ("Deployment", "scaled-away", "0/0")


def test_warnings_count_only_about_what_is_in_trouble_now() -> None:
    cluster = Cluster()
    cluster.app("fine")
    cluster.app("broken", ready=False, state=ended_state(1))
    cluster.pod_event("fine", "Unhealthy", "readiness probe failed")
    cluster.pod_event("broken", "BackOff", "restarting failed container", count=9)
    [told] = overview.events(cluster.view())
    assert "broken" in told.summary + told.title
    assert "BackOff" in str(told)


def test_what_was_looked_at_is_counted_and_what_was_not_read_is_not() -> None:
    cluster = Cluster()
    cluster.app("fine", pods=2)
    cluster.forbid("services")
    assert overview.searched(cluster.view(), ("pods", "services")) == "2 pods in shop"
    assert list(overview.pods(Cluster().view())) == []
