"""What an object says, read from raw JSON: names, owners, conditions, ports, quantities, times.

Every accessor takes what real servers send (missing and null fields included) and never raises.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from connectors.evidence import Subject
from connectors.patterns import both_ends

Json = dict[str, Any]

_SUFFIX = {
    "n": 1e-9, "u": 1e-6, "m": 1e-3, "": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15,
    "Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40, "Pi": 2.0**50,
}  # fmt: skip
_QUANTITY = re.compile(r"^([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)([numkMGTP]|[KMGTP]i)?$")


def name(obj: Json) -> str:
    """`metadata.name`."""
    return str(metadata(obj).get("name") or "")


def namespace(obj: Json) -> str:
    """`metadata.namespace`, empty for cluster-scoped objects."""
    return str(metadata(obj).get("namespace") or "")


def metadata(obj: Json) -> Json:
    """`metadata`, or nothing."""
    return obj.get("metadata") or {}


def spec(obj: Json) -> Json:
    """`spec`, or nothing."""
    return obj.get("spec") or {}


def status(obj: Json) -> Json:
    """`status`, or nothing."""
    return obj.get("status") or {}


def labels(obj: Json) -> dict[str, str]:
    """`metadata.labels`."""
    return metadata(obj).get("labels") or {}


def annotated(obj: Json) -> dict[str, str]:
    """`metadata.annotations`."""
    return metadata(obj).get("annotations") or {}


def at(obj: Mapping[str, Any] | None, *path: str) -> Any:
    """The value at a path of keys, None where any of them is missing."""
    value: Any = obj
    for key in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value


def owner(obj: Json) -> tuple[str, str] | None:
    """Kind and name of the controlling owner."""
    owners = metadata(obj).get("ownerReferences") or []
    controller = next((one for one in owners if one.get("controller")), owners[0] if owners else None)
    return (str(controller.get("kind")), str(controller.get("name"))) if controller else None


def when(text: Any) -> datetime | None:
    """A time of the API as UTC, None where it is missing or unreadable."""
    if not isinstance(text, str) or not text:
        return None
    try:
        parsed = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def created(obj: Json) -> datetime | None:
    """`metadata.creationTimestamp`."""
    return when(metadata(obj).get("creationTimestamp"))


def conditions(obj: Json) -> dict[str, Json]:
    """Conditions by type."""
    return {str(one.get("type")): one for one in status(obj).get("conditions") or [] if isinstance(one, dict)}


def quantity(value: Any) -> float:
    """A quantity (`200m`, `1Gi`, 3) as a number of its base unit; 0 where it is unreadable."""
    found = _QUANTITY.match(str(value).strip()) if value is not None else None
    return float(found[1]) * _SUFFIX[found[2] or ""] if found else 0.0


def containers(pod_spec: Json, *, init: bool = False) -> list[Json]:
    """The containers of a pod spec; with `init`, sidecars and init containers too."""
    regular = list(pod_spec.get("containers") or [])
    return regular + list(pod_spec.get("initContainers") or []) if init else regular


def template(workload: Json) -> Json:
    """The pod spec of a workload's template (a CronJob's is two levels down); a pod's own spec."""
    found = at(workload, "spec", "template", "spec") or at(workload, "spec", "jobTemplate", "spec", "template", "spec")
    return found or (spec(workload) if workload.get("kind") == "Pod" else {})


def container_statuses(pod: Json) -> list[Json]:
    """Statuses of the regular containers."""
    return list(status(pod).get("containerStatuses") or [])


def ready(pod: Json) -> bool:
    """Whether the pod's Ready condition is True; where a server omits it, whether every container is ready."""
    condition = conditions(pod).get("Ready")
    if condition is not None:
        return condition.get("status") == "True"
    statuses = container_statuses(pod)
    return bool(statuses) and all(one.get("ready") for one in statuses)


def finished(pod: Json) -> bool:
    """Whether the pod has ended and was meant to, or is being deleted."""
    return status(pod).get("phase") == "Succeeded" or bool(metadata(pod).get("deletionTimestamp"))


def running(pods: Sequence[Json]) -> list[Json]:
    """Pods that should run: neither completed nor being deleted, nor a failed try of a job that was then done."""
    tries = [(pod, (namespace(pod), up)) for pod in pods if (up := owner(pod)) and up[0] == "Job"]
    done = {job for pod, job in tries if status(pod).get("phase") == "Succeeded"}
    over = {id(pod) for pod, job in tries if job in done and status(pod).get("phase") == "Failed"}
    return [pod for pod in pods if not finished(pod) and id(pod) not in over]


def waiting(container_status: Json) -> tuple[str, str]:
    """Reason and message of a waiting container, empty where it is not waiting."""
    found = at(container_status, "state", "waiting") or {}
    return str(found.get("reason") or ""), str(found.get("message") or "")


def terminated(container_status: Json) -> Json:
    """The present or the last termination."""
    return at(container_status, "state", "terminated") or at(container_status, "lastState", "terminated") or {}


def matches(selector: Mapping[str, str] | None, having: Mapping[str, str]) -> bool:
    """Whether labels carry everything that a simple selector asks for; an empty selector matches nothing."""
    return bool(selector) and all(having.get(key) == value for key, value in (selector or {}).items())


def selected(selector: Json | None, having: Mapping[str, str]) -> bool:
    """Whether a LabelSelector (matchLabels, matchExpressions) selects; an empty one selects everything."""
    wanted = selector or {}
    simple = all(having.get(key) == value for key, value in (wanted.get("matchLabels") or {}).items())
    return simple and all(expression(one, having) for one in wanted.get("matchExpressions") or [])


def expression(term: Json, having: Mapping[str, str]) -> bool:
    """Whether one match expression holds."""
    key, values = str(term.get("key")), term.get("values") or []
    match term.get("operator"):
        case "In":
            return having.get(key) in values
        case "NotIn":
            return having.get(key) not in values
        case "Exists":
            return key in having
        case "DoesNotExist":
            return key not in having
        case "Gt":
            return having.get(key, "").isdigit() and int(having[key]) > int(values[0])
        case "Lt":
            return having.get(key, "").isdigit() and int(having[key]) < int(values[0])
    return False


def probes(container: Json) -> Iterator[tuple[str, Json]]:
    """The probes of a container with the word that events use: Liveness, Readiness, Startup."""
    for word in ("Liveness", "Readiness", "Startup"):
        probe = container.get(f"{word.lower()}Probe")
        if probe:
            yield word, probe


def handler(probe: Json) -> tuple[str, Any, str]:
    """Protocol (HTTP, HTTPS, gRPC, TCP, exec), port as written, and path of a probe."""
    if http := probe.get("httpGet"):
        return str(http.get("scheme") or "HTTP"), http.get("port"), str(http.get("path") or "/")
    if grpc := probe.get("grpc"):
        return "gRPC", grpc.get("port"), ""
    if tcp := probe.get("tcpSocket"):
        return "TCP", tcp.get("port"), ""
    return "exec", None, " ".join(at(probe, "exec", "command") or [])


def port_number(port: Any, container_list: list[Json]) -> int | None:
    """A port as a number: a name is looked up among the containers' ports; None where nothing has that name."""
    if isinstance(port, int) or str(port).isdigit():
        return int(port)
    for container in container_list:
        for one in container.get("ports") or []:
            if one.get("name") == port:
                return int(one.get("containerPort") or 0)
    return None


def container_of(one: Json, workload: Subject) -> str:
    """The container (or its status) in a sentence's beginning; one that is named as its workload is not named twice."""
    name = one.get("name")
    return f"The container of {workload.name}" if name == workload.name else f"Container {name} of {workload.name}"


def short(text: str, limit: int = 300) -> str:
    """One line of at most `limit` characters: both ends of a longer one."""
    return both_ends(" ".join(text.split()), limit)


def condition_words(one: Json) -> str:
    """A condition in a line: `False NotReady: the kubelet stopped posting`."""
    told = " ".join(str(one[key]) for key in ("status", "reason") if one.get(key))
    return f"{told}: {short(str(one['message']))}" if one.get("message") else told
