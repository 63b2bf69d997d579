"""Which of a person's words are evidence?

"We rolled back at 10:42" is something nobody else can tell. Sentences that are neither a question nor a
request become a piece of evidence with their author; the model cites it, and may doubt it: anybody in a
thread may write, so a cause needs more than that. A clock time
in it is read as UTC, where it lies in the hours before the message: of another zone, or of later, it has no moment.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from chatops.domain.conversation import Turn
from chatops.persona.tokens import clip
from connectors.evidence import Evidence

SOURCE = "people"
_RECENT = timedelta(hours=12)
_SENTENCE = re.compile(r"[^.!?\n]+(?:\.(?=\d)[^.!?\n]+)*[.!?]?")
_CLOCK = re.compile(r"\b([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?\b")
_ASKING = re.compile(
    r"^(?:<@\w+>\s*)?(?:please|pls|can|could|would|will|should|do|does|did|is|are|was|were|has|have you|why|what|when|"
    r"where|which|who|how|check|show|look|tell|list|find|explain|summari[sz]e|give|compare|try|run|stop|help|"
    r"and (?:what|why|how)|thanks|thank you|ok|okay|hi|hello)\b",
    re.IGNORECASE,
)


def key(turn: Turn) -> str:
    """The key of the evidence that an utterance becomes."""
    return f"people/{turn.id}"


def statement(turn: Turn, number: int) -> Evidence | None:
    """The evidence in an utterance, numbered; None where it only asks."""
    sentences = [part.group().strip() for part in _SENTENCE.finditer(turn.text)]
    stated = [one for one in sentences if len(one.split()) > 1 and not one.endswith("?") and not _ASKING.match(one)]
    if turn.role != "person" or not stated:
        return None
    return Evidence(
        key=key(turn),
        id=f"E{number}",
        source=SOURCE,
        check="statement",
        title=f"{turn.author} says",
        summary=clip(" ".join(stated), 600),
        onset=_moment(" ".join(stated), turn.at),
        query=f"message {turn.id} of {turn.author} at {turn.at:%Y-%m-%d %H:%M:%SZ}",
        untrusted=True,
    )


def _moment(text: str, said_at: datetime) -> datetime | None:
    found = _CLOCK.search(text)
    if found is None:
        return None
    hour, minute, second = (int(part or 0) for part in found.groups())
    moment = said_at.astimezone(UTC).replace(hour=hour, minute=minute, second=second, microsecond=0)
    moment = moment if moment <= said_at else moment - timedelta(days=1)
    return moment if said_at - moment <= _RECENT else None
