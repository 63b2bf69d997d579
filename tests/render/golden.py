"""Golden files: what a message was when somebody last looked at it. `GOLDEN=write` writes them anew."""

from __future__ import annotations

import json
import os
from pathlib import Path

from chatops.domain.conversation import Message
from tests.slack.payloads import broadcasts, problems

HERE = Path(__file__).parent / "golden"


def check(name: str, message: Message) -> None:
    """Compare a message with its golden file; every one must also be a message that Slack takes."""
    assert problems(message.blocks, message.text) == []
    assert broadcasts(message.model_dump(), allowed=("U1",)) == []
    compare(name + ".json", json.dumps(message.model_dump(mode="json"), ensure_ascii=False, indent=1) + "\n")


def compare(name: str, text: str) -> None:
    """Compare a text with its golden file."""
    path = HERE / name
    if os.environ.get("GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text
