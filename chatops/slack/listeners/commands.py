"""The slash command."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from chatops.slack import modals
from chatops.slack.authz import Role
from chatops.slack.commands import parse, unmarked
from chatops.slack.desk import Desk, Where, request_of, team_of
from chatops.slack.orders import obey


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen to the app's command, whatever its manifest calls it: Slack sends no other app's."""

    async def triage(ack: AsyncAck, body: Mapping[str, Any]) -> None:
        await on_command(desk, ack, body)

    app.command(re.compile("^/"))(triage)


async def on_command(desk: Desk, ack: AsyncAck, body: Mapping[str, Any]) -> None:
    """Obey, and answer with the line to show."""
    where = Where(
        team=team_of(body),
        channel=str(body["channel_id"]),
        user=str(body["user_id"]),
        request=request_of(body),
    )
    asked = parse(unmarked(str(body.get("text", ""))))
    async with desk.once("slack-command", str(body["trigger_id"]), where) as here:
        if here is None:
            await ack()
        elif asked.command.name == "start" and (await desk.decide(where, Role.VIEWER)).allowed:
            desk.form(where, modals.open_start(desk, where, str(body["trigger_id"])))
            await ack()
        else:
            message = await obey(desk, here, asked, "command")
            await ack(text=message.text, blocks=list(message.blocks), response_type="ephemeral")
