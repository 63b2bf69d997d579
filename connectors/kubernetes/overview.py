"""What is there and how is it, before any rule: tables of workloads and pods, warnings about what is in trouble now."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.evidence import Evidence, ResourceState
from connectors.kubernetes import objects as o
from connectors.kubernetes.reporting import SOURCE, container_words, replicas, told
from connectors.kubernetes.view import View

_ROWS = 25


def _table(view: View, what: str, columns: tuple[str, ...], rows: list[tuple[str, ...]], broken: int) -> Evidence:
    where = view.snapshot.where
    scope = f"-n {where}" if view.snapshot.namespace and not view.snapshot.beyond else "-A"
    return Evidence(
        key=f"{SOURCE}/{what}/{where}",
        source=SOURCE,
        check=what,
        title=f"{what.capitalize()} in {where}",
        summary=f"{len(rows)} {what}, {broken} not as they should be",
        query=f"kubectl get {what if what == 'pods' else 'deployments,statefulsets,daemonsets'} {scope} -o wide",
        body=ResourceState(columns=columns, rows=tuple(rows[:_ROWS]), omitted=max(0, len(rows) - _ROWS)),
    )


def pods(view: View) -> Iterator[Evidence]:
    """All pods, the broken ones first."""
    rows = []
    for pod in view.pods:
        fine = o.ready(pod)
        words = "; ".join(
            dict.fromkeys(container_words(one) for one in o.container_statuses(pod) if not one.get("ready"))
        )
        row = (
            o.namespace(pod),
            o.name(pod),
            str(o.status(pod).get("phase")),
            words,
            str(o.spec(pod).get("nodeName") or ""),
        )
        rows.append((fine, row))
    rows.sort(key=lambda one: (one[0], one[1]))
    if rows:
        columns = ("namespace", "name", "phase", "trouble", "node")
        yield _table(view, "pods", columns, [row for _, row in rows], sum(not fine for fine, _ in rows))


def workloads(view: View) -> Iterator[Evidence]:
    """All workloads, the broken ones first."""
    rows = []
    for subject, spec in view.workloads.items():
        desired, ready = replicas(spec)
        rows.append(
            (
                ready >= desired > 0,
                (
                    subject.namespace,
                    subject.kind,
                    subject.name,
                    f"{ready}/{desired}",
                    str(o.metadata(spec).get("creationTimestamp") or ""),
                ),
            )
        )
    rows.sort(key=lambda one: (one[0], one[1]))
    if rows:
        columns = ("namespace", "kind", "name", "ready", "created")
        yield _table(view, "workloads", columns, [row for _, row in rows], sum(not fine for fine, _ in rows))


def events(view: View) -> Iterator[Evidence]:
    """The latest warnings about pods and nodes that exist and are in trouble now, the most frequent first."""
    troubled = {("Pod", o.namespace(pod), o.name(pod)) for pod in view.pods if not o.ready(pod)}
    troubled |= {
        ("Node", "", o.name(node)) for node in view.all("nodes")
        if (o.conditions(node).get("Ready") or {}).get("status") != "True"
    }  # fmt: skip
    found = [events[0] for subject, events in view.events.items() if subject in troubled and events]
    yield from (told("events", event) for event in sorted(found, key=lambda one: -one.times))


def searched(view: View, plurals: tuple[str, ...]) -> str:
    """How many objects were looked at, where."""
    counts = ", ".join(f"{len(view.all(plural))} {plural}" for plural in plurals if view.read(plural))
    return f"{counts or 'nothing'} in {view.snapshot.where}"
