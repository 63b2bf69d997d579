"""Faults of many kinds in the demo's shop: the public benchmark of diagnosis without a model.

Each is what a real cluster would show: the objects as they were left, the texts of the scheduler, the kubelet and the
controllers, the log of whoever suffers. They are written from how Kubernetes behaves, not from what the rules look
for; a row is added by whoever sees a fault in the wild.
"""

from __future__ import annotations

from tests.bench.faults import admission, nodes, quiet, routing, runtime, scheduling, startup, storage
from tests.bench.faults.scene import Fault

FAULTS: tuple[Fault, ...] = (
    *admission.FAULTS,
    *scheduling.FAULTS,
    *storage.FAULTS,
    *startup.FAULTS,
    *runtime.FAULTS,
    *routing.FAULTS,
    *nodes.FAULTS,
    *quiet.FAULTS,
)

__all__ = ["FAULTS", "Fault"]
