"""Whether Slack would take a payload: its SDK's own validators, and the rules that stand between blocks."""

from __future__ import annotations

import json
import re
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block

CONTROL = re.compile(r"<[!@][^>]*>")
MENTION = re.compile(r"<@[UW][A-Z0-9]+>\Z")


def problems(blocks: Sequence[Mapping[str, Any]], text: str, *, limit: int = 50) -> list[str]:
    """Everything that is wrong with a message (or, with a limit of 100, a view)."""
    found = [problem for block in blocks for problem in _block(block)]
    kinds = Counter(block["type"] for block in blocks)
    ids = Counter(block["block_id"] for block in blocks if "block_id" in block)
    actions = Counter(_keys(blocks, "action_id"))
    total = sum(len(part) for block in blocks for part in _texts(block))
    found += [f"{len(blocks)} blocks"] if len(blocks) > limit else []
    found += [f"{kinds['table']} tables"] if kinds["table"] > 1 else []
    found += [f"{kinds['data_visualization']} charts"] if kinds["data_visualization"] > 2 else []
    found += [f"{total} characters in all"] if total > 13_000 else []
    found += [f"block_id {name} twice" for name, times in ids.items() if times > 1]
    found += [f"action_id {name} twice" for name, times in actions.items() if times > 1]
    found += ["no fallback text"] if not text.strip() and limit == 50 else []
    found += [f"text of {len(text)}"] if len(text) > 4_000 else []
    markdown = sum(len(block["text"]) for block in blocks if block["type"] == "markdown")
    found += [f"{markdown} characters of markdown"] if markdown > 12_000 else []
    return found


def _block(block: Mapping[str, Any]) -> Iterator[str]:
    if block["type"] == "data_visualization":
        yield from _chart(block)
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parsed = Block.parse(json.loads(json.dumps(block)))
    if parsed is None:
        yield f"unknown block {block['type']}"
        return
    try:
        parsed.validate_json()
    except SlackObjectFormationError as error:
        yield f"{block['type']}: {error}"
    yield from _text_objects(block)
    if block["type"] == "table":
        yield from _table(block)


def _text_objects(block: Mapping[str, Any]) -> Iterator[str]:
    if block["type"] == "section" and not block["text"]["text"].strip():
        yield "an empty section"
    if block["type"] == "header" and block["text"]["type"] != "plain_text":
        yield "a header that is not plain text"
    if block["type"] == "context" and not block["elements"]:
        yield "an empty context"
    if block["type"] == "actions" and not block["elements"]:
        yield "an empty row of buttons"


def _table(block: Mapping[str, Any]) -> Iterator[str]:
    rows = block["rows"]
    if not 1 <= len(rows) <= 100 or any(len(row) > 20 for row in rows):
        yield "a table too large"
    if len({len(row) for row in rows}) > 1:
        yield "a table with ragged rows"
    if any(not cell["text"] for row in rows for cell in row):
        yield "a table with an empty cell"


def _chart(block: Mapping[str, Any]) -> Iterator[str]:
    chart, title = block["chart"], block["title"]
    if not 0 < len(title) <= 50:
        yield f"a chart's title of {len(title)}"
    if chart["type"] not in ("line", "bar", "area"):
        yield f"a chart of type {chart['type']}"
    categories, series = chart["axis_config"]["categories"], chart["series"]
    if not 1 <= len(series) <= 6 or not 1 <= len(categories) <= 20:
        yield "a chart too large"
    if any(len(label) > 20 for label in categories) or len(set(categories)) != len(categories):
        yield "a chart's categories"
    names = [one["name"] for one in series]
    if len(set(names)) != len(names) or any(not 0 < len(name) <= 20 for name in names):
        yield f"a chart's series names {names}"
    if any([point["label"] for point in one["data"]] != categories for one in series):
        yield "a series whose labels are not the categories"
    if set(block) - {"type", "title", "chart", "block_id"}:
        yield "unknown keys in a chart"


def broadcasts(payload: Mapping[str, Any], allowed: Sequence[str] = ()) -> list[str]:
    """Control sequences in a payload that would mention or broadcast, but for mentions that are allowed."""
    found = [hit for part in _every_text(payload) for hit in CONTROL.findall(part)]
    return [hit for hit in found if not (MENTION.match(hit) and hit[2:-1] in allowed)]


def _every_text(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping):
        for value in node.values():
            yield from _every_text(value)
    elif isinstance(node, list | tuple):
        for item in node:
            yield from _every_text(item)


def _keys(node: Any, key: str) -> Iterator[str]:
    if isinstance(node, Mapping):
        if key in node:
            yield str(node[key])
        for value in node.values():
            yield from _keys(value, key)
    elif isinstance(node, list | tuple):
        for item in node:
            yield from _keys(item, key)


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            if isinstance(value, str) and key not in ("type", "action_id", "style", "task_id", "status"):
                yield value
            elif not isinstance(value, str):
                yield from _texts(value)
    elif isinstance(node, list | tuple):
        for item in node:
            yield from _texts(item)
