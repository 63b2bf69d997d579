"""A small HTTP server on loopback that answers with what a test lays out, and fails in every way a test wants."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit


class Request(NamedTuple):
    """What was asked: path without the query, its parameters (the last of each), JSON or form of the body, headers."""

    path: str
    params: Mapping[str, str]
    body: Any
    headers: Mapping[str, str]
    every: Mapping[str, list[str]]


@dataclass
class Trouble:
    """An answer given instead of the right one, after `delay` seconds; only on paths that contain `only`."""

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    only: str = ""


class HttpStandIn:
    """Serves until closed: `answer` gives the JSON for a request, or None for 404."""

    def __init__(self, answer: Callable[[Request], Any]) -> None:
        self.answer = answer
        self.trouble: Trouble | None = None
        self.requests: list[Request] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def asked(self, path: str) -> list[Request]:
        """The requests whose path contains this."""
        return [one for one in self.requests if path in one.path]

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def respond(self, request: Request) -> tuple[int, bytes, Mapping[str, str]]:
        """Status, body and headers for a request."""
        self.requests.append(request)
        if self.trouble and self.trouble.only in request.path:
            time.sleep(self.trouble.delay)
            return self.trouble.status, self.trouble.body, self.trouble.headers
        found = self.answer(request)
        return (404, b"page not found", {}) if found is None else (200, json.dumps(found).encode(), {})

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _serve(self) -> None:
                parts = urlsplit(self.path)
                every = parse_qs(parts.query, keep_blank_values=True)
                sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                last = {name: values[-1] for name, values in every.items()}
                form = "form-urlencoded" in (self.headers.get("Content-Type") or "")
                body = dict(parse_qsl(sent.decode())) if form else json.loads(sent) if sent else None
                request = Request(unquote(parts.path), last, body, dict(self.headers), every)
                status, content, headers = outer.respond(request)
                try:
                    self.send_response(status)
                    for name, value in {"Content-Length": str(len(content)), **headers}.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(content)
                except OSError:  # whoever asked has given up waiting
                    self.close_connection = True

            do_GET = do_POST = _serve  # noqa: N815

            def log_message(self, format: str, *args: Any) -> None:
                return

        return Handler
