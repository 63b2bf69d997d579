from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.contract import Inquiry, Scope, Window
from connectors.evidence import Finding
from connectors.kubernetes.checks import ROWS, observe
from connectors.kubernetes.collecting import CALLS, collect
from connectors.kubernetes.resources import BY_PLURAL
from connectors.kubernetes.view import View
from tests.connectors.kubernetes.cluster import NOW, Cluster
from tests.connectors.kubernetes.kube_server import Api, connector_for, forbidden, serving

REFUSED = "2026-05-04T11:59:00Z error: POST http://orders.sales:8080/v1: connect: connection refused\n"
UPSTREAM = "2026-05-04T11:59:00Z error: http://orders.sales:8080/v1 answered 500\n"


def carrier(said: str = REFUSED) -> Api:
    """A shop whose web calls orders of sales, which calls stock of depot."""
    cluster, spaces = Cluster(), {"web": "shop", "orders": "sales", "stock": "depot"}
    calls = {"web": "orders.sales:8080", "orders": "stock.depot:8080", "stock": ""}
    for name in spaces:
        cluster.app(name, env={"NEXT_ADDR": calls[name]} if calls[name] else {})
    for items in cluster.objects.values():
        for one in items:
            for name, space in spaces.items():
                if one["metadata"]["name"].split("-")[0] == name:
                    one["metadata"]["namespace"] = space
    for space in (*spaces.values(), "kube-system"):
        cluster.add("namespaces", "Namespace", space, "")
    objects = {plural: cluster.objects.get(plural, []) for plural in BY_PLURAL}
    names = {one["metadata"]["name"]: one["metadata"]["name"].split("-")[0] for one in objects["pods"]}
    said_by = {"web": said, "orders": said.replace("orders.sales", "stock.depot")}
    quiet = "2026-05-04T11:59:00Z listening on port 8080\n"
    return Api(objects=objects, logs={pod: said_by.get(name, quiet) for pod, name in names.items()})


def gone(api: Api, name: str) -> Api:
    """The workload is scaled to nothing."""
    for one in (*api.objects["deployments"], *api.objects["replicasets"]):
        if one["metadata"]["name"].split("-")[0] == name:
            one["spec"]["replicas"] = 0
    api.objects["pods"] = [one for one in api.objects["pods"] if one["metadata"]["name"].split("-")[0] != name]
    return api


async def looked(api: Api, *within: str) -> View:
    inquiry = Inquiry(scope=Scope(namespace="shop"), window=Window.ending(NOW + timedelta(seconds=1)), within=within)
    with serving(api) as address:
        return View(await collect(connector_for(address).client, inquiry))


def found(view: View) -> list[Finding]:
    return [one for row in ROWS for one in observe(row, view).findings if one.confidence >= 0.8]


async def test_what_the_scope_blames_elsewhere_explains_who_complains() -> None:
    view = await looked(gone(carrier(), "orders"))
    (one,) = found(view)
    assert (one.cause, one.subject.namespace, one.subject.name) == ("WorkloadScaledToZero", "sales", "orders")
    assert [other.name for other in one.explains if other.namespace == "shop"] == ["web"]
    assert view.snapshot.where == "shop, sales"


async def test_blame_is_followed_from_namespace_to_namespace() -> None:
    view = await looked(gone(carrier(UPSTREAM), "stock"))
    (one,) = found(view)
    assert (one.cause, one.subject.namespace, one.subject.name) == ("WorkloadScaledToZero", "depot", "stock")
    assert {other.name for other in one.explains} == {"stock", "orders", "web"}


@pytest.mark.parametrize("said", ["listening on port 8080\n", "GET http://orders.sales:8080/v1 200\n", "error: a.b\n"])
async def test_nobody_blamed_nothing_read(said: str) -> None:
    api = gone(carrier(f"2026-05-04T11:59:00Z {said}"), "orders")
    view = await looked(api)
    assert view.snapshot.beyond == ()
    assert not [one for one in api.seen if "/namespaces/sales/" in one or "/namespaces/depot/" in one]
    assert len(api.seen) <= CALLS


async def test_only_what_a_channel_may_ask_about() -> None:
    api = gone(carrier(), "orders")
    assert (await looked(api, "shop", "dep*")).snapshot.beyond == ()
    assert not [one for one in api.seen if "/namespaces/sales/" in one]
    assert (await looked(api, "shop", "sal*")).snapshot.beyond == ("sales",)


async def test_a_namespace_that_may_not_be_read_is_said() -> None:
    api = gone(carrier(), "orders")
    wanted = api.objects["pods"]
    api.faults["pods"] = lambda handler: (
        forbidden(handler) if "/sales/" in handler.path else handler.answer({"kind": "PodList", "items": wanted})
    )
    view = await looked(api)
    assert (view.snapshot.beyond, list(view.snapshot.unread_beyond)) == ((), ["sales"])
    (logs,) = [row for row in ROWS if row.name == "logs"]
    assert "namespace sales, which errors name: forbidden" in observe(logs, view).partial
