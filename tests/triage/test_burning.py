"""Labels that SLO generators write say how fast an error budget burns; words do not."""

from __future__ import annotations

from typing import Any

import pytest

from chatops.domain.incident import Incident
from chatops.triage import admission, burning
from tests import factories


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"name": "KubeAPIErrorBudgetBurn", "labels": {"long": "1h", "short": "5m"}}, 14.4),
        ({"name": "ErrorBudgetBurn", "labels": {"slo": "checkout", "long": "3d", "short": "6h"}}, 1.0),
        ({"name": "Checkout", "labels": {"slo": "checkout"}, "severity": "critical"}, 14.4),
        ({"name": "HighErrors", "labels": {"sloth_severity": "page"}}, 14.4),
        ({"name": "HighErrors", "labels": {"grafana_slo_severity": "warning"}}, 3.0),
        ({"name": "HighErrors", "annotations": {"burn_rate": "6.5x"}}, 6.5),
        ({"name": "HighErrors", "annotations": {"summary": "burn rate is 20x, SLO in danger"}}, 0.0),
        ({"name": "HighErrors", "labels": {"long": "1h"}}, 0.0),
        ({"name": "HighErrors", "labels": {"burn_rate": "fast"}}, 0.0),
    ],
)
def test_how_fast_the_budget_burns(changes: dict[str, Any], expected: float) -> None:
    assert burning.burn(factories.alert(**{"labels": {}, "severity": "warning", **changes})) == expected


def test_what_is_resolved_burns_nothing() -> None:
    gone = factories.alert(name="ErrorBudgetBurn", status="resolved")
    assert burning.fastest([gone]) == 0.0


def incident(severity: str, **labels: str) -> Incident:
    return factories.incident(severity=severity, alerts=(factories.alert(severity=severity, labels=labels),))


def test_severity_and_burn_order_the_queue() -> None:
    fast, slow = {"burn_rate": "14.4"}, {"burn_rate": "3"}
    ordered = [
        incident("critical", **fast),
        incident("critical", **slow),
        incident("error"),
        incident("warning", **slow),
        incident("info"),
    ]
    assert [admission.rank(one) for one in ordered] == list(admission.RANKS)
    assert admission.rank(incident("error", **fast)) is admission.CRITICAL
    assert admission.before(ordered[0], ordered[1])
    assert not admission.before(ordered[1], ordered[1])
