"""Each source's alert comes in over HTTP and ends in a thread of its own, and its end turns that green."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.app.processes import TOKEN, Rig, rig, until
from tests.webhooks.test_sns_signature import TOPIC, Amazon, at_work
from tests.webhooks.test_sources import GENERIC, PAIRS, alarm, parse, sns

pytestmark = pytest.mark.timeout(400)

SECRET = "signs"


def roots(one: Rig) -> dict[str, str]:
    """The first lines of all threads, by incident."""
    told = [message for messages in one.slack.messages.values() for message in messages.values()]
    payloads = [(message["metadata"]["event_payload"], message["text"]) for message in told]
    return {str(payload["incident"]): str(text) for payload, text in payloads if payload["slot"] == "root"}


async def send(url: str, source: str, document: Any, amazon: Amazon) -> str:
    """Deliver it as the source does; return the incident."""
    body = json.dumps(amazon.message(Message=document["Message"]) if source == "cloudwatch" else document).encode()
    headers = {"content-type": "text/plain" if source == "cloudwatch" else "application/json"}
    if source == "pagerduty":
        headers["x-pagerduty-signature"] = "v1=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    elif source != "cloudwatch":
        headers["authorization"] = f"Bearer {TOKEN}"
    async with aiohttp.ClientSession(headers=headers) as http, http.post(f"{url}/webhooks/{source}", data=body) as got:
        assert got.status == 202, await got.text()
        (incident,) = (await got.json())["incidents"]
        return str(incident)


async def test_each_source_ends_in_its_own_thread_and_in_green(tmp_path: Path, valkey_url: str) -> None:
    pairs = [("cloudwatch", sns(alarm()), sns(alarm("OK"))), *(pair[:3] for pair in PAIRS if pair[0] != "cloudwatch")]
    names = {source: parse(source, fires)[0].name for source, fires, _ in pairs}
    settings = {
        "CHATOPS_WEBHOOKS__SNS_TOPICS": json.dumps([TOPIC]),
        "CHATOPS_WEBHOOKS__SNS_CERT_HOSTS": '["127.0.0.1"]',
        "CHATOPS_WEBHOOKS__PAGERDUTY_SECRET": SECRET,
        "CHATOPS_WEBHOOKS__GENERIC": json.dumps(dict(GENERIC.generic)),
        "CHATOPS_STORM__CORRELATE_MINUTES": "0",
    }
    async with contextlib.AsyncExitStack() as stack:
        amazon = stack.enter_context(at_work())
        one = await stack.enter_async_context(rig(tmp_path, valkey_url, settings))
        process, url = await one.start("both")  # the pods are held back: what is read is what fired
        incidents = {source: await send(url, source, fires, amazon) for source, fires, _ in pairs}
        assert len(set(incidents.values())) == len(pairs)
        await until(lambda: set(roots(one)) == set(incidents.values()))
        for source, incident in incidents.items():
            assert names[source] in roots(one)[incident], source
        one.gate.set()
        ended = {source: await send(url, source, resolves, amazon) for source, _, resolves in pairs}
        assert ended == incidents
        await until(lambda: all(text.startswith("🟢 Resolved") for text in roots(one).values()))
        assert len(roots(one)) == len(pairs)
        assert await one.end(process) == 0
    assert one.slack.problems == []
