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
        (scaled(type="ScalingLimited", status="True", reason="TooManyReplicas", message="at max"), "AutoscalerLimited"),
    ],
)  # fmt: skip
def test_autoscalers_that_cannot_scale(cluster: Cluster, cause: str) -> None:
    assert [one.cause for one in findings(cluster)] == [cause]


def test_an_autoscaler_at_its_minimum_is_well() -> None:
    assert sure(scaled(type="ScalingLimited", status="True", reason="TooFewReplicas", message="at min"), 0) == []
