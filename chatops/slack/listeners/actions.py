"""Buttons. A value names an incident and an argument, never a command; the role is checked again at the click."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple, cast, get_args

from slack_bolt.async_app import AsyncAck, AsyncApp

from chatops.render.blocks import saying
from chatops.slack import modals
from chatops.slack.authz import Role
from chatops.slack.desk import Desk, Where, request_of, team_of
from chatops.slack.intake import Action
from chatops.slack.orders import act

ROLES: Mapping[str, Role] = {
    "run_check": Role.OPERATOR,
    "confirm": Role.OPERATOR,
    "rule_out": Role.OPERATOR,
    "stop": Role.OPERATOR,
    "resolve": Role.OPERATOR,
    "retry": Role.OPERATOR,
    "split": Role.OPERATOR,
    "postmortem": Role.VIEWER,
    "helpful": Role.VIEWER,
    "not_helpful": Role.VIEWER,
}


class Click(NamedTuple):
    """What was clicked."""

    verb: str
    incident: str = ""
    argument: str = ""


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen to every button of this app."""

    async def clicked(ack: AsyncAck, body: Mapping[str, Any]) -> None:
        await on_click(desk, body)
        await ack()

    app.action(re.compile(r"^chatops\."))(clicked)


def read(action: Mapping[str, Any]) -> Click:
    """Return what a block action means: `chatops.<verb>[:…]` with `<incident>[|<argument>]` as its value."""
    verb = str(action["action_id"]).removeprefix("chatops.").partition(":")[0]
    incident, _, argument = str(action.get("value", "")).partition("|")
    if verb == "feedback":
        verb, _, argument = argument.partition("|")
    return Click(verb, incident, argument)


def _where(body: Mapping[str, Any]) -> Where:
    container = body.get("container") or {}
    message = body.get("message") or {}
    return Where(
        team=team_of(body),
        channel=str((body.get("channel") or {}).get("id") or container.get("channel_id", "")),
        user=str(body["user"]["id"]),
        thread_ts=str(message.get("thread_ts") or container.get("thread_ts") or container.get("message_ts", "")),
        message_ts=str(container.get("message_ts", "")),
        request=request_of(body),
    )


async def on_click(desk: Desk, body: Mapping[str, Any]) -> None:
    """Do what the button says, once, and show the line to the one who clicked."""
    action, where = body["actions"][0], _where(body)
    click = read(action)
    if click.verb == "start":
        decision = await desk.decide(where, Role.VIEWER)
        if decision.allowed:
            desk.form(where, modals.open_start(desk, where, str(body["trigger_id"])))
        else:
            desk.whisper(where, saying(decision.reason))
    if click.verb not in get_args(Action):
        return
    key = f"{where.team}:{where.user}:{where.message_ts}:{action['action_id']}:{action.get('action_ts', '')}"
    async with desk.once("slack-action", key, where) as here:
        if here is not None:
            await _allowed(desk, here, click, str(body.get("trigger_id", "")))


async def _allowed(desk: Desk, where: Where, click: Click, trigger: str) -> None:
    decision = await desk.decide(where, ROLES[click.verb])
    incident = await desk.intake.incident(click.incident)
    if incident is None:
        desk.whisper(where, saying("That incident is no longer kept."))
    elif reason := decision.reason or desk.out_of_reach(where, incident):
        await desk.refused(where, incident, click.verb, reason)
        desk.whisper(where, saying(reason))
    elif click.verb == "resolve":
        desk.form(where, modals.open_resolve(desk.calls, where, incident, trigger))
    else:
        desk.whisper(where, await act(desk, where, incident, cast("Action", click.verb), click.argument))
