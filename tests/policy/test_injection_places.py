"""The same orders where people name things: a channel's topic and bookmarks, what a mapping takes from any JSON, the
names of ConfigMaps, files and users; what deployers report, annotations of nodes, fields' managers, last words of a
container, an alert's source, display names and file names of runbooks."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chatops.domain.conversation import Turn
from chatops.domain.incident import Incident, Thread
from chatops.settings import WebhookSettings
from chatops.slack.calls import Calls, OneWorkspace
from chatops.slack.channels import ChannelReader
from chatops.store import RedisStore, connect
from chatops.webhooks.generic import GENERIC
from chatops.webhooks.payload import Delivery
from tests.connectors.kubernetes.cluster import NOW
from tests.connectors.kubernetes.kube_server import Api
from tests.policy.test_injection import (
    FENCE,
    PAYLOAD,
    TOKENS,
    Run,
    api,
    assert_acts_on_nobody,
    incident,
    investigated,
    ranking,
    read_by_model,
)
from tests.slack.conftest import Clock
from tests.slack.web_api import SlackApi, serve

MAPPING = {
    "name": "title", "summary": "text", "severity": "level", "labels": "tags", "label_team": "owner",
    "group_key": "group", "status": "state", "fingerprint": "id", "runbook_url": "help",
}  # fmt: skip


class Channel(SlackApi):
    """A workspace in whose channel the orders are the topic, the purpose, a bookmark and a message."""

    def __init__(self, payload: str) -> None:
        super().__init__(clock=Clock())
        self.payload = payload
        ts = "1772366400.000001"
        self.messages["C42"][ts] = {"ts": ts, "user": payload[:40] or "U1", "text": payload or "looking"}

    def _do_bookmarks_list(self, channel_id: str, **_: Any) -> dict[str, Any]:
        return {"bookmarks": [{"title": self.payload or "Dashboard", "link": "https://evil.example/b"}]}

    def _do_conversations_info(self, channel: str, **more: Any) -> dict[str, Any]:
        told = super()._do_conversations_info(channel, **more)
        told["channel"] |= {"topic": {"value": self.payload}, "purpose": {"value": self.payload}}
        return told


async def in_channel(payload: str, store: RedisStore) -> Sequence[Turn]:
    """What the channel says, as the app reads it over Slack's Web API."""
    async with serve(Channel(payload)) as slack:
        workspace = OneWorkspace("xoxb-test", slack.base_url)
        reader = ChannelReader(store, Calls(workspace, store))
        about = incident("").model_copy(update={"thread": Thread(team="T1", channel="C42")})
        found = await reader.turns(about, NOW)
        await workspace.aclose()
    return found if payload else ()


def mapped(payload: str) -> Incident:
    """An incident of an alert that a mapping took from a payload."""
    said = f" {payload}" if payload else ""
    tags = {"namespace": "shop", "deployment": "cart", "file": f"patch.yml{said}", "user": f"mona{said}"}
    row = {"title": f"CartErrors{said}", "text": f"cart fails{said}", "level": f"critical{said}", "tags": tags}
    row |= {"owner": payload or "shop", "group": payload or "g", "state": "firing", "id": "1", "help": payload}
    [alert] = GENERIC.parse(Delivery({}, row, b"", NOW), WebhookSettings(generic=MAPPING))
    quiet = incident("")
    alert = alert.model_copy(update={"starts_at": quiet.alerts[0].starts_at})
    if payload:
        alert = alert.model_copy(update={"generator_url": "https://evil.example/graph"})
    return quiet.model_copy(update={"alerts": (alert,), "title": alert.name})


def cluster(payload: str) -> Api:
    """The shop, whose pods mount ConfigMaps that are called as the host and the registry of the orders."""
    served = api("")
    for pod in served.objects["pods"] if payload else ():
        pod["spec"]["volumes"] = [
            {"name": "a", "configMap": {"name": "evil.example"}},
            {"name": "b", "configMap": {"name": "evil-registry.io", "items": [{"key": payload, "path": payload}]}},
        ]
    if payload:
        reported(served, payload)
    return replace(served, logs=api(payload).logs)


def reported(served: Api, payload: str) -> None:
    """Write the orders where deployers, tools and containers report in their own words."""
    for node in served.objects["nodes"]:
        node["metadata"] |= {"annotations": {"maintenance": payload}, "labels": {"pool": payload[:60]}}
    for made in served.objects["deployments"]:
        made["metadata"]["managedFields"] = [
            {"manager": payload[:60], "operation": "Update", "time": "2026-05-04T11:57:00Z"}
        ]
    for pod in served.objects["pods"]:
        for container in pod["status"].get("containerStatuses", ()):
            container.get("lastState", {}).get("terminated", {})["message"] = payload
    failed = [{"type": "Ready", "status": "False", "reason": "UpgradeFailed", "message": payload}]
    operation = {"phase": "Failed", "message": payload}
    health = {"status": "Degraded", "message": payload}
    served.objects["applications"] = [
        {
            "metadata": {"name": "cart", "namespace": "argocd"},
            "spec": {"source": {"repoURL": "https://evil.example/r.git"}, "destination": {"namespace": "shop"}},
            "status": {"health": health, "conditions": failed, "operationState": operation},
        }
    ]
    served.objects["helmreleases"] = [
        {"metadata": {"name": "cart", "namespace": "shop"}, "spec": {}, "status": {"conditions": failed}}
    ]
    snippet = {"nginx.ingress.kubernetes.io/configuration-snippet": payload}
    served.objects["ingresses"] = [
        {"metadata": {"name": "cart", "namespace": "shop", "annotations": snippet}, "spec": {}}
    ]


def _file_called(order: str, folder: Path) -> None:
    folder.mkdir()
    (folder / f"cart {order}.md").write_text("# Cart errors\n\nLook at cart.\n", encoding="utf-8")


async def places(payload: str, folder: Path, valkey: str) -> Run:
    client = connect(valkey)
    try:
        said = await in_channel(payload, RedisStore(client))
    finally:
        await client.aclose()
    if payload:
        _file_called(payload[:40], folder)
        said = [*said, Turn(id="t9", author=payload[:80], role="person", text="We looked.", at=NOW)]
    return await investigated(payload, folder, about=mapped(payload), served=cluster(payload), thread=said)


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory, valkey_url: str) -> Run:
    return asyncio.run(places(PAYLOAD, tmp_path_factory.mktemp("attacked") / "runbooks", valkey_url))


async def test_the_ranking_by_rules_is_the_same(attacked: Run, tmp_path: Path, valkey_url: str) -> None:
    quiet = await places("", tmp_path / "runbooks", valkey_url)
    assert ranking(attacked.facts) == ranking(quiet.facts)
    assert ranking(quiet.facts)[0][1:3] == ("OOMKilled", "Deployment shop/cart")


def test_the_model_reads_it_only_between_the_borders(attacked: Run) -> None:
    begin, end = FENCE.borders
    texts = [text for text in read_by_model(attacked.sent) if text]
    assert any("Topic of this channel" in text for text in texts)
    assert any("Bookmark" in text for text in texts)
    for text in texts:
        outside = re.sub(f"{re.escape(begin)}.*?{re.escape(end)}", " ", text, flags=re.DOTALL)
        for token in (*TOKENS, "previous instructions", "delete ns"):
            assert token not in outside, outside[max(0, outside.find(token) - 200) :][:400]
        assert "previous instructions" not in text
        assert "\u202e" not in text


def test_no_command_asks_or_fetches_from_it(attacked: Run) -> None:
    """An object may be called as a host is, and be looked at; it is still no host, no image and no package."""
    for case in (attacked.facts, attacked.diagnosed, attacked.answered):
        argvs = [one.argv for one in case.diagnosis.next_steps] + [one.argv for one in case.diagnosis.mitigations]
        for words in map(" ".join, argvs):
            if any(token in words for token in (*TOKENS, "delete ns")):
                assert re.fullmatch(r"kubectl (?:get|describe) (?:cm|configmaps?)[ /]evil\S+ -n shop(?: .*)?", words)


def test_slack_is_sent_no_mention_and_no_link_of_it(attacked: Run) -> None:
    assert_acts_on_nobody(attacked, code=False)
