from __future__ import annotations

from connectors.contract import Scope
from connectors.kubernetes.suspects import suspects
from tests.connectors.kubernetes.cluster import NS, Cluster, ended_state


def chosen(cluster: Cluster, limit: int = 3, **scope: str) -> list[str]:
    return [one.pod.split("-5d9")[0] for one in suspects(cluster.view(), Scope(namespace=NS, **scope), limit)]


def shop() -> Cluster:
    cluster = Cluster()
    for number in range(8):
        cluster.app(f"plain{number}")
    return cluster


def test_what_is_in_trouble_speaks_first_with_its_previous_run() -> None:
    cluster = shop()
    cluster.app("broken", ready=False, state=ended_state(1))
    found = suspects(cluster.view(), Scope(namespace=NS), 3)
    assert (found[0].pod.startswith("broken"), found[0].previous) == (True, True)


def test_then_what_the_question_is_about_and_what_is_configured_wrongly() -> None:
    cluster = shop()
    cluster.app("lost", env={"GONE_ADDR": "gone:80"})
    assert chosen(cluster, 2, workload="plain5") == ["plain5", "lost"]


def test_then_stores_and_their_users() -> None:
    cluster = shop()
    cluster.app("orders-db", 5432)
    cluster.app("orders", container={"envFrom": [{"secretRef": {"name": "orders-postgres"}}]})
    assert chosen(cluster, 2) == ["orders-db", "orders"]


def test_the_number_is_bounded_and_containers_that_never_ran_have_no_log() -> None:
    cluster = shop()
    cluster.app("creating", ready=False, state={"state": {"waiting": {"reason": "ContainerCreating"}}})
    assert len(chosen(cluster, 4)) == 4
    assert "creating" not in chosen(cluster, 50)
    assert chosen(cluster, 0) == []
