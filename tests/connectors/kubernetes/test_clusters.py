from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from typing import Any

import pytest

from connectors.contract import ConnectorError, ConnectorSettings, Scope
from connectors.evidence import Observation, Subject
from connectors.kubernetes.clusters import ClustersConnector
from connectors.kubernetes.opening import open_connector
from tests.connectors.kubernetes.cluster import Cluster
from tests.connectors.kubernetes.kube_server import Api, forbidden, hang, serving
from tests.connectors.kubernetes.test_collecting import inquiry


def apps(*names: str, namespace: str = "shop", broken: str = "") -> Api:
    """A cluster with these applications; one has an image that cannot be pulled."""
    cluster = Cluster()
    for name in names:
        cluster.app(name, ready=name != broken)
    cluster.add("namespaces", "Namespace", namespace, namespace="")
    pods = [one["metadata"]["name"] for one in cluster.objects["pods"]]
    return Api(objects=cluster.objects, logs=dict.fromkeys(pods, "2026-05-04T11:59:00Z listening on port 8080\n"))


@asynccontextmanager
async def two(east: Api, west: Api, **options: Any) -> AsyncIterator[ClustersConnector]:
    with ExitStack() as stack:
        clusters = {
            name: {"server": stack.enter_context(serving(api)), "context": f"prod-{name}", "aliases": f"eu-{name}-1"}
            for name, api in (("east", east), ("west", west))
        }
        made = open_connector(ConnectorSettings(options={"clusters": clusters, "timeout": 2.0, **options}))
        assert isinstance(made, ClustersConnector)
        yield made
        await made.aclose()


async def run(connector: ClustersConnector, name: str, **scope: str) -> Observation:
    asked = inquiry().model_copy(update={"scope": Scope(**{"namespace": "shop", **scope})})
    return await next(check for check in connector.checks(asked) if check.name == name).run()


async def test_what_two_clusters_say_carries_their_names() -> None:
    async with two(apps("cart"), apps("cart", broken="cart")) as connector:
        seen = await run(connector, "workloads")
    assert {one.key.split("/")[1] for one in seen.evidence} == {"east", "west"}
    (titles,) = [[one.title for one in seen.evidence if one.check == "workloads"]]
    assert titles[0].startswith("east: ")
    assert all(one.query.endswith((" --context prod-east", " --context prod-west")) for one in seen.evidence)
    assert len({one.key for one in seen.evidence}) == len(seen.evidence)


async def test_a_finding_is_of_its_cluster_and_its_commands_go_there() -> None:
    west = apps("cart", "web")
    west.objects["deployments"][0]["spec"]["replicas"] = 0
    async with two(apps("cart", "web"), west) as connector:
        seen = await run(connector, "workloads")
    (finding,) = seen.findings
    assert finding.subject == Subject(kind="Deployment", namespace="shop", name="cart", cluster="west")
    assert finding.statement.startswith("west: ")
    assert set(finding.rests_on) <= {one.key for one in seen.evidence}
    assert finding.commands
    assert all(argv[-2:] == ("--context", "prod-west") for argv in finding.commands)


@pytest.mark.parametrize("name", ["west", "prod-west", "eu-west-1"])
async def test_the_cluster_that_is_named_is_asked_alone(name: str) -> None:
    east, west = apps("cart"), apps("cart")
    async with two(east, west) as connector:
        await run(connector, "pods", cluster=name)
    assert (east.seen == [], west.seen != []) == (True, True)


async def test_without_a_name_those_are_asked_that_have_the_namespace() -> None:
    east, west = apps("cart"), apps("ledger", namespace="bank")
    async with two(east, west) as connector:
        pods = await run(connector, "pods")
        where = await run(connector, "clusters")
    assert west.asked("pods") == []
    assert all(one.title.startswith("east: ") for one in pods.evidence)
    assert where.searched == "shop looked for in east; not in west"


async def test_how_clusters_differ_is_told() -> None:
    west = apps("cart", "web")
    west.objects["deployments"][0]["spec"]["template"]["spec"]["containers"][0]["image"] = "registry.example/cart:2"
    async with two(apps("cart", "web"), west) as connector:
        (item,) = (await run(connector, "clusters")).evidence
        same = await run(connector, "clusters", workload="web")
    assert item.title == "1 of 2 workloads of shop differ between east, west"
    assert "west Deployment cart 1/1 of registry.example/cart:2" in item.summary
    assert not same.evidence
    assert same.searched


async def test_a_cluster_that_is_away_is_told_and_holds_up_nobody() -> None:
    east, west = apps("cart"), apps("cart")
    west.faults["shop"] = hang
    async with two(east, west, timeout=0.3) as connector:
        pods = await run(connector, "pods")
        where = await run(connector, "clusters")
        west.released.set()
    assert [one.title.split(":")[0] for one in pods.evidence] == ["east"]
    assert "west: not asked, timeout" in pods.partial
    assert "west: timeout" in where.partial


async def test_one_cluster_refuses_and_the_other_still_answers() -> None:
    east, west = apps("cart"), apps("cart")
    west.faults["pods"] = west.faults["namespaces"] = forbidden
    async with two(east, west) as connector:
        pods = await run(connector, "pods")
        with pytest.raises(ConnectorError, match="west: .*cannot list"):
            await run(connector, "pods", cluster="west")
    assert "forbidden: west:" in pods.partial
    assert pods.evidence


async def test_a_name_that_no_cluster_has_is_told() -> None:
    async with two(apps("cart"), apps("cart")) as connector:
        seen = await run(connector, "clusters", cluster="mars")
    assert "mars is none of the clusters east, west" in seen.partial


async def test_commands_reach_the_cluster_of_their_context() -> None:
    async with two(apps("cart"), apps("web")) as connector:
        tool = next(one for one in connector.tools() if one.name == "kubernetes_list")
        assert tool.argv
        words = ["kubectl", "get", "pods", "-n", "shop", "--context", "prod-west"]
        arguments = tool.argv(words)
        assert arguments == {"kind": "pods", "namespace": "shop", "cluster": "west"}
        assert tool.argv([*words[:-1], "elsewhere"]) is None
        assert tool.argv(["kubectl", "--context=eu-east-1", "get", "pods"]) == {"kind": "pods", "cluster": "east"}
        (west,) = (await tool.run(inquiry(), arguments)).evidence
        both = (await tool.run(inquiry(), {"kind": "pods"})).evidence
    assert west.title.startswith("west: ")
    assert west.query == "kubectl get pods -n shop --context prod-west"
    assert [one.title[:6] for one in both] == ["east: ", "west: "]
    assert tool.schema["properties"]["cluster"]["enum"] == ["east", "west"]


async def test_what_exists_is_named_with_its_cluster() -> None:
    async with two(apps("cart"), apps("web")) as connector:
        subjects = await connector.subjects(Scope(namespace="shop"))
        callers = await connector.dependencies()
    assert Subject(kind="Cluster", name="west") in subjects
    assert Subject(kind="Deployment", namespace="shop", name="web", cluster="west") in subjects
    assert {one.cluster for pair in callers for one in pair} == {"east", "west"}


async def test_a_second_look_asks_no_cluster_twice_where_it_is() -> None:
    east, west = apps(*(f"app{number}" for number in range(60))), apps("web", namespace="bank")
    async with two(east, west) as connector:
        first = connector.checks(inquiry())
        before = await next(one for one in first if one.name == "logs").run()
        suspect = Subject(kind="Deployment", namespace="shop", name="app57", cluster="east")
        lists = east.asked("deployments")
        again = connector.checks(inquiry().model_copy(update={"focus": (suspect,)}))
        after = await next(one for one in again if one.name == "logs").run()
    assert east.asked("deployments") == lists
    assert len(east.asked("shop")) == 1
    assert before.unread > after.unread


async def test_health_is_of_each() -> None:
    west = apps("cart")
    west.denied = {"events"}
    async with two(apps("cart"), west) as connector:
        await connector.load()
        lines = {one.name: one.ok for one in await connector.health()}
    assert lines["kubernetes api in east"]
    assert lines["kubernetes events in west"] is False
