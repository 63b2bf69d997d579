"""The check of golden signals: evidence for each claim, nothing claimed without it."""

from __future__ import annotations

from datetime import timedelta

from connectors.evidence import Role, SeriesSet
from connectors.prometheus import exporters, signals
from connectors.prometheus.survey import Survey
from tests.connectors.prometheus.conftest import END
from tests.connectors.prometheus.recorded import BEGAN, overload, record
from tests.connectors.prometheus.server import PrometheusStandIn

NOW = END.timestamp()


async def test_the_overloaded_one_is_the_cause_and_every_claim_has_evidence(
    survey: Survey, server: PrometheusStandIn
) -> None:
    overload(server)
    found = await signals.golden_signals(survey)
    first = found.findings[0]
    assert (first.cause, first.subject.name, first.role) == ("CPUOverload", "payments", Role.CAUSE)
    assert first.onset is not None
    assert abs(first.onset - (END - timedelta(seconds=BEGAN))) <= timedelta(seconds=30)
    keys = {e.key for e in found.evidence}
    assert all(set(f.rests_on) <= keys for f in found.findings)
    assert "prometheus/signals/Deployment/shop/catalog" not in keys


async def test_evidence_holds_figures_query_link_and_bounded_series(survey: Survey, server: PrometheusStandIn) -> None:
    overload(server)
    item = (await signals.golden_signals(survey)).evidence[0]
    assert "CPU 0.05 → 0.5 cores" in item.summary
    assert 'service:cpu_usage_cores{namespace="shop",service="payments"} [2026-03-01T' in item.query
    assert item.link.startswith(server.url + "/graph?")
    assert isinstance(item.body, SeriesSet)
    assert all(len(s.points) <= 120 for s in item.body.series)


async def test_where_nothing_moved_it_is_said_what_was_searched(survey: Survey, server: PrometheusStandIn) -> None:
    record(server, "service:cpu_usage_cores", {"namespace": "shop", "service": "web"}, 0.1, 0.1)
    found = await signals.golden_signals(survey)
    assert found.evidence == ()
    assert "1 services and 0 nodes" in found.searched


async def test_without_any_known_metric_it_is_said(survey: Survey, server: PrometheusStandIn) -> None:
    server.add("something_else", {}, [(NOW, 1.0)])
    assert "no golden signals among 1 metrics" in (await signals.golden_signals(survey)).searched


def pool(server: PrometheusStandIn, survey: Survey, share: float, metric: str = "hikaricp_connections_active") -> None:
    row = next(r for r in exporters.POOLS if r.needs[0] == metric)
    for metric in row.needs:
        server.add(metric, {"namespace": "shop"}, [(NOW, 1.0)])
    asked = f'label_replace({survey.expression(row)}, "chatops_row", "0", "", "")'
    labels = {"chatops_row": "0", "namespace": "shop", "application": "orders", "pool": "main", "job": ""}
    server.canned[asked] = [(labels, [(NOW - 15 * i, share) for i in range(60)])]


async def test_a_full_pool_is_a_cause_at_its_owner(survey: Survey, server: PrometheusStandIn) -> None:
    pool(server, survey, 1.0)
    found = await signals.saturation(survey)
    claims = [(f.cause, f.subject.name, f.role) for f in found.findings]
    assert claims == [("DatabaseConnectionsExhausted", "orders", Role.CAUSE)]
    assert found.findings[0].rests_on == (found.evidence[0].key,)


async def test_a_nearly_full_pool_is_context_and_a_half_full_one_nothing(
    survey: Survey, server: PrometheusStandIn
) -> None:
    pool(server, survey, 0.93)
    assert [f.role for f in (await signals.saturation(survey)).findings] == [Role.CONTEXT]


async def test_what_the_catalogue_has_no_name_for_is_told_without_a_claim(
    survey: Survey, server: PrometheusStandIn
) -> None:
    pool(server, survey, 1.0, "process_open_fds")
    found = await signals.saturation(survey)
    assert "file descriptors of orders" in found.evidence[0].summary
    assert found.findings == ()


async def test_a_half_full_pool_is_nothing(survey: Survey, server: PrometheusStandIn) -> None:
    pool(server, survey, 0.5)
    found = await signals.saturation(survey)
    assert (found.findings, found.evidence) == ((), ())
    assert "hikaricp" in found.searched


async def test_calls_and_placement_are_handed_on(survey: Survey, server: PrometheusStandIn) -> None:
    overload(server)
    server.add("istio_requests_total", {}, [(NOW, 1.0)])
    server.add("kube_pod_info", {"namespace": "shop"}, [(NOW, 1.0)])
    edge = {
        "source_workload": "web",
        "destination_service_name": "orders.shop.svc",
        "destination_service_namespace": "shop",
    }
    server.canned[
        "sum by (source_workload, destination_service_name, destination_service_namespace)"
        ' (rate(istio_requests_total{destination_service_namespace="shop"}[3m])) > 0'
    ] = [(edge, [(NOW, 1.0)])]
    server.canned[
        'count by (workload, node) (label_replace(max by (pod, node) (kube_pod_info{namespace="shop"}),'
        ' "workload", "$1", "pod", "(.+?)(?:(?:-[0-9a-z]{6,10})?-[bcdfghjklmnpqrstvwxz2456789]{5}|-[0-9]+)?"))'
    ] = [({"workload": "orders", "node": "a"}, [(NOW, 1.0)])]
    known = (await signals.golden_signals(survey)).topology
    assert known is not None
    assert known.calls == (("web", "orders"),)
    assert known.placement == {"orders": ("a",)}
