"""Host names lead to the resources that answer there, and to no others."""

from __future__ import annotations

import pytest

from connectors.cloudwatch import endpoints
from tests.connectors.cloudwatch.world import target


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("orders.c9akciq32.eu-west-1.rds.amazonaws.com", "DBInstance orders"),
        ("orders.c9akciq32.cn-north-1.rds.amazonaws.com.cn", "DBInstance orders"),
        ("docs.cluster-c9akciq32.eu-west-1.rds.amazonaws.com", "DBCluster docs"),
        ("docs.cluster-ro-c9akciq32.eu-west-1.rds.amazonaws.com", "DBCluster docs"),
        ("docs.cluster-custom-c9akciq32.eu-west-1.rds.amazonaws.com", "DBCluster docs"),
        ("pool.proxy-c9akciq32.eu-west-1.rds.amazonaws.com", ""),
        ("carts.ab12cd.0001.euw1.cache.amazonaws.com", "CacheCluster carts"),
        ("carts.ab12cd.cfg.euw1.cache.amazonaws.com", "CacheCluster carts"),
        ("carts-002.carts.ab12cd.euw1.cache.amazonaws.com", "CacheCluster carts-002"),
        ("master.carts.ab12cd.euw1.cache.amazonaws.com", ""),
        ("assets.s3.eu-west-1.amazonaws.com", "Bucket assets"),
        ("assets.s3.amazonaws.com", "Bucket assets"),
        ("assets.s3-website-eu-west-1.amazonaws.com", "Bucket assets"),
        ("sqs.eu-west-1.amazonaws.com", ""),
        ("rds.amazonaws.com.evil.example", ""),
        ("orders.example.com", ""),
    ],
)
def test_names_tell_their_resource(host: str, expected: str) -> None:
    found = endpoints.named(host)
    assert (str(found.subject) if found else "") == expected


ACTIVE = [
    target("rds", "orders"), target("elasticache", "carts-002"), target("elasticache", "carts-001"),
    target("elasticache", "big-0002-001"),
    target("alb", "app/shop/50dc6c495c0c9188"), target("lambda", "api"), target("sqs", "orders"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("master.carts.ab12cd.euw1.cache.amazonaws.com", "CacheCluster carts-001"),
        ("carts.ab12cd.ng.0001.euw1.cache.amazonaws.com", "CacheCluster carts-001"),
        ("clustercfg.big.ab12cd.euw1.cache.amazonaws.com", "CacheCluster big-0002-001"),
        ("shop-1234567890.eu-west-1.elb.amazonaws.com", "LoadBalancer shop"),
        ("internal-shop-1234567890.eu-west-1.elb.amazonaws.com", "LoadBalancer shop"),
        ("shop-ab12.elb.eu-west-1.amazonaws.com", "LoadBalancer shop"),
        ("other-1234567890.eu-west-1.elb.amazonaws.com", ""),
        ("orders.db.example.com", "DBInstance orders"),
        ("api.example.com", ""),
        ("order.example.com", ""),
    ],
)
def test_others_are_found_among_what_is_active(host: str, expected: str) -> None:
    found = endpoints.among(host, ACTIVE)
    assert (str(found.subject) if found else "") == expected


def test_the_account_is_only_asked_where_a_name_does_not_tell() -> None:
    assert not endpoints.may_be("sqs.eu-west-1.amazonaws.com")
    assert endpoints.may_be("orders.example.com")
    assert endpoints.may_be("master.carts.ab12cd.euw1.cache.amazonaws.com")
