"""Who depends on whom, as the connectors know it before anything fails: so that the first outage is one thread, too.

Read by one worker every few minutes and kept whole: what moved to another node is not remembered as if it had stayed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta

from chatops.domain.ports import IncidentStore, StoreUnavailable
from chatops.store import relations
from chatops.telemetry import log
from connectors.contract import ConnectorError, Wired

_EVERY = timedelta(minutes=10)
_KEPT = timedelta(hours=6)
"""Longer than sources are usually away."""
_KIND = "wiring"
Environments = Mapping[str, Mapping[str, object]]


async def keep_reading(environments: Environments, store: IncidentStore) -> None:
    """Read every environment now and every ten minutes, for ever; one of all workers does it."""
    while True:
        for environment, connectors in environments.items():
            try:
                if await store.first_time(_KIND, environment, _EVERY - timedelta(seconds=30)):
                    await read(environment, connectors, store)
            except StoreUnavailable:
                log.info("wiring not kept", environment=environment)
        await asyncio.sleep(_EVERY.total_seconds())


async def read(environment: str, connectors: Mapping[str, object], store: IncidentStore) -> None:
    """Ask the connectors that know, and keep what they say; what they said before stays where none answers."""
    pairs: set[tuple[str, str]] = set()
    for source, connector in connectors.items():
        if isinstance(connector, Wired):
            try:
                pairs |= relations.named(await connector.dependencies())
            except ConnectorError as error:
                log.info("wiring not read", source=source, kind=error.kind)
    if pairs:
        told = [relations.packed(pair) for pair in sorted(pairs)[: relations.KEPT]]
        await store.put(_KIND, environment, {"pairs": told}, _KEPT)


async def known(environment: str, store: IncidentStore) -> set[tuple[str, str]]:
    """What was read last of the environment."""
    document = await store.take(_KIND, environment) or {}
    return relations.unpacked(str(one).encode() for one in document.get("pairs", ()))
