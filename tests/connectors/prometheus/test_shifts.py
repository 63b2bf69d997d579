"""The server narrows, medians decide."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.contract import FiringAlert, Scope
from connectors.prometheus import promql, shifts
from connectors.prometheus.survey import Survey
from tests.connectors.prometheus.conftest import END
from tests.connectors.prometheus.recorded import BEGAN
from tests.connectors.prometheus.server import PrometheusStandIn, Row

NOW = END.timestamp()


@pytest.fixture
def known(survey: Survey) -> Survey:
    """With an alert that says when."""
    alerts = (FiringAlert(name="a", starts_at=END - timedelta(seconds=BEGAN)),)
    return replace(survey, inquiry=survey.inquiry.model_copy(update={"alerts": alerts}))


def test_metrics_worth_comparing() -> None:
    names = [
        "cache_entries",
        "http_requests_total",
        "x_bucket",
        "node_load1",
        "retries_total",
        "service:cpu",
        "a_created",
    ]
    assert shifts.telling(names) == ["cache_entries", "retries_total"]
    assert len(shifts.telling(f"metric_{i}" for i in range(500))) == 60


async def test_what_moved_most_is_read_and_ranked(known: Survey, server: PrometheusStandIn) -> None:
    times = [NOW - 3600 + 15 * i for i in range(241)]
    labels = {"namespace": "shop", "app": "cart"}
    server.add("cache_entries", labels, [(t, 900.0 if t >= NOW - BEGAN else 300.0) for t in times])
    server.add("spiky", labels, [(t, 9000.0 if t == times[200] else 1.0) for t in times])
    chosen: list[Row] = [({**labels, "chatops_metric": m}, [(NOW, 20.0)]) for m in ("cache_entries", "spiky")]
    names = ["cache_entries", "spiky"]
    server.canned[shifts._narrowed(names, 'namespace="shop"', NOW - BEGAN, NOW)] = chosen
    both = " or ".join(
        f'label_replace({m}{{app="cart",namespace="shop"}}, "chatops_metric", "{m}", "", "")' for m in names
    )
    server.canned[both] = [({**row, "chatops_metric": row["__name__"]}, points) for row, points in server.rows]
    found = await shifts.at_onset(known)
    assert 'cache_entries{app="cart",namespace="shop"}: 300 → 900' in found.evidence[0].summary
    assert "spiky" not in found.evidence[0].summary
    assert found.findings == ()


def test_the_narrowing_question_parses_and_compares_rates_of_counters() -> None:
    text = promql.checked(shifts._narrowed(["a_total", "b"], 'job="x"', NOW - 60, NOW), longest=10_000)
    assert "rate(a_total" in text
    assert "avg_over_time(b" in text
    assert "offset 1m" in text


async def test_without_a_scope_nothing_is_compared(known: Survey) -> None:
    bare = replace(known, inquiry=known.inquiry.model_copy(update={"scope": Scope()}))
    assert "neither a namespace" in (await shifts.at_onset(bare)).skipped


async def test_a_scope_without_other_metrics_is_said(known: Survey, server: PrometheusStandIn) -> None:
    server.add("node_load1", {"namespace": "shop"}, [(NOW, 1.0)])
    assert "no metrics beside" in (await shifts.at_onset(known)).searched
