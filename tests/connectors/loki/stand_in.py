"""Loki on loopback: a few streams; selectors and line filters are evaluated, counting is the server's own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.connectors.http_server import HttpStandIn, Request

_SELECTOR = re.compile(r'\{((?:[^}"]|"(?:[^"\\]|\\.)*")*)\}')
_MATCHER = re.compile(r'(\w+)(=~|=)"((?:[^"\\]|\\.)*)"')


@dataclass
class Streams:
    """Label sets with their lines (time, text)."""

    rows: list[tuple[Mapping[str, str], list[tuple[datetime, str]]]] = field(default_factory=list)

    def serve(self) -> HttpStandIn:
        """A server of these streams; close it."""
        return HttpStandIn(self.answer)

    def answer(self, request: Request) -> Any:
        """The answer of Loki's API."""
        if request.path == "/loki/api/v1/labels":
            names = sorted({name for labels, _ in self.rows for name in labels})
            return {"status": "success", **({"data": names} if names else {})}
        if found := re.fullmatch(r"/loki/api/v1/label/(\w+)/values", request.path):
            return {"status": "success", "data": sorted({row[found[1]] for row, _ in self.rows if found[1] in row})}
        if request.path == "/loki/api/v1/query_range":
            return {"status": "success", "data": self._range(request.params)}
        return None

    def _range(self, params: Mapping[str, str]) -> Mapping[str, Any]:
        start, end = (int(params[name]) / 1e9 for name in ("start", "end"))
        query = params["query"]
        mine = [row for row in self.rows if selected(query, row[0])]
        found = [
            (labels, [(t, text) for at, text in lines if start <= (t := at.timestamp()) < end and wanted(query, text)])
            for labels, lines in mine
        ]
        if not query.startswith("{"):
            return {"resultType": "matrix", "result": counted(found, start, end, float(params["step"]))}
        backward, limit = params["direction"] == "backward", int(params["limit"])
        entries = sorted(((t, text, labels) for labels, lines in found for t, text in lines), key=lambda e: e[0])
        kept = entries[::-1][:limit] if backward else entries[:limit]
        values = [{"stream": labels, "values": [[str(int(t * 1e9)), text]]} for t, text, labels in kept]
        return {"resultType": "streams", "result": values}


def selected(query: str, labels: Mapping[str, str]) -> bool:
    """Whether the stream selector of a query takes this stream."""
    inside = _SELECTOR.search(query)
    assert inside, query
    for name, operator, value in _MATCHER.findall(inside[1]):
        value = value.replace("\\\\", "\\")
        have = labels.get(name, "")
        if not (re.fullmatch(value, have) if operator == "=~" else have == value):
            return False
    return True


def wanted(query: str, text: str) -> bool:
    """Whether the line filters of a query let this line pass."""
    patterns = [value.replace("\\\\", "\\") for value in re.findall(r'\|~ "((?:[^"\\]|\\.)*)"', query)]
    words = re.findall(r'\|= "([^"]*)"', query)
    return all(re.search(one, text) for one in patterns) and all(word in text for word in words)


def counted(found: list[Any], start: float, end: float, step: float) -> list[Mapping[str, Any]]:
    """All lines per step, as `sum(count_over_time(… [step]))` answers; steps without lines are left out."""
    times = [t for _, lines in found for t, _ in lines]
    edges = [start + i * step for i in range(1, int((end - start) / step) + 1)]
    counts = [(edge, sum(edge - step < t <= edge for t in times)) for edge in edges]
    values = [[edge, str(count)] for edge, count in counts if count]
    return [{"metric": {}, "values": values}] if values else []
