from __future__ import annotations

import base64
import socket
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.address import Options
from connectors.contract import ConnectorError, ConnectorSettings
from connectors.http import HttpApi, open_api
from connectors.recorded import Player, Recorder
from tests.connectors.http_server import HttpStandIn, Trouble


@pytest.fixture
def server() -> Iterator[HttpStandIn]:
    stand_in = HttpStandIn(lambda request: {"path": request.path} if request.path.startswith("/api") else None)
    yield stand_in
    stand_in.close()


@pytest.fixture
async def api(server: HttpStandIn) -> AsyncIterator[HttpApi]:
    opened = open_api("thing", ConnectorSettings(options={"url": server.url + "/", "timeout": 0.5}))
    assert opened is not None
    yield opened
    await opened.aclose()


async def test_a_get_and_a_post_bring_json(api: HttpApi, server: HttpStandIn) -> None:
    assert await api.get("/api/x", [("a", "1"), ("a", "2")]) == {"path": "/api/x"}
    assert await api.post("/api/y", {"size": 0}) == {"path": "/api/y"}
    assert server.requests[0].every == {"a": ["1", "2"]}
    assert server.requests[1].body == {"size": 0}


@pytest.mark.parametrize(
    ("trouble", "kind", "said"),
    [
        (Trouble(401, b'{"message": "invalid key"}'), "forbidden", "invalid key"),
        (Trouble(403, b"no"), "forbidden", "HTTP 403: no"),
        (Trouble(400, b'{"error": {"reason": "parse error"}}'), "rejected", "parse error"),
        (Trouble(429, b"slow", {"Retry-After": "900"}), "throttled", "slow"),
        (Trouble(503, b"starting"), "unreachable", "starting"),
        (Trouble(200, b"<html>login</html>"), "garbage", "login"),
        (Trouble(302, b"", {"Location": "https://login.invalid/"}), "rejected", "redirected to https://login.invalid/"),
        (Trouble(delay=1.0), "timeout", "0.5 s"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_every_failure_is_one_exception_with_the_query(
    api: HttpApi, server: HttpStandIn, trouble: Trouble, kind: str, said: str
) -> None:
    server.trouble = trouble
    with pytest.raises(ConnectorError) as caught:
        await api.get("/api/x", query="what was asked")
    assert (caught.value.kind, caught.value.query) == (kind, "what was asked")
    assert said in caught.value.detail


async def test_a_path_that_is_not_there_is_not_found(api: HttpApi) -> None:
    with pytest.raises(ConnectorError, match="not_found"):
        await api.get("/elsewhere")


async def test_an_unreachable_source_is_tried_twice_and_health_names_the_setting(server: HttpStandIn) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        api = HttpApi("thing", Options(url=f"http://127.0.0.1:{probe.getsockname()[1]}", timeout=0.5))
        health = await api.health("thing", "/api", "THING_URL")
        await api.aclose()
    assert (health.ok, "THING_URL" in health.remedy) == (False, True)
    assert health.detail.startswith("unreachable")


async def test_credentials_go_into_headers_and_never_into_addresses(server: HttpStandIn) -> None:
    host = server.url.removeprefix("http://")
    word = "pass" + "word"
    options = Options.read({"url": f"http://me:{word}@{host}", "headers": {"X-Scope-OrgID": "team"}, "verify": "false"})
    assert options is not None
    assert (options.url, options.external_url, options.verify) == (server.url, server.url, False)
    api = HttpApi("thing", options)
    await api.get("/api")
    await api.aclose()
    sent = server.requests[0].headers
    assert base64.b64decode(sent["Authorization"].removeprefix("Basic ")).decode() == f"me:{word}"
    assert sent["X-Scope-OrgID"] == "team"


async def test_what_was_recorded_is_answered_without_the_source(server: HttpStandIn, tmp_path: Path) -> None:
    recorder = Recorder(datetime(2026, 3, 1, tzinfo=UTC))
    options = {"url": server.url, "token": "t", "labels": {"a": "b"}}
    live = open_api("thing", ConnectorSettings(options=options, tape=recorder), keep=("labels",))
    assert live is not None
    before = await live.get("/api/x", {"a": 1})
    await live.aclose()
    assert recorder.sources == {"thing": {"url": server.url, "external_url": server.url, "labels": {"a": "b"}}}
    recorder.save(tmp_path / "tape", lambda row: row)
    player = Player.load(tmp_path / "tape", recorder.now)
    again = open_api("thing", ConnectorSettings(options=recorder.sources["thing"], tape=player))
    assert again is not None
    assert await again.get("/api/x", {"a": 1}) == before
    with pytest.raises(ConnectorError, match="not in the recording"):
        await again.get("/api/x", {"a": 2})
    assert len(server.requests) == 1


def test_a_token_is_a_bearer_and_no_address_is_no_api() -> None:
    options = Options.read({"url": "https://x", "token": "t", "ca": "/ca.pem"})
    assert options is not None
    assert (options.headers, options.verify) == ({"Authorization": "Bearer t"}, "/ca.pem")
    assert open_api("thing", ConnectorSettings()) is None
    with pytest.raises(ValueError, match="http://"):
        Options.read({"url": "loki:3100"})
