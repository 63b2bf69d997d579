"""Who calls whom everywhere, and what runs where, before anything has failed? From what meshes and traces count.

Istio, Linkerd, Cilium's Hubble, and the service graphs that Tempo and OpenTelemetry's collector make of traces. Wider
than what one investigation asks (`signals`): no namespace, both sides with theirs, and calls that are seldom.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from connectors.contract import ConnectorError
from connectors.evidence import Subject
from connectors.prometheus import families
from connectors.prometheus.samples import Stream
from connectors.prometheus.survey import Survey, together

_WINDOW = "15m"
"""Longer than a rate window: a job that calls every ten minutes is a caller, too."""


class Side(NamedTuple):
    """The labels that name one side of a call, each of which an alert may carry, and that of its namespace."""

    names: tuple[str, ...]
    namespaces: tuple[str, ...]


class Calls(NamedTuple):
    """A counter of calls and the labels of its sides; `only` are further matchers."""

    metric: str
    caller: Side
    callee: Side
    only: str = ""


_ISTIO = (
    Side(("source_workload",), ("source_workload_namespace",)),
    Side(
        ("destination_workload", "destination_service_name"),
        ("destination_service_namespace", "destination_workload_namespace"),
    ),
)
_LINKERD = (
    Side(("deployment", "statefulset", "daemonset"), ("namespace",)),
    Side(("dst_deployment", "dst_statefulset", "dst_daemonset", "dst_service"), ("dst_namespace",)),
)
CALLS: tuple[Calls, ...] = (
    Calls("istio_requests_total", *_ISTIO),
    Calls("istio_tcp_connections_opened_total", *_ISTIO),
    Calls("response_total", *_LINKERD, 'direction="outbound"'),
    Calls(
        "hubble_flows_processed_total",
        Side(("source_workload",), ("source_namespace",)),
        Side(("destination_workload",), ("destination_namespace",)),
    ),
    Calls(
        "traces_service_graph_request_total",
        Side(("client",), ("client_k8s_namespace_name", "client_service_namespace")),
        Side(("server",), ("server_k8s_namespace_name", "server_service_namespace")),
    ),
)
_NOBODY = frozenset({"", "unknown", "user", "PassthroughCluster", "BlackHoleCluster", "InboundPassthroughCluster"})
"""What stands where the other side is not known (`user` is a service graph's: a call from outside)."""
_PODS = "kube_pod_info"
_PLACEMENT = (
    "count by (namespace, workload, node) (label_replace(max by (namespace, pod, node)"
    f' (kube_pod_info{{node!=""}}), "workload", "$$1", "pod", "{families.WORKLOAD_OF_POD}"))'
)

Pair = tuple[Subject, Subject]


async def dependencies(survey: Survey, workloads: Iterable[Subject]) -> Sequence[Pair]:
    """Pairs of who depends and on whom: caller and callee, workload and node. Raises `ConnectorError`.

    A name without a namespace gets that of the workload of this name, where only one namespace has such a workload.
    """
    names = await survey.names()
    homes: dict[str, set[str]] = {}
    for one in workloads:
        homes.setdefault(one.name, set()).add(one.namespace)
    asked = [partial(_calls, survey, row, homes) for row in CALLS if row.metric in names]
    if _PODS in names:
        asked.append(partial(_placement, survey))
    return sorted({pair for found in await together(*asked) for pair in found}, key=str)


async def _calls(survey: Survey, row: Calls, homes: Mapping[str, set[str]]) -> set[Pair]:
    by = ", ".join((*row.caller.names, *row.caller.namespaces, *row.callee.names, *row.callee.namespaces))
    streams = await _streams(survey, f"sum by ({by}) (rate({row.metric}{{{row.only}}}[{_WINDOW}])) > 0")
    found: set[Pair] = set()
    for labels in (stream.labels for stream in streams):
        callees = _named(labels, row.callee, homes, "")
        callers = _named(labels, row.caller, homes, callees[0].namespace if callees else "")
        found |= {(caller, callee) for caller in callers for callee in callees if caller != callee}
        found |= {(service, callees[0]) for service in callees[1:] if service != callees[0]}
    return found


def _named(labels: Mapping[str, str], side: Side, homes: Mapping[str, set[str]], else_in: str) -> list[Subject]:
    told = next((labels[one] for one in side.namespaces if labels.get(one)), "")
    found: list[Subject] = []
    for name in (labels.get(one, "").split(".", 1)[0] for one in side.names):
        known = homes.get(name, set())
        namespace = told or (next(iter(known)) if len(known) == 1 else "" if known else else_in)
        if name not in _NOBODY and namespace:
            found.append(Subject(kind="Deployment", namespace=namespace, name=name))
    return found


async def _placement(survey: Survey) -> set[Pair]:
    streams = await _streams(survey, survey.fill(_PLACEMENT))
    return {
        (
            Subject(kind="Deployment", namespace=labels.get("namespace", ""), name=labels["workload"]),
            Subject(kind="Node", name=labels["node"]),
        )
        for labels in (stream.labels for stream in streams)
        if labels.get("workload") and labels.get("node")
    }


async def _streams(survey: Survey, expression: str) -> Sequence[Stream]:
    """What the expression brings; nothing where this one question is refused or too much, the others stand."""
    try:
        return (await survey.instant(expression)).streams
    except ConnectorError as error:
        if error.kind == "unreachable":
            raise
        return ()
