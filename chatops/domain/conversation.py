"""What was said in the thread."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from connectors.evidence import Value


class Turn(Value):
    """One utterance: a person's question or statement, or an answer of the app."""

    id: str
    """Unique within the incident: the message's ts for people, `answer:<ts>` for answers to it."""
    author: str
    """A Slack user id, an e-mail on the command line, or `chatops`."""
    role: Literal["person", "app"]
    text: str
    at: datetime
    utc_offset: int = 0
    """Seconds that the author's clock is ahead of UTC, as far as that is known."""


class Message(Value):
    """A message for a thread: Block Kit blocks, and the text that says the same (notifications, search)."""

    text: str
    blocks: tuple[dict[str, object], ...] = ()
    color: str = ""
    """The state's colour as `#rrggbb`, where the surface shows one."""
