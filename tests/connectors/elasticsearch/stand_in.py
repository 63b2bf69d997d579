"""Elasticsearch on loopback: evaluates the few kinds of queries that the connector sends, and refuses any other."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.connectors.http_server import HttpStandIn, Request

Document = dict[str, Any]


@dataclass
class Index:
    """Documents with flat, dotted field names."""

    documents: list[Document] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)
    """What an answer says beside its hits."""

    def serve(self) -> HttpStandIn:
        return HttpStandIn(self.answer)

    def answer(self, request: Request) -> Any:
        if not request.path.endswith("/_search"):
            return None
        body = request.body or {"size": 0, "query": {"bool": {"filter": []}}}
        found = [one for one in self.documents if matches(body["query"], one)]
        if body["size"] == 0 and "aggs" in body:
            return {"aggregations": {"over_time": {"buckets": buckets(body["aggs"]["over_time"], found)}}, **self.extra}
        for sort in body.get("sort", ()):
            for name, how in sort.items():
                found.sort(key=lambda one: one[name], reverse=how["order"] == "desc")
        hits = (
            [{"_source": {k: v for k, v in one.items() if k in body["_source"]}} for one in found[: body["size"]]]
            if body["size"]
            else []
        )
        return {"hits": {"hits": hits}, **self.extra}


def matches(query: Mapping[str, Any], document: Document) -> bool:
    """Whether a document passes a query."""
    ((kind, inner),) = query.items()
    if kind == "bool":
        required = all(matches(one, document) for one in inner.get("filter", ()))
        return required and (not inner.get("should") or any(matches(one, document) for one in inner["should"]))
    if kind == "multi_match":
        return any(inner["query"] in str(document.get(name, "")).lower() for name in inner["fields"])
    if kind == "query_string":
        return any(inner["query"].strip('"') in str(document.get(name, "")) for name in inner["fields"])
    ((name, wanted),) = inner.items()
    have = str(document.get(name.removesuffix(".keyword"), ""))
    if kind == "range":
        return bool(wanted["gte"] <= have < wanted["lt"])
    if kind == "regexp":
        return re.fullmatch(wanted["value"], have) is not None
    return have in wanted if kind == "terms" else {"term": have == wanted}[kind]


def buckets(asked: Mapping[str, Any], found: list[Document]) -> list[Mapping[str, Any]]:
    """A date histogram with filters in it."""
    over = asked["date_histogram"]
    step = int(over["fixed_interval"].removesuffix("s"))
    low, high = (moment(over["extended_bounds"][name]) for name in ("min", "max"))
    result: list[Mapping[str, Any]] = []
    for key in range(int(low) // step * step, int(high), step):
        inside = [one for one in found if key <= moment(one[over["field"]]) < key + step]
        counts = {n: {"doc_count": sum(matches(f["filter"], d) for d in inside)} for n, f in asked["aggs"].items()}
        result.append({"key": key * 1000, "doc_count": len(inside), **counts})
    return result


def moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
