from __future__ import annotations

from connectors.contract import ConnectorSettings, Scope
from connectors.loki.connector import LokiConnector, open_connector
from tests.connectors.http_server import HttpStandIn, Trouble


def test_without_an_address_there_is_no_connector() -> None:
    assert open_connector(ConnectorSettings()) is None


async def test_health_tells_what_to_set(connector: LokiConnector, server: HttpStandIn) -> None:
    assert [line.ok for line in await connector.health()] == [True]
    server.trouble = Trouble(401, b"no org id")
    told = await connector.health()
    assert (told[0].ok, "CHATOPS_CONNECTORS__LOKI__URL" in told[0].remedy) == (False, True)


async def test_it_names_no_subjects(connector: LokiConnector) -> None:
    assert await connector.subjects(Scope(namespace="shop")) == ()
