from __future__ import annotations

from typing import Any

import pytest

from connectors.evidence import Finding, Role
from connectors.kubernetes.analyzers.operators import complaint, delivered, failing, secrets_of
from tests.connectors.kubernetes.cluster import Cluster, ago, findings, top


def condition(kind: str = "Ready", status: str = "False", seconds: float = 300, **more: str) -> dict[str, Any]:
    return {"conditions": [{"type": kind, "status": status, "lastTransitionTime": ago(seconds), **more}]}


def found(cluster: Cluster) -> list[Finding]:
    return [case.finding for case in failing(cluster.view())]


@pytest.mark.parametrize(
    ("kind", "status", "says"),
    [
        (
            "StorageBucket",
            condition(reason="UpdateFailed", message="googleapi: Error 403: denied"),
            "googleapi: Error 403",
        ),
        ("FlexibleServer", condition(severity="Error", reason="SkuNotAvailable", message="no such SKU"), "no such SKU"),
        ("Bucket", condition("Synced", reason="ReconcileError", message="cannot assume role"), "cannot assume role"),
        ("Machine", condition("InfrastructureReady", reason="InstanceProvisionFailed", message="quota"), "quota"),
        ("Kafka", condition("Degraded", "True", message="broker 2 lost"), "broker 2 lost"),
        ("Database", {"phase": "Failed", "message": "bad spec"}, "phase Failed"),
        ("Route", {"parents": [condition("ResolvedRefs", reason="BackendNotFound", message="no svc")]}, "no svc"),
    ],
)
def test_any_operators_object_that_says_it_failed(kind: str, status: dict[str, Any], says: str) -> None:
    cluster = Cluster()
    cluster.operated(kind, "orders", status=status)
    (finding,) = found(cluster)
    assert finding.cause in ("ReconcileFailed", "GitOpsSyncFailed")
    assert finding.subject.kind == kind
    assert says in finding.statement


@pytest.mark.parametrize(
    "status",
    [
        condition(status="True"),
        condition(status="Unknown", reason="Reconciling"),
        condition("Stalled", "False"),
        condition("Paused", "True"),
        condition("Active", "False"),
        condition(severity="Info", reason="Disabled"),
        condition(seconds=60, reason="Progressing"),
        {"phase": "Succeeded"},
        {"phase": {"odd": 1}, "conditions": "none"},
        {},
    ],
)
def test_what_is_well_or_under_way_is_no_finding(status: dict[str, Any]) -> None:
    cluster = Cluster()
    cluster.operated("Database", "orders", status=status)
    assert found(cluster) == []


def test_under_way_for_too_long_is_a_failure() -> None:
    cluster = Cluster()
    cluster.operated("Database", "orders", status=condition(seconds=1800, reason="Creating", message="still"))
    assert [one.cause for one in found(cluster)] == ["ReconcileFailed"]


def test_what_failed_long_before_is_context() -> None:
    cluster = Cluster()
    cluster.operated("Database", "orders", status=condition(seconds=86400, message="denied"))
    (finding,) = found(cluster)
    assert finding.role is Role.CONTEXT
    assert "long before" in finding.statement


def test_an_undated_condition_is_dated_by_its_warning() -> None:
    cluster = Cluster()
    undated = {"conditions": [{"type": "Ready", "status": "False", "message": "denied"}]}
    cluster.operated("Database", "orders", status=undated)
    assert found(cluster)[0].role is Role.CONTEXT
    cluster.event("Database", "orders", "UpdateFailed", "denied")
    assert found(cluster)[0].role is Role.CAUSE


def test_a_secret_that_does_not_come_explains_who_waits_for_it() -> None:
    cluster = Cluster()
    env = [{"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "pay-db", "key": "password"}}}]
    cluster.app("pay", ready=False, container={"env": env})
    cluster.app("web")
    cluster.operated(
        "ExternalSecret",
        "pay",
        spec={"target": {"name": "pay-db"}},
        status=condition(seconds=40000, reason="SecretSyncedError", message="could not get secret data from provider"),
    )
    (finding,) = found(cluster)
    assert (finding.cause, finding.role) == ("SecretSyncFailed", Role.CAUSE), "old, but somebody waits for it now"
    assert [one.name for one in finding.explains] == ["pay"]
    assert top(cluster) == "SecretSyncFailed ExternalSecret/pay"


def test_a_stopped_canary() -> None:
    cluster = Cluster()
    status = {"phase": "Degraded", "message": "RolloutAborted: metric success-rate assessed Failed"}
    cluster.operated("Rollout", "web", status=status | condition("Progressing"))
    assert [one.cause for one in found(cluster)] == ["CanaryFailed"]


def test_an_autoscaler_of_an_operator_explains_its_target() -> None:
    cluster = Cluster()
    cluster.app("worker")
    cluster.operated(
        "ScaledObject", "worker", spec={"scaleTargetRef": {"name": "worker"}}, status=condition(message="no queue")
    )
    (finding,) = found(cluster)
    assert finding.cause == "AutoscalerMetricsUnavailable"
    assert [str(one) for one in finding.explains] == ["Deployment shop/worker"]


def test_runs_that_failed_are_news_of_today_and_no_cause() -> None:
    cluster = Cluster()
    cluster.operated("PipelineRun", "deploy", status=condition("Succeeded", seconds=600, message="step failed"))
    cluster.operated("PipelineRun", "yesterday", status=condition("Succeeded", seconds=90000, message="step failed"))
    cluster.operated("Backup", "nightly", status={"phase": "PartiallyFailed", "completionTimestamp": ago(900)})
    assert [(one.cause, one.subject.name, one.role) for one in found(cluster)] == [
        ("PipelineFailed", "deploy", Role.CONTEXT),
        ("JobFailed", "nightly", Role.CONTEXT),
    ]


def test_secrets_of_a_pod() -> None:
    spec = {
        "imagePullSecrets": [{"name": "pull"}],
        "containers": [{"envFrom": [{"secretRef": {"name": "all"}}, {"configMapRef": {"name": "no"}}]}],
        "initContainers": [{"env": [{"valueFrom": {"secretKeyRef": {"name": "init"}}}]}],
        "volumes": [{"secret": {"secretName": "files"}}, {"projected": {"sources": [{"secret": {"name": "token"}}]}}],
    }
    assert secrets_of(spec) == {"pull", "all", "init", "files", "token"}


def test_what_gitops_brought_near_the_onset_is_told() -> None:
    cluster = Cluster()
    deployed = [{"revision": "aaa", "deployedAt": ago(90000)}, {"revision": "bbb", "deployedAt": ago(400)}]
    cluster.add("applications", "Application", "shop", status={"history": deployed})
    cluster.add("applications", "Application", "quiet", status={"history": deployed[:1]})
    ready = condition(status="True", seconds=500) | {"lastAppliedRevision": "main@sha1:ccc"}
    cluster.add("kustomizations", "Kustomization", "infra", status=ready)
    told = list(delivered(cluster.view()))
    assert [one.subject.name for one in told if one.subject] == ["shop", "infra"]
    assert "revision bbb after aaa" in told[0].summary


def test_complaints_prefer_what_says_why() -> None:
    status = {
        "conditions": [
            {"type": "Synced", "status": "False"},
            {"type": "Ready", "status": "False", "reason": "Creating", "message": "waiting"},
            {"type": "Available", "status": "False", "message": "subnet is gone"},
        ]
    }
    found = complaint({"status": status})
    assert found is not None
    assert found.message == "subnet is gone"


def test_a_healthy_cluster_with_operators_has_no_findings() -> None:
    cluster = Cluster()
    cluster.app("web")
    cluster.operated("Database", "orders", status=condition(status="True"))
    assert findings(cluster) == []
