"""What of an answer may people read while it is still being written? Whole sentences that pass the gate.

Streamed text is not settled yet. It is held back until a sentence or a block of code is complete, and one
that the settled answer could not hold either (an instruction taken over, an address or object nobody observed,
a command that does more than read, a figure from nowhere) is never shown. What a tool found in the meantime is
not known here: such sentences come with the final answer.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Awaitable, Callable

from chatops.domain.casefile import CaseFile
from chatops.policy.redaction import RedactionFailed
from chatops.policy.text.claims import Claims, Judge
from chatops.policy.text.letters import clean
from chatops.policy.text.observed import observe

_END = re.compile(r"[.!?:](?=\s)|\n")
_FENCES = ("```", "~~~")
_LONG = 1_000
"""Characters after which a quotation that was opened is taken for none."""
Tell = Callable[[str], Awaitable[None]]


class Live:
    """Stands between a persona and a stream: `Watcher(text=Live(case, judge, stream.append, redact))`.

    `redact` takes secrets out before anything is judged; a sentence that it raises `RedactionFailed` for is not told.
    """

    def __init__(self, case: CaseFile, judge: Judge, tell: Tell, redact: Callable[[str], str] = str) -> None:
        evidence = frozenset(item.id for item in case.evidence)
        self._claims = Claims(observe(case, case.evidence), judge, evidence)
        self._tell = tell
        self._redact = redact
        self._held = ""

    async def __call__(self, text: str) -> None:
        """Take new text; tell the sentences that it completes."""
        self._held += text
        while size := self._complete():
            sentence, self._held = self._held[:size], self._held[size:]
            await self._pass(sentence)

    def _complete(self) -> int:
        """How much of what is held is a whole sentence, with the whole of a block of code that begins in it."""
        ends = _END.finditer(self._held)
        end = next((one for one in ends if one.end() > _LONG or not _within_quotes(self._held[: one.end()])), None)
        if end is None:
            return 0
        opened = [fence for fence in _FENCES if self._held.count(fence, 0, end.end()) % 2]
        if not opened:
            return end.end()
        return self._held.find(opened[0], end.end()) + len(opened[0]) if opened[0] in self._held[end.end() :] else 0

    async def finish(self) -> None:
        """Nothing more comes: tell what is held."""
        sentence, self._held = self._held, ""
        await self._pass(sentence)

    async def _pass(self, sentence: str) -> None:
        with contextlib.suppress(RedactionFailed):
            sentence = self._redact(sentence)
            if sentence and self._claims.holds(sentence):
                await self._tell(clean(sentence))


def _within_quotes(text: str) -> bool:
    """Whether a quotation is open: it is judged as a whole."""
    return text.count('"') % 2 == 1 or text.count("“") > text.count("”")
