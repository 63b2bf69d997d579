"""What may be asked of Loki beyond the checks: somebody's own LogQL, kept within the incident's namespace."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from connectors import log_reading
from connectors.contract import ConnectorError, Inquiry, Tool
from connectors.evidence import Evidence, Observation, ResourceState, SeriesSet
from connectors.log_reading import Source
from connectors.loki import logql, streams
from connectors.loki.checks import Search
from connectors.loki.client import command

_MOST_LINES = 1000
_MOST_SERIES = 8
_LABEL = r"^[A-Za-z_][A-Za-z0-9_]*$"


def table(search: Callable[[Inquiry], Search]) -> Sequence[Tool]:
    """The tools; `search` makes what one investigation shares."""

    async def query(inquiry: Inquiry, arguments: Mapping[str, Any]) -> Observation:
        return await _query(search(inquiry), arguments)

    async def labels(inquiry: Inquiry, arguments: Mapping[str, Any]) -> Observation:
        return await _labels(search(inquiry), str(arguments.get("label") or ""))

    return (
        Tool(
            "loki_query",
            "Run LogQL on Loki over the incident's window: a log query answers with patterns of lines before and "
            "after the onset, a metric query (rate, count_over_time …) with series. Stays in the incident's "
            "namespace unless `anywhere`.",
            {
                "type": "object",
                "properties": {
                    "query": {"type": "string", "maxLength": logql.LONGEST},
                    "limit": {"type": "integer", "minimum": 1, "maximum": _MOST_LINES},
                    "anywhere": {"type": "boolean"},
                },
                "required": ["query"],
                "additionalProperties": False,
            },
            query,
            read_query,
        ),
        Tool(
            "loki_labels",
            "The labels of Loki's streams in the incident's window, or the values of one label.",
            {
                "type": "object",
                "properties": {"label": {"type": "string", "pattern": _LABEL}},
                "additionalProperties": False,
            },
            labels,
            read_labels,
        ),
    )


async def _query(search: Search, arguments: Mapping[str, Any]) -> Observation:
    parsed = logql.parse(str(arguments["query"]))
    text = parsed.text if arguments.get("anywhere") else await _scoped(search, parsed)
    window, onset = search.inquiry.window, log_reading.claimed_onset(search.inquiry)
    key = sha256(text.encode()).hexdigest()[:12]
    if parsed.metric:
        return await _numbers(search, text, key)
    limit = min(int(arguments.get("limit") or 500), _MOST_LINES)
    found = await search.loki.lines(text, window.start, window.end, limit, latest=True)
    link = search.loki.link(text, window.start, window.end)
    source = Source("loki", key, "", found.query, link)
    return log_reading.listed(found.lines, onset, source, text, cut=found.cut)


async def _scoped(search: Search, parsed: logql.Query) -> str:
    """The query within the incident's namespace, where streams carry one and the query names none itself."""
    namespace = search.inquiry.scope.namespace
    label = streams.label_of("namespace", await search.labels(), search.own)
    return parsed.within({label: namespace}) if namespace and label else parsed.text


async def _numbers(search: Search, text: str, key: str) -> Observation:
    window = search.inquiry.window
    step = log_reading.step(window.start, window.end)
    found = await search.loki.series(text, window.start, window.end, step)
    query = f"{command(text, window.start, window.end)} --step={step}s"
    if not found:
        return Observation(searched=f"no series: {query}")
    shown = found[:_MOST_SERIES]
    told = "; ".join(f"{one.name}: last {one.points[-1][1]:g}" for one in shown if one.points)
    item = Evidence(
        key=f"loki/query/{key}",
        source="loki",
        check="query",
        title=text[:120],
        summary=f"{len(found)} series; {told}",
        query=query,
        link=search.loki.link(text, window.start, window.end),
        body=SeriesSet(series=tuple(shown), omitted=len(found) - len(shown)),
        untrusted=True,
    )
    return Observation(evidence=(item,))


async def _labels(search: Search, label: str) -> Observation:
    window = search.inquiry.window
    if label and not label.isidentifier():
        raise ConnectorError("rejected", label, "not the name of a label")
    found = await (search.loki.label_values(label, window.start, window.end) if label else search.labels())
    query = f"logcli labels {label}".strip()
    if not found:
        return Observation(searched=f"nothing in this window: {query}")
    item = Evidence(
        key=f"loki/labels/{label}",
        source="loki",
        check="labels",
        title=f"Values of {label}" if label else "Labels of the streams",
        summary=f"{len(found)}: {', '.join(found[:20])}",
        query=query,
        body=ResourceState(
            columns=(label or "label",), rows=tuple((one,) for one in found[:100]), omitted=max(0, len(found) - 100)
        ),
        untrusted=True,
    )
    return Observation(evidence=(item,))


def read_query(argv: Sequence[str]) -> Mapping[str, Any] | None:
    """`logcli query [--limit=N] QUERY` as arguments; ranges are the incident's, addresses the connector's own."""
    if list(argv[:2]) not in (["logcli", "query"], ["logcli", "instant-query"]):
        return None
    words, limit, rest = [], 0, iter(argv[2:])
    for word in rest:
        name, given, value = word.partition("=")
        if name in _VALUED:
            value = value if given else next(rest, "")
            limit = int(value) if name == "--limit" and value.isdigit() else limit
        elif not word.startswith("-"):
            words.append(word)
    if len(words) != 1:
        return None
    return {"query": words[0], "anywhere": True, **({"limit": max(1, min(limit, _MOST_LINES))} if limit else {})}


_VALUED = frozenset({
    "--limit", "--since", "--from", "--to", "--step", "--interval", "--batch", "--timezone", "--output", "-o", "-z",
    "--addr", "--org-id", "--username", "--password", "--bearer-token",
})  # fmt: skip


def read_labels(argv: Sequence[str]) -> Mapping[str, Any] | None:
    """`logcli labels [LABEL]` as arguments."""
    words = [word for word in argv if not word.startswith("-")]
    if words[:2] != ["logcli", "labels"] or len(words) > 3:
        return None
    return {"label": words[2]} if len(words) == 3 else {}
