"""Claims, volumes and classes."""

from __future__ import annotations

from tests.connectors.kubernetes.cluster import Cluster
from tests.triage.checklist import NONE, claim, row, since, waiting

_ASK = "db does not start"
_UNBOUND = "0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims."


def _class(c: Cluster, name: str = "std", provisioner: str = "csi.example.io", *, default: bool = False) -> None:
    marked = {"annotations": {"storageclass.kubernetes.io/is-default-class": "true"}} if default else {}
    c.add("storageclasses", "StorageClass", name, namespace="", provisioner=provisioner, metadata=marked)


def _volume(c: Cluster, phase: str, *, claimed: bool = True, size: str = "10Gi", **status: str) -> None:
    spec = {"storageClassName": "std", "capacity": {"storage": size}, "accessModes": ["ReadWriteOnce"],
            "persistentVolumeReclaimPolicy": "Retain"}  # fmt: skip
    held = {"claimRef": {"namespace": "shop", "name": "data", "uid": "old"}} if claimed else {}
    c.add(
        "persistentvolumes", "PersistentVolume", "pv1", namespace="", spec=spec | held, status={"phase": phase} | status
    )


@row("PVC Pending, ProvisioningFailed", _ASK, "VolumeProvisioningFailed db")
def _(c: Cluster) -> None:
    _class(c)
    claim(c, "Pending")
    c.event("PersistentVolumeClaim", "data", "ProvisioningFailed",
            'failed to provision volume with StorageClass "std": rpc error: code = Internal desc = Could not create volume')  # fmt: skip


@row("PVC whose storage class does not exist", _ASK, "PVCStorageClassMismatch db")
def _(c: Cluster) -> None:
    _class(c)
    claim(c, "Pending", storage_class="fast")


@row("PVC without a class where there is no default", _ASK, "PVCStorageClassMismatch db")
def _(c: Cluster) -> None:
    _class(c)
    claim(c, "Pending", storage_class="")
    c.event("PersistentVolumeClaim", "data", "FailedBinding",
            "no persistent volumes available for this claim and no storage class is set")  # fmt: skip


@row("PVC Pending, and nothing says why", _ASK, "VolumeProvisioningFailed db")
def _(c: Cluster) -> None:
    _class(c)
    claim(c, "Pending")


@row("PVC that waits for its first consumer", "is the cluster well?", NONE)
def _(c: Cluster) -> None:
    c.app("web")
    _class(c)
    spec = {"storageClassName": "std", "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    c.add("persistentvolumeclaims", "PersistentVolumeClaim", "spare", spec=spec, status={"phase": "Pending"})


@row("PVC Lost", "db cannot read its data", "VolumeMountFailed db")
def _(c: Cluster) -> None:
    _class(c)
    claim(c, "Lost", volume="pv1")


@row("PV Failed", _ASK, "VolumeProvisioningFailed db")
def _(c: Cluster) -> None:
    _class(c)
    claim(c, "Pending", volume="pv1")
    _volume(c, "Failed", reason="VolumeFailedDelete", message="error deleting EBS volume: VolumeInUse")


@row("PV Released, wanted by the claim that was made anew", _ASK, "PVBindingOccupied db")
def _(c: Cluster) -> None:
    _class(c)
    claim(c, "Pending", volume="pv1")
    _volume(c, "Released")


@row("PV Released that nobody wants", "is the cluster well?", NONE)
def _(c: Cluster) -> None:
    c.app("web")
    _volume(c, "Released")


@row("Two default storage classes", "is the cluster well?", NONE)
def _(c: Cluster) -> None:
    c.app("web")
    _class(c, default=True)
    _class(c, "fast", default=True)


@row("Storage class with a deprecated provisioner", "is the cluster well?", NONE)
def _(c: Cluster) -> None:
    c.app("web")
    _class(c, provisioner="kubernetes.io/aws-ebs")


@row("Small volume, small claim", "is the cluster well?", NONE)
def _(c: Cluster) -> None:
    _class(c)
    made = claim(c, "Bound", volume="pv1")
    made["spec"]["resources"]["requests"]["storage"] = "100Mi"
    _volume(c, "Bound", size="100Mi")


@row("Pod that mounts a claim which does not exist", _ASK, "PVCNotFound db")
def _(c: Cluster) -> None:
    claim(c, "Pending")
    c.objects["persistentvolumeclaims"].clear()
    told = '0/2 nodes are available: persistentvolumeclaim "data" not found.'
    c.pod("db")["status"]["conditions"][0]["message"] = told
    c.pod_event("db", "FailedScheduling", told)


@row("Pod refers to a secret that does not exist", _ASK, "MissingSecret db")
def _(c: Cluster) -> None:
    c.app("db", ready=False, state=waiting("ContainerCreating"),
          pod_spec={"volumes": [{"name": "tls", "secret": {"secretName": "db-tls"}}]})  # fmt: skip
    c.pod_event("db", "FailedMount", 'MountVolume.SetUp failed for volume "tls" : secret "db-tls" not found')


@row("Pod refers to a key that a config map does not have", _ASK, "MissingConfigMap db")
def _(c: Cluster) -> None:
    c.app("db", ready=False, state=waiting("CreateContainerConfigError", "couldn't find key port in ConfigMap shop/db"))


@row("Config maps that are unused, empty or large", "is the cluster well?", NONE)
def _(c: Cluster) -> None:
    c.app("web")
    c.add("configmaps", "ConfigMap", "unused", data={})
    c.add("configmaps", "ConfigMap", "large", data={"a": "x" * 1_100_000})


@row("Volume that cannot be attached", _ASK, "VolumeMountFailed db")
def _(c: Cluster) -> None:
    claim(c, "Bound", volume="pv1")
    status = c.pod("db")["status"]
    status |= {"phase": "Pending", "conditions": [{"type": "Ready", "status": "False"}]}
    status["containerStatuses"][0] = {"name": "main", "restartCount": 0} | waiting("ContainerCreating")
    c.pod("db")["metadata"]["creationTimestamp"] = since(12)
    c.pod_event("db", "FailedAttachVolume", 'AttachVolume.Attach failed for volume "pv1" : rpc error: code = Internal '
                'desc = Could not attach volume "vol-1" to node "i-1": timed out waiting for the condition')  # fmt: skip
