"""Vitals come from whatever tells them, the team's own rules first, and around an onset that is found if need be."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors.contract import ConnectorError, FiringAlert
from connectors.evidence import Subject
from connectors.prometheus import vitals
from connectors.prometheus.survey import Survey
from tests.connectors.prometheus.conftest import END
from tests.connectors.prometheus.recorded import BEGAN, overload, record
from tests.connectors.prometheus.server import PrometheusStandIn, Trouble

PAYMENTS = Subject(kind="Deployment", namespace="shop", name="payments")


async def test_an_onset_nobody_named_is_found_and_looked_at_closely(survey: Survey, server: PrometheusStandIn) -> None:
    overload(server)
    seen = await vitals.gather(survey)
    assert seen.onset is not None
    assert abs(seen.onset - (END.timestamp() - BEGAN)) <= 30
    steps = [float(p["step"]) for p in server.asked("/query_range")]
    assert min(steps) < max(steps) == 15.0


async def test_a_named_onset_is_believed_and_costs_no_second_look(survey: Survey, server: PrometheusStandIn) -> None:
    overload(server)
    began = END - timedelta(seconds=BEGAN)
    alerts = (FiringAlert(name="a", starts_at=began),)
    about = replace(survey, inquiry=survey.inquiry.model_copy(update={"alerts": alerts}))
    seen = await vitals.gather(about)
    assert seen.onset == began.timestamp()
    assert len(server.asked("/query_range")) == 2


async def test_signals_by_subject_with_their_shift(survey: Survey, server: PrometheusStandIn) -> None:
    overload(server)
    seen = await vitals.gather(survey)
    cpu = seen.workloads[PAYMENTS]["cpu"]
    assert cpu.shift is not None
    assert (cpu.shift.before, cpu.shift.after) == (0.05, 0.5)
    assert cpu.shift.until is not None
    assert set(seen.workloads[PAYMENTS]) == {"cpu", "throttling", "traffic", "errors", "latency_p50", "latency_p95"}
    errors = seen.workloads[PAYMENTS]["errors"].shift
    assert errors is not None
    assert errors.before == 0.0, "a success ratio is read upside down"
    assert set(seen.nodes) == {Subject(kind="Node", name="a"), Subject(kind="Node", name="b")}


async def test_nothing_moved_has_no_onset(survey: Survey, server: PrometheusStandIn) -> None:
    record(server, "service:cpu_usage_cores", {"namespace": "shop", "service": "web"}, 0.1, 0.1)
    assert (await vitals.gather(survey)).onset is None


async def test_a_part_that_fails_is_told_and_the_rest_is_read(survey: Survey, server: PrometheusStandIn) -> None:
    overload(server)
    server.add("node_cpu_seconds_total", {"instance": "a:9100", "mode": "idle"}, [(END.timestamp(), 1.0)])
    server.warnings = ["one store did not answer"]
    seen = await vitals.gather(survey)
    assert PAYMENTS in seen.workloads
    assert "one store did not answer" in seen.partial


async def test_where_nothing_can_be_read_it_is_a_failure(survey: Survey, server: PrometheusStandIn) -> None:
    overload(server)
    server.trouble = Trouble(422, b'{"error":"too many samples"}', only="query_range")
    with pytest.raises(ConnectorError, match="too many samples"):
        await vitals.gather(survey)


@pytest.mark.parametrize(
    ("labels", "kind", "namespace", "name"),
    [
        ({"namespace": "shop", "service": "cart"}, "Deployment", "shop", "cart"),
        ({"namespace": "shop", "job": "shop/cart"}, "Deployment", "shop", "cart"),
        ({"namespace": "shop", "statefulset": "db", "job": "x"}, "StatefulSet", "shop", "db"),
        ({"destination_service_name": "cart", "destination_service_namespace": "shop"}, "Deployment", "shop", "cart"),
        (
            {"namespace": "ingress", "exported_namespace": "shop", "exported_service": "web"},
            "Deployment",
            "shop",
            "web",
        ),
        ({"service": "cart.shop.svc.cluster.local"}, "Deployment", "", "cart"),
    ],
)
def test_the_workload_of_a_series(labels: dict[str, str], kind: str, namespace: str, name: str) -> None:
    assert vitals.subject_of(labels) == Subject(kind=kind, namespace=namespace, name=name)


def test_series_without_an_owner_have_no_subject() -> None:
    assert vitals.subject_of({"namespace": "shop"}) is None
    assert vitals.subject_of({"destination_service_name": "unknown"}) is None
    assert vitals.node_of({}) is None


def test_the_node_of_a_series() -> None:
    assert vitals.node_of({"instance": "10.0.0.1:9100"}, {"10.0.0.1:9100": "a"}) == Subject(kind="Node", name="a")
    assert vitals.node_of({"instance": "worker-1:9100"}) == Subject(kind="Node", name="worker-1")
    assert vitals.node_of({"node": "b", "instance": "x:1"}) == Subject(kind="Node", name="b")


def test_the_time_of_the_window_is_utc(survey: Survey) -> None:
    assert survey.focus[1] == datetime(2026, 3, 1, 12, tzinfo=UTC)
