from __future__ import annotations

import shlex

import pytest

from connectors.contract import ConnectorError, Tool
from connectors.evidence import LogPatterns, ResourceState
from tests.connectors.kubernetes.kube_server import Api, connector_for, serving
from tests.connectors.kubernetes.test_collecting import inquiry, shop


def tools(address: str = "http://127.0.0.1:1") -> dict[str, Tool]:
    return {tool.name: tool for tool in connector_for(address).tools()}


@pytest.mark.parametrize(
    ("command", "tool"),
    [
        ("kubectl get pods -n shop -o wide", "kubernetes_list"),
        ("kubectl get deployments.apps -l app=cart --all-namespaces", "kubernetes_list"),
        ("kubectl get events -n shop --field-selector=type!=Normal --sort-by=.lastTimestamp", "kubernetes_list"),
        ("kubectl get pods -n shop -o jsonpath='{.items[*].metadata.name}'", "kubernetes_list"),
        ("kubectl get pod cart-1 -n shop -o yaml", "kubernetes_describe"),
        ("kubectl describe node n1", "kubernetes_describe"),
        ("kubectl rollout status deployment/cart -n shop", "kubernetes_describe"),
        ("kubectl logs cart-1 -c main --previous --tail=50", "kubernetes_logs"),
        ("kubectl logs deployment/cart -n shop", "kubernetes_logs"),
        ("kubectl rollout history deploy/cart", "kubernetes_rollout_history"),
        ("kubectl top pods -n shop --containers", "kubernetes_top"),
    ],
)
def test_commands_that_are_answered(command: str, tool: str) -> None:
    answering = [one.name for one in tools().values() if one.argv and one.argv(shlex.split(command)) is not None]
    assert answering == [tool]


@pytest.mark.parametrize(
    "command",
    [
        "kubectl get secrets -n shop", "kubectl get secret/db -o yaml", "kubectl delete pod x", "kubectl get pods -w",
        "kubectl exec cart-1 -- sh", "kubectl get pods,secrets", "kubectl rollout undo deploy/cart", "helm list", "",
        "kubectl get pods -o jsonpath={.items", "kubectl logs cart-1 -f", "kubectl --kubeconfig=/x get pods",
    ],
)  # fmt: skip
def test_commands_that_are_not_ours(command: str) -> None:
    assert all(one.argv and one.argv(shlex.split(command)) is None for one in tools().values())


async def test_list_describe_events_logs_history_and_top() -> None:
    api = shop()
    name = api.objects["pods"][0]["metadata"]["name"]
    with serving(api) as address:
        found = tools(address)
        listed = await found["kubernetes_list"].run(inquiry(), {"kind": "pods"})
        table = listed.evidence[0].body
        assert isinstance(table, ResourceState)
        assert len(table.rows) == 3
        assert listed.evidence[0].query == "kubectl get pods -n shop"

        described = await found["kubernetes_describe"].run(inquiry(), {"kind": "pod", "name": name})
        assert ("status.phase", "Running") in described.evidence[0].body.rows  # type: ignore[union-attr]

        logged = await found["kubernetes_logs"].run(inquiry(), {"kind": "deployment", "name": "app0", "tail": 5})
        assert isinstance(logged.evidence[0].body, LogPatterns)
        assert "listening on port 8080" in logged.evidence[0].summary
        late = await found["kubernetes_logs"].run(inquiry(), {"name": name, "since": 900})
        assert late.evidence[0].query.endswith("--since=900s")
        assert "sinceSeconds=900" in api.seen[-1]

        history = await found["kubernetes_rollout_history"].run(inquiry(), {"kind": "deployment", "name": "app0"})
        assert history.searched == "1 revisions of app0"

        api.objects["nodes"] = [{"metadata": {"name": "n1"}, "usage": {"cpu": "250m", "memory": "1Gi"}}]
        used = await found["kubernetes_top"].run(inquiry(), {"kind": "nodes"})
        assert used.evidence[0].body.rows == (("n1", "0.250", "1024Mi"),)  # type: ignore[union-attr]
        one = await found["kubernetes_top"].run(inquiry(), {"kind": "nodes", "name": "n2"})
        assert (one.evidence[0].query, one.evidence[0].body.rows) == ("kubectl top nodes n2", ())  # type: ignore[union-attr]


async def test_secrets_and_paths_are_refused() -> None:
    api = Api()
    with serving(api) as address:
        found = tools(address)
        for arguments in (
            {"kind": "secret", "name": "db"},
            {"kind": "pod", "name": "../secrets/db"},
            {"kind": "pod", "name": ""},
        ):
            with pytest.raises(ConnectorError):
                await found["kubernetes_describe"].run(inquiry(), arguments)
        with pytest.raises(ConnectorError):
            await found["kubernetes_list"].run(inquiry(), {"kind": "pods", "namespace": "x/../../secrets"})
    assert api.seen == []


async def test_what_a_config_map_holds_is_not_read() -> None:
    api = shop()
    held = {"kind": "ConfigMap", "metadata": {"name": "cart", "namespace": "shop"}, "data": {"password": "hunter2"}}
    api.objects.setdefault("configmaps", []).append(held)
    with serving(api) as address:
        by_name = tools(address)
        for name, arguments in (
            ("kubernetes_describe", {"kind": "configmap", "name": "cart", "namespace": "shop"}),
            ("kubernetes_list", {"kind": "configmap", "namespace": "shop"}),
        ):
            seen = await by_name[name].run(inquiry(), arguments)
            assert "cart" in seen.model_dump_json()
            assert "hunter2" not in seen.model_dump_json()


async def test_what_an_output_prints() -> None:
    api = shop()
    names = sorted(one["metadata"]["name"] for one in api.objects["pods"])
    api.objects["pods"][0]["spec"]["containers"][0]["env"] = [{"name": "DB_PASSWORD", "value": "hunter2"}]
    first = api.objects["pods"][0]["metadata"]["name"]
    with serving(api) as address:
        listing = tools(address)["kubernetes_list"].run
        path = "jsonpath={range .items[*]}{.metadata.name}{'\\n'}{end}"
        (item,) = (await listing(inquiry(), {"kind": "po", "output": path, "sort": ".metadata.name"})).evidence
        (env,) = (await listing(inquiry(), {"kind": "po", "name": first, "output": "jsonpath={..env}"})).evidence
        (whole,) = (await listing(inquiry(), {"kind": "po", "output": "yaml"})).evidence
        with pytest.raises(ConnectorError, match="there is no Pod gone"):
            await listing(inquiry(), {"kind": "po", "name": "gone", "output": "jsonpath={.spec}"})
        with pytest.raises(ConnectorError, match="not closed"):
            await listing(inquiry(), {"kind": "po", "output": "jsonpath={.spec"})
    assert isinstance(item.body, ResourceState)
    assert [line for (line,) in item.body.rows] == names
    assert "--sort-by .metadata.name -o 'jsonpath=" in item.query
    assert "hunter2" not in env.model_dump_json()
    assert "DB_PASSWORD" in env.summary
    assert "hunter2" not in whole.model_dump_json()
    assert isinstance(whole.body, ResourceState)
    assert {row[0] for row in whole.body.rows} == set(names)
