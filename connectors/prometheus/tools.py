"""What the persona may ask Prometheus: read-only queries that answer with evidence.

Every expression is parsed and scoped first. An answer carries the exact query and its range; an empty one
says what was searched, and looks whether the metric exists at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from connectors import changes
from connectors.contract import ConnectorError, Inquiry, Tool
from connectors.evidence import Evidence, Observation, ResourceState
from connectors.prometheus import alerting, promql, samples
from connectors.prometheus.samples import Stream
from connectors.prometheus.survey import Reading, Survey

Bind = Callable[[Inquiry], Survey]
_ROWS = 20
_SERIES = 8
_MOST_NAMES = 200
_EXPRESSION = {"type": "string", "description": "PromQL"}
_ANYWHERE = {
    "type": "boolean",
    "description": "not only the incident's namespace",
}


def table(bind: Bind) -> tuple[Tool, ...]:
    """The tools; `bind` makes the survey of an inquiry."""

    def run(answer: Callable[[Survey, Mapping[str, Any]], Any]) -> Callable[[Inquiry, Mapping[str, Any]], Any]:
        return lambda inquiry, arguments: answer(bind(inquiry), arguments)

    return (
        Tool(
            "prometheus_query",
            "At the end of the window, when a fault may be over: prefer the range.",
            _schema({"expression": _EXPRESSION, "anywhere": _ANYWHERE}, "expression"),
            run(instant),
            _promtool("instant"),
            _confined,
        ),
        Tool(
            "prometheus_query_range",
            "Over the window: each series' medians before and after the onset.",
            _schema(
                {
                    "expression": _EXPRESSION,
                    "anywhere": _ANYWHERE,
                    "since_minutes": {
                        "type": "integer",
                        "minimum": 1,
                        "maximum": 1440,
                    },
                },
                "expression",
            ),
            run(over_range),
            _promtool("range"),
            _confined,
        ),
        Tool(
            "prometheus_metrics",
            "Metrics by part of the name or regular expression.",
            _schema({"contains": {"type": "string"}}, "contains"),
            run(metrics),
        ),
        Tool(
            "prometheus_label_values",
            "Values of a label, of all series or a selector's.",
            _schema(
                {"label": {"type": "string"}, "selector": {"type": "string"}},
                "label",
            ),
            run(label_values),
        ),
        Tool(
            "prometheus_alerts",
            "What fires, with labels and since when.",
            _schema({}),
            run(lambda survey, _: alerting.firing(survey)),
        ),
        Tool(
            "prometheus_rule",
            "Expression and waiting time of an alerting rule.",
            _schema({"name": {"type": "string"}}, "name"),
            run(rule),
        ),
    )


async def instant(survey: Survey, arguments: Mapping[str, Any]) -> Observation:
    """The value of an expression at the end of the window."""
    expression = _scoped(survey, arguments)
    reading = await survey.instant(expression)
    if not reading.streams:
        return await _nothing(survey, expression, reading)
    ranked = sorted(reading.streams, key=lambda s: -abs(s.points[-1][1]))
    rows = tuple((_named(s), samples.said(s.points[-1][1])) for s in ranked)
    return _one(
        survey,
        "instant",
        expression,
        reading,
        "; ".join(f"{n} = {v}" for n, v in rows[:5]),
        ResourceState(columns=("series", "value"), rows=rows[:_ROWS], omitted=max(0, len(rows) - _ROWS)),
    )


async def over_range(survey: Survey, arguments: Mapping[str, Any]) -> Observation:
    """An expression over the window, the series that moved most first."""
    expression = _scoped(survey, arguments)
    minutes = arguments.get("since_minutes")
    start = (
        survey.inquiry.window.end - timedelta(minutes=min(1440, max(1, int(minutes))))
        if minutes
        else survey.inquiry.window.start
    )
    reading = await survey.over_time(expression, start)
    if not reading.streams:
        return await _nothing(survey, expression, reading)
    shifts = [(s, changes.shift(s.points, survey.claimed)) for s in reading.streams]
    ranked = sorted(shifts, key=lambda pair: -(pair[1].score if pair[1] else 0.0))
    told = "; ".join(_told(s, shift) for s, shift in ranked[:5])
    bodies = [samples.series(_named(s), s, "", shift) for s, shift in ranked[:_SERIES]]
    return _one(
        survey,
        "range",
        expression,
        reading,
        f"{told} ({len(ranked)} series).",
        samples.together(bodies, max(0, len(ranked) - _SERIES)),
    )


async def metrics(survey: Survey, arguments: Mapping[str, Any]) -> Observation:
    """The names of metrics that contain a text or match a regular expression."""
    text = str(arguments["contains"])
    try:
        wanted = re.compile(text, re.IGNORECASE)
    except re.error:
        wanted = re.compile(re.escape(text), re.IGNORECASE)
    every = await survey.names()
    found = sorted(name for name in every if wanted.search(name))
    if not found:
        return Observation(searched=f"{len(every)} metrics, none with {text!r} in its name")
    return _listed(f"metrics/{text}", f"Metrics with {text!r}", "metric", found, f"label_values(__name__) =~ {text}")


async def label_values(survey: Survey, arguments: Mapping[str, Any]) -> Observation:
    """The values of a label."""
    label, selector = str(arguments["label"]), str(arguments.get("selector") or "")
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", label):
        raise ConnectorError("rejected", label, "not the name of a label")
    window = survey.inquiry.window
    answer = await survey.client.label_values(
        label, window.start, window.end, promql.checked(selector) if selector else ""
    )
    found = [str(v) for v in answer.data] if isinstance(answer.data, list) else []
    if not found:
        return Observation(searched=f"no series has the label {label}{f' among {selector}' if selector else ''}")
    return _listed(
        f"label/{label}/{selector}",
        f"Values of {label}",
        label,
        found,
        f"label_values({selector + ', ' if selector else ''}{label})",
    )


async def rule(survey: Survey, arguments: Mapping[str, Any]) -> Observation:
    """An alerting rule by its name."""
    name = str(arguments["name"])
    found = await alerting.rules_named(survey, name)
    if not found:
        return Observation(searched=f"no alerting rule is named {name}")
    rows = tuple((r.name, r.expression, f"{r.waits:g} s", r.found_in) for r in found)
    return Observation(
        evidence=(
            Evidence(
                key=f"prometheus/rule/{name}",
                source="prometheus",
                check="rule",
                title=f"Rule {name}",
                query="/api/v1/rules?type=alert",
                summary="; ".join(f"{r[1]} for {r[2]}" for r in rows[:3]),
                body=ResourceState(columns=("rule", "expression", "for", "in"), rows=rows),
            ),
        )
    )


def _scoped(survey: Survey, arguments: Mapping[str, Any]) -> str:
    """The expression within the incident's namespace, unless `anywhere`, or what it reads has no namespace."""
    text = str(arguments["expression"])
    namespace = survey.inquiry.scope.namespace
    if not namespace or arguments.get("anywhere") or _clusterwide(text):
        return promql.checked(text)
    return promql.checked(text, {"namespace": namespace})


def _clusterwide(text: str) -> bool:
    """Whether it reads something that carries no namespace of a workload: nodes, meshes' own labels, scrapes."""
    return any(n.startswith(_WITHOUT_NAMESPACE) for n in promql.metric_names(text)) or not promql.metric_names(text)


def _confined(arguments: Mapping[str, Any]) -> bool:
    """Whether the expression is held in the namespace, or reads nothing but what belongs to no workload at all."""
    text = str(arguments.get("expression", ""))
    if arguments.get("anywhere"):
        return False
    return not _clusterwide(text) or promql.reads_only(text, _OF_NO_WORKLOAD)


_OF_NO_WORKLOAD = ("node", "machine_", "apiserver_", "etcd_", "scheduler_", "workqueue_")
_WITHOUT_NAMESPACE = (
    "node",
    "instance",
    "machine_",
    "up",
    "istio_",
    "envoy_",
    "apiserver_",
    "etcd_",
    "scheduler_",
    "workqueue_",
    "prometheus_",
    "ALERTS",
    "traces_",
    "probe_",
    "kubelet_",
    "traefik_",
)


async def _nothing(survey: Survey, expression: str, reading: Reading) -> Observation:
    names = await survey.names()
    unknown = [n for n in promql.metric_names(expression) if n not in names]
    hint = (
        f"; there is no metric {', '.join(unknown)} in the window"
        if unknown
        else "; the metric exists, its labels do not match"
    )
    return Observation(searched=f"no series: {reading.query}{hint}", partial="; ".join(reading.warnings))


def _one(survey: Survey, kind: str, expression: str, reading: Reading, told: str, body: Any) -> Observation:
    digest = sha256(reading.query.encode()).hexdigest()[:12]
    item = Evidence(
        key=f"prometheus/{kind}/{digest}",
        source="prometheus",
        check=f"query_{kind}",
        title=" ".join(expression.split())[:120],
        summary=told,
        query=reading.query,
        link=survey.client.link(reading.expression, *(survey.focus if kind == "range" else ())),
        body=body,
    )
    return Observation(evidence=(item,), partial="; ".join(reading.warnings))


def _listed(key: str, title: str, column: str, found: Sequence[str], query: str) -> Observation:
    shown = found[:_MOST_NAMES]
    item = Evidence(
        key=f"prometheus/{key}",
        source="prometheus",
        check="list",
        title=title,
        summary=f"{len(found)}: " + ", ".join(found[:12]),
        query=query,
        body=ResourceState(columns=(column,), rows=tuple((n,) for n in shown), omitted=len(found) - len(shown)),
    )
    return Observation(evidence=(item,))


def _told(stream: Stream, shift: changes.Shift | None) -> str:
    if shift is None:
        return f"{_named(stream)}: last {samples.said(stream.points[-1][1])}"
    since = f" from {datetime.fromtimestamp(shift.onset, UTC):%H:%M:%S}" if shift.onset else ""
    return f"{_named(stream)}: {samples.said(shift.before)} before, {samples.said(shift.after)} after{since}"


def _named(stream: Stream) -> str:
    inside = ", ".join(f"{k}={v}" for k, v in sorted(stream.labels.items()) if k != "__name__")
    return f"{stream.name}{{{inside}}}" if inside or stream.name else "value"


def _schema(properties: Mapping[str, Any], *required: str) -> Mapping[str, Any]:
    return {"type": "object", "properties": dict(properties), "required": list(required), "additionalProperties": False}


def _promtool(kind: str) -> Callable[[Sequence[str]], Mapping[str, Any] | None]:
    """`promtool query instant|range [flags] URL EXPR` as arguments; the URL is not used: the connector has its own."""

    def read(argv: Sequence[str]) -> Mapping[str, Any] | None:
        if list(argv[:3]) != ["promtool", "query", kind]:
            return None
        words = [a for a in argv[3:] if not a.startswith("-")]
        return {"expression": words[1], "anywhere": True} if len(words) == 2 else None

    return read
