"""A database that only a workload's environment names is looked at in the source that runs it: two real wires."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from chatops.policy.redaction import Redactor
from chatops.triage import following
from chatops.triage.gather import Gatherer
from chatops.triage.results import Gathered
from chatops.triage.verdicts import diagnose
from connectors.contract import Inquiry, Scope, Window
from connectors.evidence import Role, Subject, Topology
from connectors.kubernetes.resources import CORE
from tests import factories
from tests.connectors.cloudwatch.standin import Refused
from tests.connectors.cloudwatch.world import (
    NOW,
    ONSET,
    World,
    connected,
    credentials,
    database,
    described,
    jump,
)
from tests.connectors.kubernetes import kube_server
from tests.connectors.kubernetes.cluster import Cluster

__all__ = ["credentials"]

HOST = "ledger.c9akciq32.eu-west-1.rds.amazonaws.com"
WEB = Subject(kind="Deployment", namespace="shop", name="web")
LEDGER = Subject(kind="DBInstance", name="ledger")


def busy() -> World:
    """An account with a database that nothing but its name in a cluster leads to."""
    world = World().metrics("ledger", CPUUtilization=jump(30, 99))
    return world.answers("rds", "DescribeDBInstances", described(database("ledger")))


@contextmanager
def cluster(**app: Any) -> Iterator[kube_server.Api]:
    made = Cluster()
    made.app("web", **app)
    objects = {row.plural: made.objects.get(row.plural, []) for row in CORE}
    yield kube_server.Api(objects=objects)


async def gathered(api: kube_server.Api, world: World, scope: Scope) -> Gathered:
    asked = Inquiry(scope=scope, window=Window.ending(NOW, onset=ONSET), question="web is slow")
    with kube_server.serving(api) as address, connected(world) as cloud:
        cluster = kube_server.connector_for(address)
        gatherer = Gatherer({"kubernetes": cluster, "cloudwatch": cloud}, lambda _: Redactor(key=b"k"))
        found = await gatherer.gather("i1", asked)
        await cluster.aclose()
    ranked = diagnose(found.findings, found.evidence, found.coverage, asked)
    best = [(one.cause, one.subject) for one in ranked.hypotheses[:1]]
    assert best in ([], [("DatabaseCPUSaturated", LEDGER)])
    return found


@pytest.mark.parametrize("scope", [Scope(namespace="shop", workload="web"), Scope(namespace="shop")], ids=str)
async def test_the_database_of_a_workload_is_followed(scope: Scope) -> None:
    world = busy()
    with cluster(env={"DATABASE_URL": f"postgres://app@{HOST}:5432/ledger"}) as api:
        found = await gathered(api, world, scope)
    finding = next(one for one in found.findings if one.cause == "DatabaseCPUSaturated")
    assert (finding.subject, WEB in finding.explains) == (LEDGER, True)
    rows = [(row.source, row.check) for row in found.coverage]
    assert len(rows) == len(set(rows))
    assert {one.subject for one in found.evidence if one.source == "cloudwatch"} == {LEDGER}
    assert len(world.account.asked("DescribeAlarms")) == 1
    assert len(world.account.asked("ListMetrics")) == 1


async def test_a_service_that_stands_for_the_database_is_seen_through() -> None:
    with cluster(env={"DB_HOST": "db", "DB_PORT": "5432"}) as api:
        service = {"type": "ExternalName", "externalName": HOST}
        metadata = {"name": "db", "namespace": "shop"}
        api.objects["services"].append({"kind": "Service", "metadata": metadata, "spec": service})
        found = await gathered(api, busy(), Scope(namespace="shop", workload="web"))
    assert LEDGER in {one.subject for one in found.findings if one.role is Role.CAUSE}


async def test_a_host_in_a_log_is_followed() -> None:
    with cluster(ready=False) as api:
        line = f"2026-05-04T11:59:00Z could not connect to server {HOST} (10.0.1.7), port 5432: timeout expired\n"
        api.logs = {one["metadata"]["name"]: line for one in api.objects["pods"]}
        found = await gathered(api, busy(), Scope(namespace="shop"))
    assert LEDGER in {one.subject for one in found.findings if one.role is Role.CAUSE}


async def test_hosts_of_nobody_we_know_lead_nowhere() -> None:
    world = busy()
    with cluster(env={"PAY_URL": "https://api.payments.example.com"}) as api:
        found = await gathered(api, world, Scope(namespace="shop", workload="web"))
    assert not world.account.asked("DescribeDBInstances")
    assert not [one for one in found.evidence if one.source == "cloudwatch"]


async def test_what_may_not_be_read_of_the_database_is_told() -> None:
    world = World()

    def refused(_: object) -> dict[str, Any]:
        raise Refused("AccessDenied", 403, "not authorized to perform rds:DescribeDBInstances")

    world.answers("rds", "DescribeDBInstances", refused)
    with cluster(env={"DATABASE_HOST": HOST}) as api:
        found = await gathered(api, world, Scope(namespace="shop", workload="web"))
    row = next(row for row in found.coverage if (row.source, row.check) == ("cloudwatch", "databases"))
    assert (row.state.value, "rds:DescribeDBInstances" in row.detail) == ("failed", True)


def test_the_hosts_of_the_workload_in_question_come_first_and_alone() -> None:
    cart, far = (Subject(kind="Deployment", namespace="shop", name=name) for name in ("cart", "far"))
    known = Topology(
        calls=(("web", "cart"),),
        reaches=((far, "far.example.com"), (cart, "cart.example.com"), (WEB, "web.example.com")),
    )  # fmt: skip
    window = Window.ending(NOW)
    asked = Inquiry(scope=Scope(namespace="shop", workload="web"), window=window)
    assert following.hosts(known, (), asked) == ["web.example.com", "cart.example.com"]
    failing = factories.finding(subject=far)
    assert following.hosts(known, (failing,), asked) == ["web.example.com", "far.example.com", "cart.example.com"]
    every = Inquiry(scope=Scope(namespace="shop"), window=window)
    assert following.hosts(known, (failing,), every)[0] == "far.example.com"
    many = Topology(reaches=tuple((far, f"{number}.example.com") for number in range(20)))
    assert len(following.hosts(many, (), every)) == following.MOST


async def test_what_a_distribution_leads_to_is_followed_within_the_same_source() -> None:
    bucket = {"EventId": "1", "EventName": "PutBucketPolicy", "EventTime": ONSET, "Username": "dave",
              "Resources": [{"ResourceType": "AWS::S3::Bucket", "ResourceName": "assets"}]}  # fmt: skip
    origins = {"Quantity": 1, "Items": [{"Id": "s3", "DomainName": "assets.s3.eu-west-1.amazonaws.com"}]}
    config = {"Enabled": True, "Origins": origins}
    world = World().metrics("E1", **{"4xxErrorRate": jump(1, 96, at=2)})
    world.answers("cloudfront", "GetDistribution", {"Distribution": {"Id": "E1", "DistributionConfig": config}})
    world.answers("cloudtrail", "LookupEvents", {"Events": [bucket]})
    asked = Inquiry(scope=Scope(dimensions={"DistributionId": "E1"}), window=Window.ending(NOW, onset=ONSET))
    with connected(world) as cloud:
        found = await Gatherer({"cloudwatch": cloud}, lambda _: Redactor(key=b"k")).gather("i1", asked)
    (change,) = [one for one in found.findings if one.role is Role.CAUSE]
    assert (change.cause, change.subject.name) == ("ConfigChange", "assets")
    assert "Distribution E1" in {str(one) for one in change.explains}
