"""How long does gathering take when every call to a source takes 200 ms? Each source alone, and all together.

The sources are the demo's stand-ins in a process of their own, showing an incident whose cause is in a database of
AWS. The process that gathers is warm, as a worker is: SDKs are imported, clients made.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any
from urllib.parse import parse_qsl

from chatops.app.parts import open_parts
from chatops.demo.aws import api as aws_api
from chatops.demo.incidents import BY_NAME
from chatops.demo.kubernetes import api as kube_api
from chatops.demo.prometheus import api as prometheus_api
from chatops.demo.serving import listen, serving
from chatops.demo.world import Stage
from chatops.domain.alert import Alert
from chatops.domain.incident import Incident, new_id
from chatops.evaluation.case import utc_now
from chatops.settings import load
from chatops.triage import scope
from tests.app.processes import ROOT
from tests.bench.figures import percentile

LATENCY = 0.2
RUNS = 7
INCIDENT = "orders-database"
_APPS = {"kubernetes": kube_api.application, "prometheus": prometheus_api.application, "aws": aws_api.application}


class Late:
    """An application whose answers come late.

    One that `remembers` works out each answer once, whatever its times: the demo evaluates PromQL in Python, and what
    that costs is not what is measured here.
    """

    def __init__(self, app: Any, *, remembers: bool) -> None:
        self.app, self.remembers = app, remembers
        self.known: dict[tuple[str, str], list[Any]] = {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer as the application does, later."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = await receive()
        asked = parse_qsl(scope["query_string"].decode() + "&" + request.get("body", b"").decode("utf-8", "replace"))
        key = scope["path"], repr([pair for pair in asked if pair[0] not in ("start", "end", "time")])
        begun = time.monotonic()
        answer = self.known.get(key) or await self._work_out(scope, request)
        if self.remembers:
            self.known[key] = answer
        await asyncio.sleep(max(0.0, LATENCY - (time.monotonic() - begun)))
        for message in answer:
            await send(message)

    async def _work_out(self, scope: Any, request: Any) -> list[Any]:
        answer: list[Any] = []

        async def again() -> Any:
            return request

        async def keep(message: Any) -> None:
            answer.append(message)

        await self.app(scope, again, keep)
        return answer


async def serve() -> None:
    """Serve the three stand-ins, each answer late; print a line with their addresses and the incident's alert."""
    stage = Stage(BY_NAME[INCIDENT].build(time.time()))
    addresses: dict[str, str] = {}
    async with contextlib.AsyncExitStack() as stack:
        for name, make in _APPS.items():
            late = Late(make(stage, time.time), remembers=name == "prometheus")
            listener = listen("127.0.0.1", 0)
            stack.enter_context(contextlib.closing(listener))
            addresses[name] = await stack.enter_async_context(serving(late, listener))
        trigger = stage.world.trigger
        print(json.dumps({"addresses": addresses, "body": trigger.body if trigger else {}}), flush=True)
        await asyncio.Event().wait()


@contextlib.contextmanager
def sources() -> Iterator[Mapping[str, Any]]:
    """The stand-ins' addresses and the alert of their incident."""
    command = [sys.executable, "-c", "import asyncio; from tests.bench.latency import serve; asyncio.run(serve())"]
    with Popen(command, stdout=PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()


def environment(folder: Path, addresses: Mapping[str, str], only: str) -> dict[str, str]:
    """The variables that configure the chosen sources."""
    chosen = {"CHATOPS_HOME": str(folder), "HOME": str(folder)}
    if only in ("kubernetes", "all"):
        path = folder / "kubeconfig"
        path.write_text(json.dumps(kube_api.kubeconfig(addresses["kubernetes"])))
        chosen["KUBECONFIG"] = str(path)
    if only in ("prometheus", "all"):
        chosen["CHATOPS_PROMETHEUS__URL"] = addresses["prometheus"]
    if only in ("aws", "all"):
        chosen |= {"AWS_ENDPOINT_URL": addresses["aws"], "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "bench",
                   "AWS_SECRET_ACCESS_KEY": "bench", "AWS_EC2_METADATA_DISABLED": "true"}  # fmt: skip
    return chosen


async def gathered(body: Mapping[str, Any]) -> dict[str, object]:
    """Seconds of gathering, the first one cold, and the calls of one investigation."""
    from chatops.webhooks.guess import read_alerts

    settings = load()
    seconds: list[float] = []
    summary = ""
    async with open_parts(settings, model=False) as parts:
        for connector in [one for found in parts.environments.values() for one in found.values() if one is not None]:
            if hasattr(connector, "load"):
                await connector.load()
        for _ in range(RUNS + 1):
            alerts = read_alerts(json.dumps(body).encode(), utc_now())[1]
            case, _ = await parts.investigator.facts(incident(settings, alerts))
            seconds.append(case.diagnosis.engine.seconds.gather)
            summary = case.diagnosis.summary
    warm = seconds[1:]
    return {
        "first_seconds": round(seconds[0], 2),
        "seconds_p50": round(percentile(warm, 0.5), 2),
        "seconds_max": round(max(warm), 2),
        "found": summary,
    }


def incident(settings: Any, alerts: tuple[Alert, ...]) -> Incident:
    """The incident that the alert opens."""
    now = utc_now()
    back = scope.since("since 1h")
    return Incident(
        id=new_id(now), title=alerts[0].name, origin="alert", scope=scope.from_alerts(settings, alerts),
        window=scope.window(alerts, now, back), alerts=alerts, created_at=now,
    )  # fmt: skip


async def run(folder: Path) -> Mapping[str, object]:
    """Each source alone, then all."""
    found: dict[str, object] = {"latency_ms_per_call": LATENCY * 1000, "runs": RUNS}
    with sources() as served:
        for only in (*_APPS, "all"):
            kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "CHATOPS_", "KUBE"))}
            before = dict(os.environ)
            os.environ.clear()
            os.environ.update(kept | environment(folder, served["addresses"], only))
            try:
                found[only] = await gathered(served["body"])
            finally:
                os.environ.clear()
                os.environ.update(before)
    return found
