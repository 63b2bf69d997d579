"""The read-only queries that the persona may call, and that answer kubectl commands. Secrets have none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import pairwise
from typing import Any

from connectors.contract import ConnectorError, Inquiry, Tool
from connectors.evidence import Change, Evidence, Observation, ResourceState, Subject
from connectors.kubernetes import commands, describing, fitting, logs, printing
from connectors.kubernetes import objects as o
from connectors.kubernetes.analyzers import rollouts
from connectors.kubernetes.client import KubeClient, kubectl
from connectors.kubernetes.events import parse_event
from connectors.kubernetes.objects import Json
from connectors.kubernetes.reporting import SOURCE
from connectors.kubernetes.resources import BY_PLURAL, Resource, named
from connectors.together import every

ROWS = 60
FIELDS, OBJECTS = 200, 10
"""Lines of what is described, and objects of which."""
_TEXT = {"type": "string"}
_NAMESPACE = {"type": "string", "description": "`*` for all; the incident's if left out"}
_KIND = {"type": "string", "description": "as in kubectl"}

Arguments = Mapping[str, Any]


@dataclass(frozen=True)
class Tools:
    """Queries against one cluster."""

    client: KubeClient

    def all(self) -> tuple[Tool, ...]:
        """The table of tools."""
        kind_name = _schema({"kind": _KIND, "name": _TEXT, "namespace": _NAMESPACE}, "kind", "name")
        listing = {
            "kind": _KIND, "name": _TEXT, "namespace": _NAMESPACE, "labels": _TEXT, "fields": _TEXT,
            "output": {"type": "string", "description": "jsonpath=, custom-columns="}, "sort": _TEXT,
        }  # fmt: skip
        log = {
            "kind": _KIND, "name": _TEXT, "namespace": _NAMESPACE, "container": _TEXT, "previous": {"type": "boolean"},
            "tail": {"type": "integer", "minimum": 1, "maximum": 2000},
        }  # fmt: skip
        return (
            Tool("kubernetes_list", "Objects of a kind with their state.",
                 _schema(listing, "kind"), self.listing, commands.get),
            Tool("kubernetes_describe", "One object: spec, status, conditions, events.",
                 kind_name, self.describe, commands.describe),
            Tool("kubernetes_events", "Warning events of a namespace or an object.",
                 _schema({"kind": _KIND, "name": _TEXT, "namespace": _NAMESPACE}), self.events, commands.events),
            Tool("kubernetes_logs",
                 "Log of a pod, or of a workload's first troubled one: patterns, last lines.",
                 _schema(log, "name"), self.logs, commands.logs),
            Tool("kubernetes_rollout_history", "Revisions of a Deployment and what they changed.", kind_name,
                 self.history, commands.history),
            Tool("kubernetes_top", "CPU and memory of pods or nodes now.",
                 _schema({"kind": _KIND, "namespace": _NAMESPACE, "labels": _TEXT}, "kind"), self.top, commands.top),
        )  # fmt: skip

    async def listing(self, inquiry: Inquiry, arguments: Arguments) -> Observation:
        """Objects of a kind as a table, or as the output that was asked for prints them."""
        row, namespace = _resource(arguments), _namespace(inquiry, arguments)
        labels, fields, output, sort = (str(arguments.get(one) or "") for one in ("labels", "fields", "output", "sort"))
        name = str(arguments.get("name") or "")
        query = kubectl("get", row.plural, name, *_where(row, namespace), *(("-l", labels) if labels else ()),
                        *(("--field-selector", fields) if fields else ()), *(("--sort-by", sort) if sort else ()),
                        *(("-o", output) if output else ()))  # fmt: skip
        if name:
            fields = ",".join(filter(None, (fields, f"metadata.name={name}")))
        whole = "managedFields" in output
        found = await self.client.list(row, namespace, labels=labels, fields=fields, pages=2, whole=whole)
        if name and not found.items:
            raise ConnectorError("not_found", query, f"there is no {row.kind} {name}")
        try:
            items = printing.ordered(found.items, sort) if sort else list(found.items)
            body = _body(items, output, one=bool(name))
        except printing.NoPath as wrong:
            raise ConnectorError("rejected", query, str(wrong)) from wrong
        summary = f"{len(items)} {row.plural}" + (", and more that were not read" if found.truncated else "")
        if output:
            summary += ": " + (o.short("; ".join(" ".join(filter(None, line)) for line in body.rows), 600) or "nothing")
        return _one(f"list/{query}", "list", f"{row.kind}s", summary, query, body)

    async def describe(self, inquiry: Inquiry, arguments: Arguments) -> Observation:
        """One object, with its events; without a name the first ones of a kind, those in trouble before the others."""
        row, namespace = _resource(arguments), _namespace(inquiry, arguments)
        if "name" not in arguments:
            return await self._describe_all(row, namespace, str(arguments.get("labels") or ""))
        name = _name(arguments)
        found = await self.client.one(row, namespace, name)
        query = kubectl("describe", row.kind.lower(), name, *_where(row, namespace))
        rows = await self._described(row, found)
        body = ResourceState(columns=("field", "value"), rows=tuple(rows[:FIELDS]), omitted=max(0, len(rows) - FIELDS))
        subject = Subject(kind=row.kind, namespace=namespace if row.namespaced else "", name=name)
        told = await self.events(
            inquiry, {"kind": row.kind, "name": name, "namespace": namespace if row.namespaced else "*"}
        )
        state = "; ".join(": ".join(one) for one in rows if one[0].startswith(("allocated", "status")))
        first = _one(
            f"describe/{subject}", "describe", str(subject), o.short(state or "no status", 600), query, body, subject
        )
        return Observation(evidence=(*first.evidence, *told.evidence))

    async def _describe_all(self, row: Resource, namespace: str, labels: str) -> Observation:
        found = await self.client.list(row, namespace, labels=labels, pages=1)
        query = kubectl("describe", row.plural, *_where(row, namespace), *(("-l", labels) if labels else ()))
        items = sorted(found.items, key=lambda one: row.plural in ("nodes", "pods") and o.ready(one))
        told = await every([partial(self._described, row, one) for one in items[:OBJECTS]])
        each = list(zip(items, told, strict=False))
        most = FIELDS // max(1, len(each))
        rows = tuple((o.name(one), *field) for one, fields in each for field in fields[:most])
        left = sum(max(0, len(fields) - most) for _, fields in each)
        more = f", of which {len(each)} are told" if len(items) > len(each) else ""
        body = ResourceState(columns=("name", "field", "value"), rows=rows, omitted=left)
        return _one(f"describe/{query}", "describe", f"{row.kind}s", f"{len(items)} {row.plural}{more}", query, body)

    async def _described(self, row: Resource, found: Json) -> list[tuple[str, str]]:
        """The fields of an object; of a node first what its pods have taken of it."""
        if row.plural != "nodes":
            return describing.rows(found)
        pods = await self.client.list(BY_PLURAL["pods"], fields=f"spec.nodeName={o.name(found)}", pages=1)
        used = fitting.usage(pods.items).get(o.name(found), fitting.Usage())
        return [*describing.allocated(found, used), *describing.rows(found)]

    async def events(self, inquiry: Inquiry, arguments: Arguments) -> Observation:
        """Warning events, the latest first."""
        namespace, name = _namespace(inquiry, arguments), str(arguments.get("name") or "")
        kind = named(str(arguments.get("kind") or ""))
        fields = ",".join(
            filter(None, ("type!=Normal", f"involvedObject.name={name}" if name else "",
                          f"involvedObject.kind={kind.kind}" if kind and name else ""))
        )  # fmt: skip
        found = await self.client.list(BY_PLURAL["events"], namespace, fields=fields, cached=False, pages=2)
        events = sorted((parse_event(one) for one in found.items), key=lambda one: str(one.last), reverse=True)
        rows = tuple(
            (
                f"{one.last:%H:%M:%S}" if one.last else "",
                one.reason,
                f"{one.kind}/{one.object}",
                str(one.times),
                o.short(one.message),
            )
            for one in events[:ROWS]
        )
        query = kubectl("get", "events", *_where(BY_PLURAL["events"], namespace), "--field-selector", fields)
        if not events:
            return Observation(searched=query)
        body = ResourceState(
            columns=("last", "reason", "object", "count", "message"), rows=rows, omitted=max(0, len(events) - ROWS)
        )
        title = f"Warnings about {name}" if name else "Warnings"
        return _one(f"events/{query}", "events", title, f"{len(events)} warning events", query, body)

    async def logs(self, inquiry: Inquiry, arguments: Arguments) -> Observation:
        """A container's log as patterns, and its last lines."""
        if not arguments.get("labels"):
            _name(arguments)
        return await logs.read(self.client, _namespace(inquiry, arguments), inquiry.window.onset, arguments)

    async def history(self, inquiry: Inquiry, arguments: Arguments) -> Observation:
        """Revisions of a Deployment, the latest first."""
        namespace, name = _namespace(inquiry, arguments), _name(arguments)
        found = await self.client.list(BY_PLURAL["replicasets"], namespace, pages=3)
        sets = sorted((one for one in found.items if o.owner(one) == ("Deployment", name)), key=rollouts.revision)
        query = kubectl("rollout", "history", f"deployment/{name}", "-n", namespace)
        subject = Subject(kind="Deployment", namespace=namespace, name=name)
        changes = [rollouts.change(before, after, at) for before, after in pairwise(sets) if (at := o.created(after))]
        evidence = tuple(_revision(subject, one, query) for one in reversed(changes))
        return Observation(evidence=evidence[:10], searched=f"{len(sets)} revisions of {name}")

    async def top(self, inquiry: Inquiry, arguments: Arguments) -> Observation:
        """Use of CPU and memory."""
        row, namespace = _resource(arguments), _namespace(inquiry, arguments)
        metrics = row._replace(api="metrics.k8s.io/v1beta1")
        labels, name = str(arguments.get("labels") or ""), str(arguments.get("name") or "")
        found = await self.client.list(metrics, namespace, labels=labels, cached=False, pages=1)
        used = [describing.use(one) for one in found.items if name in ("", o.name(one))]
        by = str(arguments.get("sort") or "cpu")
        rows = sorted(used, key=lambda one: -o.quantity(one[1 if by == "cpu" else 2]))
        query = kubectl("top", row.plural, name, *_where(row, namespace), *(("-l", labels) if labels else ()),
                        *(("--sort-by", by) if "sort" in arguments else ()))  # fmt: skip
        body = ResourceState(
            columns=("name", "cpu", "memory"), rows=tuple(rows[:ROWS]), omitted=max(0, len(rows) - ROWS)
        )
        return _one(
            f"top/{query}", "top", f"Use by {row.plural}", f"{len(rows)} {row.plural}, most {by} first", query, body
        )


def _body(items: list[Json], output: str, *, one: bool) -> ResourceState:
    """Objects as rows: a line each, every field of each, or the lines that an expression prints."""
    columns: tuple[str, ...] = describing.COLUMNS
    rows: list[tuple[str, ...]]
    if output in ("yaml", "json"):
        columns = ("name", "field", "value")
        rows = [(o.name(each), *field) for each in items for field in describing.rows(printing.shown(each))]
    elif output:
        columns = ("output",)
        rows = [(line,) for line in printing.printed(output, items, one=one).splitlines() if line.strip()]
    else:
        rows = list(map(describing.line, items))
    most = ROWS if not output else 200
    return ResourceState(columns=columns, rows=tuple(rows[:most]), omitted=max(0, len(rows) - most))


def _schema(properties: Mapping[str, Any], *required: str) -> dict[str, Any]:
    return {"type": "object", "properties": dict(properties), "required": list(required), "additionalProperties": False}


def _resource(arguments: Arguments) -> Resource:
    kind = str(arguments.get("kind") or "")
    row = named(kind)
    if row is None:
        raise ConnectorError("rejected", kubectl("get", kind), f"{kind!r} is no kind that is read here")
    return row


def _name(arguments: Arguments) -> str:
    name = str(arguments.get("name") or "")
    if not name or "/" in name or ".." in name:
        raise ConnectorError("rejected", "kubectl", f"{name!r} is no name of an object")
    return name


def _namespace(inquiry: Inquiry, arguments: Arguments) -> str:
    given = str(arguments.get("namespace") or "") or inquiry.scope.namespace
    if "/" in given or ".." in given:
        raise ConnectorError("rejected", "kubectl", f"{given!r} is no namespace")
    return "" if given == "*" else given


def _where(row: Resource, namespace: str) -> tuple[str, ...]:
    return () if not row.namespaced else ("-n", namespace) if namespace else ("-A",)


def _one(
    key: str, check: str, title: str, summary: str, query: str, body: Any, subject: Subject | None = None
) -> Observation:
    evidence = Evidence(
        key=f"{SOURCE}/tool/{key}",
        source=SOURCE,
        check=check,
        title=title,
        summary=summary,
        query=query,
        body=body,
        subject=subject,
        untrusted=True,
    )
    return Observation(evidence=(evidence,), searched=query)


def _revision(subject: Subject, change: Change, query: str) -> Evidence:
    at: datetime = change.at
    return Evidence(
        key=f"{SOURCE}/Change/{subject}/{at.isoformat()}",
        source=SOURCE,
        check="rollouts",
        title=f"Rollout of {subject.spoken}",
        summary=change.what,
        subject=subject,
        onset=at,
        query=query,
        body=change,
        untrusted=True,
    )
