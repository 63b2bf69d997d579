"""Who tells of an alert while no worker runs? A gateway does, bare: it is looked into when there is one again."""

from __future__ import annotations

import asyncio

from chatops.domain.ports import IncidentStore, StoreUnavailable
from chatops.telemetry import log
from chatops.triage.jobs import Jobs
from chatops.triage.telling import Telling

_LOOK = 5.0
_TOLD = 50
"""Incidents at a time, the newest."""
NOBODY = "No worker runs: this is looked into as soon as one does"


async def keep_watch(jobs: Jobs, store: IncidentStore, telling: Telling) -> None:
    """For as long as no worker runs, tell what waits for one; for ever."""
    while True:
        await asyncio.sleep(_LOOK)
        try:
            if not await jobs.attended():
                await tell(store, telling)
        except StoreUnavailable:
            log.info("not known whether a worker runs")


async def tell(store: IncidentStore, telling: Telling) -> None:
    """Show the incidents of alerts that were not told, once each, however many gateways there are."""
    for incident in await store.recent(_TOLD):
        waits = incident.alerts and incident.thread.channel and incident.status in ("open", "investigating")
        if not waits or await store.message_ts(incident.id, "root"):
            continue
        try:
            await telling.show(incident, doing=NOBODY)
        except StoreUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - the surface's: the others are told, this one at the next look
            log.warning("not told", incident=incident.id, error=str(error)[:300])
