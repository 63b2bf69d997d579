"""What settings say of alerts holds in the running app: mute times, persona by route, budgets; the bare alert."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from chatops.store import RedisStore
from tests.app.processes import Rig, rig, until
from tests.bench.webhook import HEADERS, delivery
from tests.persona.messages_api import Say, serving, submit

pytestmark = pytest.mark.timeout(400)

ROUTES = [
    {"match": {"namespace": "ns0"}, "channel": "C0", "mute": ["00:00-24:00"]},
    {"match": {"namespace": "ns1"}, "channel": "C2", "persona": "PERSONA"},
]
PERSONA = "---\nname: storage\n---\nYou look at volumes before anything else.\n"


async def send(url: str, number: int, namespace: int) -> str:
    """Send an alert; return the incident's id."""
    body, path = delivery(number, namespace), f"{url}/webhooks/alertmanager"
    async with aiohttp.ClientSession(headers=HEADERS) as http, http.post(path, data=body) as answer:
        assert answer.status == 202
        (incident,) = (await answer.json())["incidents"]
        return str(incident)


def told(one: Rig, channel: str) -> list[str]:
    """What stands in the channel."""
    return [str(message) for message in one.slack.messages.get(channel, {}).values()]


async def test_routes_mute_and_choose_the_persona_and_a_spent_day_is_said(
    tmp_path: Path, store: RedisStore, valkey_url: str
) -> None:
    asked: list[str] = []

    def persona(number: int, request: dict[str, Any]) -> Say:
        asked.append(json.dumps(request["system"]))
        return Say([submit()])

    file = tmp_path / "storage.md"
    file.write_text(PERSONA)
    async with serving(persona) as model:
        changes = {
            "CHATOPS_ROUTES": json.dumps(ROUTES).replace("PERSONA", str(file)),
            "CHATOPS_STORM__PER_DAY": "2",
            "CHATOPS_STORM__CORRELATE_MINUTES": "0",
            "CHATOPS_MODEL__PROVIDER": "anthropic",
            "CHATOPS_MODEL__API_KEY": "key-of-a-test",
            "CHATOPS_MODEL__BASE_URL": model.url,
        }
        async with rig(tmp_path, valkey_url, changes) as one:
            one.gate.set()
            process, url = await one.start("both")
            muted = await send(url, 0, 0)
            await send(url, 1, 1)
            await until(lambda: any("evidence" in text for text in told(one, "C2")))
            await send(url, 2, 2)
            await until(lambda: any("used up" in text for text in told(one, "C1")))
            assert await one.end(process) == 0
            assert "C0" not in one.slack.messages
            assert [text for text in told(one, "C1") if "svc1 is ill" in text] == []
            assert one.slack.problems == []
    incident = await store.get(muted)
    assert incident is not None
    assert (incident.thread.channel, incident.muted_channel, incident.status) == ("", "C0", "answered")
    assert any("You look at volumes before anything else." in text for text in asked)
    assert not all("You look at volumes before anything else." in text for text in asked), "only by that route"


async def test_the_bare_alert_is_told_when_nothing_else_answers(
    tmp_path: Path, store: RedisStore, valkey_url: str
) -> None:
    changes = {
        "CHATOPS_MODEL__PROVIDER": "anthropic",
        "CHATOPS_MODEL__API_KEY": "key-of-a-test",
        "CHATOPS_MODEL__BASE_URL": "http://127.0.0.1:9",
        "CHATOPS_PROMETHEUS__URL": "http://127.0.0.1:9",
        "CHATOPS_GATHER_SECONDS": "3",
        "CHATOPS_TRIAGE_SECONDS": "15",
    }
    async with rig(tmp_path, valkey_url, changes) as one:
        config = json.loads((tmp_path / "kubeconfig").read_text())
        config["clusters"][0]["cluster"]["server"] = "http://127.0.0.1:9"
        (tmp_path / "kubeconfig").write_text(json.dumps(config))
        _, url = await one.start("both")
        incident = await send(url, 1, 1)
        await until(lambda: any("svc1 is ill" in text for text in told(one, "C1")))
        for _ in range(1_200):
            found = await store.get(incident)
            if found is not None and found.status in ("answered", "failed"):
                break
            await asyncio.sleep(0.1)
        (root,) = [text for text in told(one, "C1") if "svc1 is ill" in text and "'root'" in text]
        assert "did not answer" in root or "could not be read" in root or "unreachable" in root, root


async def test_a_gateway_tells_the_bare_alert_while_no_worker_runs(
    tmp_path: Path, store: RedisStore, valkey_url: str
) -> None:
    async with rig(tmp_path, valkey_url) as one:
        one.gate.set()
        _, url = await one.start("gateway")
        incident = await send(url, 1, 1)
        await until(lambda: any("svc1 is ill" in text and "No worker runs" in text for text in told(one, "C1")))
        worker, _ = await one.start("worker")
        await until(lambda: "No cause" in one.root())
        assert one.posted().count("root") == 1, "the worker goes on in the same message"
        assert not any("No worker runs" in text for text in told(one, "C1"))
        assert await one.end(worker) == 0
    found = await store.get(incident)
    assert found is not None
    assert found.status == "answered"
