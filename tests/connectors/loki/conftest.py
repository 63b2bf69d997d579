"""A shop whose cart begins to lose its database at 12:00."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from connectors.contract import ConnectorSettings, Inquiry, Scope, Window
from connectors.loki.connector import LokiConnector, open_connector
from tests.connectors.http_server import HttpStandIn
from tests.connectors.loki.stand_in import Streams

ONSET = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def streams() -> Streams:
    begin = ONSET - timedelta(minutes=30)
    calm = [(begin + timedelta(seconds=10 * i), f"INFO served order {i} in {i % 7} ms") for i in range(300)]
    odd = [(begin + timedelta(minutes=5 * i), f"ERROR slow disk {i}") for i in range(9)]
    bad = [
        (ONSET + timedelta(seconds=20 + 5 * i), f"ERROR dial tcp 10.0.0.{i % 9}:5432: connection refused")
        for i in range(200)
    ]
    cart = {"namespace": "shop", "pod": "cart-7d9c6b5f4-x2x9z", "app": "cart"}
    other = {"namespace": "shop", "pod": "cart-db-0", "app": "cart-db"}
    far = {"namespace": "bank", "pod": "cart-7d9c6b5f4-aaaaa", "app": "cart"}
    elsewhere = [(ONSET + timedelta(minutes=1), "ERROR somebody else's")] * 20
    return Streams([(cart, sorted([*calm, *odd, *bad])), (other, elsewhere), (far, elsewhere)])


@pytest.fixture
def server(streams: Streams) -> Iterator[HttpStandIn]:
    served = streams.serve()
    yield served
    served.close()


@pytest.fixture
async def connector(server: HttpStandIn) -> AsyncIterator[LokiConnector]:
    opened = open_connector(ConnectorSettings(options={"url": server.url, "timeout": 1.0}))
    assert opened is not None
    yield opened
    await opened.aclose()


@pytest.fixture
def inquiry() -> Inquiry:
    window = Window.ending(ONSET + timedelta(minutes=20), onset=ONSET)
    return Inquiry(scope=Scope(namespace="shop", workload="cart"), window=window)
