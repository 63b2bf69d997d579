from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from connectors.fluentd.connector import FluentdConnector
from tests.connectors import optional as o
from tests.connectors.http_server import HttpStandIn, Request

INPUT = {"plugin_id": "in", "plugin_category": "input", "type": "tail", "output_plugin": False, "retry_count": None}


def output(name: str, **fields: Any) -> dict[str, Any]:
    return {
        "plugin_id": name, "plugin_category": "output", "type": "elasticsearch", "output_plugin": True,
        "buffer_queue_length": 0, "buffer_total_queued_size": 0, "retry_count": 0,
        "buffer_available_buffer_space_ratios": 100.0, "retry": {}, **fields,
    }  # fmt: skip


class Agent:
    def __init__(self) -> None:
        self.plugins: list[dict[str, Any]] = [INPUT, output("es")]

    def __call__(self, request: Request) -> Any:
        return {"plugins": self.plugins} if request.path == "/api/plugins.json" else None


@pytest.fixture
def agent() -> Agent:
    return Agent()


@pytest.fixture
def server(agent: Agent) -> Iterator[HttpStandIn]:
    stand_in = HttpStandIn(agent)
    yield stand_in
    stand_in.close()


@pytest.fixture
async def connector(server: HttpStandIn) -> AsyncIterator[FluentdConnector]:
    async with o.opened("fluentd", {"url": server.url, "timeout": 2.0}) as found:
        yield found


async def test_outputs_that_deliver_say_what_was_searched(connector: FluentdConnector, server: HttpStandIn) -> None:
    assert "all of 1 outputs deliver" in (await o.run(connector, "outputs")).searched
    assert server.requests[0].params["with_config"] == "no"


async def test_old_errors_are_no_trouble_now(connector: FluentdConnector, agent: Agent) -> None:
    agent.plugins = [output("es", retry_count=40)]
    assert not (await o.run(connector, "outputs")).evidence


@pytest.mark.parametrize("start", ["2026-03-01 12:03:00 +0000", "2026-03-01T12:03:00Z", "2026-03-01 13:03:00 +0100"])
async def test_a_chunk_tried_again_and_again_is_told_with_its_beginning(
    connector: FluentdConnector, agent: Agent, start: str
) -> None:
    agent.plugins = [output("es", retry_count=7, retry={"start": start, "steps": 6, "next_time": start}), output("s3")]
    (item,) = (await o.run(connector, "outputs")).evidence
    assert item.title == "1 of 2 outputs of Fluentd do not deliver"
    assert item.onset == o.ONSET.replace(minute=3)
    assert "since 12:03:00 UTC, 7 times" in item.summary


async def test_a_full_buffer_is_told(connector: FluentdConnector, agent: Agent) -> None:
    agent.plugins = [output("es", buffer_available_buffer_space_ratios=3.2)]
    (item,) = (await o.run(connector, "outputs")).evidence
    assert "3% of its space left" in item.summary


async def test_failures_are_told(connector: FluentdConnector, server: HttpStandIn) -> None:
    await o.fails_well(connector, server)


def test_settings() -> None:
    o.silent("fluentd")
