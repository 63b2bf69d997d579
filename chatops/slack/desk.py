"""What do all listeners share: dedupe, permission, the incident that is meant, and the reply?

The order in every listener is the same: admit (seen before? allowed?), do one thing at the intake,
acknowledge with the line to show. What talks to Slack and is not needed for the acknowledgement is done
in the background and may be lost; what was asked for may not.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from chatops.domain.conversation import Message
from chatops.domain.diagnosis import Diagnosis
from chatops.domain.incident import Incident, Thread, TimelineEntry
from chatops.domain.ports import StoreUnavailable
from chatops.policy.reach import OutOfReach, of_channel
from chatops.settings import SlackSettings
from chatops.slack.authz import ASK_SECONDS, Decision, Gate, Role
from chatops.slack.calls import Calls, SlackError
from chatops.slack.channels import KIND, bind
from chatops.slack.intake import Intake
from chatops.slack.whispering import Ear, whisper

log = logging.getLogger(__name__)

SEEN_FOR = timedelta(hours=1)
NOT_STORED = "I could not store that just now, so nothing was started. Please try again."
NOT_OPENED = "The form did not open in time. Please try again."
NOT_DONE = "I could not do that: I tried several times, and the log says why. Please try again."


class Where(NamedTuple):
    """Who said it, and where."""

    team: str
    channel: str
    user: str
    thread_ts: str = ""
    message_ts: str = ""
    external: bool | None = None
    """Whether the channel is shared with another organisation, where the event says it."""
    bound: Incident | None = None
    """The incident this channel was made for; filled in when the request is admitted."""
    request: str = ""
    """What the request is kept under in the inbox, and what an incident that it opens is called, or ''."""

    @property
    def thread(self) -> Thread:
        """The thread it was said in."""
        return Thread(team=self.team, channel=self.channel, ts=self.thread_ts)

    @property
    def ear(self) -> Ear:
        """Who said it, to be told something alone: in a direct message below what they wrote.

        In a channel a thread that may have no reply yet is none: Slack shows nothing there that one person sees.
        """
        if self.channel.startswith("D"):
            return Ear(self.team, self.channel, self.user, self.thread_ts or self.message_ts)
        return Ear(self.team, self.channel, self.user, self.thread_ts if self.thread_ts != self.message_ts else "")


REQUEST = "chatops_request"
"""Where in a body stands what it is kept under. Slack sends no such field."""


def request_of(body: Mapping[str, Any]) -> str:
    """What a request is kept under in the inbox, or ''."""
    return str(body.get(REQUEST, ""))


def team_of(body: Mapping[str, Any]) -> str:
    """The workspace of any payload; the organisation where an org-wide surface (the home tab) names no workspace."""
    user, team, enterprise = (body.get(name) or {} for name in ("user", "team", "enterprise"))
    home = user.get("team_id", "") if isinstance(user, Mapping) else ""
    return str(body.get("team_id") or team.get("id") or home or enterprise.get("id") or body.get("enterprise_id") or "")


@dataclass
class Desk:
    """What listeners are given. `page` makes the address of an incident's page, or ''."""

    settings: SlackSettings
    intake: Intake
    gate: Gate
    calls: Calls
    clock: Callable[[], datetime]
    page: Callable[[Incident], str] = lambda _: ""
    rows: Mapping[str, str] = field(default_factory=dict)
    """What `settings` shows beside the person's role: environments, persona, version."""
    environments: Sequence[str] = ()
    """What there is to ask about."""
    revoke: Callable[[str], Awaitable[None]] | None = None
    """Forgets the token of a workspace that uninstalled the app, where there are several."""
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    # --- once, and by whom

    @asynccontextmanager
    async def once(self, kind: str, key: str, where: Where) -> AsyncIterator[Where | None]:
        """Where it was said, or None for what was seen before; what fails inside is taken back and may come again.

        A request that is worked off again, because the process that did so died, is still the first.

        The channel's own incident is looked up at the same time: an acknowledgement waits for few round trips.
        """
        looking = asyncio.create_task(self._bound(where))
        try:
            first = await self.intake.first_time(kind, key, SEEN_FOR, where.request)
        except BaseException:
            looking.cancel()
            raise
        if not first:
            looking.cancel()
            yield None
            return
        try:
            yield where._replace(bound=await looking)
        except BaseException:
            await self._forget(kind, key)
            raise

    async def _forget(self, kind: str, key: str) -> None:
        try:
            await self.intake.forget(kind, key)
        except StoreUnavailable:
            log.warning("a %s could not be taken back: its redelivery within the hour will be ignored", kind)

    async def decide(self, where: Where, needs: Role) -> Decision:
        """Whether this person may do what needs that role here."""
        return await self.gate.decide(
            team=where.team, user=where.user, channel=where.channel, needs=needs, external=where.external
        )

    # --- which incident

    async def _bound(self, where: Where) -> Incident | None:
        """The incident this channel was made for, if it was made for one."""
        if not where.channel:
            return None
        kept = await self.intake.take(KIND, f"{where.team}:{where.channel}")
        return await self.intake.incident(str(kept["incident"])) if kept else None

    async def bind(self, where: Where, incident: Incident) -> None:
        """Make this the channel of that incident."""
        await bind(self.intake.put, where.team, where.channel, incident.id)

    async def made_for_one(self, where: Where) -> bool:
        """Whether the channel's name says that it belongs to one incident; only Slack knows it of any channel."""
        prefix = self.settings.incident_channel_prefix
        if not prefix or where.channel.startswith("D"):
            return False
        try:
            async with asyncio.timeout(ASK_SECONDS):
                about = await self.gate.channel(where.team, where.channel)
        except (SlackError, TimeoutError):
            return False
        return str(about.get("name", "")).startswith(prefix)

    async def meant(self, where: Where, named: str = "") -> Incident | None:
        """The incident that is named; else the thread's, the channel's own, its latest (an open one first)."""
        if named:
            return await self.intake.incident(named)
        if where.thread_ts and (found := await self.intake.incident_of_thread(where.thread)):
            return found
        if where.bound is not None:
            return where.bound
        recent = await self.intake.recent(where.channel)
        return next((one for one in recent if one.status != "resolved"), next(iter(recent), None))

    async def known(self, incidents: Sequence[Incident]) -> Mapping[str, Diagnosis]:
        """What is known of each, by its id."""
        found = await asyncio.gather(*(self.intake.diagnosis(one.id) for one in incidents))
        return {one.id: diagnosis for one, diagnosis in zip(incidents, found, strict=True) if diagnosis is not None}

    def out_of_reach(self, where: Where, incident: Incident) -> str:
        """Why this channel may not see or touch an incident that is told elsewhere, or ''."""
        if incident.thread.channel == where.channel:
            return ""
        try:
            of_channel(self.settings.channels, where.channel).check(incident.scope)
        except OutOfReach as refused:
            return str(refused)
        return ""

    # --- saying it

    def later(self, work: Coroutine[Any, Any, object]) -> None:
        """Do it after the acknowledgement; what fails is logged."""

        async def run() -> None:
            try:
                await work
            except (SlackError, StoreUnavailable) as error:
                log.info("not shown: %s", error)

        task = asyncio.create_task(run())
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def whisper(self, where: Where, message: Message) -> None:
        """Show it to the one person, where they are, after the acknowledgement."""
        self.later(whisper(self.calls, where.ear, message))

    def form(self, where: Where, opening: Coroutine[Any, Any, object]) -> None:
        """Open a form after the acknowledgement; a form that does not open is said, because nothing else shows it."""

        async def run() -> None:
            try:
                await opening
            except SlackError as error:
                log.info("a form was not opened: %s", error)
                await whisper(self.calls, where.ear, Message(text=NOT_OPENED))

        self.later(run())

    async def refused(self, where: Where, incident: Incident | None, what: str, reason: str) -> None:
        """Put a refusal into the incident's record, or the log's where there is no incident."""
        log.info("refused to %s in %s: %s", where.user, where.channel, what)
        if incident is not None:
            text = f"refused: {what} ({reason})"
            await self.intake.note(incident.id, TimelineEntry(at=self.clock(), kind="audit", text=text, by=where.user))

    async def aclose(self) -> None:
        """Let what was begun end."""
        await asyncio.gather(*self.tasks, return_exceptions=True)
