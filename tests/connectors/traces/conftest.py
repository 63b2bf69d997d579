from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest

from connectors.contract import ConnectorSettings, Inquiry, Scope, Window
from connectors.traces.connector import TracesConnector, open_jaeger, open_tempo, open_zipkin
from tests.connectors.http_server import HttpStandIn
from tests.connectors.traces.shop import END, ONSET, Store, many

OPENERS = {"jaeger": open_jaeger, "tempo": open_tempo, "zipkin": open_zipkin}


@pytest.fixture
def store() -> Store:
    """Half an hour of calm requests, and what a test adds."""
    return Store(many(ONSET - timedelta(minutes=25), 20, 1))


@pytest.fixture(params=list(OPENERS))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def server(store: Store, kind: str) -> Iterator[HttpStandIn]:
    stand_in = HttpStandIn(getattr(store, kind))
    yield stand_in
    stand_in.close()


@pytest.fixture
async def connector(server: HttpStandIn, kind: str) -> AsyncIterator[TracesConnector]:
    opened = OPENERS[kind](ConnectorSettings(options={"url": server.url, "timeout": 1.0}))
    assert opened is not None
    yield opened
    await opened.aclose()


@pytest.fixture
def inquiry() -> Inquiry:
    return Inquiry(scope=Scope(namespace="shop", workload="web"), window=Window.ending(END, onset=ONSET))
