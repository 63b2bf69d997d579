"""Logs that somebody asks for: of one pod, of a workload, of the pods that labels select."""

from __future__ import annotations

import pytest

from connectors.contract import ConnectorError
from connectors.evidence import Observation
from connectors.kubernetes.logs import read
from tests.connectors.kubernetes.cluster import Cluster
from tests.connectors.kubernetes.kube_server import Api, connector_for, serving

LABELS = {"namespace": "shop", "labels": "app=cart"}


def fleet(pods: int, *, logged: int) -> Api:
    """A workload's pods, the last of them not ready; so many have a log."""
    cluster = Cluster()
    cluster.app("cart", pods=pods)
    cluster.objects["pods"][-1]["status"]["conditions"] = [{"type": "Ready", "status": "False"}]
    names = [one["metadata"]["name"] for one in reversed(cluster.objects["pods"])]
    return Api(objects=cluster.objects, logs={name: f"2026-05-04T11:00:00Z of {name}\n" for name in names[:logged]})


async def told(api: Api, **arguments: str) -> Observation:
    with serving(api) as address:
        connector = connector_for(address)
        try:
            return await read(connector.client, "shop", None, arguments)
        finally:
            await connector.aclose()


async def test_pods_of_a_label_are_read_the_troubled_first_and_the_rest_is_named() -> None:
    api = fleet(7, logged=7)
    found = await told(api, **LABELS)
    assert len(found.evidence) == 5
    assert found.evidence[0].subject is not None
    assert found.evidence[0].subject.name == api.objects["pods"][-1]["metadata"]["name"]
    assert found.partial == "the logs of 2 of 7 pods were not read"


async def test_a_pod_without_a_log_does_not_hide_the_others() -> None:
    found = await told(fleet(3, logged=1), **LABELS)
    assert len(found.evidence) == 1
    assert found.partial.startswith("the logs of 2 of 3 pods were not read: ")
    assert "waiting to start" in found.partial


@pytest.mark.parametrize(("labels", "words"), [("app=cart", "waiting to start"), ("app=gone", "no pods")])
async def test_no_log_at_all_is_an_error(labels: str, words: str) -> None:
    with pytest.raises(ConnectorError, match=words):
        await told(fleet(2, logged=0), labels=labels)


async def test_of_a_workload_the_pod_that_is_not_ready_is_read() -> None:
    api = fleet(3, logged=3)
    (found,) = (await told(api, kind="deployment", name="cart")).evidence
    assert found.title == f"Log of {api.objects['pods'][-1]['metadata']['name']}"
