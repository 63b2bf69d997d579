"""Ingresses that no controller serves: their class is not there, or they name none."""

from __future__ import annotations

import pytest

from tests.connectors.kubernetes.cluster import Cluster, Json, findings, sure

DEFAULT = {"ingressclass.kubernetes.io/is-default-class": "true"}


def shop(*classes: str, default: bool = False, served: bool = False, **spec: str) -> Cluster:
    cluster = Cluster()
    cluster.app("web")
    path = {"path": "/", "backend": {"service": {"name": "web", "port": {"number": 8080}}}}
    rules = [{"host": "shop.example.com", "http": {"paths": [path]}}]
    address: Json = {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}} if served else {"loadBalancer": {}}
    cluster.add("ingresses", "Ingress", "web", spec={"rules": rules, **spec}, status=address)
    cluster.objects["ingressclasses"] = []
    for name in classes:
        metadata = {"annotations": DEFAULT} if default else {}
        cluster.add("ingressclasses", "IngressClass", name, "", metadata=metadata)
    return cluster


def test_a_class_that_does_not_exist() -> None:
    cluster = shop("nginx", ingressClassName="ngnix")
    assert sure(cluster) == ["GatewayMisroute web"]
    found = findings(cluster)[0]
    assert "names class ngnix, which does not exist; there is nginx" in found.statement
    assert {one.name for one in found.explains} == {"web"}


def test_no_class_where_none_is_the_default() -> None:
    assert "names no class, and none is the default" in findings(shop("nginx"))[0].statement


@pytest.mark.parametrize(
    "cluster",
    [
        shop("nginx", ingressClassName="nginx"),
        shop("nginx", default=True),
        shop("nginx", ingressClassName="ngnix", served=True),
        shop(),
    ],
    ids=["its class is there", "a default class", "it has an address", "no class anywhere"],
)
def test_ingresses_that_may_be_served(cluster: Cluster) -> None:
    assert sure(cluster, 0) == []


def test_of_an_annotation_nothing_is_claimed() -> None:
    cluster = shop("nginx")
    cluster.objects["ingresses"][0]["metadata"]["annotations"] = {"kubernetes.io/ingress.class": "old"}
    assert (sure(cluster), sure(cluster, 0.3)) == ([], ["GatewayMisroute web"])


def test_nothing_is_said_where_classes_may_not_be_read() -> None:
    cluster = shop(ingressClassName="ngnix")
    del cluster.objects["ingressclasses"]
    assert sure(cluster, 0) == []
