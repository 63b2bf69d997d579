"""What does a message become where Slack does not take it as it is: an older workspace, Grid, a new block refused?

Level 0 is the message itself; level 1 says everything in sections, contexts and buttons, which every
workspace knows; level 2 is text alone. Nothing that was said is lost on the way from 0 to 1: a chart becomes
a line of characters, a table and a plan become lines.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from chatops.domain.conversation import Message
from chatops.render import blocks, charts
from chatops.render.blocks import MAX_BLOCKS, Block
from chatops.render.markdown import split_markdown, to_mrkdwn
from chatops.render.mrkdwn import code, lines, words

LEVELS = 3


def simpler(message: Message, level: int) -> Message:
    """Return the message for this level."""
    if level <= 0:
        return message
    if level == 1:
        plain = [made for block in message.blocks for made in _PLAIN.get(str(block["type"]), _same)(block)]
        return message.model_copy(update={"blocks": tuple(plain[:MAX_BLOCKS])})
    return message.model_copy(update={"text": _all_text(message), "blocks": ()})


def without(message: Message, types: Collection[str]) -> Message:
    """Return the message with blocks of these types said in blocks that every workspace knows."""
    if not types:
        return message
    said = [made for block in message.blocks for made in _without(block, types)]
    return message.model_copy(update={"blocks": tuple(said[:MAX_BLOCKS])})


def _without(block: Block, types: Collection[str]) -> list[Block]:
    kind = str(block["type"])
    refused = kind in types or (kind == "plan" and "task_card" in types)
    return _PLAIN.get(kind, _same)(block) if refused else [block]


def _all_text(message: Message) -> str:
    told = [text for block in simpler(message, 1).blocks for text in _said(block)]
    return ("\n".join(told) or message.text)[:11_000]


def _said(block: Mapping[str, Any]) -> list[str]:
    if block["type"] in ("section", "header"):
        return [str(block["text"]["text"])]
    return [str(part["text"]) for part in block["elements"]] if block["type"] == "context" else []


def _same(block: Block) -> list[Block]:
    return [block]


def _markdown(block: Block) -> list[Block]:
    return [blocks.section(to_mrkdwn(piece)) for piece in split_markdown(str(block["text"]), 2_600)]


def _chart(block: Block) -> list[Block]:
    title = f"*{words(str(block['title']))}*"
    return [blocks.section(lines([title, code("\n".join(charts.in_characters(block)))]))]


def _table(block: Block) -> list[Block]:
    rows = [[str(cell.get("text", "")) for cell in row] for row in block["rows"]]
    widths = [min(max(len(row[i]) for row in rows if i < len(row)), 40) for i in range(len(rows[0]))]
    told = (
        "  ".join(cell[:40].ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip() for row in rows
    )
    return [blocks.section(code("\n".join(told)))]


_TASK_MARKS = {"pending": "⬜", "in_progress": "⏳", "complete": "✅", "error": "❌"}


def _plan(block: Block) -> list[Block]:
    told = [f"{_TASK_MARKS[task['status']]} {words(task['title'], 150)}" for task in block["tasks"]]
    return [blocks.section(lines([f"*{words(block['title'])}*", *told]))]


def _feedback(block: Block) -> list[Block]:
    thumbs = block["elements"][0]
    row = [
        blocks.button(thumbs[f"{side}_button"]["text"]["text"], f"feedback:{side}", thumbs[f"{side}_button"]["value"])
        for side in ("positive", "negative")
    ]
    return [blocks.actions(row)]


_PLAIN: dict[str, Callable[[Block], list[Block]]] = {
    "markdown": _markdown,
    "data_visualization": _chart,
    "table": _table,
    "plan": _plan,
    "context_actions": _feedback,
}
