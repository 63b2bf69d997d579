"""One trace for each incident, over two processes and a queue, though the worker that began it is killed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chatops.store import RedisStore
from tests.app.processes import rig, until
from tests.otlp import collecting
from tests.persona.messages_api import Say, call, serving, submit

pytestmark = pytest.mark.timeout(400)


def persona(number: int, request: dict[str, Any]) -> Say:
    """One check, then an answer."""
    if number == 0:
        return Say([call("kubernetes_events", {"namespace": "shop"})])
    return Say([submit()], cache_read=700)


async def test_an_incident_is_one_trace_from_the_alert_to_the_answer(
    tmp_path: Path, store: RedisStore, valkey_url: str
) -> None:
    async with collecting() as collector, serving(persona) as model:
        changes = {
            "CHATOPS_TRACES__OTLP_ENDPOINT": collector.url,
            "OTEL_BSP_SCHEDULE_DELAY": "100",
            "CHATOPS_MODEL__PROVIDER": "anthropic",
            "CHATOPS_MODEL__API_KEY": "key-of-a-test",
            "CHATOPS_MODEL__BASE_URL": model.url,
        }
        async with rig(tmp_path, valkey_url, changes) as one:
            gateway, url = await one.start("gateway")
            victim, _ = await one.start("worker")
            assert await one.alert(url) == 202
            await until(lambda: one.posted() == ["root"])
            await one.kill(victim)
            one.gate.set()
            heir, _ = await one.start("worker")
            await until(lambda: "evidence" in one.posted())
            assert await one.end(heir) == 0
            assert await one.end(gateway) == 0

    spans = [span for span in collector.spans if span.name != "slack auth.test"]  # asked at the start, of no incident
    names = {span.name for span in spans}
    assert {"incident", "triage", "gather", "persona", "persona turn", "slack chat.postMessage"} <= names
    assert any(name.startswith("check kubernetes/") for name in names)
    assert any(name.startswith("tool kubernetes") for name in names)
    assert len({span.trace for span in spans}) == 1, "one incident is one trace"

    known = {span.id: span for span in collector.spans}
    (root,) = [span for span in spans if not span.parent]
    assert (root.name, root.role) == ("incident", "gateway")
    finished = [span for span in collector.named("triage") if not span.failed]
    assert [(known[span.parent].name, span.role) for span in finished] == [("incident", "worker")]
    assert {known[span.parent].name for span in collector.named("persona")} == {"triage"}
    gathered = {span.id for span in collector.named("gather")}
    assert all(span.parent in gathered for span in collector.spans if span.name.startswith("check "))
    turns = collector.named("persona turn")
    assert len(turns) == 2
    assert turns[-1].attributes["gen_ai.usage.cache_read.input_tokens"] == 700

    sent = b"".join(collector.raw)
    for said in (b"memory", b"OOM", b"xoxb-test", b"key-of-a-test", b"expr="):
        assert said not in sent, f"{said!r} is what people or systems said, or a secret"
