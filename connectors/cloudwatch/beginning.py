"""When did lines or events of one kind begin to come, as far as they did not always come?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from connectors.contract import Window

_FEWEST = 3
_TOLD_LATE = timedelta(minutes=20)
_SILENCE = 5.0
"""How many would have been expected, by their rate, in the time before the first one."""
_LASTING = 3
"""Quarters of the time since the first one that must have some too: two bursts are no beginning."""


def newly(times: Sequence[datetime], start: datetime, window: Window) -> datetime | None:
    """When such lines began to come, or came far more often; None where they come as always.

    The onset that is known is when an alarm told, minutes after it began: lines that start a little before it,
    after a silence too long for their rate to be chance (e^-5), are new too.
    """
    onset = window.onset
    if len(times) < _FEWEST:
        return None
    if onset is not None:
        after = [at for at in times if at >= onset]
        if len(after) >= _FEWEST and len(after) >= 3 * (len(times) - len(after)):
            return min(times) if len(times) - len(after) <= 1 else min(after)
    first = min(times)
    lasted = max((window.end - first).total_seconds(), 1.0)
    expected = (len(times) - 1) / lasted * (first - start).total_seconds()
    late = onset is None or first >= onset - _TOLD_LATE
    quarters = {int(4 * (at - first).total_seconds() / (lasted + 1)) for at in times}
    return first if late and expected >= _SILENCE and len(quarters) >= _LASTING else None
