"""Calls are limited, timed, retried and broken off as promised."""

import subprocess
import sys

import anyio
import anyio.lowlevel
import pytest
import requests

from connectors.calls import Breaker, Caller, Throttled, in_words, innermost, late
from connectors.contract import ConnectorError


def explain(error: Exception, query: str) -> ConnectorError | Throttled:
    if isinstance(error, ConnectionError):
        return ConnectorError("unreachable", query, str(error))
    if isinstance(error, BlockingIOError):
        return Throttled(ConnectorError("throttled", query, "slow down"), float(str(error)))
    raise error


async def no_sleep(_: float) -> None:
    return None


def caller(**changes: object) -> Caller:
    return Caller(source="test", explain=explain, sleep=no_sleep, **changes)  # type: ignore[arg-type]


async def test_an_unreachable_source_is_tried_again_once() -> None:
    calls = []

    def flaky() -> str:
        calls.append(1)
        if len(calls) == 1:
            raise ConnectionError("refused")
        return "answer"

    assert await caller().thread("q", flaky, timeout=5) == "answer"
    assert len(calls) == 2


async def test_a_call_that_hangs_is_abandoned_with_its_query() -> None:
    async def hang() -> None:
        await anyio.sleep(60)

    with pytest.raises(ConnectorError, match="no answer within 0.01 s") as caught:
        await caller().call("up{job='x'}", hang, timeout=0.01)
    assert (caught.value.kind, caught.value.query) == ("timeout", "up{job='x'}")


async def test_retry_after_is_obeyed_up_to_our_patience() -> None:
    waits: list[float] = []

    async def note(seconds: float) -> None:
        waits.append(seconds)

    def throttled(seconds: float) -> None:
        raise BlockingIOError(str(seconds))

    patient = Caller(source="test", explain=explain, sleep=note)
    with pytest.raises(ConnectorError, match="slow down"):
        await patient.thread("q", lambda: throttled(1.0), timeout=5)
    with pytest.raises(ConnectorError, match="slow down"):
        await patient.thread("q", lambda: throttled(7200.0), timeout=5)
    assert waits == [1.0]


async def test_a_source_that_is_down_is_not_asked_for_a_while() -> None:
    now = [0.0]
    subject = caller(breaker=Breaker(limit=2, clock=lambda: now[0]), attempts=1)

    def down() -> None:
        raise ConnectionError("refused")

    for _ in range(2):
        with pytest.raises(ConnectorError, match="refused"):
            await subject.thread("q", down, timeout=5)
    with pytest.raises(ConnectorError, match=r"refused.*not asked again yet"):
        await subject.thread("q", down, timeout=5)
    now[0] = 31.0
    assert await subject.thread("q", lambda: "back", timeout=5) == "back"
    assert not subject.breaker.open


async def test_what_explain_does_not_know_is_not_swallowed() -> None:
    def bug() -> None:
        raise KeyError("ours")

    with pytest.raises(KeyError):
        await caller().thread("q", bug, timeout=5)


async def test_hung_calls_do_not_hold_up_another_connector() -> None:
    hung, healthy = caller(limit=2), caller(limit=2)

    async def hang() -> None:
        with pytest.raises(ConnectorError):
            await hung.call("slow", lambda: anyio.sleep(60), timeout=0.2)

    async with anyio.create_task_group() as group:
        for _ in range(4):
            group.start_soon(hang)
        await anyio.lowlevel.checkpoint()
        assert await healthy.thread("q", lambda: 1, timeout=5) == 1


LOADED = """
import asyncio, sys, threading
from connectors.contract import ConnectorSettings, Loads
from connectors.{module} import open_connector

connector = open_connector(ConnectorSettings(options={options}))
assert isinstance(connector, Loads)
assert not set({modules}) & set(sys.modules), "imported before it was asked for"
asyncio.run(connector.load())
assert set({modules}) <= set(sys.modules)
"""


@pytest.mark.parametrize(
    ("module", "options", "modules"),
    [
        ("kubernetes.opening", {"server": "http://127.0.0.1:9"}, ["kubernetes.client", "kubernetes.config"]),
        ("prometheus.connector", {"url": "http://127.0.0.1:9"}, ["prometheus_api_client.prometheus_connect"]),
        ("cloudwatch.connector", {"region": "eu-west-1"}, ["boto3"]),
    ],
)
def test_what_takes_long_to_import_can_be_loaded_before_anybody_waits(
    module: str, options: dict[str, str], modules: list[str]
) -> None:
    script = LOADED.format(module=module, options=options, modules=modules)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_time_limit_is_told_in_words_and_without_the_query() -> None:
    told = late(OSError("HTTPConnectionPool(host='10.0.0.1', port=9090): Read timed out. (read timeout=4.0)"))
    assert ConnectorError("timeout", "a query\nof many lines", told).brief == "timeout: no answer within 4 s"
    assert late(OSError("something else")) == "something else"


def test_a_refused_connection_is_told_without_its_wrapping() -> None:
    with pytest.raises(requests.ConnectionError) as caught:
        requests.get("http://127.0.0.1:1/-/ready", timeout=5)
    assert "Max retries exceeded" in str(caught.value)
    told = innermost(caught.value)
    assert "refused" in told
    assert "retries" not in told
    assert "HTTPConnectionPool" not in told
    assert innermost(TimeoutError()) == "TimeoutError"


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ("[Errno 111] Connection refused", "nothing listens there"),
        ("[Errno -2] Name or service not known", "name does not resolve"),
        ("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate (_ssl.c:1006)",
         "its certificate is not trusted: self-signed certificate"),
        ("SSLError\n[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)", "does not speak TLS"),
        ("('Connection aborted.', ConnectionResetError(104, 'Connection reset by peer'))", "hung up"),
        ("something else", "something else"),
    ],
)  # fmt: skip
def test_what_the_system_says_is_told_in_words(raw: str, told: str) -> None:
    assert told in in_words(raw)
    assert "_ssl" not in in_words(raw)
