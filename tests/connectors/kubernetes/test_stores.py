from __future__ import annotations

from connectors.evidence import Subject
from connectors.kubernetes import objects as o
from connectors.kubernetes import stores
from tests.connectors.kubernetes.cluster import NS, Cluster

ORDERS = Subject(kind="Deployment", namespace=NS, name="orders-service")


def shop() -> Cluster:
    cluster = Cluster()
    cluster.app("orders-service")
    cluster.app("orders-mysql", 3306)
    cluster.app("stock-mysql", 3306)
    cluster.app("cache", 6379)
    return cluster


def test_the_config_maps_of_databases_where_they_are_few() -> None:
    cluster = Cluster()
    for name in ("orders-mysql", "stock-mysql"):
        cluster.app(name, 3306, pod_spec={"volumes": [{"name": "conf", "configMap": {"name": "options"}}]})
    cluster.app("web", pod_spec={"volumes": [{"name": "conf", "configMap": {"name": "pages"}}]})
    assert stores.configurations(cluster.view(), 1) == [(NS, "options")]
    cluster.app("cache", 6379, pod_spec={"volumes": [{"name": "conf", "configMap": {"name": "more"}}]})
    assert stores.configurations(cluster.view(), 1) == []


def used(cluster: Cluster, *lines: str) -> str:
    found = stores.used_by(cluster.view(), ORDERS, list(lines))
    return o.name(found) if found else ""


def test_a_store_may_carry_its_users_name_behind_its_kind() -> None:
    cluster = Cluster()
    for name in ("mysql-orders-archive", "mysql-orders", "mysql-stock", "mysql-reorders"):
        cluster.app(name, 3306)
    cluster.app("orders-service")
    assert used(cluster, "jdbc: communications link failure") == "mysql-orders"


def test_the_store_is_told_by_what_the_log_names_its_kind_and_its_name() -> None:
    cluster = shop()
    assert used(cluster, "jdbc: no answer from stock-mysql") == "stock-mysql"
    assert used(cluster, "jdbc: communications link failure") == "orders-mysql"
    assert used(cluster, "redis: connection lost") == "cache"


def test_the_configured_address_goes_before_the_name() -> None:
    cluster = Cluster()
    cluster.app("orders-service", env={"DB_HOST": "stock-mysql"})
    cluster.app("orders-mysql", 3306)
    cluster.app("stock-mysql", 3306)
    assert used(cluster, "mysql: too many connections") == "stock-mysql"


def test_two_stores_of_a_kind_and_nothing_to_tell_them_apart() -> None:
    cluster = Cluster()
    cluster.app("orders-service")
    for name in ("a-mysql", "b-mysql"):
        cluster.app(name, 3306)
    assert used(cluster, "mysql: too many connections") == ""


def test_health_is_a_ready_pod() -> None:
    cluster = shop()
    cluster.app("sick", 5432, ready=False)
    view = cluster.view()
    states = {o.name(one): stores.healthy(view, one) for one in view.all("services")}
    assert (states["cache"], states["sick"]) == (True, False)


def test_the_store_that_is_nobody_elses() -> None:
    cluster = Cluster()
    for name in ("registry", "billing"):
        cluster.app(name)
    for name in ("registrydb-mysql", "shared-mysql"):
        cluster.app(name, 3306)
    view = cluster.view()
    billing = Subject(kind="Deployment", namespace=NS, name="billing")
    found = stores.used_by(view, billing, ["java.sql.SQLException: Too many connections"])
    assert found is not None
    assert found["metadata"]["name"] == "shared-mysql"
