"""What the API server refuses: quotas, service accounts, webhooks, pod security, limit ranges."""

from __future__ import annotations

from functools import partial
from typing import Any

from chatops.demo.kubernetes.cluster import DAY, NAMESPACE, Cluster
from chatops.demo.world import World
from tests.bench.faults.scene import Fault, calling, refused, released, suffering


def _quota(now: float, workload: str, resource: str, asked: str, used: str, hard: str) -> World:
    cluster = released(now, workload)
    cluster.objects["v1/resourcequotas"].clear()
    status = {"hard": {resource: hard, "pods": "100"}, "used": {resource: used, "pods": "14"}}
    if resource == "pods":
        status = {"hard": {"pods": hard}, "used": {"pods": used}}
    cluster.add("v1/resourcequotas", "team", 3600, {"spec": {"hard": status["hard"]}, "status": status}, NAMESPACE)
    pod = f"{workload}-7d9f8c6b5-"
    told = f"exceeded quota: team, requested: {resource}={asked}, used: {resource}={used}, limited: {resource}={hard}"
    refused(cluster, workload, f'pods "{pod}x2x4z" is forbidden: {told}')
    return suffering(cluster, workload, logs=calling(cluster, workload, "connect: connection refused"))


def _services_quota(now: float) -> World:
    """The Service was recreated with a new port and refused: its pods are well and have no name."""
    cluster = released(now, "cart")
    cluster.objects["v1/resourcequotas"].clear()
    status = {"hard": {"services": "5"}, "used": {"services": "5"}}
    cluster.add("v1/resourcequotas", "team", 3600, {"spec": {"hard": status["hard"]}, "status": status}, NAMESPACE)
    for key in ("v1/services", "v1/endpoints"):
        cluster.objects[key].remove(cluster.get(key, "cart"))
    slices = cluster.objects["discovery.k8s.io/v1/endpointslices"]
    slices[:] = [one for one in slices if one["metadata"]["labels"]["kubernetes.io/service-name"] != "cart"]
    return suffering(
        cluster, "cart", logs=calling(cluster, "cart", "dial tcp: lookup cart on 10.96.0.10:53: no such host")
    )


def _refused(now: float, workload: str, message: str, prepare: Any = None) -> World:
    cluster = released(now, workload)
    if prepare:
        prepare(cluster)
    refused(cluster, workload, message)
    return suffering(cluster, workload, logs=calling(cluster, workload, "connect: connection refused"))


def _without_account(cluster: Cluster) -> None:
    accounts = cluster.objects["v1/serviceaccounts"]
    accounts[:] = [one for one in accounts if one["metadata"]["name"] != "payments"]


def _limits(cluster: Cluster) -> None:
    limit = {"type": "Container", "max": {"memory": "128Mi"}}
    cluster.add("v1/limitranges", "bounds", DAY, {"spec": {"limits": [limit]}}, NAMESPACE)


_WEBHOOK = (
    'Internal error occurred: failed calling webhook "pods.policy.example.com": failed to call webhook: Post '
    '"https://policy.policy-system.svc:443/validate?timeout=10s": dial tcp 10.96.4.7:443: connect: connection refused'
)
_SECURITY = (
    'pods "orders-6c5d-" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false '
    '(container "orders" must set securityContext.allowPrivilegeEscalation=false), runAsNonRoot != true'
)
FAULTS = (
    Fault("quota-cpu", "NamespaceCPUQuotaExceeded", "namespace/shop",
          partial(_quota, workload="catalog", resource="requests.cpu", asked="250m", used="2900m", hard="3")),
    Fault("quota-memory", "NamespaceMemoryQuotaExceeded", "namespace/shop",
          partial(_quota, workload="orders", resource="requests.memory", asked="256Mi", used="3968Mi", hard="4Gi")),
    Fault("quota-pods", "NamespacePodQuotaExceeded", "namespace/shop",
          partial(_quota, workload="payments", resource="pods", asked="1", used="13", hard="13")),
    Fault("quota-services", "NamespaceServiceQuotaExceeded", "namespace/shop", _services_quota),
    Fault("service-account", "MissingServiceAccount", "app/payments",
          partial(_refused, workload="payments", prepare=_without_account,
                  message='pods "payments-5f6d-" is forbidden: error looking up service account shop/payments: '
                          'serviceaccount "payments" not found')),
    Fault("webhook", "AdmissionWebhookFailure", "app/cart", partial(_refused, workload="cart", message=_WEBHOOK)),
    Fault("pod-security", "PodSecurityViolation", "app/orders",
          partial(_refused, workload="orders", message=_SECURITY)),
    Fault("limit-range", "LimitRangeViolation", "app/checkout",
          partial(_refused, workload="checkout", prepare=_limits,
                  message='pods "checkout-79c-" is forbidden: maximum memory usage per Container is 128Mi, but limit is 256Mi')),
)  # fmt: skip
