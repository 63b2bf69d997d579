from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connectors.contract import ConnectorError, Inquiry, Scope, Window
from connectors.kubernetes.collecting import CALLS, FOR_LOGS, OPERATED_KINDS, collect, log_line, look_closer
from connectors.kubernetes.resources import BY_PLURAL, CORE, OPERATED, Resource
from connectors.kubernetes.view import View
from tests.connectors.kubernetes.cluster import Cluster, ended_state
from tests.connectors.kubernetes.kube_server import Api, connector_for, forbidden, garbage, hang, serving

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def inquiry(namespace: str = "shop") -> Inquiry:
    return Inquiry(scope=Scope(namespace=namespace), window=Window.ending(NOW))


def shop(apps: int = 3) -> Api:
    cluster = Cluster()
    for number in range(apps):
        cluster.app(f"app{number}", env={"NEXT_ADDR": f"app{(number + 1) % apps}:8080"})
    objects = {row.plural: cluster.objects.get(row.plural, []) for row in CORE}
    names = [one["metadata"]["name"] for one in objects["pods"]]
    return Api(objects=objects, logs=dict.fromkeys(names, "2026-05-04T11:59:00Z listening on port 8080\n"))


@pytest.mark.parametrize("apps", [3, 200])
async def test_calls_do_not_grow_with_the_number_of_pods(apps: int) -> None:
    api = shop(apps)
    with serving(api) as address:
        snapshot = await collect(connector_for(address).client, inquiry())
    assert len(snapshot.objects["pods"]) == apps
    assert snapshot.logs
    assert len(api.seen) <= CALLS


async def test_every_kind_fails_by_itself() -> None:
    api = shop()
    api.faults |= {"events": forbidden, "nodes": garbage}
    with serving(api) as address:
        snapshot = await collect(connector_for(address).client, inquiry())
    assert {name: error.kind for name, error in snapshot.failures.items()} == {
        "events": "forbidden",
        "nodes": "garbage",
    }
    assert "events" not in snapshot.objects
    assert len(snapshot.objects["pods"]) == 3


async def test_a_kind_that_hangs_costs_only_itself() -> None:
    api = shop()
    api.faults["replicasets"] = hang
    with serving(api) as address:
        snapshot = await collect(connector_for(address, timeout=0.3).client, inquiry())
        api.released.set()
    assert set(snapshot.failures) == {"replicasets"}


async def test_kinds_are_read_where_something_shows_that_they_matter() -> None:
    cluster = Cluster()
    cluster.app("web", env={"GONE_ADDR": "gone:80"})
    cluster.app("db", ready=False, node=None)
    cluster.add("persistentvolumeclaims", "PersistentVolumeClaim", "data", spec={}, status={"phase": "Pending"})
    quiet, troubled = shop(), Api(objects={plural: cluster.objects.get(plural, []) for plural in BY_PLURAL})
    for api in (quiet, troubled):
        with serving(api) as address:
            await collect(connector_for(address).client, inquiry())
    kinds = ("resourcequotas", "persistentvolumes", "storageclasses")
    assert [len(quiet.asked(kind)) for kind in kinds] == [0, 0, 0]
    assert [len(troubled.asked(kind)) for kind in kinds] == [1, 1, 1]
    assert len(troubled.seen) <= CALLS


async def test_nothing_at_all_is_an_error() -> None:
    with serving(Api()) as address:
        pass
    with pytest.raises(ConnectorError):
        await collect(connector_for(address).client, inquiry())


async def test_secrets_are_never_asked_for() -> None:
    api = shop()
    api.groups = ["argoproj.io", "networking.istio.io"]
    with serving(api) as address:
        await collect(connector_for(address).client, inquiry())
        await collect(connector_for(address).client, inquiry(""))
    assert not any("secret" in one.lower() for one in api.seen)
    assert api.asked("applications")


async def test_without_a_namespace_the_systems_objects_are_set_apart() -> None:
    api = shop()
    cluster = Cluster()
    cluster.app("coredns")
    for plural in ("pods", "deployments", "services"):
        moved = cluster.objects[plural]
        for one in moved:
            one["metadata"]["namespace"] = "kube-system"
        api.objects[plural] = api.objects[plural] + moved
    with serving(api) as address:
        snapshot = await collect(connector_for(address).client, inquiry(""))
    assert len(snapshot.objects["pods"]) == 3
    assert len(snapshot.objects["system_pods"]) == 1


async def test_the_log_of_the_container_in_trouble_is_read_first() -> None:
    cluster = Cluster()
    for number in range(12):
        cluster.app(f"fine{number}", env={"A_ADDR": "x:1", "B_ADDR": "y:1"})
    cluster.app("broken", ready=False, state=ended_state(1))
    name = cluster.pod("broken")["metadata"]["name"]
    api = Api(objects={row.plural: cluster.objects.get(row.plural, []) for row in CORE}, logs={name: "boom\n"})
    with serving(api) as address:
        snapshot = await collect(connector_for(address).client, inquiry())
    assert ("shop", name, "main", False) in snapshot.logs
    assert View(snapshot).log(cluster.pod("broken"))[0][1].text == "boom"


async def test_a_closer_look_follows_whom_the_logs_complain_of() -> None:
    cluster = Cluster()
    for number in range(40):
        cluster.app(f"app{number:02}")
    names = {f"app{number:02}": cluster.pod(f"app{number:02}")["metadata"]["name"] for number in range(40)}
    logs = dict.fromkeys(names.values(), "fine\n")
    logs[names["app00"]] = "ERROR 500 Internal Server Error on GET http://app30:8080/\n"
    logs[names["app30"]] = "ERROR connection to http://app35:8080/ refused\n"
    logs[names["app35"]] = "ERROR 500 on GET http://app37:8080/\n"
    logs[names["app37"]] = "ERROR app39:8080 timed out\n"
    api = Api(objects={row.plural: cluster.objects.get(row.plural, []) for row in CORE}, logs=logs)
    with serving(api) as address:
        client = connector_for(address).client
        first = View(await collect(client, inquiry()))

        async def known() -> View:
            return first

        closer = await look_closer(client, known, inquiry())
    read = {pod for _, pod, _, _ in closer.logs}
    assert {names[app] for app in ("app30", "app35", "app37", "app39")} <= read
    assert closer.calls <= CALLS


def test_a_log_line_is_split_from_the_kubelets_time() -> None:
    line = log_line("2026-05-04T12:00:00.123456789Z GET /cart 500")
    assert (line.at is not None and line.at.second, line.text) == (0, "GET /cart 500")
    assert log_line("no time here").text == "no time here"


async def test_kinds_of_operators_are_listed_where_they_exist_and_within_the_budget() -> None:
    api = shop(40)
    api.operated = list(OPERATED)
    bucket = Resource("storagebuckets", "StorageBucket", "storage.example.io/v1beta1")
    api.operated.append(bucket)
    failed = {"type": "Ready", "status": "False", "message": "denied", "lastTransitionTime": "2026-05-04T11:50:00Z"}
    metadata = {"name": "media", "namespace": "shop"}
    api.objects[bucket.plural] = [{"metadata": metadata, "status": {"conditions": [failed]}}]
    about = {"apiVersion": bucket.api, "kind": bucket.kind, "name": "media", "namespace": "shop"}
    api.objects["events"].append({"metadata": metadata, "type": "Warning", "involvedObject": about})
    with serving(api) as address:
        connector = connector_for(address)
        snapshot = await collect(connector.client, inquiry())
        check = next(one for one in connector.checks(inquiry()) if one.name == "operators")
        observation = await check.run()
    assert next(row.plural for row in snapshot.operated) == "storagebuckets"
    assert len(snapshot.operated) == OPERATED_KINDS
    assert [str(one.subject) for one in observation.findings] == ["StorageBucket shop/media"]
    assert "1 storagebuckets.storage.example.io" in observation.searched
    assert len(snapshot.logs) >= FOR_LOGS / 2
    assert len(api.seen) <= 2 * CALLS, "two investigations were made"


async def test_an_operators_kind_that_may_not_be_read_is_said() -> None:
    api = shop()
    api.operated = [OPERATED[0]]
    api.objects[OPERATED[0].plural] = []
    api.faults[OPERATED[0].plural] = forbidden
    with serving(api) as address:
        check = next(one for one in connector_for(address).checks(inquiry()) if one.name == "operators")
        observation = await check.run()
    assert "externalsecrets.external-secrets.io: forbidden" in observation.partial


async def test_the_content_of_config_maps_is_read_of_routers_only() -> None:
    cluster = Cluster()
    mounted = {"volumes": [{"name": "c", "configMap": {"name": "settings"}}]}
    cluster.app("api-gateway", pod_spec=mounted)
    cluster.app("billing", pod_spec={"volumes": [{"name": "c", "configMap": {"name": "private"}}]})
    for name in ("settings", "private"):
        cluster.add("configmaps", "ConfigMap", name, data={"a": "b"})
    api = Api(objects=cluster.objects)
    with serving(api) as address:
        snapshot = await collect(connector_for(address).client, inquiry())
    assert [one["data"] for one in snapshot.objects["mounted_configs"]] == [{"a": "b"}]
    assert not [path for path in map(str, api.seen) if "private" in path]


@pytest.mark.parametrize(("role", "asked"), [("worker", True), ("control-plane", False)])
async def test_disruption_budgets_matter_where_somebody_has_to_leave(role: str, asked: bool) -> None:
    cluster = Cluster()
    cluster.app("web")
    cluster.node("n3", unschedulable=True)["metadata"]["labels"][f"node-role.kubernetes.io/{role}"] = ""
    api = Api(objects=cluster.objects)
    with serving(api) as address:
        await collect(connector_for(address).client, inquiry())
    assert any("poddisruptionbudgets" in str(path) for path in api.seen) is asked


@pytest.mark.parametrize(("question", "asked"), [("checkout is slow", 0), ("the nightly job has not run", 1)])
async def test_jobs_without_pods_are_read_where_somebody_asks_about_one(question: str, asked: int) -> None:
    api = shop()
    api.objects |= {"jobs": [], "cronjobs": []}
    with serving(api) as address:
        await collect(connector_for(address).client, inquiry().model_copy(update={"question": question}))
    assert [len(api.asked(plural)) for plural in ("jobs", "cronjobs")] == [asked, 1]


async def test_cron_jobs_are_read_where_no_log_goes_unread_for_it() -> None:
    api, crowded = shop(), shop(40)
    for pod in crowded.objects["pods"]:
        pod["status"]["conditions"] = [{"type": "Ready", "status": "False"}]
    for one in (api, crowded):
        one.objects["cronjobs"] = []
        with serving(one) as address:
            await collect(connector_for(address).client, inquiry())
        assert len(one.seen) <= CALLS
    assert (len(api.asked("cronjobs")), len(crowded.asked("cronjobs"))) == (1, 0)


async def test_classes_are_read_where_an_ingress_has_no_address() -> None:
    api = shop()
    api.objects |= {"ingressclasses": []}
    ingress = {"kind": "Ingress", "metadata": {"name": "web", "namespace": "shop"}, "spec": {}}
    counts = []
    for address_of in ({}, {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}):
        api.objects["ingresses"], api.seen[:] = [ingress | {"status": address_of}], []
        with serving(api) as address:
            await collect(connector_for(address).client, inquiry())
        counts.append(len(api.asked("ingressclasses")))
    assert counts == [1, 0]


@pytest.mark.parametrize(("node", "question", "read"), [(None, "", 1), ("n1", "", None), ("n1", "no scale-up", 1)])
async def test_the_cluster_autoscalers_status_is_read_where_pods_find_no_node_or_somebody_asks(
    node: str | None, question: str, read: int | None
) -> None:
    cluster = Cluster()
    cluster.app("pay", ready=False, node=node)
    if node is None:
        cluster.pod("pay")["status"]["phase"] = "Pending"
    cluster.add(
        "configmaps", "ConfigMap", "cluster-autoscaler-status", "kube-system", data={"status": "nodeGroups: []"}
    )
    with serving(Api(objects=cluster.objects)) as address:
        snapshot = await collect(connector_for(address).client, inquiry().model_copy(update={"question": question}))
    found = snapshot.objects.get("cluster autoscaler statuses")
    assert (None if found is None else len(found)) == read
