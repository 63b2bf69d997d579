"""The two forms: start an investigation (question, scope, time), and resolve (what fixed it)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from chatops.domain.incident import Incident
from chatops.render.blocks import Block
from chatops.render.mrkdwn import plain
from chatops.slack.calls import Calls
from chatops.slack.desk import Desk, Where

START = "chatops_start"
RESOLVE = "chatops_resolve"
_SPANS = ("15m", "1h", "3h", "12h", "24h")


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def _input(block_id: str, label: str, element: Block, *, optional: bool = False, hint: str = "") -> Block:
    made: Block = {
        "type": "input",
        "block_id": block_id,
        "label": _plain(label),
        "element": element,
        "optional": optional,
    }
    return made | ({"hint": _plain(hint)} if hint else {})


def _words(action: str, example: str = "", *, multiline: bool = False) -> Block:
    made: Block = {"type": "plain_text_input", "action_id": action, "multiline": multiline, "max_length": 2000}
    return made | ({"placeholder": _plain(example)} if example else {})


def _choice(action: str, options: Sequence[str], **more: Any) -> Block:
    rows = [{"text": _plain(option[:75]), "value": option[:150]} for option in options[:100]]
    return {"type": "static_select", "action_id": action, "options": rows, **more}


def start_view(channel: str, environments: Sequence[str] = ()) -> dict[str, Any]:
    """The form to start an investigation; the channel it is told in is chosen where it is not known.

    Which of several `environments` is asked for; left open, the channel and the question decide.
    """
    since = _choice("since", _SPANS)
    since["initial_option"] = since["options"][1]
    several = len(environments) > 1
    where = [_input("environment", "Environment", _choice("environment", environments), optional=True)] * several
    place: Block = {"type": "conversations_select", "action_id": "channel", "default_to_current_conversation": True}
    if channel:
        place["initial_conversation"] = channel
    return {
        "type": "modal",
        "callback_id": START,
        "title": _plain("Investigate"),
        "submit": _plain("Start"),
        "close": _plain("Cancel"),
        "blocks": [
            _input("question", "What is wrong?", _words("question", "checkout is slow since 14:00", multiline=True)),
            *where,
            _input("namespace", "Namespace", _words("namespace"), optional=True),
            _input("workload", "Workload or service", _words("workload"), optional=True),
            _input("since", "Look back", since),
            _input("channel", "Tell it in", place),
        ],
    }


def resolve_view(where: Where, incident: Incident) -> dict[str, Any]:
    """The form to close an incident."""
    kept = {"incident": incident.id, "channel": where.channel, "thread_ts": where.thread_ts}
    hint = "It is kept: when the same thing happens again I will say what helped."
    return {
        "type": "modal",
        "callback_id": RESOLVE,
        "title": _plain("Resolve"),
        "submit": _plain("Resolved"),
        "close": _plain("Not yet"),
        "private_metadata": json.dumps(kept),
        "blocks": [
            {"type": "section", "text": _plain(plain(incident.title, 300))},
            _input(
                "cause", "What was it, and what fixed it?", _words("cause", multiline=True), optional=True, hint=hint
            ),
        ],
    }


async def open_start(desk: Desk, where: Where, trigger: str) -> None:
    """Open the form; the trigger lives three seconds."""
    channel = where.channel if where.channel.startswith(("C", "G")) else ""
    view = start_view(channel, desk.environments)
    await desk.calls.call(where.team, "views.open", trigger_id=trigger, view=view)


async def open_resolve(calls: Calls, where: Where, incident: Incident, trigger: str) -> None:
    """Open the form that asks what fixed it."""
    await calls.call(where.team, "views.open", trigger_id=trigger, view=resolve_view(where, incident))


class Filled(NamedTuple):
    """What was filled in, by block id."""

    values: Mapping[str, str]
    kept: Mapping[str, str]


def filled(view: Mapping[str, Any]) -> Filled:
    """Read a submitted form."""
    values: dict[str, str] = {}
    for block_id, elements in view["state"]["values"].items():
        for element in elements.values():
            chosen = element.get("selected_option") or {}
            values[block_id] = str(
                element.get("value") or chosen.get("value") or element.get("selected_conversation") or ""
            )
    return Filled(values, json.loads(view.get("private_metadata") or "{}"))


def told_in(view: Mapping[str, Any]) -> str:
    """The channel that a submitted form is told in, or ''."""
    form = filled(view)
    return form.values.get("channel") or form.kept.get("channel", "")


def mistaken(view: Mapping[str, Any], reason: str) -> dict[str, Any]:
    """The answer that shows a reason in a form, under its first field."""
    first = next(str(block["block_id"]) for block in view["blocks"] if block["type"] == "input")
    return {"response_action": "errors", "errors": {first: reason}}
