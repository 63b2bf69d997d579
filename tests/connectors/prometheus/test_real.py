"""The connector's own PromQL on a real Prometheus: every fault of the shop, over when asked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from connectors.contract import ConnectorError, ConnectorSettings, FiringAlert, Inquiry, Scope, Window
from connectors.evidence import Finding, Observation, Role
from connectors.prometheus.connector import PrometheusConnector, open_connector
from tests.connectors.prometheus.conftest import Served
from tests.connectors.prometheus.synthetic import BEGAN, Fault
from tests.connectors.prometheus.test_connector import run

pytestmark = pytest.mark.real
Serve = Callable[[Fault], Served]


@asynccontextmanager
async def opened(served: Served) -> AsyncIterator[PrometheusConnector]:
    connector = open_connector(ConnectorSettings(options={"url": served.url}))
    assert connector is not None
    yield connector
    await connector.aclose()


async def investigate(served: Served, *, named: bool) -> dict[str, Observation | ConnectorError]:
    onset = served.end - timedelta(seconds=BEGAN) if named else None
    alert = FiringAlert(name="PaymentsLate", labels={"destination_service_name": "payments"}, starts_at=onset)
    about = Inquiry(scope=Scope(namespace="shop"), window=Window.ending(served.end, onset=onset), alerts=(alert,))
    async with opened(served) as connector:
        return await run(connector, about)


def causes(results: dict[str, Observation | ConnectorError]) -> list[Finding]:
    found = [f for r in results.values() if isinstance(r, Observation) for f in r.findings]
    return sorted((f for f in found if f.role is Role.CAUSE), key=lambda f: -f.confidence)


@pytest.mark.parametrize("named", [True, False], ids=["onset named", "onset unknown"])
@pytest.mark.parametrize(
    ("fault", "cause", "subject"),
    [
        ("cpu", "CPUOverload", "payments"),
        ("surge", "TrafficSurge", "web"),
        ("pod_delay", "PodNetworkDelay", "payments"),
        ("node_delay", "NodeNetworkDelay", "node-2"),
        ("node_loss", "NodeNetworkPacketLoss", "node-2"),
    ],
)
async def test_the_fault_is_named_first(
    prometheus_of: Serve, fault: Fault, cause: str, subject: str, named: bool
) -> None:
    results = await investigate(prometheus_of(fault), named=named)
    assert not [r for r in results.values() if isinstance(r, ConnectorError)]
    first = causes(results)[0]
    assert (first.cause, first.subject.name) == (cause, subject)


@pytest.mark.parametrize("fault", ["none", "errors"])
async def test_without_a_resource_that_changed_no_cause_is_claimed(prometheus_of: Serve, fault: Fault) -> None:
    results = await investigate(prometheus_of(fault), named=True)
    assert not [r for r in results.values() if isinstance(r, ConnectorError)]
    assert causes(results) == []


async def test_broken_states_are_told_with_what_holds_and_what_is_over(prometheus_of: Serve) -> None:
    found = (await investigate(prometheus_of("states"), named=True))["states"]
    assert isinstance(found, Observation)
    assert {(f.cause, str(f.subject), f.role) for f in found.findings} == {
        ("ApplicationCrash", "Deployment shop/orders", Role.CAUSE),
        ("OOMKilled", "Deployment shop/orders", Role.CAUSE),
        ("NamespaceCPUQuotaExceeded", "Namespace shop", Role.CAUSE),
        ("NodeNotReady", "Node node-2", Role.CAUSE),
        ("WorkloadScaledToZero", "Deployment shop/catalog", Role.CAUSE),
        ("KubeSchedulerUnavailable", "Component kube-scheduler", Role.CAUSE),
    }
    over = next(f for f in found.findings if f.cause == "ApplicationCrash")
    assert "until" in over.statement
    assert all(f.rests_on == (found.evidence[0].key,) for f in found.findings)


async def test_where_no_state_is_broken_it_is_said(prometheus_of: Serve) -> None:
    found = (await investigate(prometheus_of("none"), named=True))["states"]
    assert isinstance(found, Observation)
    assert "none held" in found.searched


async def test_the_rules_expression_is_evaluated_over_time(prometheus_of: Serve) -> None:
    results = await investigate(prometheus_of("cpu"), named=True)
    found = results["alert_expression"]
    assert isinstance(found, Observation)
    assert "threshold > 60" in found.evidence[0].summary
    assert found.evidence[0].onset is not None


async def test_other_series_that_shifted_are_found_by_the_server(prometheus_of: Serve) -> None:
    results = await investigate(prometheus_of("cpu"), named=True)
    found = results["shifts"]
    assert isinstance(found, Observation)
    assert "cache_entries" in found.evidence[0].summary


async def test_calls_and_placement_are_read(prometheus_of: Serve) -> None:
    found = (await investigate(prometheus_of("cpu"), named=True))["golden_signals"]
    assert isinstance(found, Observation)
    assert found.topology is not None
    assert ("web", "orders") in found.topology.calls
    assert found.topology.placement["payments"] == ("node-1",)


async def test_a_target_that_is_down_is_told_with_its_error(prometheus_of: Serve) -> None:
    served = prometheus_of("none")
    async with opened(served) as connector:
        check = await _until(connector, lambda o: bool(o.evidence))
    assert "connection refused" in check.evidence[0].summary


async def _until(connector: PrometheusConnector, done: Callable[[Observation], bool]) -> Observation:
    """The targets check, once the server has scraped."""
    import anyio

    for _ in range(100):
        inquiry = Inquiry(scope=Scope(), window=Window.ending(datetime.now(UTC)))
        targets: Callable[[], Awaitable[Observation]] = next(
            c.run for c in connector.checks(inquiry) if c.name == "targets"
        )
        found = await targets()
        if done(found):
            return found
        await anyio.sleep(0.1)
    return found


async def test_a_bad_query_is_answered_with_the_servers_words(prometheus_of: Serve) -> None:
    served = prometheus_of("none")
    async with opened(served) as connector:
        inquiry = Inquiry(scope=Scope(namespace="shop"), window=Window.ending(served.end))
        ask = {tool.name: tool for tool in connector.tools()}["prometheus_query"]
        expression = "cache_entries * on(namespace) cache_entries"
        with pytest.raises(ConnectorError, match="duplicate series|many-to-many") as failed:
            await ask.run(inquiry, {"expression": expression})
    assert failed.value.kind == "rejected"


async def test_health_of_a_real_server(prometheus_of: Serve) -> None:
    async with opened(prometheus_of("none")) as connector:
        told = {line.name: line.detail for line in await connector.health()}
    assert told["prometheus rules"] == "1 alerting rules"
    assert told["prometheus version"].startswith("version 2") or told["prometheus version"].startswith("version 3")
