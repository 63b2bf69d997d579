"""The app opened over a store: what it serves in which role, and what it says of itself."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from chatops.app.application import Application, Role, base_url, open_application, page_url
from chatops.settings import Settings, SettingsError
from chatops.store import RedisStore
from tests import factories
from tests.store.servers import free_port, server


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of this machine is read."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("KUBECONFIG", "AWS_REGION", "AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)


@contextlib.asynccontextmanager
async def opened(url: str, role: Role = "both", **more: Any) -> AsyncIterator[tuple[Application, httpx.AsyncClient]]:
    settings = Settings.model_validate({"redis": {"url": url}, "link_secret": "k", **more})
    async with (
        open_application(settings, role, model=False) as app,
        httpx.AsyncClient(transport=httpx.ASGITransport(app=app.web), base_url="http://127.0.0.1") as http,
    ):
        yield app, http


@pytest.mark.parametrize(
    ("role", "status"), [("gateway", 202), ("both", 202), ("worker", 404)], ids=["gateway", "both", "worker"]
)
async def test_a_worker_has_no_way_in(store: RedisStore, valkey_url: str, role: Role, status: int) -> None:
    resolved = {"status": "resolved", "startsAt": "2026-03-01T11:55:00Z", "labels": {"alertname": "A"}}
    body = {"version": "4", "alerts": [{**resolved, "fingerprint": "f"}]}
    async with opened(valkey_url, role) as (app, http):
        assert (await http.post("/webhooks/alertmanager", json=body)).status_code == status
        assert [(await http.get(path)).status_code for path in ("/healthz", "/readyz", "/metrics")] == [200] * 3
        assert bool(app.works) is (role != "gateway")


async def test_without_its_store_it_lives_is_not_ready_and_keeps_its_last_figures(tmp_path: Path) -> None:
    port = free_port()
    async with contextlib.AsyncExitStack() as stack:
        running = contextlib.AsyncExitStack()
        await running.enter_async_context(server(tmp_path, "--port", str(port), "--bind", "127.0.0.1", "--save", ""))
        app, http = await stack.enter_async_context(opened(f"redis://127.0.0.1:{port}", "gateway"))
        assert (await http.get("/readyz")).json() == {"status": "ready"}
        assert "chatops_queue_depth 0.0" in (await http.get("/metrics")).text
        incident = factories.incident()
        await app.store.add(incident)
        await app.jobs.triage(incident.id)
        assert "chatops_queue_depth 1.0" in (await http.get("/metrics")).text, "counted when it is asked for"
        await running.aclose()
        assert (await http.get("/healthz")).status_code == 200, "killing it would not bring the store back"
        away = await http.get("/readyz")
        assert (away.status_code, away.json()["status"]) == (503, "not ready")
        assert away.json()["reason"]
        assert "chatops_queue_depth 1.0" in (await http.get("/metrics")).text


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "redis://127.0.0.1:1"])
async def test_a_store_that_is_none_is_told_with_its_setting(url: str) -> None:
    with pytest.raises(SettingsError, match=r"redis\.url \(CHATOPS_REDIS__URL\)"):
        async with opened(url):
            pass


async def test_other_settings_hold_for_the_next_alert_and_the_next_job(store: RedisStore, valkey_url: str) -> None:
    async with opened(valkey_url, "worker") as (app, _):
        changed = app.settings.model_copy(
            update={"model": app.settings.model.model_copy(update={"incident_usd": 0.5}), "reopen_minutes": 7.0}
        )
        app.use(changed)
        assert [work.budgets.incident for work in app.works] == [0.5]
        assert app.intake.settings.reopen_minutes == 7.0


def test_pages_are_where_people_reach_them() -> None:
    incident = factories.incident()
    near = Settings.model_validate({"port": 9000, "link_secret": "k"})
    assert base_url(near) == "http://127.0.0.1:9000"
    far = near.model_copy(update={"public_url": "https://pages.acme.example"})
    assert page_url(far, incident).startswith(f"https://pages.acme.example/incidents/{incident.id}?")


async def test_without_a_source_it_is_warm_at_once(store: RedisStore, valkey_url: str) -> None:
    async with opened(valkey_url, "worker", cloudwatch={"enabled": False}) as (app, _):
        await app.warm(0.01)
        assert app.parts is not None
