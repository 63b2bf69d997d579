"""Settings that change while the app runs: what is taken, what waits for a restart, and what is refused."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from structlog.testing import capture_logs

from chatops.app.reload import RELOADED, Reloader, changed, merged, reloadable
from chatops.settings import Route, Settings, load
from chatops.store import RedisStore
from chatops.telemetry import Metrics
from tests.app.processes import TOKEN, rig, until
from tests.bench.webhook import delivery


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "chatops.yaml"
    path.write_text("{}")
    monkeypatch.setenv("CHATOPS_CONFIG", str(path))
    return path


def write(path: Path, text: str) -> None:
    path.write_text(text)


@contextlib.asynccontextmanager
async def watching(metrics: Metrics, used: list[Settings]) -> AsyncIterator[Reloader]:
    reloader = Reloader(load(), load, used.append, metrics, every=0.02)
    task = asyncio.create_task(reloader.watch())
    await asyncio.sleep(0.1)
    try:
        yield reloader
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def test_what_differs_is_named() -> None:
    one, other = load(), load(port=1, slack={"channel": "#b"}, storm={"flaps": 9}, routes=[{"channel": "#c"}])
    assert list(changed(one, other)) == ["port", "slack.channel", "storm.flaps", "routes"]
    assert [name for name in changed(one, other) if not reloadable(name)] == ["port"]
    after = merged(one, other)
    assert list(changed(after, other)) == ["port"]
    assert after.routes == (Route(channel="#c"),)


def test_every_setting_that_is_reloaded_exists() -> None:
    for name in RELOADED:
        place: object = load()
        for part in name.split("."):
            assert part in type(place).model_fields  # type: ignore[attr-defined]
            place = getattr(place, part)


async def test_a_changed_file_is_taken_and_what_needs_a_restart_is_named(config: Path) -> None:
    used: list[Settings] = []
    async with watching(Metrics(), used) as reloader:
        with capture_logs() as logs:
            write(config, "port: 1234\nreopen_minutes: 7\nmodel: {daily_usd: 3}")
            await until(lambda: used, 10)
            await until(lambda: reloader.waiting, 10)
    assert (used[0].reopen_minutes, used[0].model.daily_usd, used[0].port) == (7, 3, 8080)
    assert reloader.waiting == ("port",)
    told = {line["event"]: line["changed"] for line in logs}
    assert told["settings taken"] == ["reopen_minutes", "model.daily_usd"]
    assert told["settings that need a restart"] == ["port"]


async def test_a_file_that_cannot_be_used_leaves_everything_and_is_told(config: Path) -> None:
    used: list[Settings] = []
    metrics = Metrics()
    async with watching(metrics, used) as reloader:
        with capture_logs() as logs:
            write(config, "reopen_minutes: soon")
            await until(lambda: metrics.registry.get_sample_value("chatops_settings_taken") == 0, 10)
        assert "reopen_minutes (CHATOPS_REOPEN_MINUTES): a number is expected" in logs[0]["reason"]
        assert used == []
        await asyncio.to_thread(config.unlink)
        await asyncio.sleep(0.1)
        write(config, "reopen_minutes: 9")
        await until(lambda: used, 10)
        assert metrics.registry.get_sample_value("chatops_settings_taken") == 1
        assert reloader.running.reopen_minutes == 9


async def test_a_catalogue_and_mounted_secrets_are_watched_too(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue, secrets = tmp_path / "services.yaml", tmp_path / "secrets"
    write(catalogue, "{}")
    await asyncio.to_thread(secrets.mkdir)
    write(config, f"catalogue: {catalogue}")
    monkeypatch.setenv("CHATOPS_SECRETS_DIR", str(secrets))
    used: list[Settings] = []
    async with watching(Metrics(), used) as reloader:
        write(catalogue, "checkout: {namespace: shop}")
        await until(lambda: used, 10)
        assert used[-1].services["checkout"].namespace == "shop"
        write(secrets / "chatops_model__api_key", "new")
        await until(lambda: reloader.waiting, 10)
        assert reloader.waiting == ("model.api_key",)


@pytest.mark.timeout(400)
async def test_an_alert_goes_by_the_routes_of_the_moment(tmp_path: Path, store: RedisStore, valkey_url: str) -> None:
    config = tmp_path / "chatops.yaml"
    write(config, "{}")
    async with rig(tmp_path, valkey_url, {"CHATOPS_CONFIG": str(config)}) as one:
        one.gate.set()
        process, url = await one.start("both")

        async def sent(number: int, namespace: int) -> None:
            headers = {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"}
            async with (
                aiohttp.ClientSession() as http,
                http.post(url + "/webhooks/alertmanager", data=delivery(number, namespace), headers=headers) as answer,
            ):
                assert answer.status == 202

        async def taken(value: str) -> None:
            line = ""
            while line != f"chatops_settings_taken {value}":
                async with aiohttp.ClientSession() as http, http.get(url + "/metrics") as answer:
                    text = await answer.text()
                line = next(row for row in text.splitlines() if row.startswith("chatops_settings_taken "))
                await asyncio.sleep(0.05)

        def channels() -> set[str]:
            return {call["channel"] for call in one.slack.of("chat.postMessage") if not call.get("thread_ts")}

        await sent(1, 1)
        await until(lambda: channels() == {"C1"})
        write(config, "routes: soon")
        process.send_signal(signal.SIGHUP)
        await asyncio.wait_for(taken("0.0"), 30)
        await sent(2, 2)
        write(config, "routes: [{match: {namespace: ns3}, channel: C9}]")
        process.send_signal(signal.SIGHUP)
        await asyncio.wait_for(taken("1.0"), 30)
        await sent(3, 3)
        await until(lambda: channels() == {"C1", "C9"})
        assert await one.end(process) == 0
