"""Every row of every table is PromQL, with and without a scope."""

from __future__ import annotations

import re

import pytest

from connectors.address import Options
from connectors.causes import BY_CODE
from connectors.contract import Inquiry, Scope
from connectors.prometheus import exporters, families, promql
from connectors.prometheus.client import Prometheus
from connectors.prometheus.families import Row
from connectors.prometheus.survey import Survey

TABLES: tuple[tuple[Row, ...], ...] = (
    exporters.CONTAINERS,
    exporters.NODES,
    exporters.POOLS,
    *(families.rows_of(family) for family in families.REQUESTS),
)
ROWS = [row for table in TABLES for row in table]


def survey(inquiry: Inquiry, scope: Scope) -> Survey:
    return Survey(Prometheus(Options(url="http://127.0.0.1:9")), inquiry.model_copy(update={"scope": scope}))


@pytest.mark.parametrize("scope", [Scope(), Scope(namespace="shop"), Scope(selectors={"job": 'a"b'})], ids=str)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.signal}-{row.needs[0]}")
def test_a_row_parses_and_reads_what_it_says_it_needs(row: Row, scope: Scope, inquiry: Inquiry) -> None:
    text = promql.checked(survey(inquiry, scope).expression(row), longest=10_000)
    assert set(row.needs) == set(promql.metric_names(text))


def test_scoped_rows_carry_the_namespace_in_every_selector(inquiry: Inquiry) -> None:
    for row in ROWS:
        if row.scoped:
            text = survey(inquiry, Scope(namespace="shop")).expression(row)
            selectors = len(re.findall(r"\{[^{}]*\}", text.replace(families.WORKLOAD_OF_POD, "")))
            assert text.count(f'{row.scoped}="shop"') == selectors


def test_pools_name_causes_of_the_catalogue() -> None:
    assert {row.cause for row in exporters.POOLS} - {""} <= set(BY_CODE)


@pytest.mark.parametrize("calls", families.CALLS, ids=lambda calls: calls.needs)
def test_calls_parse(calls: families.Calls, inquiry: Inquiry) -> None:
    text = survey(inquiry, Scope(namespace="shop")).fill(calls.promql, calls.namespace)
    assert calls.needs in promql.metric_names(text)


@pytest.mark.parametrize(
    ("pod", "workload"),
    [
        ("payments-7f6b5c8d49-bk4wz", "payments"),
        ("order-history-66d4f8c7b9-x2zq7", "order-history"),
        ("session-store-0", "session-store"),
        ("node-agent-q8zlm", "node-agent"),
        ("standalone", "standalone"),
    ],
)
def test_a_pods_name_without_what_its_controller_appends(pod: str, workload: str) -> None:
    found = re.fullmatch(families.WORKLOAD_OF_POD, pod)
    assert found is not None
    assert found[1] == workload
