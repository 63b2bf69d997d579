from __future__ import annotations

import pytest

from tests.connectors.kubernetes.cluster import Cluster, ended_state, findings, sure, top


def store(name: str = "orders-db", port: int = 3306, **container: object) -> Cluster:
    cluster = Cluster()
    cluster.app(name, port, container=dict(container))
    return cluster


@pytest.mark.parametrize(
    ("args", "cause"),
    [
        (["--super_read_only=ON"], "DatabaseReadOnly"),
        (["--read-only"], "DatabaseReadOnly"),
        (["-c", "default_transaction_read_only=on"], "DatabaseReadOnly"),
        (["--max-connections=2"], "DatabaseConnectionsExhausted"),
        (["-c", "max_connections=3"], "DatabaseConnectionsExhausted"),
        (["--maxclients", "1"], "DatabaseConnectionsExhausted"),
    ],
)
def test_a_databases_own_options(args: list[str], cause: str) -> None:
    assert top(store(args=args)) == f"{cause} Deployment/orders-db"


@pytest.mark.parametrize(
    "args", [["--read-only=OFF"], ["--read_only=0"], ["--max-connections=500"], ["--tmpdir=/read-only"], []]
)
def test_options_that_let_everybody_write(args: list[str]) -> None:
    assert sure(store(args=args), 0) == []


def test_a_replica_is_read_only_on_purpose() -> None:
    assert sure(store("orders-db-replica", args=["--read-only=1"]), 0) == []


def test_the_files_that_a_database_mounts_count_too() -> None:
    cluster = Cluster()
    cluster.app("orders-db", 3306, pod_spec={"volumes": [{"name": "conf", "configMap": {"name": "options"}}]})
    cluster.add(
        "mounted_configs", "ConfigMap", "options", data={"my.cnf": "[mysqld]\n# max_connections = 1\nread_only = 1\n"}
    )
    assert sure(cluster, 0) == ["DatabaseReadOnly orders-db"]


def test_the_part_of_a_file_set_for_replicas_is_not_the_databases() -> None:
    cluster = Cluster()
    cluster.app("orders-db", 3306, pod_spec={"volumes": [{"name": "conf", "configMap": {"name": "options"}}]})
    cluster.add("mounted_configs", "ConfigMap", "options", data={"replica.cnf": "[mysqld]\nsuper-read-only\n"})
    assert sure(cluster, 0) == []


def client(password: str, *, ready: bool) -> Cluster:
    cluster = Cluster()
    cluster.app("orders-db", 3306, env={"MYSQL_ROOT_PASSWORD": "one", "MYSQL_PASSWORD": "two"})
    env = {"DB_HOST": "orders-db", "DB_PORT": "3306", "DB_PASSWORD": password, "MAIL_PASSWORD": "three"}
    state = {} if ready else ended_state(1)
    cluster.app("orders", env=env, ready=ready, state=state)
    return cluster


def test_a_client_with_another_password_than_its_database() -> None:
    cluster = client("wrong", ready=False)
    assert top(cluster) == "InvalidCredentials Deployment/orders"
    assert sure(client("wrong", ready=True)) == []
    assert sure(client("two", ready=True), 0) == []


def test_passwords_are_compared_and_never_told() -> None:
    assert not any("wrong" in one.statement for one in findings(client("wrong", ready=False)))


def test_a_password_from_elsewhere_is_not_compared() -> None:
    cluster = client("wrong", ready=True)
    database = cluster.objects["deployments"][0]["spec"]["template"]["spec"]["containers"][0]
    database["envFrom"] = [{"secretRef": {"name": "orders-db"}}]
    assert sure(cluster, 0) == []
