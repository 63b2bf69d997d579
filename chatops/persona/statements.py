"""Which of a person's words are evidence?

"We rolled back at 10:42" is something nobody else can tell. Sentences that tell something of the systems, and the
output of programs that people paste, become a piece of evidence with its author; the model cites it, and may doubt it:
anybody in a thread may write, so a cause needs more than that.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from chatops.domain.conversation import Turn
from chatops.persona.moments import moment
from chatops.persona.tokens import clip
from chatops.persona.utterances import heard
from connectors.evidence import Evidence

SOURCE = "people"


def key(turn: Turn) -> str:
    """The key of the evidence that an utterance becomes."""
    return f"people/{turn.id}"


def statement(turn: Turn, number: int, onset: datetime | None = None) -> Evidence | None:
    """The evidence in an utterance, numbered; None where it only asks. `onset` helps to tell which time is meant."""
    words = heard(turn.text)
    stated = clip(" ".join(words.stated.split()), 600)
    if turn.role != "person" or not (stated or words.pasted):
        return None
    at = moment(stated, turn.at, timedelta(seconds=turn.utc_offset), onset)
    read = f", {at:%H:%M} UTC as it is read" if at else ""
    return Evidence(
        key=key(turn),
        id=f"E{number}",
        source=SOURCE,
        check="statement",
        title=f"{turn.author} says" if stated else f"{turn.author} pastes",
        summary="\n".join(filter(None, (stated, _shown(words.pasted)))),
        onset=at,
        query=f"message {turn.id} of {turn.author} at {turn.at:%Y-%m-%d %H:%M:%SZ}{read}",
        untrusted=True,
    )


def _shown(pasted: str) -> str:
    """The first and the last lines of what was pasted, and how many there are between."""
    lines = [clip(line.rstrip(), 240) for line in pasted.splitlines() if line.strip()]
    if len(lines) > _LINES:
        half = _LINES // 2
        lines = [*lines[:half], f"… {len(lines) - 2 * half} more lines …", *lines[-half:]]
    return "\n".join(lines)


_LINES = 12
"""Of pasted output, so many are shown."""
