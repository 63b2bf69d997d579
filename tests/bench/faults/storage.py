"""Claims that are not bound, and volumes that cannot be written."""

from __future__ import annotations

from functools import partial
from typing import Any

from chatops.demo.kubernetes.cluster import DAY, NAMESPACE, Cluster, Object
from chatops.demo.world import World
from tests.bench.faults.scene import SINCE, Fault, calling, crashing, events, released, spoken, suffering, unscheduled

CLAIM = "orders-data"


def _mount(spec: Object) -> None:
    spec["volumes"] = [{"name": "data", "persistentVolumeClaim": {"claimName": CLAIM}}]
    spec["containers"][0]["volumeMounts"] = [{"name": "data", "mountPath": "/data"}]


def _volume(cluster: Cluster, name: str, size: str = "10Gi", *, bound: str = "", **spec: Any) -> None:
    body: Object = {
        "spec": {"capacity": {"storage": size}, "accessModes": ["ReadWriteOnce"], "storageClassName": "manual",
                 "persistentVolumeReclaimPolicy": "Retain", "hostPath": {"path": f"/mnt/{name}"}, **spec},
        "status": {"phase": "Bound" if bound else "Available"},
    }  # fmt: skip
    if bound:
        body["spec"]["claimRef"] = {"kind": "PersistentVolumeClaim", "namespace": NAMESPACE, "name": bound}
    cluster.add("v1/persistentvolumes", name, 30 * DAY, body, labels={"tier": "fast"})


def _claim(cluster: Cluster, reason: str, message: str, **spec: Any) -> None:
    body = {
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "10Gi"}},
                 "storageClassName": "manual", "volumeMode": "Filesystem", **spec},
        "status": {"phase": "Pending"},
    }  # fmt: skip
    cluster.add("v1/persistentvolumeclaims", CLAIM, SINCE, body, NAMESPACE)
    cluster.event(
        "PersistentVolumeClaim", CLAIM, reason, message, 30, first=SINCE - 4, count=40,
        source="persistentvolume-controller", warning=reason != "FailedBinding",
    )  # fmt: skip


def _unbound(now: float, reason: str, message: str, volumes: tuple[dict[str, Any], ...], **claim: Any) -> World:
    cluster = released(now, "orders", change=_mount)
    cluster.add("storage.k8s.io/v1/storageclasses", "manual", 60 * DAY, {"provisioner": "kubernetes.io/no-provisioner"})
    for row in volumes:
        _volume(cluster, **row)
    _claim(cluster, reason, message, **claim)
    why = "pod has unbound immediate PersistentVolumeClaims. preemption: 0/3 nodes are available"
    unscheduled(cluster, "orders", f"0/3 nodes are available: {why}: 3 Preemption is not helpful for scheduling.")
    return suffering(cluster, "orders", logs=calling(cluster, "orders", "connect: connection refused"))


def _gone(now: float) -> World:
    cluster = released(now, "orders", change=_mount)
    why = f'persistentvolumeclaim "{CLAIM}" not found. preemption: 0/3 nodes are available'
    unscheduled(cluster, "orders", f"0/3 nodes are available: {why}: 3 Preemption is not helpful for scheduling.")
    return suffering(cluster, "orders", logs=calling(cluster, "orders", "connect: connection refused"))


def _denied(now: float) -> World:
    def mounted(spec: Object) -> None:
        _mount(spec)
        spec["securityContext"] = {"runAsUser": 1000, "runAsGroup": 1000}

    cluster = released(now, "orders", change=mounted)
    cluster.objects["v1/pods"] = [p for p in cluster.objects["v1/pods"] if p not in cluster.pods("orders")]
    cluster = released(now, "orders", [crashing(cluster)] * 2, change=mounted)
    _volume(cluster, "pv-1", bound=CLAIM)
    body = {"spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "10Gi"}},
                     "storageClassName": "manual", "volumeName": "pv-1"}, "status": {"phase": "Bound"}}  # fmt: skip
    cluster.add("v1/persistentvolumeclaims", CLAIM, 30 * DAY, body, NAMESPACE)
    events(cluster, "orders", "BackOff", "Back-off restarting failed container orders")
    lines = ('level=fatal msg="cannot open journal" error="open /data/journal.db: permission denied"',)
    logs = spoken(cluster, "orders", lines, last=True)
    return suffering(cluster, "orders", logs=logs)


_NONE = "no persistent volumes available for this claim and no storage class is set"
FAULTS = (
    Fault("claim-selector", "PVCSelectorMismatch", "app/orders",
          partial(_unbound, reason="FailedBinding", message=_NONE, volumes=({"name": "pv-1"},),
                  selector={"matchLabels": {"tier": "archive"}})),
    Fault("claim-class", "PVCStorageClassMismatch", "app/orders",
          partial(_unbound, reason="ProvisioningFailed", volumes=({"name": "pv-1"},), storageClassName="premium-ssd",
                  message='storageclass.storage.k8s.io "premium-ssd" not found')),
    Fault("claim-mode", "PVCAccessModeMismatch", "app/orders",
          partial(_unbound, reason="FailedBinding", message=_NONE, volumes=({"name": "pv-1"},),
                  accessModes=["ReadWriteMany"])),
    Fault("claim-size", "PVCCapacityMismatch", "app/orders",
          partial(_unbound, reason="FailedBinding", message=_NONE, volumes=({"name": "pv-1"},),
                  resources={"requests": {"storage": "500Gi"}})),
    Fault("volume-taken", "PVBindingOccupied", "app/orders",
          partial(_unbound, reason="FailedBinding", volumes=({"name": "pv-1", "bound": "reports-data"},), volumeName="pv-1",
                  message='volume "pv-1" already bound to a different claim.')),
    Fault("claim-gone", "PVCNotFound", "app/orders", _gone),
    Fault("volume-permission", "VolumeMountPermissionDenied", "app/orders", _denied),
)  # fmt: skip
