import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from kubernetes import client, config
from kubernetes.client.exceptions import ApiException

from chatops.demo.kubernetes import api as kube_api
from chatops.demo.serving import listen, serving
from chatops.demo.world import Stage
from tests.demo.conftest import NOW

T = TypeVar("T")
Ask = Callable[[Callable[[client.ApiClient], Any]], Any]


@pytest.fixture
async def ask(stage: Stage, tmp_path: Path) -> AsyncIterator[Ask]:
    """Runs calls of the official client against the stand-in, in a thread as applications do."""
    async with serving(kube_api.application(stage, lambda: NOW), listen("127.0.0.1", 0)) as url:
        path = tmp_path / "kubeconfig"
        path.write_text(json.dumps(kube_api.kubeconfig(url)))
        api = config.new_client_from_config(str(path))  # type: ignore[no-untyped-call]

        async def run(call: Callable[[client.ApiClient], Any]) -> Any:
            return await asyncio.to_thread(call, api)

        yield run
        await asyncio.to_thread(api.close)


async def test_the_official_client_reads_typed_objects(ask: Ask) -> None:
    pods = await ask(lambda api: client.CoreV1Api(api).list_namespaced_pod("shop", label_selector="app=checkout"))
    assert len(pods.items) == 3
    assert pods.items[0].status.container_statuses[0].last_state.terminated.reason == "OOMKilled"
    nodes = await ask(lambda api: client.CoreV1Api(api).list_node())
    assert len(nodes.items) == 3
    deployment = await ask(lambda api: client.AppsV1Api(api).read_namespaced_deployment("checkout", "shop"))
    assert deployment.status.ready_replicas == 0
    slices = await ask(lambda api: client.DiscoveryV1Api(api).list_namespaced_endpoint_slice("shop"))
    assert len(slices.items) == 6


async def test_every_list_of_the_world_is_valid_for_the_official_models(ask: Ask) -> None:
    core, apps = client.CoreV1Api, client.AppsV1Api
    calls: list[Callable[[client.ApiClient], Any]] = [
        lambda api: core(api).list_service_for_all_namespaces(),
        lambda api: core(api).list_endpoints_for_all_namespaces(),
        lambda api: core(api).list_event_for_all_namespaces(),
        lambda api: core(api).list_resource_quota_for_all_namespaces(),
        lambda api: core(api).list_namespace(),
        lambda api: apps(api).list_replica_set_for_all_namespaces(),
        lambda api: client.CoordinationV1Api(api).list_lease_for_all_namespaces(),
        lambda api: client.BatchV1Api(api).list_job_for_all_namespaces(),
    ]
    counts = [len((await ask(call)).items) for call in calls]
    assert counts[:7] == [6, 6, 8, 1, 3, 7, 3]


async def test_lists_are_paged(ask: Ask) -> None:
    first = await ask(lambda api: client.CoreV1Api(api).list_namespaced_pod("shop", limit=10))
    token = first.metadata._continue
    rest = await ask(lambda api: client.CoreV1Api(api).list_namespaced_pod("shop", limit=10, _continue=token))
    assert (len(first.items), len(rest.items), rest.metadata._continue) == (10, 5, None)


async def test_fields_select_events(ask: Ask) -> None:
    selector = "involvedObject.kind=Deployment,type=Normal"
    found = await ask(lambda api: client.CoreV1Api(api).list_namespaced_event("shop", field_selector=selector))
    assert [event.reason for event in found.items] == ["ScalingReplicaSet"]


async def test_logs_of_this_run_and_the_one_before(ask: Ask, stage: Stage) -> None:
    name = next(p["metadata"]["name"] for p in stage.world.objects["v1/pods"] if "checkout" in p["metadata"]["name"])

    def log(**more: Any) -> Callable[[client.ApiClient], Any]:
        return lambda api: client.CoreV1Api(api).read_namespaced_pod_log(name, "shop", **more)

    before = await ask(log(previous=True, timestamps=True))
    assert "price table" in before
    assert before.startswith("2023-11-14T")
    assert len((await ask(log(tail_lines=1))).splitlines()) == 1
    assert await ask(log(since_seconds=1)) == ""


@pytest.mark.parametrize(
    ("call", "status", "reason"),
    [
        (lambda api: client.CoreV1Api(api).read_namespaced_pod("nope", "shop"), 404, "NotFound"),
        (lambda api: client.CoreV1Api(api).list_namespaced_secret("shop"), 403, "Forbidden"),
        (lambda api: client.CoreV1Api(api).delete_namespaced_pod("nope", "shop"), 403, "Forbidden"),
        (lambda api: client.CoreV1Api(api).list_namespaced_pod("shop", label_selector="a b"), 400, "BadRequest"),
    ],
)
async def test_refusals_are_status_objects(ask: Ask, call: Callable[[Any], Any], status: int, reason: str) -> None:
    with pytest.raises(ApiException) as caught:
        await ask(call)
    assert caught.value.status == status
    assert json.loads(caught.value.body or "{}")["reason"] == reason


async def test_access_reviews_say_what_may_be_read(ask: Ask) -> None:
    def may(verb: str, resource: str) -> Callable[[client.ApiClient], Any]:
        attributes = client.V1ResourceAttributes(verb=verb, resource=resource, namespace="shop")
        body = client.V1SelfSubjectAccessReview(spec={"resourceAttributes": attributes.to_dict()})
        return lambda api: client.AuthorizationV1Api(api).create_self_subject_access_review(body)

    assert (await ask(may("list", "pods"))).status.allowed
    assert not (await ask(may("delete", "pods"))).status.allowed
    assert not (await ask(may("get", "secrets"))).status.allowed


async def test_discovery_and_version(ask: Ask) -> None:
    version = await ask(lambda api: client.VersionApi(api).get_code())
    assert version.git_version.startswith("v1.")
    groups = await ask(lambda api: client.ApisApi(api).get_api_versions())
    assert "apps" in {group.name for group in groups.groups}
