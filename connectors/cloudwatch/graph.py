"""Who calls whom, and where do the failures begin? X-Ray's service graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from connectors.cloudwatch.client import Aws
from connectors.cloudwatch.states.state import evidence, judged
from connectors.contract import Window
from connectors.evidence import Evidence, Finding, Observation, Role, Subject

_FAILING = 0.05
_FEWEST = 20
"""Calls from which on a share of failures means something."""


class Node(NamedTuple):
    """A service of the graph: `faults` are server errors, as a part of its calls."""

    ref: int
    name: str
    kind: str
    calls: int
    faults: float
    throttles: float
    seconds: float
    calls_to: tuple[int, ...]


async def read(aws: Aws, window: Window, names: Sequence[str]) -> Observation:
    """The graph around the scope; the deepest failing service is where to look."""
    start = window.onset or window.start
    pages = await aws.pages("xray", "GetServiceGraph", "Services", most=3, StartTime=start, EndTime=window.end)
    nodes = [_node(raw) for raw in pages.items if raw.get("Name") and raw.get("Type") != "client"]
    nodes = [node for node in nodes if node.calls]
    chosen = around(nodes, names)
    if not chosen:
        return Observation(searched=f"{len(nodes)} services in X-Ray's graph, none called like the scope")
    subject = Subject(kind="ServiceGraph", name=names[0] if names else "all")
    rows = [
        (n.name, n.kind, str(n.calls), f"{n.faults:.1%}", f"{n.throttles:.1%}", f"{n.seconds:.3f} s") for n in chosen
    ]
    failing = deepest(chosen)
    told = f"failures begin at {', '.join(n.name for n in failing[:3])}" if failing else "no service fails"
    summary = f"{len(chosen)} services; {told}."
    columns = ("service", "type", "calls", "faults", "throttled", "mean time")
    about = evidence("service graph", subject, f"Service graph: {told}", summary, pages.query, rows, columns)
    return Observation(evidence=(about,), findings=tuple(_finding(node, about) for node in failing[:3]))


def _node(raw: Mapping[str, Any]) -> Node:
    stats = raw.get("SummaryStatistics") or {}
    calls = int(stats.get("TotalCount") or 0)
    faults = int((stats.get("FaultStatistics") or {}).get("TotalCount") or 0)
    throttles = int((stats.get("ErrorStatistics") or {}).get("ThrottleCount") or 0)
    return Node(
        ref=int(raw.get("ReferenceId") or 0),
        name=str(raw.get("Name")),
        kind=str(raw.get("Type") or ""),
        calls=calls,
        faults=faults / calls if calls else 0.0,
        throttles=throttles / calls if calls else 0.0,
        seconds=float(stats.get("TotalResponseTime") or 0) / calls if calls else 0.0,
        calls_to=tuple(int(edge.get("ReferenceId") or 0) for edge in raw.get("Edges") or ()),
    )


def around(nodes: Sequence[Node], names: Sequence[str]) -> list[Node]:
    """The services called like the scope with all they call, directly or not; all of them where nothing is named."""
    if not names:
        return list(nodes)
    by_ref = {node.ref: node for node in nodes}
    open_refs = [node.ref for node in nodes if any(name in node.name.lower() for name in names)]
    seen: dict[int, None] = {}
    while open_refs:
        ref = open_refs.pop()
        if ref in by_ref and ref not in seen:
            seen[ref] = None
            open_refs += by_ref[ref].calls_to
    return [by_ref[ref] for ref in seen]


def deepest(nodes: Sequence[Node]) -> list[Node]:
    """Failing services that call no failing service: what fails above them follows from them."""
    failing = {
        node.ref: node for node in nodes if node.calls >= _FEWEST and max(node.faults, node.throttles) >= _FAILING
    }
    return sorted(
        (node for node in failing.values() if not _calls_any(node, failing.keys())), key=lambda node: -node.faults
    )


def _calls_any(node: Node, refs: Iterable[int]) -> bool:
    return bool(set(node.calls_to) & set(refs) - {node.ref})


def _finding(node: Node, about: Evidence) -> Finding:
    subject = Subject(kind="Service", name=node.name)
    if node.throttles > node.faults:
        text = f"{node.throttles:.0%} of {node.calls} calls of {node.name} are throttled"
        return judged("RateLimited", about, text, 0.55, subject=subject, rule="XRayThrottles")
    text = f"{node.faults:.0%} of {node.calls} calls of {node.name} fail, and nothing it calls does"
    return judged("ErrorRateIncrease", about, text, 0.4, role=Role.SYMPTOM, subject=subject, rule="XRayFaults")
