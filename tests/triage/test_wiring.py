"""What connectors know of who depends on whom is there before the first outage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chatops.store import RedisStore
from chatops.triage import wiring
from connectors.contract import ConnectorError
from connectors.evidence import Subject
from tests.triage.test_grouping import gateway, of, threads
from tests.triage.test_intake import Noted


def deployment(namespace: str, name: str) -> Subject:
    return Subject(kind="Deployment", namespace=namespace, name=name)


class Knowing:
    """A connector as far as this is asked of one."""

    def __init__(self, *pairs: tuple[Subject, Subject]) -> None:
        self.pairs = pairs

    async def dependencies(self) -> Sequence[tuple[Subject, Subject]]:
        if not self.pairs:
            raise ConnectorError("forbidden", "GET /api/v1/pods", "no")
        return self.pairs


async def read(store: RedisStore, *connectors: Any) -> None:
    await wiring.read("default", {str(number): one for number, one in enumerate(connectors)}, store)


async def test_the_first_outage_across_namespaces_is_one_thread(store: RedisStore) -> None:
    pair = deployment("web", "front"), deployment("shop", "checkout")
    await read(store, Knowing(pair), None, object())
    front = of("front", labels={"namespace": "web", "deployment": "front"})
    first, second = await threads(gateway(store, Noted()), of("checkout"), front)
    assert first == second


async def test_what_was_read_stays_while_a_source_is_away(store: RedisStore) -> None:
    await read(store, Knowing((deployment("web", "front"), Subject(kind="Node", name="n1"))))
    await read(store, Knowing())
    assert await wiring.known("default", store) == {("web/front", "node:n1")}
    assert await store.client.ttl("chatops:doc:wiring:default") > 0
