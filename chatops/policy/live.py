"""What of an answer may people read while it is still being written? Whole sentences that pass the gate.

Streamed text is not settled yet. It is held back until a sentence is complete, and a sentence that the
settled answer could not hold either (an instruction taken over, an address or object nobody observed, a
command that does more than read) is never shown. What a tool found in the meantime is not known here:
such sentences come with the final answer.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from chatops.domain.casefile import CaseFile
from chatops.policy.claims import Claims, Judge
from chatops.policy.observed import observe

_END = re.compile(r"[.!?:](?=\s)|\n")
Tell = Callable[[str], Awaitable[None]]


class Live:
    """Stands between a persona and a stream: `Watcher(text=Live(case, judge, stream.append))`."""

    def __init__(self, case: CaseFile, judge: Judge, tell: Tell) -> None:
        evidence = frozenset(item.id for item in case.evidence)
        self._claims = Claims(observe(case, case.evidence), judge, evidence)
        self._tell = tell
        self._held = ""

    async def __call__(self, text: str) -> None:
        """Take new text; tell the sentences that it completes."""
        self._held += text
        while (end := _END.search(self._held)) is not None:
            sentence, self._held = self._held[: end.end()], self._held[end.end() :]
            await self._pass(sentence)

    async def finish(self) -> None:
        """Nothing more comes: tell what is held."""
        sentence, self._held = self._held, ""
        await self._pass(sentence)

    async def _pass(self, sentence: str) -> None:
        if sentence and not self._claims.objection(sentence.strip()):
            await self._tell(sentence)
