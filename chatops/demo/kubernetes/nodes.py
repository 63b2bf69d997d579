"""What is a healthy worker node? Its size, its software, and the conditions its kubelet reports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Object = dict[str, Any]
SIZE = {"cpu": "4", "memory": "16Gi", "pods": "110", "ephemeral-storage": "80Gi"}
HEALTHY: tuple[tuple[str, str, str], ...] = (
    ("MemoryPressure", "False", "KubeletHasSufficientMemory"),
    ("DiskPressure", "False", "KubeletHasNoDiskPressure"),
    ("PIDPressure", "False", "KubeletHasSufficientPID"),
    ("Ready", "True", "KubeletReady"),
)
"""(type, status, reason) of each condition."""
_INFO = {
    "kubeletVersion": "v1.34.2",
    "kubeProxyVersion": "v1.34.2",
    "kernelVersion": "6.12.58",
    "osImage": "Bottlerocket OS 1.49",
    "containerRuntimeVersion": "containerd://2.1.4",
    "operatingSystem": "linux",
    "architecture": "amd64",
}


def worker(name: str, identity: str, conditions: Sequence[Object]) -> Object:
    """Spec and status of a node of 4 CPUs and 16 GiB."""
    addresses = [
        {"type": "InternalIP", "address": f"10.0.1.{10 + int(name.rpartition('-')[2])}"},
        {"type": "Hostname", "address": name},
    ]
    status = {
        "capacity": SIZE,
        "allocatable": {**SIZE, "cpu": "3920m", "memory": "15Gi"},
        "conditions": list(conditions),
        "addresses": addresses,
        "nodeInfo": {**_INFO, "machineID": identity, "systemUUID": identity, "bootID": identity},
    }
    return {"spec": {}, "status": status}
