"""States are rows: each parses, says its cause, and counts as a cause only now or around the onset."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.causes import BY_CODE
from connectors.contract import FiringAlert
from connectors.evidence import Role
from connectors.prometheus import objects, promql
from connectors.prometheus.objects import Broken
from connectors.prometheus.survey import Survey
from tests.connectors.prometheus.conftest import END
from tests.connectors.prometheus.server import PrometheusStandIn

NOW = END.timestamp()
EVERY = (*objects.STATES, *objects._vanished())


@pytest.mark.parametrize("broken", EVERY, ids=lambda broken: broken.cause)
def test_a_row_parses_reads_what_it_needs_and_names_a_cause(broken: Broken, survey: Survey) -> None:
    text = promql.checked(survey.expression(broken.row))
    assert set(promql.metric_names(text)) == set(broken.row.needs)
    assert broken.cause in BY_CODE


def crash(server: PrometheusStandIn, survey: Survey, *, first: float, last: float) -> None:
    """A crash loop from `first` to `last` seconds before the end."""
    row = next(b.row for b in objects.STATES if b.cause == "OOMKilled")
    for metric in row.needs:
        server.add(metric, {"namespace": "shop"}, [(NOW, 1.0)])
    asked = f'label_replace({survey.expression(row)}, "chatops_row", "0", "", "")'
    points = [(NOW - ago, 1.0) for ago in range(int(first), int(last) - 1, -15)]
    server.canned[asked] = [({"chatops_row": "0", "namespace": "shop", "workload": "cart"}, points)]


async def test_a_state_that_holds_is_a_cause_since_it_began(survey: Survey, server: PrometheusStandIn) -> None:
    crash(server, survey, first=600, last=0)
    found = (await objects.states(survey)).findings[0]
    assert (found.cause, found.subject.name, found.role) == ("OOMKilled", "cart", Role.CAUSE)
    assert found.onset is not None
    assert abs(found.onset.timestamp() - (NOW - 600)) <= 15


@pytest.mark.parametrize(("alerted", "role"), [(2400, Role.CAUSE), (900, Role.CONTEXT), (0, Role.CONTEXT)])
async def test_a_state_that_is_over_counts_only_around_the_onset(
    survey: Survey, server: PrometheusStandIn, alerted: int, role: Role
) -> None:
    crash(server, survey, first=2600, last=2300)
    alerts = (FiringAlert(name="a", starts_at=END - timedelta(seconds=alerted)),) if alerted else ()
    about = replace(survey, inquiry=survey.inquiry.model_copy(update={"alerts": alerts}))
    found = (await objects.states(about)).findings[0]
    assert found.role is role
    assert found.confidence < 0.7
    assert "until" in found.statement


async def test_without_such_metrics_it_is_said(survey: Survey) -> None:
    assert "neither kube-state-metrics" in (await objects.states(survey)).searched
