"""Asked in a channel that may ask about one namespace, the persona sees nothing of another, whatever it calls.

The whole app: a signed command, real connectors before a cluster and a Prometheus with two namespaces, and a model that
tries every way into the other one. What it is sent must not name anything that lives there.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from chatops.app.application import Application, open_application
from chatops.demo.incidents import BY_NAME
from chatops.demo.kubernetes import api as kube_api
from chatops.demo.kubernetes.cluster import Cluster, Workload
from chatops.demo.metrics import deployment_series, pod_series
from chatops.demo.prometheus import api as prometheus_api
from chatops.demo.serving import listen, serving
from chatops.demo.world import PodLog, Stage, World
from chatops.settings import ChannelReach, ModelSettings, Settings, SlackSettings
from chatops.store import RedisStore
from tests.app.processes import until
from tests.persona import messages_api
from tests.persona.messages_api import Say, call
from tests.slack import web_api
from tests.slack.conftest import SIGNING
from tests.slack.test_inbox import command, post

OTHER, KNOWN = "payroll", "payslip"
"""The namespace that the channel may not ask about, and a workload in it that the model has heard of."""
SECRETIVE = "bonuses"
"""What else is there: it must reach nobody."""
UP = f'up{{namespace="{OTHER}"}}'
ATTEMPTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("kubernetes_list", {"kind": "pods", "namespace": OTHER}),
    ("kubernetes_list", {"kind": "pods", "namespace": "*"}),
    ("kubernetes_list", {"kind": "pods", "namespace": f"shop/../{OTHER}"}),
    ("kubernetes_describe", {"kind": "deployment", "name": KNOWN, "namespace": OTHER}),
    ("kubernetes_events", {"namespace": "*"}),
    ("kubernetes_events", {"namespace": OTHER}),
    ("kubernetes_logs", {"kind": "deployment", "name": KNOWN, "namespace": OTHER}),
    ("kubernetes_top", {"kind": "pods", "namespace": OTHER}),
    ("kubernetes_rollout_history", {"kind": "deployment", "name": KNOWN, "namespace": OTHER}),
    ("prometheus_query", {"expression": f'kube_deployment_spec_replicas{{namespace="{OTHER}"}}'}),
    ("prometheus_query", {"expression": "kube_deployment_spec_replicas", "anywhere": True}),
    ("prometheus_query", {"expression": f'{{namespace="{OTHER}"}}'}),
    ("prometheus_query", {"expression": f'{{__name__=~"node.*|kube_.*", namespace="{OTHER}"}}'}),
    ("prometheus_query", {"expression": UP}),
    ("prometheus_query", {"expression": f'{UP} or kube_deployment_spec_replicas{{namespace="{OTHER}"}}'}),
    ("prometheus_query", {"expression": "node_load1 or kube_deployment_spec_replicas"}),
    ("prometheus_query_range", {"expression": f'ALERTS{{namespace="{OTHER}"}} or kube_pod_status_phase'}),
    ("prometheus_metrics", {"contains": "kube"}),
    ("prometheus_label_values", {"label": "deployment"}),
    ("prometheus_alerts", {}),
)
REFUSED = ("this channel may ask about shop*", "outside of namespace=")
ALLOWED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("kubernetes_list", {"kind": "deployments"}),
    ("prometheus_query", {"expression": "kube_deployment_spec_replicas"}),
    ("prometheus_query_range", {"expression": "kube_deployment_spec_replicas"}),
    ("prometheus_query", {"expression": "node_load1"}),
)


def two_namespaces(now: float) -> World:
    """The shop, and beside it what the channel may not ask about."""
    shop, other = BY_NAME["checkout-oom"].build(now), Cluster(now)
    other.node("worker-1", "eu-west-1a")
    for name in (KNOWN, SECRETIVE):
        other.deployment(Workload(name, "1.0.0", namespace=OTHER, env={"ABOUT": SECRETIVE}))
    (pod, *_) = other.pods(KNOWN)
    other.event("Pod", pod["metadata"]["name"], "BackOff", f"{SECRETIVE} restarts", 60, namespace=OTHER)
    del other.objects["v1/nodes"]
    objects = {
        key: [*shop.objects.get(key, ()), *other.objects.get(key, ())] for key in {*shop.objects, *other.objects}
    }
    series = (*shop.series, *pod_series(other), *deployment_series(other, now))
    logs = (*shop.logs, PodLog(OTHER, pod["metadata"]["name"], KNOWN, ((now - 60, f"{SECRETIVE} paid"),)))
    return replace(shop, objects=objects, series=series, logs=logs)


class Limited:
    """The app, and what it talked to."""

    def __init__(self, app: Application, slack: web_api.SlackApi, model: messages_api.MessagesAPI) -> None:
        self.app, self.slack, self.model = app, slack, model


@pytest.fixture
async def limited(tmp_path: Path, valkey_url: str, store: RedisStore) -> AsyncIterator[Limited]:
    stage = Stage(two_namespaces(time.time()))
    slack = web_api.SlackApi(clock=time.time, present=True, people={"U1": {"profile": {}}})

    def script(number: int, request: dict[str, Any]) -> Say:
        if number == 0:
            calls = [call(name, given, f"toolu_{n}") for n, (name, given) in enumerate((*ATTEMPTS, *ALLOWED))]
            return Say(calls)
        return Say([messages_api.submit(hypotheses=[], verdict="inconclusive", summary="Nothing is known.")])

    async with AsyncExitStack() as stack:
        model = await stack.enter_async_context(messages_api.serving(script))
        await stack.enter_async_context(web_api.serve(slack))
        cluster = await stack.enter_async_context(serving(kube_api.application(stage), listen("127.0.0.1", 0)))
        metrics = await stack.enter_async_context(serving(prometheus_api.application(stage), listen("127.0.0.1", 0)))
        config = tmp_path / "kubeconfig"
        config.write_text(json.dumps(kube_api.kubeconfig(cluster, "shop")))
        settings = Settings.model_validate(
            {
                "redis": {"url": valkey_url},
                "link_secret": "k",
                "kubernetes": {"kubeconfig": str(config)},
                "prometheus": {"url": metrics},
                "model": ModelSettings(api_key=SecretStr("k"), base_url=model.url),
                "slack": SlackSettings(
                    bot_token=SecretStr("xoxb-test"),
                    signing_secret=SecretStr(SIGNING),
                    base_url=slack.base_url,
                    channels={"C1": ChannelReach(namespaces=("shop*",))},
                ),
            }
        )
        app = await stack.enter_async_context(open_application(settings))
        working = asyncio.create_task(app.work())
        yield Limited(app, slack, model)
        app.stop.set()
        await working
    assert slack.problems == []


def results(request: dict[str, Any]) -> dict[str, str]:
    """What came back from each call of the model."""
    blocks = [b for m in request["messages"] if isinstance(m["content"], list) for b in m["content"]]
    return {b["tool_use_id"]: json.dumps(b["content"]) for b in blocks if b.get("type") == "tool_result"}


async def test_the_persona_gets_nothing_from_elsewhere(limited: Limited) -> None:
    said = await post(limited.app.web, command("checkout is slow in shop", limited.slack.response_url))
    assert said.status_code == 200
    await until(lambda: "Nothing is known" in str(limited.slack.messages), 60)
    told = results(limited.model.requests[1])
    for number, (name, given) in enumerate(ATTEMPTS):
        assert any(words in told[f"toolu_{number}"] for words in REFUSED), (name, given, told[f"toolu_{number}"])
    for number, (name, given) in enumerate(ALLOWED, len(ATTEMPTS)):
        assert "may ask about" not in told[f"toolu_{number}"], (name, given)
        assert "checkout" in told[f"toolu_{number}"] or "worker-1" in told[f"toolu_{number}"], (name, given)
    assert SECRETIVE not in json.dumps(limited.model.requests), "neither what was gathered nor what was asked for"
    assert SECRETIVE not in str(limited.slack.messages)
