"""Meshes and traces tell who calls whom, whichever of them counts, with a namespace on both sides."""

from __future__ import annotations

import pytest

from connectors.contract import ConnectorError, ConnectorSettings
from connectors.evidence import Subject
from connectors.prometheus import wiring
from connectors.prometheus.connector import open_connector
from connectors.prometheus.survey import Survey
from tests.connectors.prometheus.conftest import END
from tests.connectors.prometheus.server import PrometheusStandIn, Trouble
from tests.connectors.prometheus.test_real import Serve

NOW = END.timestamp()


def expression(row: wiring.Calls) -> str:
    by = ", ".join((*row.caller.names, *row.caller.namespaces, *row.callee.names, *row.callee.namespaces))
    return f"sum by ({by}) (rate({row.metric}{{{row.only}}}[15m])) > 0".replace("{}", "")


def counted(server: PrometheusStandIn, metric: str, *labels: dict[str, str]) -> None:
    row = next(one for one in wiring.CALLS if one.metric == metric)
    server.add(metric, {}, [(NOW, 1.0)])
    server.canned[expression(row)] = [(one, [(NOW, 1.0)]) for one in labels]


def told(pairs: object) -> set[tuple[str, str]]:
    assert isinstance(pairs, list)
    return {(f"{a.namespace}/{a.name}", f"{b.namespace}/{b.name}") for a, b in pairs}


async def test_istio_names_both_sides_and_a_service_needs_its_workload(
    survey: Survey, server: PrometheusStandIn
) -> None:
    counted(
        server,
        "istio_requests_total",
        {
            "source_workload": "front",
            "source_workload_namespace": "web",
            "destination_workload": "orders-v1",
            "destination_service_name": "orders",
            "destination_service_namespace": "shop",
        },
        {"source_workload": "unknown", "destination_service_name": "PassthroughCluster"},
    )
    assert told(await wiring.dependencies(survey, ())) == {
        ("web/front", "shop/orders-v1"),
        ("web/front", "shop/orders"),
        ("shop/orders", "shop/orders-v1"),
    }


async def test_linkerd_names_what_its_outbound_side_calls(survey: Survey, server: PrometheusStandIn) -> None:
    edge = {"deployment": "front", "namespace": "web", "dst_statefulset": "orders-db", "dst_namespace": "data"}
    counted(server, "response_total", edge)
    assert told(await wiring.dependencies(survey, ())) == {("web/front", "data/orders-db")}


async def test_a_service_graph_without_namespaces_goes_by_the_workload_of_that_name(
    survey: Survey, server: PrometheusStandIn
) -> None:
    counted(
        server,
        "traces_service_graph_request_total",
        {"client": "front", "server": "orders"},
        {"client": "user", "server": "front"},
        {"client": "front", "server": "common"},
        {"client": "jobs", "server": "orders", "client_k8s_namespace_name": "batch"},
    )
    known = [("web", "front"), ("shop", "orders"), ("shop", "common"), ("web", "common")]
    workloads = [Subject(kind="Deployment", namespace=namespace, name=name) for namespace, name in known]
    assert told(await wiring.dependencies(survey, workloads)) == {
        ("web/front", "shop/orders"),
        ("batch/jobs", "shop/orders"),
    }, "what has two homes is nobody's"


async def test_a_question_that_is_refused_leaves_the_others_and_a_prometheus_that_is_away_says_so(
    survey: Survey, server: PrometheusStandIn
) -> None:
    server.add("istio_requests_total", {}, [(NOW, 1.0)])  # its question is not canned: refused
    edge = {"deployment": "front", "namespace": "web", "dst_deployment": "orders", "dst_namespace": "shop"}
    counted(server, "response_total", edge)
    assert told(await wiring.dependencies(survey, ())) == {("web/front", "shop/orders")}
    server.trouble = Trouble(status=503, body=b"away")
    with pytest.raises(ConnectorError):
        await wiring.dependencies(Survey(survey.client, survey.inquiry), ())


@pytest.mark.real
async def test_a_real_prometheus_answers_with_the_shops_calls_and_places(prometheus_of: Serve) -> None:
    served = prometheus_of("cpu")
    connector = open_connector(ConnectorSettings(options={"url": served.url}))
    assert connector is not None
    connector._clock = lambda: served.end
    pairs = {(a.name, b.kind, b.name) for a, b in await connector.dependencies()}
    await connector.aclose()
    assert {("web", "Deployment", "orders"), ("orders", "Deployment", "payments")} <= pairs
    assert {kind for _, kind, _ in pairs} == {"Deployment", "Node"}
