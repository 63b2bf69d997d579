"""Does a thread's first message say how it ended, though several replicas edit it?

An edit that is on its way while another replica tells the end (Slack hung, a lease was lost) may come later and replace
it. Whoever sent such an edit looks once more, and has the end shown again.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from chatops.domain.incident import Incident
from chatops.domain.ports import IncidentStore, StoreUnavailable

log = logging.getLogger(__name__)

FINAL = frozenset({"answered", "failed", "stopped", "resolved"})
_KIND = "slack-replaced"
_KEPT = timedelta(days=2)


class Ends:
    """Notes which incidents' ends may have been replaced; `again` shows an incident as it is, in any process."""

    def __init__(self, store: IncidentStore, again: Callable[[str], Awaitable[None]] | None) -> None:
        self._store = store
        self._again = again

    async def look(self, incident: Incident) -> None:
        """After an edit of what went on: show the end where there is one by now."""
        try:
            stored = await self._store.get(incident.id)
            if self._again and stored is not None and stored.status in FINAL:
                await self._store.put(_KIND, incident.id, {}, _KEPT)
                await self._again(incident.id)
        except StoreUnavailable as error:
            log.warning("whether the end of %s is shown is not known: %s", incident.id, error)

    async def replaced(self, incident: Incident) -> bool:
        """Whether the end that this process has shown may have been replaced; asked once."""
        if incident.status not in FINAL or await self._store.take(_KIND, incident.id) is None:
            return False
        await self._store.drop(_KIND, incident.id)
        return True
