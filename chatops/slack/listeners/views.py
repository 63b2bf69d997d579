"""Submitted forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from chatops.slack import modals
from chatops.slack.authz import Role
from chatops.slack.commands import parse
from chatops.slack.desk import Desk, Where, request_of, team_of
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
    user = str(body["user"]["id"])
    return Where(team=team_of(body), channel=channel, user=user, thread_ts=thread_ts, request=request_of(body))


def _key(view: Mapping[str, Any]) -> str:
    return f"{view['id']}:{view.get('hash', '')}"


async def on_start(desk: Desk, ack: AsyncAck, body: Mapping[str, Any]) -> None:
    """Look through the form, where Slack waits for the answer; start the investigation it describes once it is kept."""
    form = modals.filled(body["view"]).values
    where, question = _where(body, form.get("channel", "")), form.get("question", "").strip()
    if not where.request:
        decision = await desk.decide(where, Role.VIEWER)
        errors = {"question": "" if question else "Say what is wrong.", "channel": decision.reason}
        await _looked_through(ack, errors)
        return
    asked = parse("")._replace(command=parse("a question").command, words=question)
    context = {name: form[name] for name in ("environment", "namespace", "workload", "since") if form.get(name)}
    async with desk.once("slack-view", _key(body["view"]), where) as here:
        if here is not None:
            desk.whisper(here, await obey(desk, here, asked, "command", context))
    await ack()


async def on_resolve(desk: Desk, ack: AsyncAck, body: Mapping[str, Any]) -> None:
    """Close the incident; the role is checked again, the form may have stood open for long."""
    form = modals.filled(body["view"])
    where = _where(body, form.kept.get("channel", ""), form.kept.get("thread_ts", ""))
    decision = await desk.decide(where, Role.OPERATOR)
    incident = await desk.intake.incident(form.kept.get("incident", ""))
    if not decision.allowed:
        await desk.refused(where, incident, "resolve", decision.reason)
    if not where.request:
        await _looked_through(ack, {"cause": decision.reason})
        return
    async with desk.once("slack-view", _key(body["view"]), where) as here:
        if here is not None and incident is not None and decision.allowed:
            desk.whisper(where, await act(desk, where, incident, "resolve", form.values.get("cause", "").strip()))
    await ack()


async def _looked_through(ack: AsyncAck, errors: Mapping[str, str]) -> None:
    """Accept the form, or show under its fields what is wrong with it."""
    wrong = {field: reason for field, reason in errors.items() if reason}
    await (ack(response_action="errors", errors=wrong) if wrong else ack())
