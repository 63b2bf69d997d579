"""Each connector against a source that fails in every way a source can, on the wire: a row for every check, an end in
time, no claim from nothing, and the diagnosis from what the others say."""

from __future__ import annotations

import itertools
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import entry_points
from typing import Any

import pytest

from chatops.policy.redaction import Redactor
from chatops.triage.gather import Gatherer
from chatops.triage.results import Gathered
from chatops.triage.verdicts import Ranked, diagnose
from connectors.cloudwatch.connector import open_connector as open_cloudwatch
from connectors.contract import Check, Connector, ConnectorSettings, FiringAlert, Inquiry, Scope, Window
from connectors.evidence import Evidence, Finding, Observation, State, Subject
from connectors.kubernetes.opening import open_connector as open_kubernetes
from connectors.prometheus.connector import open_connector as open_prometheus
from tests.conftest import NOW
from tests.connectors.optional import NEEDED

SECONDS = {"hang": 0.4, "endless": 0.4}
"""The connectors' time limit for one call, where it is what ends it; elsewhere a slow machine must not reach it."""
FAULTS = {
    "hang": {"timeout", "open_circuit"},
    "refuse": {"unreachable", "open_circuit"},
    "garbage": {"garbage"},
    "throttle": {"throttled"},
    "forbid": {"forbidden"},
    "endless": set[str](),
}
"""What fails, and the kinds of error that its rows may tell; endless answers are cut, which is no error everywhere."""


class Handler(BaseHTTPRequestHandler):
    """Answers every request with one fault."""

    protocol_version = "HTTP/1.1"

    def __init__(self, fault: str, over: threading.Event, pages: Iterator[int], *args: Any) -> None:
        self.fault, self.over, self.pages = fault, over, pages
        super().__init__(*args)

    def log_message(self, *_: object) -> None:
        return

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("content-length") or 0))
        if self.fault == "hang":
            self.over.wait(20)
            self.close_connection = True
        elif self.fault == "garbage":
            self._send(200, b"<html>gateway</html>")
        elif self.fault == "throttle":
            self._send(429, b'{"__type": "ThrottlingException", "message": "slow down"}', "7200")
        elif self.fault == "forbid":
            self._send(403, b'{"__type": "AccessDeniedException", "message": "not for you"}')
        else:
            self._endless()

    def do_POST(self) -> None:
        self.do_GET()

    def _endless(self) -> None:
        """Another page after every page; where the source knows no pages, a body without an end."""
        number = next(self.pages)
        if "/query" in self.path or "/label" in self.path or "/series" in self.path or "/rules" in self.path:
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.end_headers()
            self.close_connection = True
            try:
                self.wfile.write(b'{"status":"success","data":{"result":[')
                while not self.over.wait(0.05):
                    self.wfile.write(b" " * 64)
            except OSError:
                return
        token = f"page-{number}"
        item = {"metadata": {"name": f"x{number}", "namespace": "shop"}, "spec": {}, "status": {}}
        self._send(200, json.dumps({"metadata": {"continue": token}, "items": [item], "NextToken": token}).encode())

    def _send(self, status: int, body: bytes, retry_after: str = "") -> None:
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        if retry_after:
            self.send_header("retry-after", retry_after)
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def failing(fault: str) -> Iterator[str]:
    """A source that fails so; a refused one is a port where nobody listens."""
    over = threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, fault, over, itertools.count()))
    server.daemon_threads = True
    url = f"http://127.0.0.1:{server.server_port}"
    if fault == "refuse":
        server.server_close()
        yield url
        return
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield url
    finally:
        over.set()
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    values = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_EC2_METADATA_DISABLED": "true",
              "AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent"}  # fmt: skip
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)


def kubernetes(url: str, seconds: float) -> Connector | None:
    return open_kubernetes(ConnectorSettings(options={"server": url, "timeout": seconds}))


def prometheus(url: str, seconds: float) -> Connector | None:
    return open_prometheus(ConnectorSettings(options={"url": url, "timeout": seconds}))


def cloudwatch(url: str, seconds: float) -> Connector | None:
    return open_cloudwatch(ConnectorSettings(options={"endpoint_url": url, "region": "eu-west-1", "timeout": seconds}))


CORE = ("kubernetes", "prometheus", "cloudwatch")
OPTIONAL = {one.name: one for one in entry_points(group="chatops.connectors.optional")}


def optional(name: str, url: str, seconds: float) -> Connector | None:
    """An optional connector with what it needs."""
    options = {"url": url, "timeout": seconds, **NEEDED.get(name, {})}
    found: Connector | None = OPTIONAL[name].load()(ConnectorSettings(options=options))
    return found


OPEN: dict[str, Callable[[str, float], Connector | None]] = {
    "kubernetes": kubernetes, "prometheus": prometheus, "cloudwatch": cloudwatch,
    **{name: partial(optional, name) for name in sorted(OPTIONAL)},
}  # fmt: skip


class Telling:
    """Another source, which is well and knows something."""

    name = "telling"

    def __init__(self, cause: str, confidence: float) -> None:
        self.subject = Subject(kind="Deployment", namespace="shop", name="cart")
        self.cause, self.confidence = cause, confidence

    def checks(self, inquiry: Inquiry) -> list[Check]:
        return [Check("all", "What is wrong?", self._run)]

    async def _run(self) -> Observation:
        seen = Evidence(key="k", source="telling", check="all", title="cart", summary="cart", subject=self.subject)
        found = Finding(cause=self.cause, subject=self.subject, statement="cart", rests_on=("k",),
                        confidence=self.confidence, rule="r")  # fmt: skip
        return Observation(evidence=(seen,), findings=(found,))


def asked(*hosts: str) -> Inquiry:
    window = Window.ending(NOW)
    scope = Scope(namespace="shop", workload="cart", dimensions={"DBInstanceIdentifier": "orders"})
    alerts = (FiringAlert(name="orders-cpu", source="cloudwatch"),)
    return Inquiry(scope=scope, window=window, alerts=alerts, hosts=hosts)


async def look(source: str, fault: str, telling: Telling | None = None) -> tuple[Gathered, Ranked]:
    with failing(fault) as url:
        connector = OPEN[source](url, SECONDS.get(fault, 20.0))
        assert connector is not None
        sources: dict[str, Any] = {source: connector} | ({"telling": telling} if telling else {})
        gatherer = Gatherer(sources, lambda incident: Redactor(key=incident.encode()), deadline=60.0, patience=5.0)
        # a registry is asked for the images that pods wait for, which another source names
        images = (f"{url.removeprefix('http://')}/shop/cart:1",) if source == "registry" else ()
        found = await gatherer.gather("inc", asked(*images))
        await connector.aclose()
    return found, diagnose(found.findings, found.evidence, found.coverage, asked())


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("source", OPEN)
async def test_a_source_that_fails_has_rows_that_say_how(source: str, fault: str) -> None:
    found, ranked = await look(source, fault)
    failed = [row for row in found.coverage if row.state is State.FAILED]
    kinds = {kind for row in failed for kind in FAULTS[fault] if kind in row.detail}
    assert all(row.detail for row in found.coverage if row.state is not State.CHECKED)
    assert not any("an error of ours" in row.detail for row in found.coverage)
    assert not any("not finished within" in row.detail for row in found.coverage), "a check outlived its own limit"
    assert [one.confidence for one in ranked.hypotheses if one.confidence >= 0.5] == []
    assert ranked.verdict in ("blocked", "inconclusive")
    if fault != "endless":
        assert failed
        assert kinds, [row.detail for row in failed]
    assert ranked.gaps or fault == "endless"


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("source", CORE)
async def test_the_diagnosis_comes_from_the_others(source: str, fault: str) -> None:
    _, ranked = await look(source, fault, Telling("OOMKilled", 0.9))
    assert (ranked.verdict, ranked.hypotheses[0].cause) == ("identified", "OOMKilled")
    if fault != "endless":
        assert re.search(rf"Not read: {source}(/| \()", ranked.summary)


@pytest.mark.parametrize("source", CORE)
async def test_a_guess_is_no_claim_while_a_source_that_could_tell_more_fails(source: str) -> None:
    _, ranked = await look(source, "forbid", Telling("ErrorRateIncrease", 0.7))
    assert ranked.hypotheses[0].confidence < 0.5
    assert ranked.verdict in ("inconclusive", "blocked")
