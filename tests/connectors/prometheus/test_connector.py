"""The connector as a whole: bounded calls, every failure a `ConnectorError`, health that never raises."""

from __future__ import annotations

import contextlib
import importlib.metadata
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import anyio
import pytest

from connectors.causes import BY_CODE
from connectors.contract import ConnectorError, ConnectorSettings, FiringAlert, Inquiry, Scope
from connectors.evidence import Observation, Subject
from connectors.prometheus.connector import CHECKS, PrometheusConnector, open_connector
from tests.connectors.prometheus.conftest import END, free_port
from tests.connectors.prometheus.recorded import BEGAN, overload
from tests.connectors.prometheus.server import PrometheusStandIn, Trouble
from tests.connectors.prometheus.synthetic import rows, shop

NOW = END.timestamp()


@contextlib.asynccontextmanager
async def connected(server: PrometheusStandIn, **options: float) -> AsyncIterator[PrometheusConnector]:
    opened = open_connector(ConnectorSettings(options={"url": server.url, **options}))
    assert opened is not None
    opened._clock = lambda: END
    yield opened
    await opened.aclose()


@pytest.fixture
async def connector(server: PrometheusStandIn) -> AsyncIterator[PrometheusConnector]:
    async with connected(server) as opened:
        yield opened


async def run(connector: PrometheusConnector, inquiry: Inquiry) -> dict[str, Observation | ConnectorError]:
    """All checks at once, as the gatherer does."""
    results: dict[str, Observation | ConnectorError] = {}

    async def one(name: str, check: Any) -> None:
        try:
            results[name] = await check()
        except ConnectorError as error:
            results[name] = error

    async with anyio.create_task_group() as group:
        for check in connector.checks(inquiry):
            group.start_soon(one, check.name, check.run)
    return results


def alerted(inquiry: Inquiry) -> Inquiry:
    alert = FiringAlert(name="Late", starts_at=END - timedelta(seconds=BEGAN))
    return inquiry.model_copy(update={"alerts": (alert,)})


async def test_every_check_answers_and_the_cause_is_named(
    connector: PrometheusConnector, server: PrometheusStandIn, inquiry: Inquiry
) -> None:
    overload(server)
    results = await run(connector, alerted(inquiry))
    assert set(results) == {row.name for row in CHECKS}
    found = [f for r in results.values() if isinstance(r, Observation) for f in r.findings]
    assert [(f.cause, f.subject.name) for f in found if f.confidence >= 0.5] == [("CPUOverload", "payments")]


@pytest.mark.parametrize(("named", "most"), [(True, 25), (False, 30)], ids=["onset named", "onset unknown"])
async def test_the_number_of_calls_is_bounded_whatever_there_is(
    connector: PrometheusConnector, server: PrometheusStandIn, inquiry: Inquiry, named: bool, most: int
) -> None:
    overload(server)
    for labels, points in rows(shop(NOW, "cpu")):
        server.rows.append((labels, points))
    for metric in (
        "http_requests_total",
        "http_server_requests_seconds_count",
        "grpc_server_handled_total",
        "up",
        "probe_success",
        "probe_ssl_earliest_cert_expiry",
        "ALERTS",
    ):
        server.add(metric, {"namespace": "shop", "job": "x"}, [(NOW, 1.0)])
    server.rules += [{"type": "alerting", "name": n, "query": f"{n} > 1"} for n in ("Late", "B", "C", "D")]
    more = tuple(FiringAlert(name=n) for n in ("B", "C", "D"))
    about = alerted(inquiry) if named else inquiry
    await run(connector, about.model_copy(update={"alerts": (*about.alerts, *more)}))
    assert len(server.requests) <= most


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        (Trouble(403, b"no"), "forbidden"),
        (Trouble(429, b"slow down", {"Retry-After": "900"}), "throttled"),
        (Trouble(503, b"starting"), "unreachable"),
        (Trouble(body=b"<html>"), "garbage"),
        (Trouble(delay=1.2), "timeout"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_source_in_trouble_is_an_error_of_every_check_and_nothing_is_claimed(
    server: PrometheusStandIn, inquiry: Inquiry, trouble: Trouble, kind: str
) -> None:
    server.trouble = trouble
    async with connected(server, timeout=0.5) as impatient:
        results = await run(impatient, alerted(inquiry))
    silent = results.pop("alert_expression")
    assert isinstance(silent, Observation)
    assert "rules could not be read" in silent.partial
    assert {r.kind for r in results.values() if isinstance(r, ConnectorError)} <= {kind, "open_circuit"}
    assert all(isinstance(r, ConnectorError) for r in results.values())


async def test_health_tells_what_works(connector: PrometheusConnector, server: PrometheusStandIn) -> None:
    told = {line.name: line for line in await connector.health()}
    assert all(line.ok for line in told.values())
    assert told["prometheus version"].detail == "version 2.99.0"
    assert told["prometheus retention"].detail == "keeps 15d"
    server.trouble = Trouble(401, b"who are you", only="rules")
    rules = next(line for line in await connector.health() if line.name == "prometheus rules")
    assert (rules.ok, "token" in rules.remedy) == (False, True)


async def test_health_of_nobody_names_the_setting() -> None:
    nobody = open_connector(ConnectorSettings(options={"url": f"http://127.0.0.1:{free_port()}", "timeout": 0.5}))
    assert nobody is not None
    told = await nobody.health()
    assert [line.ok for line in told] == [False]
    assert "CHATOPS_PROMETHEUS__URL" in told[0].remedy
    await nobody.aclose()


async def test_subjects_are_what_metrics_name(connector: PrometheusConnector, server: PrometheusStandIn) -> None:
    server.add("probe_success", {"namespace": "shop", "service": "cart"}, [(NOW, 1.0)])
    server.canned['count by (namespace, service) (probe_success{namespace="shop"})'] = [
        ({"namespace": "shop", "service": "cart"}, [(NOW, 1.0)])
    ]
    found = await connector.subjects(Scope(namespace="shop"))
    assert list(found) == [Subject(kind="Deployment", namespace="shop", name="cart")]


def test_without_an_address_there_is_no_connector() -> None:
    assert open_connector(ConnectorSettings()) is None


def test_the_entry_point_leads_here() -> None:
    entries = importlib.metadata.entry_points(group="chatops.connectors", name="prometheus")
    assert [entry.load() for entry in entries] == [open_connector]


def test_what_only_this_source_can_tell_is_in_the_catalogue() -> None:
    assert {code for row in CHECKS for code in row.decides} <= set(BY_CODE)
