"""Submitted forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from chatops.domain.ports import StoreUnavailable
from chatops.slack import modals
from chatops.slack.authz import Role
from chatops.slack.commands import parse
from chatops.slack.desk import NOT_STORED, Desk, Where, team_of
from chatops.slack.orders import act, obey


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen to the two forms."""

    async def started(ack: AsyncAck, body: Mapping[str, Any]) -> None:
        await on_start(desk, ack, body)

    async def resolved(ack: AsyncAck, body: Mapping[str, Any]) -> None:
        await on_resolve(desk, ack, body)

    app.view(modals.START)(started)
    app.view(modals.RESOLVE)(resolved)


def _where(body: Mapping[str, Any], channel: str, thread_ts: str = "") -> Where:
    team = team_of(body)
    return Where(team=team, channel=channel, user=str(body["user"]["id"]), thread_ts=thread_ts)


def _key(view: Mapping[str, Any]) -> str:
    return f"{view['id']}:{view.get('hash', '')}"


async def on_start(desk: Desk, ack: AsyncAck, body: Mapping[str, Any]) -> None:
    """Start the investigation the form describes; what is refused is said in the form."""
    form = modals.filled(body["view"]).values
    question = form.get("question", "").strip()
    if not question:
        await ack(response_action="errors", errors={"question": "Say what is wrong."})
        return
    where = _where(body, form.get("channel", ""))
    asked = parse("")._replace(command=parse("a question").command, words=question)
    context = {name: form[name] for name in ("namespace", "workload", "since") if form.get(name)}
    try:
        async with desk.once("slack-view", _key(body["view"]), where) as here:
            decision = await desk.decide(where, Role.VIEWER)
            if not decision.allowed:
                await ack(response_action="errors", errors={"channel": decision.reason})
                return
            if here is not None:
                desk.whisper(here, await obey(desk, here, asked, "command", context))
            await ack()
    except StoreUnavailable:
        await ack(response_action="errors", errors={"question": NOT_STORED})


async def on_resolve(desk: Desk, ack: AsyncAck, body: Mapping[str, Any]) -> None:
    """Close the incident; the role is checked again, the form may have stood open for long."""
    form = modals.filled(body["view"])
    where = _where(body, form.kept.get("channel", ""), form.kept.get("thread_ts", ""))
    try:
        async with desk.once("slack-view", _key(body["view"]), where) as here:
            incident = await desk.intake.incident(form.kept.get("incident", ""))
            decision = await desk.decide(where, Role.OPERATOR)
            if here is not None and incident is not None and decision.allowed:
                desk.whisper(where, await act(desk, where, incident, "resolve", form.values.get("cause", "").strip()))
            elif not decision.allowed:
                await desk.refused(where, incident, "resolve", decision.reason)
                await ack(response_action="errors", errors={"cause": decision.reason})
                return
            await ack()
    except StoreUnavailable:
        await ack(response_action="errors", errors={"cause": NOT_STORED})
