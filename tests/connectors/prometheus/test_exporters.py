"""What the rows say of containers and pools, evaluated: one number a workload, whatever exports it."""

from __future__ import annotations

import pytest

from chatops.demo.prometheus import promql
from chatops.demo.prometheus.samples import Sampled
from chatops.demo.shapes import gauge
from connectors.address import Options
from connectors.causes import BY_CODE
from connectors.contract import Inquiry, Scope
from connectors.prometheus.client import Prometheus
from connectors.prometheus.exporters import CERTIFICATES, CONTAINERS, POOLS
from connectors.prometheus.families import Row
from connectors.prometheus.promql import metric_names
from connectors.prometheus.survey import Survey

AT = 1_800_000_000.0


def series(name: str, value: float, **labels: str) -> Sampled:
    return Sampled({"__name__": name, "namespace": "shop", **labels}, gauge(value, noise=0.0))


def evaluated(row: Row, inquiry: Inquiry, *found: Sampled) -> list[float]:
    scoped = inquiry.model_copy(update={"scope": Scope(namespace="shop")})
    expression = Survey(Prometheus(Options(url="http://127.0.0.1:9")), scoped).expression(row)
    value = promql.instant(list(found), expression, AT)
    assert isinstance(value, list)
    return [round(number, 3) for _, number in value]


def named(table: tuple[Row, ...], signal: str) -> Row:
    return next(row for row in table if row.signal == signal)


@pytest.mark.parametrize(("most", "shares"), [(100.0, [0.9]), (0.0, []), (-1.0, [])])
def test_a_pool_without_a_limit_is_never_full(inquiry: Inquiry, most: float, shares: list[float]) -> None:
    row = named(POOLS, "Redis clients")
    used, limit = row.needs
    found = series(used, 90, app="cache", instance="a"), series(limit, most, app="cache", instance="a")
    assert evaluated(row, inquiry, *found) == shares


def test_memory_is_the_containers_or_the_pods_own_where_no_container_is_reported(inquiry: Inquiry) -> None:
    row, metric = named(CONTAINERS, "memory"), "container_memory_working_set_bytes"
    pod = "cart-7f6b5c8d49-bk4wz"
    whole = series(metric, 500, pod=pod, container="")
    pause = series(metric, 7, pod=pod, container="POD")
    assert evaluated(row, inquiry, whole) == [500]
    app, sidecar = (series(metric, value, pod=pod, container=name) for name, value in (("app", 300), ("proxy", 100)))
    assert evaluated(row, inquiry, whole, pause, app, sidecar) == [400], "not twice, and not the pause container"


def test_pods_of_one_workload_are_one_answer(inquiry: Inquiry) -> None:
    row, metric = named(CONTAINERS, "memory"), "container_memory_working_set_bytes"
    pods = ("cart-7f6b5c8d49-bk4wz", "cart-7f6b5c8d49-x2zq7", "cart-db-0")
    found = [series(metric, 100.0 + n, pod=pod, container="app") for n, pod in enumerate(pods)]
    assert sorted(evaluated(row, inquiry, *found)) == [101, 102], "of cart its greatest, and cart-db by itself"


def test_rows_are_told_apart_and_their_causes_exist() -> None:
    assert len({(row.signal, row.needs) for row in POOLS}) == len(POOLS)
    assert {row.cause for row in POOLS} - {""} <= set(BY_CODE)


@pytest.mark.parametrize(("metric", "left"), CERTIFICATES)
def test_what_is_left_of_a_certificate_is_read_from_its_metric(metric: str, left: str) -> None:
    assert set(metric_names(left)) == {metric}
