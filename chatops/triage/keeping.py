"""What is kept of an incident while somebody works on it, and who may work on it at the same time?

A diagnosis is read, worked on for seconds or minutes, and written whole. So that nothing said meanwhile is lost, jobs
that answer people take turns, and what came to the stored one since the work began goes into what is written.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import anyio

from chatops.domain.diagnosis import Diagnosis
from chatops.domain.incident import Incident, Status, TimelineEntry
from chatops.domain.ports import IncidentStore, StoreUnavailable
from chatops.triage import continuing
from chatops.triage.investigate import Case

_FACTS_WAIT = 60.0
"""Seconds that an answer waits for a running triage, whose facts it needs."""
_LOOK = 0.25


@dataclass(frozen=True)
class Keeping:
    """Reads and writes what the jobs of one incident share."""

    store: IncidentStore
    clock: Callable[[], datetime]
    patience: float = 60.0
    """Seconds that a job waits for its turn."""

    async def save(self, case: Case, since: Diagnosis | None) -> Case:
        """Write the case, with what came since it was begun from this diagnosis; return what was written."""
        now = await self.store.diagnosis(case.incident.id)
        if since is not None and now is not None:
            case = continuing.with_news(case, since, now)
        await self.store.save_case(case.incident.id, case.diagnosis, case.findings)
        return case

    async def note(self, incident_id: str, kind: str, text: str, by: str = "chatops") -> None:
        """Add a line to the incident's record."""
        await self.store.note(incident_id, TimelineEntry(at=self.clock(), kind=kind, text=text, by=by))

    async def set(self, incident: Incident, status: Status) -> Incident:
        """Give the incident this state, unless a person has ended it."""

        def change(current: Incident) -> Incident:
            if current.status in ("resolved", "stopped") and status in ("investigating", "answered", "failed"):
                return current
            return current.model_copy(update={"status": status, "held": ""})

        return await self.store.update(incident.id, change)

    async def ready(self, incident_id: str) -> Incident | None:
        """The incident, once its running triage has facts to answer from."""
        with anyio.move_on_after(_FACTS_WAIT):
            while True:
                incident = await self.store.get(incident_id)
                if incident is None or incident.status not in ("open", "investigating"):
                    return incident
                await anyio.sleep(0.5)
        return await self.store.get(incident_id)

    @asynccontextmanager
    async def turn(self, incident_id: str, job: str, most: timedelta) -> AsyncIterator[None]:
        """Have the incident's conversation alone, for `most` at the longest, whichever worker does it.

        Who waited for too long goes on all the same: the other may think long, or have died. A job that is done again
        has its turn at once.
        """
        its = False
        with anyio.move_on_after(self.patience):
            while True:
                if its := await self.store.first_time("turn", incident_id, most, by=job):
                    break
                await anyio.sleep(_LOOK)
        try:
            yield
        finally:
            if its:  # who went on without a turn must not end another's
                with suppress(StoreUnavailable):  # it ends by itself
                    await self.store.forget("turn", incident_id)
