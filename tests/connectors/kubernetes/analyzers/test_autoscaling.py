from __future__ import annotations

from typing import Any

import pytest

from tests.connectors.kubernetes.cluster import Cluster, findings, sure

INACTIVE = {"type": "ScalingActive", "status": "False", "reason": "FailedGetResourceMetric"}


def scaled(target: str = "pay", **condition: str) -> Cluster:
    cluster = Cluster()
    cluster.app("pay")
    reference: dict[str, Any] = {"kind": "Deployment", "name": target}
    conditions = [condition] if condition else []
    cluster.add(
        "horizontalpodautoscalers",
        "HorizontalPodAutoscaler",
        "pay",
        spec={"scaleTargetRef": reference, "maxReplicas": 3},
        status={"currentReplicas": 3, "desiredReplicas": 3, "conditions": conditions},
    )
    return cluster


@pytest.mark.parametrize(
    ("cluster", "cause"),
    [
        (scaled("gone"), "AutoscalerTargetInvalid"),
        (scaled(**INACTIVE, message="no metrics"), "AutoscalerMetricsUnavailable"),
        (scaled(**INACTIVE, message="missing request for cpu"),
         "AutoscalerTargetInvalid"),
        (scaled(type="AbleToScale", status="False", reason="FailedGetScale", message="no matches for kind"),
         "AutoscalerTargetInvalid"),
        (scaled(type="ScalingLimited", status="True", reason="TooManyReplicas", message="at max"), "AutoscalerLimited"),
    ],
)  # fmt: skip
def test_autoscalers_that_cannot_scale(cluster: Cluster, cause: str) -> None:
    assert [one.cause for one in findings(cluster)] == [cause]


def test_an_autoscaler_at_its_minimum_is_well() -> None:
    assert sure(scaled(type="ScalingLimited", status="True", reason="TooFewReplicas", message="at min"), 0) == []


def drained(cordoned: bool = True, **status: int) -> Cluster:
    cluster = Cluster()
    cluster.app("pay", node="n1", pods=2)
    cluster.objects["nodes"][0]["spec"]["unschedulable"] = cordoned
    counts = {"expectedPods": 2, "currentHealthy": 2, "disruptionsAllowed": 0} | status
    selector = {"matchLabels": {"app": "pay"}}
    cluster.add("poddisruptionbudgets", "PodDisruptionBudget", "pay", spec={"minAvailable": 2, "selector": selector},
                status=counts)  # fmt: skip
    return cluster


def test_a_budget_that_lets_nobody_leave_a_cordoned_node() -> None:
    assert "PodDisruptionBudgetBlocking pay" in sure(drained())


@pytest.mark.parametrize(
    "cluster",
    [drained(cordoned=False), drained(disruptionsAllowed=1), drained(currentHealthy=1), drained(expectedPods=0)],
)
def test_budgets_that_block_nothing_or_only_wait_for_pods_to_be_well(cluster: Cluster) -> None:
    assert not any("Budget" in one for one in sure(cluster, 0))


def test_a_budget_that_wants_more_than_there_are_is_surer_and_says_so() -> None:
    cluster = drained(desiredHealthy=5, currentHealthy=1)
    assert "PodDisruptionBudgetBlocking pay" in sure(cluster, 0.7)
    found = next(one for one in findings(cluster) if one.cause == "PodDisruptionBudgetBlocking")
    assert "it wants 5 healthy and there are 2 at best" in found.statement
    assert "PodDisruptionBudgetBlocking pay" not in sure(drained(cordoned=False, desiredHealthy=5), 0)
