"""An object as lines for a reader: what kubectl's columns would say, and every field that explains a failure."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.kubernetes import objects as o
from connectors.kubernetes.fitting import Usage
from connectors.kubernetes.objects import Json

COLUMNS = ("namespace", "name", "state", "detail", "created")
_LEFT_OUT = ("metadata.ownerReferences", "metadata.annotations.kubectl.kubernetes.io/last-applied-configuration",
             "metadata.uid", "metadata.resourceVersion", "metadata.generation", "status.images")  # fmt: skip
_STATES = ("Ready", "Available")

_DEFAULTS = frozenset({
    ("schedulerName", "default-scheduler"), ("dnsPolicy", "ClusterFirst"), ("restartPolicy", "Always"),
    ("protocol", "TCP"), ("successThreshold", "1"), ("terminationMessagePath", "/dev/termination-log"),
    ("terminationMessagePolicy", "File"), ("progressDeadlineSeconds", "600"), ("revisionHistoryLimit", "10"),
    ("minReadySeconds", "0"), ("sessionAffinity", "None"), ("defaultMode", "420"),
})  # fmt: skip
"""Fields that hold the API's own default."""


def line(one: Json) -> tuple[str, str, str, str, str]:
    """One row of a list."""
    return (
        o.namespace(one),
        o.name(one),
        _state(one),
        o.short(_detail(one), 160),
        str(o.metadata(one).get("creationTimestamp") or ""),
    )


def _state(one: Json) -> str:
    status = o.status(one)
    if status.get("phase"):
        words = [str(status["phase"])]
        words += [reason for container in o.container_statuses(one) if (reason := o.waiting(container)[0])]
        return " ".join(dict.fromkeys(words))
    if "replicas" in o.spec(one) or "readyReplicas" in status:
        return f"{status.get('readyReplicas') or 0}/{o.spec(one).get('replicas', 1)} ready"
    if "desiredNumberScheduled" in status:
        return f"{status.get('numberReady') or 0}/{status['desiredNumberScheduled']} ready"
    told = o.conditions(one)
    found = next((name for name in _STATES if name in told), "")
    return f"{found}={told[found].get('status')}" if found else str(one.get("reason") or "")


def _detail(one: Json) -> str:
    spec = o.spec(one)
    if one.get("message"):
        return str(one["message"])
    parts = []
    if spec.get("nodeName"):
        parts.append(f"on {spec['nodeName']}")
    restarts = sum(int(container.get("restartCount") or 0) for container in o.container_statuses(one))
    if restarts:
        parts.append(f"{restarts} restarts")
    if isinstance(spec.get("selector"), dict) and spec.get("ports"):
        parts.append("selects " + ", ".join(f"{key}={value}" for key, value in spec["selector"].items()))
        parts.append(
            "ports "
            + ", ".join(f"{port.get('port')}→{port.get('targetPort', port.get('port'))}" for port in spec["ports"])
        )
    if spec.get("unschedulable"):
        parts.append("cordoned")
    if hard := o.status(one).get("hard"):
        used = o.status(one).get("used") or {}
        parts.append(", ".join(f"{key} {used.get(key, 0)} of {value}" for key, value in hard.items()))
    if isinstance(found := o.at(one, "report", "summary"), dict):
        parts.append(", ".join(f"{value} {key.removesuffix('Count')}" for key, value in found.items()))
    told = [o.conditions(one).get(name) or {} for name in _STATES]
    parts += [str(ready["message"]) for ready in told if ready.get("status") == "False" and ready.get("message")]
    return "; ".join(parts)


def rows(one: Json) -> list[tuple[str, str]]:
    """Every field as path and value, status first; not what the path says already, nor what the API fills in itself."""
    found = [
        (path, o.short(value, 300)) for path, value in _flat(one)
        if not (path.startswith(_LEFT_OUT) or path.endswith(f"[{value}].name")
                or (path.rpartition(".")[2], value) in _DEFAULTS)
    ]  # fmt: skip
    order = {"status": 0, "spec": 1, "metadata": 2}
    return sorted(found, key=lambda row: order.get(row[0].partition(".")[0], 3))


def allocated(node: Json, used: Usage) -> list[tuple[str, str]]:
    """What a node's pods request of each resource, of what it offers: `describe`'s "Allocated resources"."""
    offered = o.status(node).get("allocatable") or {}
    taken = {**used.requested, "pods": used.pods}
    return [
        (f"allocated.{key}", f"{_amount(key, have)} of {offered[key]} ({have / all_of:.0%})")
        for key in offered
        if (all_of := o.quantity(offered[key])) and ((have := taken.get(key, 0.0)) or key in ("cpu", "memory"))
    ]


def _amount(key: str, value: float) -> str:
    if key == "cpu":
        return f"{value * 1000:.0f}m"
    return f"{value / 2**20:.0f}Mi" if key in ("memory", "ephemeral-storage") else f"{value:g}"


def _flat(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            name = inner.get("name") or inner.get("type") or number if isinstance(inner, dict) else number
            yield from _flat(inner, f"{path}[{name}]")
    elif value not in (None, ""):
        yield path, str(value)


def use(one: Json) -> tuple[str, str, str]:
    """A row of the metrics API: name, CPU, memory; a pod's containers are summed."""
    parts = one.get("containers") or [one]
    cpu = sum(o.quantity(o.at(part, "usage", "cpu")) for part in parts)
    memory = sum(o.quantity(o.at(part, "usage", "memory")) for part in parts)
    return o.name(one), f"{cpu:.3f}", f"{memory / 2**20:.0f}Mi"
