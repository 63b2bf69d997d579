"""What are the parts a message is built of, and what may they weigh?

Block types this product emits, and no others: `section` (also with a button as accessory), `header`,
`context`, `actions` with `button`, `divider`, `markdown`, `rich_text` (inside task cards), `table`,
`plan` with `task_card`, `data_visualization` (line), `context_actions` with `feedback_buttons`; in the
modal and the home tab also `input`. Action ids begin with `chatops.`; a button's value is
`<incident id>|<argument>`, never a command.

Limits are Slack's (per block) and one that Slack does not document: a message of more than about
13,200 characters over all blocks is refused, so 12,000 is the budget here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from chatops.domain.conversation import Message
from chatops.render.mrkdwn import clip, lines, plain

Block = dict[str, Any]

MAX_BLOCKS = 50
MAX_TOTAL = 12_000
MAX_SECTION = 3_000
MAX_HEADER = 150
MAX_TABLES = 1
MAX_CHARTS = 2


def section(text: str, accessory: Block | None = None) -> Block:
    """A paragraph of mrkdwn that is safe already; a button may stand beside it."""
    block: Block = {"type": "section", "text": {"type": "mrkdwn", "text": clip(text, MAX_SECTION), "verbatim": True}}
    return block | ({"accessory": accessory} if accessory else {})


def header(text: str) -> Block:
    """A headline in plain text."""
    return {"type": "header", "text": {"type": "plain_text", "text": plain(text, MAX_HEADER), "emoji": True}}


def context(*texts: str) -> Block:
    """Small grey text; at most ten parts."""
    parts = [{"type": "mrkdwn", "text": clip(text, 1_900), "verbatim": True} for text in texts[:10] if text]
    return {"type": "context", "elements": parts}


def divider() -> Block:
    """A thin line."""
    return {"type": "divider"}


def markdown(text: str) -> Block:
    """Markdown that Slack translates; neutralise it before."""
    return {"type": "markdown", "text": text[:12_000]}


def button(
    label: str,
    action: str,
    value: str = "",
    *,
    style: Literal["", "primary", "danger"] = "",
    url: str = "",
    confirm: str = "",
) -> Block:
    """A button. `action` must be unique within its message; `confirm` asks before it acts."""
    block: Block = {"type": "button", "text": {"type": "plain_text", "text": plain(label, 75), "emoji": True}}
    block["action_id"] = f"chatops.{action}"[:255]
    if value:
        block["value"] = value[:2000]
    if style:
        block["style"] = style
    if url:
        block["url"] = url[:3000]
    if confirm:
        block["confirm"] = {
            "title": {"type": "plain_text", "text": plain(label, 100)},
            "text": {"type": "plain_text", "text": plain(confirm, 300)},
            "confirm": {"type": "plain_text", "text": plain(label, 30)},
            "deny": {"type": "plain_text", "text": "Not now"},
        }
    return block


def actions(buttons: Iterable[Block]) -> Block:
    """A row of buttons."""
    return {"type": "actions", "elements": list(buttons)[:25]}


def feedback(incident_id: str, slot: str) -> Block:
    """The two thumbs under an answer."""

    def thumb(label: str, value: str) -> Block:
        return {"text": {"type": "plain_text", "text": label}, "value": f"{incident_id}|{value}|{slot}"}

    buttons = {
        "type": "feedback_buttons",
        "action_id": "chatops.feedback",
        "positive_button": thumb("Helpful", "helpful"),
        "negative_button": thumb("Not helpful", "not_helpful"),
    }
    return {"type": "context_actions", "elements": [buttons]}


def rich_text(text: str, *, preformatted: bool = False) -> Block:
    """Plain text as a `rich_text` block: nothing in it is interpreted."""
    kind = "rich_text_preformatted" if preformatted else "rich_text_section"
    return {"type": "rich_text", "elements": [{"type": kind, "elements": [{"type": "text", "text": text or "–"}]}]}


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], max_rows: int = 12) -> Block:
    """A table of raw text, 20 columns at most; the caller says what was left out."""

    def cell(text: str) -> Block:
        return {"type": "raw_text", "text": plain(text, 120) or "–"}

    body = [[cell(text) for text in row[:20]] for row in rows[:max_rows]]
    return {
        "type": "table",
        "column_settings": [{"is_wrapped": True} for _ in columns[:20]],
        "rows": [[cell(name) for name in columns[:20]], *body],
    }


class Part(NamedTuple):
    """Blocks that belong together. The lowest `keep` goes first where a message would be too large."""

    keep: int
    name: str
    blocks: Sequence[Block]


def weight(block: Mapping[str, Any]) -> int:
    """Characters that count towards the message's budget: every text in the block."""
    return sum(len(text) for text in _texts(block))


def _texts(node: object) -> Iterator[str]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            if isinstance(value, str):
                if key in {"text", "title", "label", "name", "url", "value", "x_label", "y_label"}:
                    yield value
            else:
                yield from _texts(value)
    elif isinstance(node, list | tuple):
        for item in node:
            yield from _texts(item)


def _fits(parts: Sequence[Part], reserve: int) -> bool:
    blocks = [block for part in parts for block in part.blocks]
    kinds = [block["type"] for block in blocks]
    return (
        len(blocks) <= MAX_BLOCKS - 1
        and sum(map(weight, blocks)) <= MAX_TOTAL - reserve
        and kinds.count("table") <= MAX_TABLES
        and kinds.count("data_visualization") <= MAX_CHARTS
    )


def message(text: str, parts: Iterable[Part], color: str = "") -> Message:
    """Put the parts together; what does not fit is left out, the least important first, and named."""
    chosen = [part for part in parts if part.blocks]
    dropped: list[str] = []
    while not _fits(chosen, reserve=200) and len(chosen) > 1:
        least = min(chosen, key=lambda part: part.keep)
        chosen.remove(least)
        dropped.append(least.name)
    blocks = [block for part in chosen for block in part.blocks]
    if dropped:
        blocks.append(context(clip("Left out here for length: " + ", ".join(dropped) + ".", 190)))
    return Message(text=clip(text, 3_500), blocks=tuple(blocks), color=color)


def saying(text: str, *more: str) -> Message:
    """A message of one paragraph; `text` is safe mrkdwn."""
    return message(text, [Part(9, "text", [section(lines([text, *more]))])])
