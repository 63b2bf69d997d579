"""Which pods stand behind a Service? What the endpoints controller would write, from the pods as they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Object = dict[str, Any]


def selected(pods: Sequence[Object], service: Object) -> list[Object]:
    """The pods that the Service's selector names, in its namespace, once they have an address."""
    namespace, selector = service["metadata"]["namespace"], service["spec"]["selector"]
    own = [pod for pod in pods if pod["metadata"]["namespace"] == namespace and pod["status"].get("podIP")]
    return [pod for pod in own if _carries(pod, selector)]


def _carries(pod: Object, selector: Object) -> bool:
    labels = pod["metadata"].get("labels", {})
    return all(labels.get(key) == value for key, value in selector.items())


def ready(pod: Object) -> bool:
    """Whether the pod's Ready condition is true."""
    return any(c["type"] == "Ready" and c["status"] == "True" for c in pod["status"]["conditions"])


def _target(pod: Object) -> Object:
    meta = pod["metadata"]
    return {"kind": "Pod", "name": meta["name"], "namespace": meta["namespace"], "uid": meta["uid"]}


def _address(pod: Object) -> Object:
    return {"ip": pod["status"]["podIP"], "nodeName": pod["spec"]["nodeName"], "targetRef": _target(pod)}


def subsets(service: Object, pods: Sequence[Object]) -> list[Object]:
    """The `subsets` of an Endpoints object: ready addresses, and those that are not."""
    if not pods:
        return []
    port = service["spec"]["ports"][0]["targetPort"]
    subset = {
        "addresses": [_address(pod) for pod in pods if ready(pod)],
        "notReadyAddresses": [_address(pod) for pod in pods if not ready(pod)],
        "ports": [{"name": "http", "port": port, "protocol": "TCP"}],
    }
    return [{key: value for key, value in subset.items() if value}]


def endpoints(pods: Sequence[Object]) -> list[Object]:
    """The `endpoints` of an EndpointSlice."""
    return [
        {
            "addresses": [pod["status"]["podIP"]],
            "conditions": {"ready": ready(pod), "serving": ready(pod), "terminating": False},
            "nodeName": pod["spec"]["nodeName"],
            "targetRef": _target(pod),
        }
        for pod in pods
    ]
