"""A stand-in for Prometheus on loopback: plain selectors over given series, canned answers, and every way to fail.

It evaluates selectors (with matchers) and nothing more; expressions with functions are answered from
`canned`, by their canonical text. What the connector's own expressions mean is tried on a real Prometheus.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import promql_parser

LOOKBACK = 300.0
Row = tuple[Mapping[str, str], list[tuple[float, float]]]


@dataclass
class Trouble:
    """How the server misbehaves: an answer given instead of the right one, after `delay` seconds."""

    status: int = 200
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    only: str = ""
    """Only on paths that contain this."""


class PrometheusStandIn:
    """Serves series until closed. `requests` holds (method, path, parameters) of every call."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.canned: dict[str, list[Row]] = {}
        self.rules: list[dict[str, Any]] = []
        self.targets: list[dict[str, Any]] = []
        self.pages: dict[str, Any] = {}
        """Answers of other paths, or other answers."""
        self.warnings: list[str] = []
        self.trouble = Trouble()
        self.post_allowed = True
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.headers: list[Mapping[str, str]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def add(self, name: str, labels: Mapping[str, str], points: Iterable[tuple[float, float]]) -> None:
        """One series."""
        self.rows.append(({"__name__": name, **labels}, list(points)))

    def asked(self, path: str) -> list[dict[str, str]]:
        """The parameters of the calls to a path."""
        return [params for _, where, params in self.requests if where.endswith(path)]

    def answer(self, path: str, params: Mapping[str, str]) -> Any:
        """The `data` of an answer; ValueError is a bad query."""
        if path.endswith("/label/__name__/values"):
            return sorted({labels["__name__"] for labels, _ in self._matching(params.get("match[]", ""))})
        if found := re.search(r"/label/(\w+)/values$", path):
            return sorted(
                {labels[found[1]] for labels, _ in self._matching(params.get("match[]", "")) if found[1] in labels}
            )
        if path.endswith("/query_range"):
            return {"resultType": "matrix", "result": self._range(params)}
        if path.endswith("/query"):
            return {"resultType": "vector", "result": self._instant(params)}
        return self._fixed(path)

    def _fixed(self, path: str) -> Any:
        pages: dict[str, Any] = {
            "/api/v1/rules": {"groups": [{"name": "g", "file": "f.yml", "rules": self.rules}]},
            "/api/v1/targets": {"activeTargets": self.targets},
            "/api/v1/alerts": {"alerts": []},
            "/api/v1/status/buildinfo": {"version": "2.99.0"},
            "/api/v1/status/runtimeinfo": {"storageRetention": "15d"},
        }
        return {**pages, **self.pages}[path]

    def _values(self, label: str, params: Mapping[str, str]) -> list[str]:
        return sorted({labels[label] for labels, _ in self._matching(params.get("match[]", "")) if label in labels})

    def _matching(self, selector: str) -> list[Row]:
        if not selector:
            return self.rows
        tree = promql_parser.parse(selector)
        return [row for row in self.rows if _matches(tree, row[0])]

    def _series(self, expression: str) -> list[Row]:
        canned = {_canonical(text): rows for text, rows in self.canned.items()}
        if _canonical(expression) in canned:
            return canned[_canonical(expression)]
        tree = promql_parser.parse(expression)
        if isinstance(tree, promql_parser.VectorSelector):
            return [row for row in self.rows if _matches(tree, row[0])]
        return []

    def _range(self, params: Mapping[str, str]) -> list[dict[str, Any]]:
        start, end, step = float(params["start"]), float(params["end"]), float(params["step"])
        times = [start + i * step for i in range(int((end - start) / step) + 1)]
        found = []
        for labels, points in self._series(params["query"]):
            values = [[t, str(v)] for t in times if (v := _at(points, t)) is not None]
            if values:
                found.append({"metric": labels, "values": values})
        return found

    def _instant(self, params: Mapping[str, str]) -> list[dict[str, Any]]:
        at = float(params["time"])
        rows = ((labels, _at(points, at)) for labels, points in self._series(params["query"]))
        return [{"metric": labels, "value": [at, str(v)]} for labels, v in rows if v is not None]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self.respond(urlsplit(self.path).query)

            def do_POST(self) -> None:
                self.respond(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())

            def log_message(self, format: str, *args: Any) -> None:
                """Quiet."""

            def respond(self, form: str) -> None:
                path = urlsplit(self.path).path
                params = {k: v[0] for k, v in parse_qs(form).items()}
                stand_in.requests.append((self.command, path, params))
                stand_in.headers.append(dict(self.headers))
                trouble = stand_in.trouble if stand_in.trouble.only in path else Trouble()
                time.sleep(trouble.delay)
                if self.command == "POST" and not stand_in.post_allowed:
                    self.reply(405, b"method not allowed", {})
                elif trouble.body is not None or trouble.status != 200:
                    self.reply(trouble.status, trouble.body or b"", trouble.headers)
                else:
                    self.reply(*self.right(path, params), {})

            def right(self, path: str, params: Mapping[str, str]) -> tuple[int, bytes]:
                if path == "/-/ready":
                    return 200, b"ready"
                try:
                    body = {"status": "success", "data": stand_in.answer(path, params), "warnings": stand_in.warnings}
                except ValueError as wrong:
                    return 400, json.dumps({"status": "error", "errorType": "bad_data", "error": str(wrong)}).encode()
                except KeyError:
                    return 404, b"404 page not found"
                return 200, json.dumps(body).encode()

            def reply(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
                try:
                    self.send_response(status)
                    for name, value in headers.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                except OSError:
                    self.close_connection = True  # who asked has gone: a time limit is what the test is about

        return Handler


def _canonical(expression: str) -> str:
    return "".join(promql_parser.parse(expression).prettify().split())


def _at(points: list[tuple[float, float]], t: float) -> float | None:
    """The last sample not older than the look-back."""
    held = [v for at, v in points if t - LOOKBACK < at <= t]
    return held[-1] if held else None


def _matches(tree: Any, labels: Mapping[str, str]) -> bool:
    if tree.name and labels["__name__"] != tree.name:
        return False
    return all(_fits(m, labels.get(m.name, "")) for m in tree.matchers.matchers)


def _fits(matcher: Any, value: str) -> bool:
    operator = str(matcher.op)
    if operator in ("MatchOp.Equal", "MatchOp.NotEqual"):
        return bool((value == matcher.value) == (operator == "MatchOp.Equal"))
    return (re.fullmatch(matcher.value, value) is not None) == (operator == "MatchOp.Re")
