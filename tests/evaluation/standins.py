"""Live incidents for the tests: the demo's stand-ins on loopback, at a moment that stands still.

`python -m tests.evaluation.standins` records the cases in `cases/` anew.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from chatops.demo.aws import api as aws_api
from chatops.demo.incidents import BY_NAME
from chatops.demo.kubernetes import api as kube_api
from chatops.demo.prometheus import api as prometheus_api
from chatops.demo.serving import listen, serving
from chatops.demo.settings import aws_environment, demo_settings
from chatops.demo.world import Stage
from chatops.domain.incident import Incident, new_id
from chatops.evaluation.case import HEALTHY, Label
from chatops.evaluation.recording import Recorded, record
from chatops.settings import Settings
from chatops.triage import scope
from chatops.webhooks.guess import read_alerts

NOW = 1_767_268_800.0
CASES = Path(__file__).parent / "cases"
LABELS = {
    "checkout-oom": Label(cause="oom_killed", object="Deployment/checkout"),
    "cart-selector": Label(cause="ServiceSelectorMismatch", object="Service/cart"),
    "orders-database": Label(cause="DatabaseConnectionsExhausted", object="orders-db"),
    "quiet-alarm": Label(cause=HEALTHY),
}


@contextlib.asynccontextmanager
async def live(name: str) -> AsyncIterator[tuple[Settings, Incident]]:
    """The settings that reach the stand-ins of a demo incident, and the incident its alert opens."""
    stage = Stage(BY_NAME[name].build(NOW))
    trigger = stage.world.trigger
    assert trigger is not None
    async with contextlib.AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stands = {}
        for source, module in (("prometheus", prometheus_api), ("kubernetes", kube_api), ("cloudwatch", aws_api)):
            app = module.application(stage, lambda: NOW)
            stands[source] = await stack.enter_async_context(serving(app, listen("127.0.0.1", 0)))
        stack.enter_context(aws_environment(folder))
        settings, _ = demo_settings(folder, "http://127.0.0.1:1", "http://127.0.0.1:2", stands, {})
        yield settings, _incident(settings, json.dumps(trigger.body).encode())


def _incident(settings: Settings, body: bytes) -> Incident:
    now = datetime.fromtimestamp(NOW, UTC)
    alerts = read_alerts(body, now)[1]
    return Incident(
        id=new_id(now),
        title=alerts[0].summary or alerts[0].name,
        origin="cli",
        scope=scope.from_alerts(settings, alerts),
        window=scope.window(alerts, now, timedelta(hours=1)),
        alerts=alerts,
        created_at=now,
    )


async def record_demo(name: str, folder: Path) -> Recorded:
    """Record a demo incident."""
    async with live(name) as (settings, incident):
        return await record(settings, incident, folder, LABELS[name])


async def _main() -> None:
    for name in LABELS:
        shutil.rmtree(CASES / name, ignore_errors=True)
        made = await record_demo(name, CASES / name)
        size = sum(path.stat().st_size for path in (CASES / name).iterdir())
        print(name, f"{made.calls} calls, {size} bytes, faithful: {made.faithful}, withheld: {made.withheld};",
              made.live.diagnosis.verdict, made.live.diagnosis.summary)  # fmt: skip


if __name__ == "__main__":
    asyncio.run(_main())
