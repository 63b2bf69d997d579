"""The chart installed into a real kube-apiserver, and the connector with the token of the chart's own account."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.kubernetes.collecting import collect
from connectors.kubernetes.connector import KubernetesConnector
from connectors.kubernetes.resources import BY_PLURAL
from tests.connectors.kubernetes.kube_server import connector_for
from tests.connectors.kubernetes.real_apiserver import RealApi, real_api
from tests.connectors.kubernetes.test_collecting import inquiry
from tests.helm.chart import CHART, SECRET, run_helm
from tests.helm.test_rbac import ask

pytestmark = pytest.mark.real

OPTIONS = (*SECRET, "--set", "valkey.enabled=true", "--set", "dashboard.enabled=true")


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealApi]:
    """An API server with the chart installed in `ops`."""
    work = tmp_path_factory.mktemp("install")
    with real_api(work) as real:
        real.call("/api/v1/namespaces", {"metadata": {"name": "shop"}})
        spec = {"containers": [{"name": "main", "image": "registry.example/app:1"}]}
        real.call("/api/v1/namespaces/shop/pods", {"metadata": {"name": "one"}, "spec": spec})
        kubeconfig = real.kubeconfig(work / "kubeconfig")
        done = run_helm("install", "demo", str(CHART), "-n", "ops", "--create-namespace",
                        "--kubeconfig", str(kubeconfig), *OPTIONS)  # fmt: skip
        assert done.returncode == 0, done.stderr
        yield real


def as_the_chart(api: RealApi) -> KubernetesConnector:
    """A connector with a token of the service account that the chart has made."""
    path = "/api/v1/namespaces/ops/serviceaccounts/demo-chatops/token"
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 3600}}
    token = api.call(path, review)["status"]["token"]
    return connector_for(api.address, ca_file=api.ca_file, token=token, timeout=10.0)


def test_everything_was_taken_by_the_api(api: RealApi) -> None:
    def names(path: str) -> set[str]:
        return {one["metadata"]["name"] for one in api.call(path)["items"]}

    assert names("/apis/apps/v1/namespaces/ops/deployments") == {"demo-chatops-gateway", "demo-chatops-worker"}
    assert names("/apis/apps/v1/namespaces/ops/statefulsets") == {"demo-chatops-valkey"}
    assert names("/apis/policy/v1beta1/namespaces/ops/poddisruptionbudgets") == {
        "demo-chatops-gateway",
        "demo-chatops-worker",
    }
    assert len(names("/apis/networking.k8s.io/v1/namespaces/ops/networkpolicies")) == 4


async def test_nothing_is_forbidden_to_the_connector(api: RealApi) -> None:
    connector = as_the_chart(api)
    refused = [one for one in await connector.health() if not one.ok]
    assert refused == []
    snapshot = await collect(connector.client, inquiry())
    assert snapshot.failures == {}
    assert [one["metadata"]["name"] for one in snapshot.objects["pods"]] == ["one"]
    for plural in BY_PLURAL:
        # `ask` lets a kind pass that this server does not have, and raises for one that is forbidden.
        await ask(connector, "kubernetes_list", kind=plural)
        await ask(connector, "kubernetes_describe", kind=plural, name="one")
    for kind in ("pods", "nodes"):
        await ask(connector, "kubernetes_top", kind=kind)
    assert await connector.client.log("shop", "one", "main") == ""


async def test_what_the_chart_does_not_grant_is_refused(api: RealApi) -> None:
    client = as_the_chart(api).client
    pods, secrets = BY_PLURAL["pods"], BY_PLURAL["pods"]._replace(plural="secrets")
    assert await client.allowed("list", pods)
    assert await client.allowed("get", pods, subresource="log")
    assert not await client.allowed("list", secrets)
    assert not await client.allowed("get", secrets, "ops")
    for verb in ("create", "update", "patch", "delete", "watch"):
        assert not await client.allowed(verb, pods, "shop"), verb
    assert not await client.allowed("create", pods, "shop", subresource="exec")


def test_installing_over_itself_and_removing_leave_nothing(api: RealApi, tmp_path: Path) -> None:
    where = ("-n", "ops", "--kubeconfig", str(api.kubeconfig(tmp_path / "kubeconfig")))
    again = run_helm("upgrade", "demo", str(CHART), *where, *OPTIONS, "--set", "worker.replicas=4")
    assert again.returncode == 0, again.stderr
    scaled = api.call("/apis/apps/v1/namespaces/ops/deployments/demo-chatops-worker")
    assert scaled["spec"]["replicas"] == 4
    gone = run_helm("uninstall", "demo", *where)
    assert gone.returncode == 0, gone.stderr
    roles = api.call("/apis/rbac.authorization.k8s.io/v1/clusterroles")["items"]
    assert not [one for one in roles if "chatops" in one["metadata"]["name"]]
