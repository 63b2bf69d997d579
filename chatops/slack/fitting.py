"""How rich may a message be in this workspace?

Blocks of 2025 and 2026 are not known everywhere. A message goes out as it is. Where Slack names a block type that it
does not know, that type is said otherwise, in this message and in those of the next hours; where it names none, the
whole message is made simpler, step by step.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Mapping, Set
from datetime import datetime, timedelta
from typing import Any

from chatops.domain.conversation import Message
from chatops.render.simpler import LEVELS, simpler, without
from chatops.slack.calls import TOO_RICH, SlackError
from chatops.slack.pictures import CHART, Pictures

log = logging.getLogger(__name__)
_POOR_FOR = timedelta(hours=6)
"""After so long a workspace is asked again whether it knows a block by now."""
_READY_AFTER = (1.0, 3.0)
"""Seconds until a file that was just brought is tried again: Slack refuses it until it has looked at it."""
_UNKNOWN_TYPE = re.compile(r"unsupported (?:block )?type:? [\"'`]?([a-z_]+)")

Call = Callable[..., Awaitable[Mapping[str, Any]]]
"""A method of `Calls`: at once, or patiently."""


class Fitting:
    """Sends messages as rich as each workspace takes them."""

    def __init__(
        self, pictures: Pictures, clock: Callable[[], datetime], sleep: Callable[[float], Awaitable[None]]
    ) -> None:
        self._pictures = pictures
        self._clock = clock
        self._sleep = sleep
        self._poor: dict[str, tuple[datetime, Set[str]]] = {}

    async def send(self, call: Call, method: str, message: Message, **place: Any) -> Mapping[str, Any]:
        """Send the message by this method to this place; `SlackError` where Slack takes no form of it."""
        team = str(place["team"])
        level, waits = 0, list(_READY_AFTER)
        while True:
            unknown = self._unknown(team)
            pictured = message
            if level == 0 and waits and CHART in unknown:
                pictured = await self._pictures.instead(team, message)
            used = simpler(without(pictured, unknown), level)
            content: dict[str, Any] = {"text": used.text, "blocks": list(used.blocks)}
            try:
                return await call(method=method, **content, **place)
            except SlackError as error:
                if error.code not in TOO_RICH:
                    raise
                if not self._learn(team, error.detail):
                    if pictured is not message:
                        await self._sleep(waits.pop(0))
                        continue
                    if level == LEVELS - 1:
                        raise
                    level += 1
                log.warning("%s refused the message (%s): sending a simpler one", method, error)

    def _unknown(self, team: str) -> Set[str]:
        """The block types that this workspace is known not to know."""
        until, types = self._poor.get(team, (self._clock(), frozenset()))
        return types if until > self._clock() else frozenset()

    def _learn(self, team: str, detail: str) -> bool:
        """Keep which types Slack named as unknown; whether that is news."""
        known = self._unknown(team)
        named = frozenset(_UNKNOWN_TYPE.findall(detail)) - known
        if named:
            self._poor[team] = (self._clock() + _POOR_FOR, known | named)
        return bool(named)
