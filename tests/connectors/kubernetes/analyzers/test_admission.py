from __future__ import annotations

import pytest

from connectors.evidence import Subject
from tests.connectors.kubernetes.cluster import NS, Cluster, findings, sure, top


def quota(cluster: Cluster, hard: dict[str, str], used: dict[str, str]) -> None:
    cluster.add("resourcequotas", "ResourceQuota", "team", status={"hard": hard, "used": used}, spec={"hard": hard})


def lacking(message: str = "") -> Cluster:
    cluster = Cluster()
    cluster.app("pay", pods=0, ready=False)
    if message:
        name = cluster.objects["replicasets"][0]["metadata"]["name"]
        cluster.event("ReplicaSet", name, "FailedCreate", f'Error creating: pods "{name}-x" is forbidden: {message}')
    return cluster


EXCEEDED = "exceeded quota: team, requested: {0}=1, used: {0}=4, limited: {0}=4"


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        (EXCEEDED.format("requests.cpu"), "NamespaceCPUQuotaExceeded Namespace/shop"),
        (EXCEEDED.format("limits.memory"), "NamespaceMemoryQuotaExceeded Namespace/shop"),
        (EXCEEDED.format("pods"), "NamespacePodQuotaExceeded Namespace/shop"),
        (EXCEEDED.format("requests.storage"), "NamespaceStorageQuotaExceeded Namespace/shop"),
        (EXCEEDED.format("count/secrets"), "NamespaceObjectQuotaExceeded Namespace/shop"),
        ("failed quota: team: must specify requests.memory", "NamespaceMemoryQuotaExceeded Namespace/shop"),
        ('looking up service account shop/pay: serviceaccount "pay" not found', "MissingServiceAccount Deployment/pay"),
        ("violates PodSecurity \"restricted:latest\": privileged", "PodSecurityViolation Deployment/pay"),
        ('maximum cpu usage per Container is 1, but limit is 2', "LimitRangeViolation Deployment/pay"),
        ('failed calling webhook "check.example.com": no endpoints', "AdmissionWebhookFailure Deployment/pay"),
    ],
)  # fmt: skip
def test_the_controllers_message_says_why(message: str, cause: str) -> None:
    assert top(lacking(message)) == cause


def test_refusals_of_sets_that_have_their_pods_now_are_no_causes() -> None:
    cluster = Cluster()
    cluster.app("pay")
    name = cluster.objects["replicasets"][0]["metadata"]["name"]
    cluster.event("ReplicaSet", name, "FailedCreate", 'serviceaccount "pay" not found')
    assert sure(cluster, 0) == []


def test_quota_is_computed_where_events_may_not_be_read() -> None:
    cluster = lacking()
    cluster.forbid("events")
    quota(cluster, {"requests.memory": "1Gi"}, {"requests.memory": "1000Mi"})
    assert top(cluster) == "NamespaceMemoryQuotaExceeded Namespace/shop"


def test_service_account_is_found_where_events_may_not_be_read() -> None:
    cluster = lacking()
    cluster.forbid("events")
    cluster.add("serviceaccounts", "ServiceAccount", "other")
    assert top(cluster) == "MissingServiceAccount Deployment/pay"


def test_full_service_quota_explains_the_service_that_is_missing() -> None:
    cluster = Cluster()
    cluster.app("web", env={"CART_ADDR": "cart:7070"})
    cluster.app("cart", 7070, service=False)
    cluster.service("other")
    quota(cluster, {"services": "2"}, {"services": "2"})
    assert top(cluster) == "NamespaceServiceQuotaExceeded Namespace/shop"


def test_full_service_quota_explains_the_name_that_callers_do_not_find() -> None:
    cluster = Cluster()
    cluster.app("web", env={"CART_ADDR": "cart:7070"})
    cluster.app("cart", 7070, service=False)
    cluster.service("other")
    cluster.log("web", "dial tcp: lookup cart on 10.96.0.10:53: no such host")
    quota(cluster, {"services": "2"}, {"services": "2"})
    found = next(one for one in findings(cluster) if one.cause == "NamespaceServiceQuotaExceeded")
    assert Subject(kind="Service", namespace=NS, name="cart") in found.explains


def test_storage_quota_explains_the_claim_that_is_missing() -> None:
    cluster = Cluster()
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
    cluster.app("db", ready=False, node=None, pod_spec={"volumes": volumes})
    quota(cluster, {"requests.storage": "1Gi"}, {"requests.storage": "0"})
    assert "NamespaceStorageQuotaExceeded shop" in sure(cluster, 0.8)


def test_room_left_is_no_cause() -> None:
    cluster = Cluster()
    cluster.app("pay")
    quota(cluster, {"requests.cpu": "4", "services": "5"}, {"requests.cpu": "1", "services": "1"})
    assert sure(cluster, 0) == []
