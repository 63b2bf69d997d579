"""`chatops doctor` against a set-up that is half broken: every fault has its line, and the line says what to do."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from chatops.app.doctor import Row, examine
from chatops.settings import Settings, load
from chatops.slack.manifest import scopes
from tests.connectors.cloudwatch.standin import Refused
from tests.connectors.cloudwatch.standin import serving as aws_serving
from tests.connectors.cloudwatch.test_permissions import WHO
from tests.connectors.cloudwatch.world import World
from tests.connectors.kubernetes.kube_server import Api
from tests.connectors.kubernetes.kube_server import serving as kube_serving
from tests.connectors.prometheus.server import PrometheusStandIn
from tests.persona.messages_api import Say, text
from tests.persona.messages_api import serving as model_serving
from tests.slack import web_api
from tests.slack.identity import Signer
from tests.store.servers import answering, free_port, server


def found(rows: list[Row], part: str) -> dict[str, Row]:
    return {row.name: row for row in rows if row.part == part}


def broken(rows: list[Row], part: str) -> dict[str, str]:
    """Name of what is broken → what to do."""
    return {name: row.remedy for name, row in found(rows, part).items() if row.state == "broken"}


def unknown_key(number: int, request: dict[str, Any]) -> Say:
    return Say(status=401, error="authentication_error")


@contextlib.asynccontextmanager
async def prometheus() -> AsyncIterator[PrometheusStandIn]:
    standin = PrometheusStandIn()
    try:
        yield standin
    finally:
        standin.close()


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of this machine is examined."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "of-a-test")
    for name in ("KUBECONFIG", "AWS_PROFILE", "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


def settings(tmp_path: Path, **changes: Any) -> Settings:
    return load(state_dir=tmp_path / "state", **changes)


async def test_a_half_broken_set_up_is_told_fault_by_fault(tmp_path: Path) -> None:
    port = free_port()
    slack = web_api.SlackApi(clock=lambda: 0.0, scopes="chat:write,commands", absent={"C1"})
    cluster = Api(denied={"events", "pods/log"})
    aws = World().answers("sts", "GetCallerIdentity", WHO)

    def refuse(_: Mapping[str, Any]) -> Mapping[str, Any]:
        raise Refused("AccessDenied", 403)

    aws.answers("cloudtrail", "LookupEvents", refuse)
    async with contextlib.AsyncExitStack() as stack:
        options = ("--port", str(port), "--bind", "127.0.0.1", "--save", "")
        await stack.enter_async_context(server(tmp_path, *options, "--maxmemory-policy", "volatile-lru"))
        await answering(port, "SET", "ballast", "x" * 6_000_000)
        await answering(port, "CONFIG", "SET", "maxmemory", "8mb")
        await stack.enter_async_context(web_api.serve(slack))
        metrics = await stack.enter_async_context(prometheus())
        metrics.pages = {
            "/api/v1/status/runtimeinfo": {"storageRetention": "6h"},
            "/api/v1/status/flags": {"query.timeout": "1s"},
            "/api/v1/status/config": {"yaml": "global:\n  scrape_interval: 1m30s\n"},
        }
        model = await stack.enter_async_context(model_serving(unknown_key))
        rows = await examine(
            settings(
                tmp_path,
                redis={"url": SecretStr(f"redis://127.0.0.1:{port}")},
                slack={
                    "bot_token": SecretStr("xoxb-test"),
                    "signing_secret": SecretStr("s"),
                    "base_url": slack.base_url,
                    "channel": "C1",
                },
                kubernetes={"server": stack.enter_context(kube_serving(cluster)), "token": "t"},
                prometheus={"url": metrics.url},
                cloudwatch={"region": "eu-west-1", "endpoint_url": stack.enter_context(aws_serving(aws.account)).url},
                model={"api_key": SecretStr("wrong"), "base_url": model.url},
                host="0.0.0.0",
            )
        )

    assert broken(rows, "redis").keys() == {"persistence", "eviction", "memory"}
    assert broken(rows, "redis")["eviction"] == "CONFIG SET maxmemory-policy noeviction"
    assert broken(rows, "slack").keys() == {"scopes", "channel"}
    missing = set(scopes("no-history")) - {"chat:write", "commands"}
    assert missing
    assert all(scope in found(rows, "slack")["scopes"].detail for scope in missing)
    assert broken(rows, "slack")["channel"] == "/invite it there"
    assert broken(rows, "kubernetes").keys() == {"kubernetes events", "kubernetes pods/log"}
    assert "get, list on events" in broken(rows, "kubernetes")["kubernetes events"]
    assert broken(rows, "prometheus") == {
        "prometheus retention": "start it with --storage.tsdb.retention.time=15d",
        "prometheus query.timeout": "start it with --query.timeout=4s or more",
        "prometheus scrape interval": "set CHATOPS_PROMETHEUS__RATE_WINDOW=360s or more",
    }
    assert "allow cloudtrail:LookupEvents" in broken(rows, "cloudwatch")["cloudtrail:LookupEvents"]
    assert found(rows, "cloudwatch")["cloudwatch:DescribeAlarms"].state == "works"
    assert len(broken(rows, "model")) == 2, "the model and its fallback"
    assert all("CHATOPS_MODEL__API_KEY" in remedy for remedy in broken(rows, "model").values())
    assert broken(rows, "app").keys() == {"link secret", "public url", "webhooks"}
    assert all(row.remedy for row in rows if row.state == "broken")


async def test_what_is_whole_is_told_as_whole(tmp_path: Path) -> None:
    slack = web_api.SlackApi(clock=lambda: 0.0, scopes=",".join(scopes("full")))
    slack.scripted["apps.connections.open"].append((200, {"ok": True, "url": "wss://somewhere.invalid"}, {}))
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(web_api.serve(slack))
        metrics = await stack.enter_async_context(prometheus())
        metrics.pages["/api/v1/status/config"] = {"yaml": "global: {scrape_interval: 15s}"}
        model = await stack.enter_async_context(model_serving(lambda number, request: Say([text("ok")])))
        rows = await examine(
            settings(
                tmp_path,
                slack={
                    "bot_token": SecretStr("xoxb-test"),
                    "app_token": SecretStr("xapp-test"),
                    "base_url": slack.base_url,
                    "channel": "C1",
                },
                kubernetes={"server": stack.enter_context(kube_serving(Api())), "token": "t"},
                prometheus={"url": metrics.url},
                cloudwatch={"enabled": False},
                model={"api_key": SecretStr("right"), "base_url": model.url},
            )
        )
    assert [row for row in rows if row.state == "broken"] == []
    assert found(rows, "slack")["channel"].detail == "alerts go to incidents"
    assert {row.part for row in rows if row.state == "works"} == {
        "app", "redis", "slack", "kubernetes", "prometheus", "model"
    }  # fmt: skip
    assert [request["max_tokens"] for request in model.requests] == [1, 1]


async def test_a_token_that_is_none_and_a_socket_that_is_refused(tmp_path: Path) -> None:
    slack = web_api.SlackApi(clock=lambda: 0.0)
    async with web_api.serve(slack):
        tokens = {"bot_token": SecretStr("xoxb-x"), "app_token": SecretStr("xapp-x"), "base_url": slack.base_url}
        refusal: dict[str, Any] = {"ok": False, "error": "invalid_auth"}
        slack.scripted["apps.connections.open"].append((200, refusal, {}))
        rows = await examine(settings(tmp_path, slack=tokens, cloudwatch={"enabled": False}))
        assert "connections:write" in broken(rows, "slack")["events"]
        slack.scripted["auth.test"].append((200, refusal, {}))
        assert broken(rows, "app") == {}
        swapped = tokens | {"bot_token": tokens["app_token"], "app_token": tokens["bot_token"]}
        rows = await examine(settings(tmp_path, slack=swapped, cloudwatch={"enabled": False}))
        assert broken(rows, "app") == {
            "bot token": "set CHATOPS_SLACK__BOT_TOKEN to the one that does",
            "app token": "set CHATOPS_SLACK__APP_TOKEN to the one that does",
        }
        assert found(rows, "slack")["token"].detail == "auth.test: invalid_auth"
        assert found(rows, "model")["configured"].state == "not configured"


async def test_signing_in_is_examined_where_it_is_wanted(tmp_path: Path) -> None:
    slack = web_api.SlackApi(clock=lambda: 0.0, keys=[Signer().published()])
    async with web_api.serve(slack):
        own = {"base_url": slack.base_url, "sign_in": "offered"}
        rows = await examine(settings(tmp_path, slack=own, cloudwatch={"enabled": False}))
        assert "CHATOPS_SLACK__CLIENT_ID" in broken(rows, "slack")["sign-in"]
        own |= {"client_id": "1.2", "client_secret": "s"}
        near = {"slack": own, "cloudwatch": {"enabled": False}, "public_url": "http://127.0.0.1:8080"}
        rows = await examine(settings(tmp_path, **near))
        assert broken(rows, "slack")["sign-in"] == "set CHATOPS_PUBLIC_URL to the https:// address"
        rows = await examine(settings(tmp_path, **near | {"public_url": "https://pages.acme.example"}))
        assert "https://pages.acme.example/slack/sign_in/back" in found(rows, "slack")["sign-in"].detail
        slack.keys.clear()
        rows = await examine(settings(tmp_path, **near | {"public_url": "https://pages.acme.example"}))
        assert "openid/connect/keys" in found(rows, "slack")["sign-in"].detail
        assert "reach" in broken(rows, "slack")["sign-in"]


async def test_a_redis_that_refuses_is_told_from_one_that_is_away(tmp_path: Path) -> None:
    port = free_port()

    async def redis(user: str = "") -> list[Row]:
        url = SecretStr(f"redis://{user}127.0.0.1:{port}")
        return await examine(
            settings(tmp_path, redis={"url": url}, cloudwatch={"enabled": False}, model={"provider": "none"})
        )

    rows = await redis()
    assert broken(rows, "redis")["reachable"].startswith("start it")
    async with server(tmp_path, "--port", str(port), "--bind", "127.0.0.1", "--save", ""):
        await answering(port, "ACL", "SETUSER", "reader", "on", ">p", "~*", "&*", "+@read", "+ping", "+hello")
        rows = await redis("reader:q@")
        assert broken(rows, "redis")["reachable"].startswith("correct user and password")
        rows = await redis("reader:p@")
        assert broken(rows, "redis").keys() == {"writable", "persistence"}
        assert "~chatops*" in broken(rows, "redis")["writable"]
        assert found(rows, "redis")["persistence"].detail == "INFO is refused, so it is not known"
        await answering(port, "REPLICAOF", "127.0.0.1", "1")
        rows = await redis()
        assert "redis+sentinel://" in broken(rows, "redis")["writable"]


async def test_a_source_that_is_not_configured_says_what_would_configure_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CHATOPS_CONNECTORS__LOKI__TOKEN", "t")
    rows = await examine(settings(tmp_path))
    told = {row.part: row.detail for row in rows if row.state == "not configured"}
    assert "token without url" in told["loki"]
    assert "CHATOPS_PROMETHEUS__URL" in told["prometheus"]
    assert "KUBECONFIG" in told["kubernetes"]
    assert "AWS_REGION" in told["cloudwatch"]


async def test_runbooks_of_ones_own_that_cannot_be_read_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "queue.md").write_text("# Queue")
    monkeypatch.setenv("CHATOPS_STATE_DIR", str(tmp_path / "state"))
    told = {}
    for entry in (tmp_path / "pages", tmp_path / "gone"):
        (row,) = found(await examine(load(runbooks=(str(entry),))), "runbooks").values()
        told[entry.name] = (row.state, row.detail, row.remedy)
    assert told["pages"][0] == "works"
    assert f"1 of {tmp_path / 'pages'}" in told["pages"][1]
    assert told["gone"][:2] == ("broken", f"{tmp_path / 'gone'}: there is no such folder")
    assert "CHATOPS_RUNBOOKS" in told["gone"][2]
