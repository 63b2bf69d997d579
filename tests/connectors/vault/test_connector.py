from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from connectors.vault.connector import VaultConnector
from tests.connectors import optional as o
from tests.connectors.http_server import HttpStandIn, Request

WELL = {
    "initialized": True, "sealed": False, "standby": False, "performance_standby": False, "version": "1.20.0",
    "server_time_utc": int(o.ONSET.timestamp()), "cluster_name": "vault-cluster-1", "cluster_id": "x",
}  # fmt: skip


class Node:
    def __init__(self) -> None:
        self.says: dict[str, Any] = dict(WELL)

    def __call__(self, request: Request) -> Any:
        # The real one answers 503 when it is sealed, unless it is asked not to.
        asked_well = request.params.get("sealedcode") == "200" and request.params.get("uninitcode") == "200"
        return self.says if request.path == "/v1/sys/health" and asked_well else None


@pytest.fixture
def node() -> Node:
    return Node()


@pytest.fixture
def server(node: Node) -> Iterator[HttpStandIn]:
    stand_in = HttpStandIn(node)
    yield stand_in
    stand_in.close()


@pytest.fixture
async def connector(server: HttpStandIn) -> AsyncIterator[VaultConnector]:
    async with o.opened("vault", {"url": server.url, "timeout": 2.0}) as found:
        yield found


async def test_an_unsealed_vault_is_no_finding(connector: VaultConnector) -> None:
    found = await o.run(connector, "seal")
    assert (found.evidence, found.findings) == ((), ())
    assert "unsealed, the node that answers is active" in found.searched


@pytest.mark.parametrize(
    ("change", "says"), [({"sealed": True}, "sealed"), ({"initialized": False}, "not initialized")]
)
async def test_a_sealed_vault_is_a_cause(
    connector: VaultConnector, node: Node, change: dict[str, bool], says: str
) -> None:
    node.says |= change
    found = await o.run(connector, "seal")
    assert [(one.cause, one.subject.name) for one in found.findings] == [("DependencyUnavailable", "vault-cluster-1")]
    assert says in found.findings[0].statement


async def test_nothing_but_the_health_is_asked(connector: VaultConnector, server: HttpStandIn) -> None:
    await o.run(connector, "seal")
    await connector.health()
    assert {request.path for request in server.requests} == {"/v1/sys/health"}
    assert connector.tools() == ()


async def test_failures_are_told(connector: VaultConnector, server: HttpStandIn) -> None:
    await o.fails_well(connector, server)


def test_settings() -> None:
    o.silent("vault")
