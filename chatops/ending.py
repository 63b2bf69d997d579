"""End what runs beside something else, for sure.

A task that is cancelled once may go on: where it waits for several others together (a task group) and one of them
fails as it is cancelled, that failure is raised in the place of the cancellation, and who catches it has lost the order
to end. A worker that was told to end while it asked its sources for the first time waited ten minutes so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Any

from chatops.telemetry import log

_AGAIN = 0.5
"""Seconds until a task that has not ended is cancelled once more: time to put things away between two awaits."""


async def end(tasks: Collection[asyncio.Task[Any]]) -> None:
    """Cancel the tasks until all have ended. What one of them failed by is logged, not raised."""
    left = {task for task in tasks if not task.done()}
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=_AGAIN)
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, Exception):
            log.warning("ended by an error", error=type(result).__name__)
