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


async def test_who_wrote_a_field_is_told_where_it_is_asked() -> None:
    api = shop()
    api.objects["deployments"][0]["metadata"]["managedFields"] = [{"manager": "kubectl-scale"}]
    path = "jsonpath={.metadata.managedFields[*].manager}"
    with serving(api) as address:
        listing = tools(address)["kubernetes_list"].run
        (seen,) = (await listing(inquiry(), {"kind": "deployment", "name": "app0", "output": path})).evidence
    assert seen.body == ResourceState(columns=("output",), rows=(("kubectl-scale",),))


async def test_all_of_a_kind_described_are_bounded_and_the_troubled_come_first() -> None:
    api = shop()
    api.objects["nodes"] = [
        {"metadata": {"name": f"n{at}"},
         "status": {"allocatable": {"cpu": "4", "memory": "8Gi"}, "images": [{"names": ["a"]}] * 50,
                    "conditions": [{"type": "Ready", "status": "False" if at == 11 else "True"}]}}
        for at in range(12)
    ]  # fmt: skip
    placed = [one["spec"].get("nodeName") for one in api.objects["pods"]]
    with serving(api) as address:
        described = tools(address)["kubernetes_describe"].run
        (nodes,) = (await described(inquiry(), {"kind": "nodes"})).evidence
        (pods,) = (await described(inquiry(), {"kind": "pods", "labels": "app=app0"})).evidence
    assert nodes.summary == "12 nodes, of which 10 are told"
    assert isinstance(nodes.body, ResourceState)
    assert nodes.body.rows[0] == ("n11", "allocated.cpu", "0m of 4 (0%)")
    assert len(nodes.body.rows) <= 200
    assert not any("images" in field for _, field, _ in nodes.body.rows)
    assert "n1" in placed
    assert ("n1", "allocated.cpu") in {row[:2] for row in nodes.body.rows}
    assert pods.query == "kubectl describe pods -n shop -l app=app0"
    assert pods.summary == "1 pods"


async def test_most_of_what_is_sorted_by_stands_first() -> None:
    use = {"a": ("500m", "1Mi"), "b": ("100m", "9Mi")}
    api = Api(objects={"nodes": [{"metadata": {"name": name}, "usage": {"cpu": cpu, "memory": memory}}
                                 for name, (cpu, memory) in use.items()]})  # fmt: skip
    with serving(api) as address:
        top = tools(address)["kubernetes_top"].run
        (by_memory,) = (await top(inquiry(), {"kind": "nodes", "sort": "memory"})).evidence
        (by_cpu,) = (await top(inquiry(), {"kind": "nodes"})).evidence
    assert isinstance(by_memory.body, ResourceState)
    assert isinstance(by_cpu.body, ResourceState)
    assert [row[0] for row in by_memory.body.rows] == ["b", "a"]
    assert [row[0] for row in by_cpu.body.rows] == ["a", "b"]
    assert by_memory.query == "kubectl top nodes --sort-by memory"
