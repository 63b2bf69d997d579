"""A small AWS on loopback: HTTP, AWS' own wire formats, answers as Python values.

Requests are told apart the way AWS does it (target header, `Action` field, path); answers are written
by the shapes of botocore's own service models, so a test says what AWS would answer and not how it
spells it. What a test does not answer is refused like an operation that is not allowed.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from xml.sax.saxutils import escape

import botocore.session
from botocore.model import ServiceModel, Shape

SIGNED_AS = {
    "monitoring": "cloudwatch", "elasticloadbalancing": "elbv2", "states": "stepfunctions", "es": "opensearch",
    "elasticfilesystem": "efs",
}  # fmt: skip
"""Signing names that differ from boto3's names of the services."""


class Refused(Exception):
    """An answer that is an error: its code, HTTP status and message."""

    def __init__(self, code: str, status: int = 400, message: str = "") -> None:
        super().__init__(code)
        self.code, self.status, self.message = code, status, message or f"{code} for a test"


class Raw(Exception):
    """An answer with exactly this body, whatever was asked."""

    def __init__(self, body: bytes, status: int = 200) -> None:
        super().__init__(body)
        self.body, self.status = body, status


Answer = Callable[[Mapping[str, Any]], Mapping[str, Any]]


@dataclass
class Account:
    """What is answered, by (service, operation); what was asked is kept in `calls`."""

    answers: dict[tuple[str, str], Answer | Mapping[str, Any]] = field(default_factory=dict)
    calls: list[tuple[str, str, Mapping[str, Any]]] = field(default_factory=list)
    delay: float = 0.0
    url: str = ""

    def answer(self, service: str, operation: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        self.calls.append((service, operation, params))
        found = self.answers.get((service, operation))
        if found is None:
            raise Refused("AccessDeniedException", 403, f"User: test is not authorized to perform {operation}")
        return found(params) if callable(found) else found

    def asked(self, operation: str) -> list[Mapping[str, Any]]:
        """The parameters of every call of an operation."""
        return [params for _, name, params in self.calls if name == operation]


@cache
def model(service: str) -> ServiceModel:
    return ServiceModel(botocore.session.get_session().get_service_data(service), service)


@contextmanager
def serving(account: Account) -> Iterator[Account]:
    """The account on a free port of loopback."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            return

        def do_POST(self) -> None:
            self._handle()

        def do_GET(self) -> None:
            self._handle()

        def _handle(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            service, operation, params = _read_request(self.command, self.path, self.headers, body)
            time.sleep(account.delay)
            try:
                self._send(200, *_written(service, operation, account.answer(service, operation, params)))
            except Refused as error:
                self._send(error.status, *_refusal(service, error))
            except Raw as raw:
                self._send(raw.status, raw.body, "application/x-amz-json-1.0")

        def _send(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    account.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield account
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _read_request(verb: str, path: str, headers: Any, body: bytes) -> tuple[str, str, Mapping[str, Any]]:
    signed = re.search(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/", headers.get("authorization") or "")
    service = signed.group(1) if signed else ""
    service = SIGNED_AS.get(service, service)
    target = headers.get("x-amz-target")
    if target:
        return service, target.split(".")[-1], json.loads(body or b"{}")
    fields = dict(parse_qsl(body.decode())) if body and "urlencoded" in (headers.get("content-type") or "") else {}
    if "Action" in fields:
        return service, fields["Action"], fields
    return _by_path(service, verb, urlsplit(path), body)


def _by_path(service: str, verb: str, url: Any, body: bytes) -> tuple[str, str, Mapping[str, Any]]:
    for name in model(service).operation_names:
        http = model(service).operation_model(name).http
        wanted = re.sub(r"\\\{(\w+)\+?\\\}", r"(?P<\1>[^/]+)", re.escape(http["requestUri"].split("?")[0]))
        found = re.fullmatch(wanted, url.path)
        if found and http["method"] == verb:
            named = {key: unquote(value) for key, value in found.groupdict().items()}
            return service, name, {**dict(parse_qsl(url.query)), **named, **(json.loads(body) if body else {})}
    return service, "unknown", {}


def _protocol(service: str) -> str:
    return str(model(service).resolved_protocol)


def _written(service: str, operation: str, value: Mapping[str, Any]) -> tuple[bytes, str]:
    shape = model(service).operation_model(operation).output_shape
    protocol = _protocol(service)
    if "json" in protocol:
        return json.dumps(_json(shape, value) if shape else {}).encode(), "application/x-amz-json-1.0"
    payload = shape.serialization.get("payload") if shape else None
    if payload:
        # The body is the one member, and its element the root.
        (root,) = (name for name in value if name == payload)
        return f"<{root}>{_xml(shape.members[root], value[root], protocol)}</{root}>".encode(), "text/xml"
    inner = _xml(shape, value, protocol) if shape else ""
    if protocol == "query":
        inner = f"<{operation}Result>{inner}</{operation}Result>"
    request = "<requestId>r</requestId>" if protocol == "ec2" else ""
    return f"<{operation}Response>{inner}{request}</{operation}Response>".encode(), "text/xml"


def _refusal(service: str, error: Refused) -> tuple[bytes, str]:
    if service and "json" in _protocol(service):
        return json.dumps({"__type": error.code, "message": error.message}).encode(), "application/x-amz-json-1.0"
    inner = f"<Error><Code>{error.code}</Code><Message>{escape(error.message)}</Message></Error>"
    return f"<ErrorResponse>{inner}</ErrorResponse>".encode(), "text/xml"


def _json(shape: Shape | None, value: Any) -> Any:
    if shape is None or value is None:
        return value
    if shape.type_name == "structure":
        return {_named(shape.members[k], k): _json(shape.members[k], v) for k, v in value.items()}
    if shape.type_name == "list":
        return [_json(shape.member, item) for item in value]
    if shape.type_name == "map":
        return {key: _json(shape.value, item) for key, item in value.items()}
    return value.timestamp() if isinstance(value, datetime) else value


def _named(shape: Shape, name: str) -> str:
    return str(shape.serialization.get("name", name)) if shape.serialization.get("location") != "uri" else name


def _xml(shape: Shape, value: Any, protocol: str) -> str:
    if shape.type_name == "structure":
        return "".join(_member(shape.members[key], key, item, protocol) for key, item in value.items())
    if shape.type_name == "list":
        tag = shape.member.serialization.get("name", "item" if protocol == "ec2" else "member")
        return "".join(f"<{tag}>{_xml(shape.member, item, protocol)}</{tag}>" for item in value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return escape(str(value))


def _member(shape: Shape, name: str, value: Any, protocol: str) -> str:
    tag = shape.serialization.get("name", name)
    if protocol == "ec2":
        tag = shape.serialization.get("queryName", tag)
        tag = shape.serialization.get("name", tag)
    return f"<{tag}>{_xml(shape, value, protocol)}</{tag}>"
