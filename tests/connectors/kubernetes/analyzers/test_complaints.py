from __future__ import annotations

from datetime import timedelta

from connectors.kubernetes.snapshot import LogLine
from tests.connectors.kubernetes.cluster import NOW, NS, Cluster, ended_state, sure, top


def shop(*callers: str) -> Cluster:
    cluster = Cluster()
    cluster.app("orders-mysql", 3306)
    for name in callers:
        cluster.app(name, env={"MYSQL_HOST": "orders-mysql", "MYSQL_PORT": "3306"})
    return cluster


def test_a_read_only_database_is_named_and_not_its_caller() -> None:
    cluster = shop("orders")
    cluster.log("orders", "ERROR 1290 (HY000): The MySQL server is running with the --read-only option")
    assert top(cluster) == "DatabaseReadOnly Deployment/orders-mysql"


def test_a_database_without_free_connections() -> None:
    cluster = shop("orders")
    cluster.log("orders", "com.mysql.cj.exceptions.CJException: Too many connections")
    assert top(cluster) == "DatabaseConnectionsExhausted Deployment/orders-mysql"


def test_wrong_credentials_are_the_callers_unless_all_have_them() -> None:
    cluster = shop("orders")
    denied = "Access denied for user 'app'@'10.0.0.4' (using password: YES)"
    cluster.log("orders", denied)
    assert top(cluster) == "InvalidCredentials Deployment/orders"
    many = shop("orders", "billing", "stock")
    for name in ("orders", "billing", "stock"):
        many.log(name, denied + " mysql")
    assert top(many) == "InvalidCredentials Deployment/orders-mysql"


def test_a_store_that_is_well_and_refuses_one_caller() -> None:
    cluster = shop("billing")
    cluster.app("orders", ready=False, state=ended_state(1))
    cluster.log(
        "orders", "com.mysql.cj.jdbc.exceptions.CommunicationsException: Communications link failure", previous=True
    )
    assert "IncorrectDependencyPort orders" in sure(cluster, 0.6)


def test_a_port_that_the_log_names_and_the_service_has_not() -> None:
    cluster = shop("orders")
    cluster.log("orders", "dial tcp orders-mysql:3307: connect: connection refused")
    assert top(cluster) == "IncorrectDependencyPort Deployment/orders"


def test_old_complaints_are_forgotten() -> None:
    cluster = shop("orders")
    cluster.log("orders", "Too many connections", seconds=7200)
    assert sure(cluster, 0) == []


def test_a_store_that_is_well_and_that_a_caller_which_runs_does_not_reach() -> None:
    cluster = shop("orders")
    cluster.log("orders", "com.mysql.cj.jdbc.exceptions.CommunicationsException: Communications link failure")
    assert top(cluster) == "IncorrectDependencyPort Deployment/orders"


def test_the_port_in_the_address_of_a_database_that_a_log_quotes() -> None:
    cluster = Cluster()
    cluster.app("orders-mysql", 3306)
    cluster.app("orders", container={"envFrom": [{"secretRef": {"name": "orders-mysql"}}]})
    said = "create connection SQLException, url: jdbc:mysql://orders-mysql:3307/shop, state 08S01"
    cluster.log("orders", "Communications link failure", said)
    assert "IncorrectDependencyPort orders" in sure(cluster, 0.85)


def test_a_connection_that_is_read_only() -> None:
    cluster = shop("orders")
    cluster.log("orders", "Connection is read-only. Queries leading to data modification are not allowed")
    assert top(cluster) == "DatabaseReadOnly Deployment/orders-mysql"


def test_an_exception_of_a_client_says_nothing_of_files() -> None:
    cluster = shop("orders")
    cluster.log("orders", 'web.client.ResourceAccessException: I/O error on GET request for "http://x:80/api/v1": x')
    assert sure(cluster, 0) == []


def test_users_who_fail_to_log_in_say_little_of_a_database() -> None:
    cluster = shop("orders")
    cluster.log("orders", "WARN login of jane: invalid credentials")
    assert sure(cluster, 0.6) == []


def test_a_complaint_that_the_log_has_got_over_is_forgotten() -> None:
    cluster = shop("orders")
    name = cluster.pod("orders")["metadata"]["name"]
    for text, seconds in (
        ("Too many connections", 900.0),
        ("UnknownHostException: orders-mysql", 800.0),
        ("GET / 200", 10.0),
    ):
        cluster.logs.setdefault((NS, name, "main", False), []).append(LogLine(NOW - timedelta(seconds=seconds), text))
    assert sure(cluster, 0) == []


def test_a_database_names_the_client_that_it_refuses() -> None:
    cluster = shop("orders", "billing")
    cluster.pod("orders")["status"]["podIP"] = "10.1.0.7"
    cluster.log("orders-mysql", "[Note] Access denied for user 'app'@'10.1.0.7' (using password: YES)")
    assert top(cluster) == "InvalidCredentials Deployment/orders"


def test_a_gateway_that_asks_at_a_port_that_the_service_has_not_routes_wrongly() -> None:
    cluster = Cluster()
    cluster.app("food", 8080)
    cluster.app("edge-gateway", 8088)
    cluster.log("edge-gateway", "AnnotatedConnectException: Connection refused: food/10.0.0.9:8081")
    assert top(cluster) == "GatewayMisroute Deployment/edge-gateway"


def test_a_database_of_another_namespace_is_named_by_its_address() -> None:
    cluster = Cluster()
    for name in ("orders", "billing"):
        cluster.app(name, env={"DATABASE_URL": "postgresql://app@pg.data.svc.cluster.local:5432/app"})
        cluster.log(name, "FATAL: sorry, too many clients already (SQLSTATE 53300)")
    assert top(cluster) == "DatabaseConnectionsExhausted Service/pg"
    cluster.app("pg-here", 5432)  # the addresses know better than the port
    assert top(cluster) == "DatabaseConnectionsExhausted Service/pg"


def test_two_databases_that_may_be_meant_leave_it_with_who_complains() -> None:
    cluster = Cluster()
    hosts = {
        f"{name}_URL": f"postgresql://app@{name.lower()}.data.svc.cluster.local:5432/app" for name in ("ONE", "TWO")
    }
    cluster.app("orders", env=hosts)
    cluster.log("orders", "FATAL: sorry, too many clients already (SQLSTATE 53300)")
    assert top(cluster) == "DatabaseConnectionsExhausted Deployment/orders"


def test_a_disk_that_a_database_tells_its_client_is_full_is_the_databases() -> None:
    cluster = shop("orders")
    cluster.log("orders", "The table 'orders' is full")
    assert top(cluster) == "DatabaseStorageExhausted Deployment/orders-mysql"
    own = shop("orders")
    own.log("orders", "OSError: [Errno 28] No space left on device: '/tmp/upload'")
    assert top(own) == "DiskFull Deployment/orders"


def test_rights_that_a_database_took_away() -> None:
    cluster = Cluster()
    cluster.app("files")
    cluster.log("files", "MongoServerError: not authorized on files to execute command { find: 'chunks' }")
    assert top(cluster) == "InvalidCredentials Deployment/files"


def test_a_store_of_another_namespace_that_does_not_answer_is_where_to_look() -> None:
    cluster = Cluster()
    cluster.app("mail", env={"AMQP_URL": "amqp://rabbit.data.svc.cluster.local:5672"})
    cluster.log("mail", "could not connect to RabbitMQ: dial tcp 10.0.3.3:5672: connect: connection refused")
    assert "DependencyUnavailable rabbit" in sure(cluster, 0.4)
    assert "DependencyUnavailable rabbit" not in sure(cluster, 0.5)
    cluster.log("mail", "dial tcp 10.0.3.3:8080: connect: connection refused")
    assert "DependencyUnavailable rabbit" not in sure(cluster, 0.1)
