"""The client asks as it should, keeps what the server says beside the answer, and names every failure."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from connectors.address import Options
from connectors.calls import Breaker
from connectors.contract import ConnectorError
from connectors.prometheus import client as client_module
from connectors.prometheus.client import Answer, Prometheus, matrix
from tests.connectors.prometheus.conftest import END, free_port
from tests.connectors.prometheus.server import PrometheusStandIn, Trouble


@pytest.fixture
async def closing() -> AsyncIterator[list[Prometheus]]:
    clients: list[Prometheus] = []
    yield clients
    for one in clients:
        one.close()


async def test_a_range_query_is_posted_as_a_form_with_its_range(client: Prometheus, server: PrometheusStandIn) -> None:
    server.add("up", {"job": "a"}, [(END.timestamp() - 60, 1.0)])
    answer = await client.query_range('up{job="a"}', END - timedelta(minutes=5), END, 15)
    method, path, params = server.requests[0]
    assert (method, path) == ("POST", "/api/v1/query_range")
    assert params["query"] == 'up{job="a"}'
    assert params["step"] == "15"
    assert matrix(answer, "up")[0]["metric"]["job"] == "a"


async def test_a_proxy_that_lets_only_get_pass_is_asked_with_get_from_then_on(
    client: Prometheus, server: PrometheusStandIn
) -> None:
    server.post_allowed = False
    await client.query("up", END)
    await client.query("up", END)
    assert [method for method, _, _ in server.requests] == ["POST", "GET", "GET"]


async def test_warnings_and_partial_answers_are_kept(client: Prometheus, server: PrometheusStandIn) -> None:
    body = {
        "status": "success",
        "isPartial": True,
        "warnings": ["a store is down"],
        "infos": ["not a counter"],
        "data": {"resultType": "vector", "result": []},
    }
    server.trouble = Trouble(body=json.dumps(body).encode())
    answer = await client.query("up", END)
    assert answer.warnings == ("a store is down", "not a counter", "the answer is partial")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "rejected"),
        (422, "rejected"),
        (401, "forbidden"),
        (403, "forbidden"),
        (404, "not_found"),
        (500, "unreachable"),
        (503, "unreachable"),
        (504, "timeout"),
    ],
)
async def test_a_status_is_named_with_the_servers_own_words(
    client: Prometheus, server: PrometheusStandIn, status: int, kind: str
) -> None:
    server.trouble = Trouble(status, json.dumps({"status": "error", "error": "found duplicate series"}).encode())
    with pytest.raises(ConnectorError, match="found duplicate series") as failed:
        await client.query("up", END)
    assert failed.value.kind == kind
    assert failed.value.query == "up"


async def test_throttling_is_obeyed_when_short_and_told_when_long(
    client: Prometheus, server: PrometheusStandIn
) -> None:
    server.trouble = Trouble(429, b"slow down", {"Retry-After": "7200"})
    with pytest.raises(ConnectorError) as failed:
        await client.query("up", END)
    assert failed.value.kind == "throttled"
    assert len(server.requests) == 1


@pytest.mark.parametrize("body", [b"<html>Sign in</html>", b"[]", b'{"status":', b'"text"', b"\xff\xfe"])
async def test_an_answer_of_another_kind_is_garbage(client: Prometheus, server: PrometheusStandIn, body: bytes) -> None:
    server.trouble = Trouble(body=body)
    with pytest.raises(ConnectorError) as failed:
        await client.rules()
    assert failed.value.kind == "garbage"


async def test_a_result_without_rows_is_garbage() -> None:
    with pytest.raises(ConnectorError, match="no result"):
        matrix(Answer({"resultType": "matrix"}), "up")


async def test_an_error_inside_an_answer_with_status_200_is_told(client: Prometheus, server: PrometheusStandIn) -> None:
    server.trouble = Trouble(body=b'{"status":"error","error":"query timed out in expression evaluation"}')
    with pytest.raises(ConnectorError, match="query timed out") as failed:
        await client.query("up", END)
    assert failed.value.kind == "rejected"


async def test_a_server_that_hangs_is_a_timeout(server: PrometheusStandIn, closing: list[Prometheus]) -> None:
    server.trouble = Trouble(delay=1.5)
    impatient = Prometheus(Options(url=server.url, timeout=0.4))
    closing.append(impatient)
    with pytest.raises(ConnectorError) as failed:
        await impatient.query("up", END)
    assert failed.value.kind == "timeout"


async def test_nobody_there_is_unreachable_and_the_breaker_opens(closing: list[Prometheus]) -> None:
    nobody = Prometheus(Options(url=f"http://127.0.0.1:{free_port()}", timeout=0.5))
    closing.append(nobody)
    kinds = []
    for _ in range(4):
        with pytest.raises(ConnectorError) as failed:
            await nobody.query("up", END)
        kinds.append(failed.value.kind)
    assert kinds[0] == "unreachable"
    assert kinds[-1] == "open_circuit"
    assert Breaker().limit == 5


async def test_an_answer_that_is_too_large_is_refused(
    client: Prometheus, server: PrometheusStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "MOST_BYTES", 1000)
    server.trouble = Trouble(body=b"x" * 5000)
    with pytest.raises(ConnectorError, match="larger than") as failed:
        await client.query("up", END)
    assert failed.value.kind == "rejected"


async def test_credentials_are_sent_and_never_shown(server: PrometheusStandIn, closing: list[Prometheus]) -> None:
    word = "".join(["not", "a", "real", "one"])
    options = Options.read(
        {"url": server.url.replace("http://", f"http://reader:{word}@"), "headers": {"X-Scope-OrgID": "team"}}
    )
    assert options is not None
    prometheus = Prometheus(options)
    closing.append(prometheus)
    server.trouble = Trouble(403, b"no")
    with pytest.raises(ConnectorError) as failed:
        await prometheus.query("up", END)
    assert server.headers[0]["Authorization"].startswith("Basic ")
    assert server.headers[0]["X-Scope-OrgID"] == "team"
    assert word not in str(failed.value) + prometheus.link("up") + str(options.url)


async def test_a_token_is_a_bearer(server: PrometheusStandIn, closing: list[Prometheus]) -> None:
    word = "-".join(["made", "up"])
    options = Options.read(
        {"url": server.url + "/", "token": word, "timeout": 2, "external_url": "https://prometheus.example/"}
    )
    assert options is not None
    prometheus = Prometheus(options)
    closing.append(prometheus)
    await prometheus.ready()
    assert server.headers[0]["Authorization"] == f"Bearer {word}"
    assert prometheus.link("up == 0").startswith("https://prometheus.example/graph?g0.expr=up+%3D%3D+0")


@pytest.mark.parametrize("options", [{}, {"url": ""}, {"url": None}])
def test_without_a_url_there_are_no_options(options: dict[str, Any]) -> None:
    assert Options.read(options) is None


def test_a_ca_replaces_the_switch_for_verification() -> None:
    read = Options.read({"url": "https://x", "ca": "/etc/ca.pem", "verify": False})
    unsafe = Options.read({"url": "https://x", "verify": False})
    assert read is not None
    assert unsafe is not None
    assert (read.verify, unsafe.verify) == ("/etc/ca.pem", False)


def test_an_expression_too_long_for_a_link_has_none(client: Prometheus) -> None:
    assert client.link("x" * 2000) == ""


async def test_the_other_pages_are_read(client: Prometheus, server: PrometheusStandIn) -> None:
    server.add("up", {"job": "a"}, [(END.timestamp(), 1.0)])
    start = END - timedelta(hours=1)
    assert (await client.label_values("job", start, END, "up", 5)).data == ["a"]
    assert (await client.alerts()).data == {"alerts": []}
    assert (await client.targets("pool")).data == {"activeTargets": []}
    assert (await client.status("buildinfo")).data["version"]
    assert server.asked("/targets") == [{"state": "active", "scrapePool": "pool"}]
    for ask in (client.metadata("up"), client.series("up", start, END)):
        with pytest.raises(ConnectorError, match="404"):
            await ask
