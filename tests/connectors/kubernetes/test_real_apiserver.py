"""The client and the snapshot against a real kube-apiserver: what the stand-in of the other tests only imitates."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.contract import ConnectorError, ConnectorSettings
from connectors.kubernetes.clusters import ClustersConnector
from connectors.kubernetes.collecting import collect
from connectors.kubernetes.connector import KubernetesConnector
from connectors.kubernetes.opening import open_connector
from connectors.kubernetes.resources import BY_PLURAL
from tests.connectors.kubernetes.kube_server import connector_for
from tests.connectors.kubernetes.real_apiserver import RealApi, real_api
from tests.connectors.kubernetes.test_collecting import inquiry

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealApi]:
    with real_api(tmp_path_factory.mktemp("apiserver")) as real:
        real.call("/api/v1/namespaces", {"metadata": {"name": "shop"}})
        for number in range(23):
            real.call("/api/v1/namespaces/shop/pods", _pod(number))
        real.call("/api/v1/namespaces/shop/events", _event())
        yield real


def _pod(number: int) -> dict[str, object]:
    spec = {"containers": [{"name": "main", "image": "registry.example/app:1"}]}
    return {"metadata": {"name": f"app-{number}", "labels": {"parity": str(number % 2)}}, "spec": spec}


def _event() -> dict[str, object]:
    return {
        "metadata": {"name": "app-0.1"}, "type": "Warning", "reason": "FailedScheduling",
        "message": "0/1 nodes are available: 1 Insufficient cpu.", "count": 2,
        "involvedObject": {"kind": "Pod", "namespace": "shop", "name": "app-0"},
        "firstTimestamp": "2026-05-04T12:00:00Z", "lastTimestamp": "2026-05-04T12:01:00Z",
    }  # fmt: skip


def connector(api: RealApi, token: str = "") -> KubernetesConnector:
    return connector_for(api.address, ca_file=api.ca_file, token=token or api.admin, timeout=10.0)


async def test_paging_and_selectors(api: RealApi) -> None:
    client = connector(api).client
    # Paging is only exact where the answer does not come from the watch cache.
    paged = await client.list(BY_PLURAL["pods"], "shop", page=5, cached=False)
    assert len(paged.items) == len({one["metadata"]["name"] for one in paged.items}) == 23
    cut = await client.list(BY_PLURAL["pods"], "shop", page=5, pages=2, cached=False)
    assert (len(cut.items), cut.truncated) == (10, True)
    odd = await client.list(BY_PLURAL["pods"], "shop", labels="parity=1", fields="metadata.name!=app-1")
    assert len(odd.items) == 10


async def test_what_an_account_without_rights_is_told(api: RealApi) -> None:
    client = connector(api, api.nobody).client
    with pytest.raises(ConnectorError) as caught:
        await client.list(BY_PLURAL["pods"], "shop")
    assert caught.value.kind == "forbidden"
    assert 'User "nobody" cannot list resource "pods"' in caught.value.detail
    assert not await client.allowed("list", BY_PLURAL["pods"])
    assert await connector(api).client.allowed("list", BY_PLURAL["pods"])


async def test_a_wrong_token_and_a_missing_object(api: RealApi) -> None:
    with pytest.raises(ConnectorError) as unknown:
        await connector(api, "-".join(("not", "known"))).client.list(BY_PLURAL["pods"], "shop")
    assert unknown.value.kind == "forbidden"
    with pytest.raises(ConnectorError) as missing:
        await connector(api).client.get(BY_PLURAL["pods"].path("shop", "gone"))
    assert missing.value.kind == "not_found"
    assert await connector(api).client.log("shop", "app-0", "main") == ""  # placed nowhere: there is nothing to say
    with pytest.raises(ConnectorError) as unnamed:
        await connector(api).client.log("shop", "app-0", "sidecar")
    assert "container sidecar is not valid" in unnamed.value.detail


async def test_the_whole_snapshot_with_the_versions_that_this_server_has(api: RealApi) -> None:
    snapshot = await collect(connector(api).client, inquiry())
    assert snapshot.failures == {}
    assert len(snapshot.objects["pods"]) == 23
    assert [one["reason"] for one in snapshot.objects["events"]] == ["FailedScheduling"]


async def test_health_names_what_is_refused(api: RealApi) -> None:
    assert all(one.ok for one in await connector(api).health())
    refused = {one.name for one in await connector(api, api.nobody).health() if not one.ok}
    assert {"kubernetes pods", "kubernetes pods/log", "kubernetes events"} <= refused


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealApi]:
    with real_api(tmp_path_factory.mktemp("other")) as real:
        for namespace in ("shop", "bank"):
            real.call("/api/v1/namespaces", {"metadata": {"name": namespace}})
        real.call("/apis/apps/v1/namespaces/shop/deployments", _deployment("app", "registry.example/app:2"))
        yield real


def _deployment(name: str, image: str) -> dict[str, object]:
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "main", "image": image}]}}
    return {"metadata": {"name": name}, "spec": {"selector": {"matchLabels": labels}, "template": template}}


async def test_two_contexts_of_one_kubeconfig_are_one_investigation(
    api: RealApi, other: RealApi, tmp_path: Path
) -> None:
    api.call("/apis/apps/v1/namespaces/shop/deployments", _deployment("app", "registry.example/app:1"))
    several = {"east": api, "west": other}
    config = tmp_path / "config"
    config.write_text(json.dumps({
        "apiVersion": "v1", "kind": "Config", "current-context": "east",
        "clusters": [{"name": n, "cluster": {"server": one.address, "certificate-authority": one.ca_file}}
                     for n, one in several.items()],
        "users": [{"name": n, "user": {"token": one.admin}} for n, one in several.items()],
        "contexts": [{"name": n, "context": {"cluster": n, "user": n}} for n in several],
    }))  # fmt: skip
    made = open_connector(ConnectorSettings(options={"kubeconfig": str(config), "contexts": "east,west"}))
    assert isinstance(made, ClustersConnector)
    checks = {check.name: check for check in made.checks(inquiry())}
    (differ,) = (await checks["clusters"].run()).evidence
    events = await checks["workloads"].run()
    bank = {check.name: check for check in made.checks(inquiry("bank"))}
    only = await bank["clusters"].run()
    healthy = await made.health()
    await made.aclose()
    assert (
        differ.summary
    ) == "east Deployment app 0/1 of registry.example/app:1; west Deployment app 0/1 of registry.example/app:2"
    assert {one.title.split(":")[0] for one in events.evidence} == {"east", "west"}
    assert only.searched == "bank looked for in west; not in east"
    assert all(line.ok for line in healthy)
