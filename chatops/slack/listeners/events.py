"""Mentions, replies in threads, direct messages, the home tab and the native Stop button.

Seen is remembered by the message, beside what the inbox remembers of the event: a mention in a channel arrives
as two events, and only one of them is answered.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltContext

from chatops.policy.reach import OutOfReach
from chatops.render.blocks import saying
from chatops.render.mrkdwn import words
from chatops.slack import home
from chatops.slack.authz import Role
from chatops.slack.commands import Asked, parse, spoken, unmarked
from chatops.slack.desk import Desk, Where, request_of, team_of
from chatops.slack.orders import act, going_on, obey, open_or_go_on, turn

_PEOPLE = frozenset({"", "file_share", "thread_broadcast"})
"""Subtypes of messages that people write; edits, joins and the like are none."""
HEARD = (
    "app_mention",
    "message",
    "app_home_opened",
    "app_context_changed",
    "agent_session_stopped",
    "app_uninstalled",
    "tokens_revoked",
)
_RESOLVE = re.compile(r"resolved?(?:[.!]?\Z|:)", re.I).match
LOOKING_KIND = "slack-looking"


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen to what the manifest subscribes to; whatever else comes is acknowledged and dropped."""

    async def mention(body: Mapping[str, Any], context: AsyncBoltContext) -> None:
        await on_mention(desk, body, context.bot_user_id or "")

    async def message(body: Mapping[str, Any], context: AsyncBoltContext) -> None:
        if is_posted(body["event"], desk.settings.alert_channels):
            await on_posted(desk, body, context.bot_id or "")
        else:
            await on_message(desk, body, context.bot_user_id or "")

    async def opened(body: Mapping[str, Any]) -> None:
        desk.later(home.on_opened(desk, _where(body), body["event"]))

    async def looking(body: Mapping[str, Any]) -> None:
        await on_looking(desk, body)

    async def stopped(body: Mapping[str, Any]) -> None:
        await on_stopped(desk, body)

    async def gone(body: Mapping[str, Any]) -> None:
        await on_gone(desk, body)

    heard = (mention, message, opened, looking, stopped, gone, gone)
    for name, listener in zip(HEARD, heard, strict=True):
        app.event(name)(listener)


async def on_gone(desk: Desk, body: Mapping[str, Any]) -> None:
    """The app was uninstalled, or its bot's token revoked (people's own tokens are none of ours)."""
    event = body["event"]
    if event.get("type") == "tokens_revoked" and not (event.get("tokens") or {}).get("bot"):
        return
    granted: Mapping[str, Any] = next(iter(body.get("authorizations") or ()), {})
    org_wide = body.get("is_enterprise_install") or granted.get("is_enterprise_install")
    enterprise = str(body.get("enterprise_id") or granted.get("enterprise_id") or "")
    if desk.revoke is not None:
        await desk.revoke(enterprise if org_wide and enterprise else str(body.get("team_id") or enterprise))


def _where(body: Mapping[str, Any]) -> Where:
    event = body["event"]
    return Where(
        team=team_of(body) or str(event.get("team", "")),
        channel=str(event.get("channel", "")),
        user=str(event.get("user", "")),
        thread_ts=str(event.get("thread_ts", "")),
        message_ts=str(event.get("ts", "")),
        external=body.get("is_ext_shared_channel"),
        request=request_of(body),
    )


def _by_a_person(event: Mapping[str, Any]) -> bool:
    return bool(event.get("user")) and not event.get("bot_id") and event.get("subtype", "") in _PEOPLE


def is_posted(event: Mapping[str, Any], channels: Collection[str]) -> bool:
    """Whether it is a message that another app posted where those are alerts; not an edit, or a reply."""
    new = event.get("subtype", "") in ("", "bot_message") and not event.get("thread_ts")
    return bool(event.get("bot_id")) and new and event.get("channel") in channels


def is_heard(event: Mapping[str, Any], alert_channels: Collection[str] = ()) -> bool:
    """Whether an event may be for the app, as far as it tells itself: most messages of a channel are not."""
    if event.get("type") == "message":
        if is_posted(event, alert_channels):
            return True
        return _by_a_person(event) and (event.get("channel_type") == "im" or bool(event.get("thread_ts")))
    return event.get("type") in HEARD


async def on_mention(desk: Desk, body: Mapping[str, Any], bot: str = "") -> None:
    """A mention: a sub-command, a reply in a thread of ours, or a new question answered in its thread."""
    where, event = _where(body), body["event"]
    if not _by_a_person(event):
        return
    async with desk.once("slack-message", f"{where.channel}:{where.message_ts}", where) as here:
        if here is not None:
            text = str(event.get("text", ""))
            asked = parse(unmarked(text))
            if asked.command.name == "ask":
                asked = asked._replace(words=spoken(text, bot))
            await _said(desk, here, asked, addressed=True)


async def on_message(desk: Desk, body: Mapping[str, Any], bot: str = "") -> None:
    """A message without a mention: anything in a direct message, and replies in threads of ours.

    One that mentions the app comes as `app_mention` too, in any order: that one is taken, it knows commands.
    """
    where, event = _where(body), body["event"]
    direct = event.get("channel_type") == "im"
    if not is_heard(event):
        return
    key = f"{where.channel}:{where.message_ts}"
    if bot and not direct and f"<@{bot}" in str(event.get("text", "")):
        return
    if not direct and await desk.intake.incident_of_thread(where.thread) is None:
        return
    async with desk.once("slack-message", key, where) as here:
        if here is None:
            return
        text = spoken(str(event.get("text", "")))
        asked = parse(text)
        if not direct and not _is_order(asked, text):
            asked = Asked(parse("a question").command, text)
        await _said(desk, here, asked, direct=direct, addressed=direct)


async def on_posted(desk: Desk, body: Mapping[str, Any], own: str = "") -> None:
    """A message of another app in a channel of alerts."""
    where, event = _where(body), body["event"]
    if event["bot_id"] == own:
        return
    async with desk.once("slack-message", f"{where.channel}:{where.message_ts}", where) as here:
        if here is not None:
            await desk.intake.posted(event)


def _is_order(asked: Asked, text: str) -> bool:
    """Whether a reply is a command: in a thread people talk, and only bare words are, and `resolve: the cause`."""
    return asked.command.takes != "words" or (asked.command.name == "resolve" and bool(_RESOLVE(text)))


async def _said(desk: Desk, where: Where, asked: Asked, *, direct: bool = False, addressed: bool) -> None:
    if asked.command.name != "ask":
        desk.whisper(where, await obey(desk, where, asked, "mention"))
        return
    ours = await desk.intake.incident_of_thread(where.thread) if where.thread_ts else None
    if ours is None:
        await _asked(desk, where, asked, direct=direct)
        return
    decision = await desk.decide(where, Role.VIEWER)
    if decision.allowed:
        said = turn(desk, where, asked.words, decision.utc_offset)
        await desk.intake.follow_up(ours, said, addressed=addressed)
    else:
        desk.whisper(where, saying(decision.reason))


async def _asked(desk: Desk, where: Where, asked: Asked, *, direct: bool) -> None:
    """A question that opens something: answered under the message that asked."""
    here = where._replace(thread_ts=where.thread_ts or where.message_ts)
    context: dict[str, str] = {}
    if direct and (kept := await desk.intake.take(LOOKING_KIND, f"{where.team}:{where.user}")):
        context = {name: str(value) for name, value in kept.items()}
    decision = await desk.decide(where, Role.VIEWER)
    if not decision.allowed:
        desk.whisper(here, saying(decision.reason))
        return
    try:
        incident, went_on = await open_or_go_on(desk, here, asked.words, "direct" if direct else "mention", context)
    except OutOfReach as refused:
        desk.whisper(here, saying(words(str(refused), 600)))
        return
    if went_on:
        desk.whisper(here, going_on(where, incident))


async def on_looking(desk: Desk, body: Mapping[str, Any]) -> None:
    """What the person looks at beside the agent pane: the channel a question there may be about."""
    where, event = _where(body), body["event"]
    entities = (event.get("context") or {}).get("entities") or []
    channel = next((e.get("value", "") for e in entities if e.get("type") == "slack#/types/channel_id"), "")
    if where.user and channel:
        await desk.intake.put(
            LOOKING_KIND, f"{where.team}:{where.user}", {"looking_at": str(channel)}, timedelta(hours=8)
        )


async def on_stopped(desk: Desk, body: Mapping[str, Any]) -> None:
    """Slack's own Stop button."""
    where = _where(body)
    async with desk.once("slack-event", str(body["event_id"]), where) as here:
        incident = await desk.intake.incident_of_thread(where.thread) if here else None
        if incident is None:
            return
        decision = await desk.decide(where, Role.OPERATOR if not where.channel.startswith("D") else Role.VIEWER)
        if decision.allowed:
            await act(desk, where, incident, "stop")
        else:
            await desk.refused(where, incident, "stop", decision.reason)
            desk.whisper(where, saying(decision.reason))
