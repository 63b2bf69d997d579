"""How does a line reach one person alone? As a message that only they see, or directly where the app is no member."""

from __future__ import annotations

import logging
from typing import NamedTuple

from chatops.domain.conversation import Message
from chatops.render.simpler import LEVELS, simpler
from chatops.slack.calls import NO_ENTRY, TOO_RICH, Calls, SlackError
from chatops.slack.search import EVENT_TYPE

log = logging.getLogger(__name__)


class Ear(NamedTuple):
    """Who is told, and where they are."""

    team: str
    channel: str
    user: str
    thread_ts: str = ""


async def whisper(calls: Calls, ear: Ear, message: Message) -> None:
    """Show it to the one person, as rich as the workspace takes it; `SlackError` where it takes it in no way."""
    for level in range(LEVELS):
        try:
            await _whispered(calls, ear, simpler(message, level))
        except SlackError as error:
            if error.code not in TOO_RICH or level == LEVELS - 1:
                raise
            log.info("a whisper's blocks were refused: sending simpler ones")
        else:
            return


async def _whispered(calls: Calls, ear: Ear, message: Message) -> None:
    said = {"text": message.text, "blocks": list(message.blocks) or None}
    # the metadata tells it from a stream, which has none
    about = {"event_type": EVENT_TYPE, "event_payload": {"slot": "whisper"}}
    posted = {**said, "metadata": about, "unfurl_links": False, "unfurl_media": False}
    if ear.channel.startswith("D"):  # nobody else is there, and what is only shown is gone with the next look
        await calls.call(ear.team, "chat.postMessage", channel=ear.channel, thread_ts=ear.thread_ts or None, **posted)
        return
    try:
        await calls.call(
            ear.team,
            "chat.postEphemeral",
            channel=ear.channel,
            user=ear.user,
            thread_ts=ear.thread_ts or None,
            **said,
        )
    except SlackError as error:
        if error.code not in NO_ENTRY:
            raise
        await calls.call(ear.team, "chat.postMessage", channel=ear.user, **posted)
