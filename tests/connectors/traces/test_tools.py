from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.contract import ConnectorError, Inquiry
from connectors.evidence import ResourceState
from connectors.traces.connector import TracesConnector
from tests.connectors.traces.shop import ONSET, Store, many, request


async def call(connector: TracesConnector, inquiry: Inquiry, what: str, **arguments: object) -> ResourceState | str:
    tool = next(tool for tool in connector.tools() if tool.name == f"{connector.name}_{what}")
    found = await tool.run(inquiry, arguments)
    if not found.evidence:
        return found.searched
    assert isinstance(found.evidence[0].body, ResourceState)
    return found.evidence[0].body


async def test_traces_of_a_service_the_slowest_first(
    connector: TracesConnector, inquiry: Inquiry, store: Store
) -> None:
    store.traces[:] = [*many(ONSET, 3, 1), request(77, ONSET + timedelta(minutes=2), redis=0.5, refused=True)]
    body = await call(connector, inquiry, "search", service="cart")
    assert isinstance(body, ResourceState)
    assert body.rows[0][0] == f"{77:032x}"
    assert "connection refused" in body.rows[0][5]
    failed = await call(connector, inquiry, "search", service="cart", failed=True)
    assert isinstance(failed, ResourceState)
    assert len(failed.rows) == 1


async def test_one_trace_is_a_tree(connector: TracesConnector, inquiry: Inquiry, store: Store) -> None:
    body = await call(connector, inquiry, "trace", id=f"{1:032x}")
    assert isinstance(body, ResourceState)
    assert [row[0] for row in body.rows] == [
        "web", "· web", "· · cart", "· · · cart", "· · · · payments", "· · · · · payments"
    ]  # fmt: skip
    assert body.rows[-1][3] == "redis"


async def test_an_id_that_is_none_never_becomes_a_path(connector: TracesConnector, inquiry: Inquiry) -> None:
    with pytest.raises(ConnectorError, match="not the id of a trace"):
        await call(connector, inquiry, "trace", id="../services")


async def test_nothing_found_says_what_was_asked(connector: TracesConnector, inquiry: Inquiry, store: Store) -> None:
    store.traces.clear()
    assert "no traces: GET /api/" in str(await call(connector, inquiry, "search", service="cart"))
