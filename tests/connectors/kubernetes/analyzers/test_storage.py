from __future__ import annotations

from typing import Any

import pytest

from connectors.kubernetes.analyzers.storage import differences
from tests.connectors.kubernetes.cluster import NS, Cluster, ended_state, sure, top


def claimed(claim: dict[str, Any], volume: dict[str, Any] | None = None) -> Cluster:
    cluster = Cluster()
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
    cluster.app("db", ready=False, node=None, pod_spec={"volumes": volumes})
    wants = {"accessModes": ["ReadWriteOnce"], "storageClassName": "", "resources": {"requests": {"storage": "1Gi"}}}
    cluster.add(
        "persistentvolumeclaims", "PersistentVolumeClaim", "data", spec=wants | claim, status={"phase": "Pending"}
    )
    has = {"accessModes": ["ReadWriteOnce"], "storageClassName": "", "capacity": {"storage": "1Gi"}}
    cluster.add(
        "persistentvolumes", "PersistentVolume", "pv1", "", spec=has | (volume or {}), status={"phase": "Available"}
    )
    return cluster


@pytest.mark.parametrize(
    ("claim", "volume", "cause"),
    [
        ({"selector": {"matchLabels": {"tier": "gold"}}}, {}, "PVCSelectorMismatch"),
        ({"storageClassName": "fats"}, {}, "PVCStorageClassMismatch"),
        ({}, {"storageClassName": "slow"}, "PVCStorageClassMismatch"),
        ({"accessModes": ["ReadWriteMany"]}, {}, "PVCAccessModeMismatch"),
        ({"resources": {"requests": {"storage": "5Gi"}}}, {}, "PVCCapacityMismatch"),
        ({"volumeName": "pv1"}, {"claimRef": {"namespace": NS, "name": "other"}}, "PVBindingOccupied"),
        ({}, {"claimRef": {"namespace": "else", "name": "data"}}, "PVBindingOccupied"),
    ],
)
def test_what_keeps_the_nearest_volume_away(claim: dict[str, Any], volume: dict[str, Any], cause: str) -> None:
    assert top(claimed(claim, volume)) == f"{cause} Deployment/db"


def test_a_released_volume_still_belongs_to_the_claim_that_was() -> None:
    claim = {"metadata": {"name": "data", "namespace": NS, "uid": "new"}, "spec": {}}
    volume = {"metadata": {"name": "pv"}, "spec": {"claimRef": {"name": "data", "namespace": NS, "uid": "old"}}}
    assert list(differences(claim, volume)) == ["PVBindingOccupied"]


def test_provisioners_words() -> None:
    cluster = claimed({"storageClassName": "fast"}, {"storageClassName": "other"})
    cluster.add(
        "storageclasses", "StorageClass", "fast", "", provisioner="csi.example.com", volumeBindingMode="Immediate"
    )
    cluster.event(
        "PersistentVolumeClaim",
        "data",
        "ProvisioningFailed",
        "rpc error: volume exceeds what is left: insufficient capacity",
    )
    assert top(cluster) == "PVCStorageClassMismatch Deployment/db"
    cluster.objects["persistentvolumes"] = []
    assert top(cluster) == "PVCCapacityMismatch Deployment/db"


def test_a_claim_that_waits_for_its_first_consumer_is_well() -> None:
    cluster = claimed({"storageClassName": "late"})
    cluster.add(
        "storageclasses",
        "StorageClass",
        "late",
        "",
        provisioner="csi.example.com",
        volumeBindingMode="WaitForFirstConsumer",
    )
    assert not any(one.startswith("PVC") for one in sure(cluster, 0))


def test_a_claim_that_does_not_exist() -> None:
    cluster = Cluster()
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": "dada"}}]
    cluster.app("db", ready=False, node=None, pod_spec={"volumes": volumes})
    assert top(cluster) == "PVCNotFound Deployment/db"


def test_what_has_run_has_had_its_volumes() -> None:
    cluster = Cluster()
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": "dada"}}]
    cluster.app("db", ready=False, state=ended_state(1), pod_spec={"volumes": volumes})
    assert "PVCNotFound db" not in sure(cluster, 0)


def test_a_claim_whose_volume_is_gone() -> None:
    cluster = Cluster()
    mounts = {"volumes": [{"name": "d", "persistentVolumeClaim": {"claimName": "d"}}]}
    cluster.app("db", ready=False, pod_spec=mounts)
    cluster.add("persistentvolumeclaims", "PersistentVolumeClaim", "d", spec={"volumeName": "pv1"},
                status={"phase": "Lost"})  # fmt: skip
    assert "VolumeMountFailed db" in sure(cluster)
