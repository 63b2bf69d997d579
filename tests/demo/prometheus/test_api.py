import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from prometheus_api_client import PrometheusConnect

from chatops.demo.prometheus import api as prometheus_api
from chatops.demo.serving import listen, serving
from chatops.demo.world import Stage
from tests.demo.conftest import NOW

ERRORS = 'sum(rate(http_requests_total{service="checkout",code="503"}[5m]))'


@pytest.fixture
async def url(stage: Stage) -> AsyncIterator[str]:
    async with serving(prometheus_api.application(stage, lambda: NOW), listen("127.0.0.1", 0)) as address:
        yield address


async def get(http: aiohttp.ClientSession, url: str, **params: str) -> tuple[int, Any]:
    async with http.get(url, params=params) as answer:
        return answer.status, await answer.json()


async def test_the_client_that_the_connector_uses_is_answered(url: str) -> None:
    def ask() -> tuple[Any, Any, Any]:
        client = PrometheusConnect(url)
        start, end = (datetime.fromtimestamp(NOW - back, UTC) for back in (3600, 0))
        return client.custom_query(ERRORS), client.custom_query_range(ERRORS, start, end, "60"), client.all_metrics()

    now, rows, names = await asyncio.to_thread(ask)
    assert float(now[0]["value"][1]) == pytest.approx(2.6, rel=0.1)
    assert len(rows[0]["values"]) == 61
    assert "http_requests_total" in names


@pytest.mark.parametrize(
    ("path", "params", "status", "kind"),
    [
        ("query", {"query": "sum("}, 400, "bad_data"),
        ("query", {"query": "year(up)"}, 422, "execution"),
        ("query", {"query": "up / on(node) up"}, 422, "execution"),
        ("query", {"query": "up", "time": "soon"}, 400, "bad_data"),
        ("query_range", {"query": "up", "start": "10", "end": "5", "step": "1"}, 400, "bad_data"),
        ("query_range", {"query": "up", "start": "1", "end": "5", "step": "x"}, 400, "bad_data"),
        ("query_range", {"query": "up", "start": "1", "end": "900000", "step": "1s"}, 400, "bad_data"),
        ("series", {}, 400, "bad_data"),
    ],
)
async def test_refusals_are_prometheus_own(
    url: str, http: aiohttp.ClientSession, path: str, params: dict[str, str], status: int, kind: str
) -> None:
    code, body = await get(http, f"{url}/api/v1/{path}", **params)
    assert (code, body["status"], body["errorType"]) == (status, "error", kind)


async def test_shapes_of_results(url: str, http: aiohttp.ClientSession) -> None:
    kinds = {"up": "vector", "1": "scalar", '"x"': "string", "up[1m]": "matrix"}
    for expression, kind in kinds.items():
        _, body = await get(http, f"{url}/api/v1/query", query=expression)
        assert body["data"]["resultType"] == kind


async def test_a_query_may_be_posted(url: str, http: aiohttp.ClientSession) -> None:
    async with http.post(f"{url}/api/v1/query", data={"query": "sum(up)"}) as answer:
        assert (await answer.json())["data"]["result"][0]["value"][1] == "6"


async def test_rules_alerts_and_targets_tell_of_the_incident(url: str, http: aiohttp.ClientSession) -> None:
    _, rules = await get(http, f"{url}/api/v1/rules")
    states = {rule["name"]: rule["state"] for group in rules["data"]["groups"] for rule in group["rules"]}
    assert states["CheckoutHighErrorRate"] == "firing"
    assert states["CartHighErrorRate"] == "inactive"
    _, alerts = await get(http, f"{url}/api/v1/alerts")
    fired = {alert["labels"]["alertname"]: alert["labels"] for alert in alerts["data"]["alerts"]}
    assert fired["CheckoutHighErrorRate"]["service"] == "checkout"
    _, targets = await get(http, f"{url}/api/v1/targets")
    assert {target["health"] for target in targets["data"]["activeTargets"]} == {"up"}


async def test_labels_series_and_metadata(url: str, http: aiohttp.ClientSession) -> None:
    _, values = await get(http, f"{url}/api/v1/label/service/values")
    assert "checkout" in values["data"]
    _, series = await get(http, f"{url}/api/v1/series", **{"match[]": 'up{job="kubelet"}'})
    assert len(series["data"]) == 3
    _, meta = await get(http, f"{url}/api/v1/metadata", metric="http_requests_total")
    assert meta["data"]["http_requests_total"][0]["type"] == "counter"


async def test_it_is_ready_and_says_its_version(url: str, http: aiohttp.ClientSession) -> None:
    async with http.get(f"{url}/-/ready") as answer:
        assert answer.status == 200
    _, build = await get(http, f"{url}/api/v1/status/buildinfo")
    assert build["data"]["version"]
    assert (await get(http, f"{url}/api/v1/status/nope"))[0] == 404


def test_numbers_are_written_as_prometheus_writes_them() -> None:
    assert [prometheus_api.number(v) for v in (1.0, 0.5, float("inf"), float("nan"))] == ["1", "0.5", "+Inf", "NaN"]
