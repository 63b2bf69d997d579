from __future__ import annotations

from typing import Any

import pytest

from connectors.kubernetes.addresses import Target, references, stem, target


def spec(**env: str) -> dict[str, Any]:
    return {"containers": [{"name": "main", "env": [{"name": key, "value": value} for key, value in env.items()]}]}


@pytest.mark.parametrize(
    ("env", "host", "port"),
    [
        ({"CART_ADDR": "cart:7070"}, "cart", 7070),
        ({"CART_URL": "http://cart.shop.svc:80/api"}, "cart.shop.svc", 80),
        ({"DB_HOST": "db", "DB_PORT": "5432"}, "db", 5432),
        ({"DSN": "app:pw@tcp(db:3306)/orders"}, "db", 3306),
        ({"SPRING_DATASOURCE_URL": "jdbc:mysql://db:3306/x?useSSL=false"}, "db", 3306),
        ({"BROKERS": "kafka:9092,kafka2:9092"}, "kafka", 9092),
    ],
)
def test_addresses_in_the_environment(env: dict[str, str], host: str, port: int) -> None:
    found = next(iter(references(spec(**env))))
    assert (found.host, found.port) == (host, port)


@pytest.mark.parametrize(
    "env", [{"PORT": "8080"}, {"MODE": "fast"}, {"OTEL_SERVICE_NAME": "cart"}, {"LEVEL": "a:b"}, {"N_HOST": "7"}]
)
def test_what_is_no_address(env: dict[str, str]) -> None:
    assert list(references(spec(**env))) == []


def test_arguments_count_and_passwords_are_left_out() -> None:
    pod = {"containers": [{"name": "main", "args": ["--db=postgres://app:hunter2@db:5432/x", "--verbose"]}]}
    found = list(references(pod))
    assert [(one.host, one.port) for one in found] == [("db", 5432)]
    assert "hunter2" not in found[0].value


@pytest.mark.parametrize(
    ("host", "meant"),
    [
        ("cart", Target("cart", "shop")), ("cart.other", Target("cart", "other")),
        ("cart.other.svc.cluster.local", Target("cart", "other")), ("example.com", None), ("10.0.0.1", None),
        ("localhost", None), ("db.eu-west-1.rds.amazonaws.com", None),
    ],
)  # fmt: skip
def test_what_a_name_means_inside_the_cluster(host: str, meant: Target | None) -> None:
    assert target(host, "shop", {"shop", "other"}) == meant


def test_what_a_variable_is_named_after() -> None:
    assert [stem(name) for name in ("CART_SERVICE_ADDR", "CART_HOST", "cart.url", "PORT")] == [
        "cartservice",
        "cart",
        "cart",
        "",
    ]
