"""Who may do what? Decided from Slack's user id, never from a name, at the command and again at the click.

Viewers ask, read and judge answers; operators also run checks, stop, retry, confirm, rule out and resolve.
Guests, strangers, bots and channels shared with other organisations are refused unless it is allowed.
What Slack says of users, groups and channels is kept for five minutes; where Slack cannot be asked in time
the answer is no, with the reason.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum
from typing import Any, NamedTuple

from chatops.slack.calls import Calls, SlackError
from chatops.slack.flights import Flights

KEPT_SECONDS = 300.0
ASK_SECONDS = 1.5


class Role(IntEnum):
    """What a person is allowed."""

    NOBODY = 0
    VIEWER = 1
    OPERATOR = 2


class Decision(NamedTuple):
    """Whether it is allowed, and if not, the line to show."""

    allowed: bool
    reason: str = ""
    role: Role = Role.NOBODY
    utc_offset: int = 0
    """Seconds that the person's clock is ahead of UTC, where Slack was asked who they are."""


class Access(NamedTuple):
    """Who may act (`operators`) and who may ask (`viewers`): user-group handles or ids, e-mails, user ids.

    Empty operators: every full member may act. Empty viewers: every full member may ask.
    """

    operators: Sequence[str] = ()
    viewers: Sequence[str] = ()
    allow_external: bool = False


_PAGES = 20
"""Of a thousand members each: further down nobody is looked for."""
_UNSEEN = frozenset({"channel_not_found", "missing_scope", "unknown_method", "not_in_channel"})
_NO_GROUPS = frozenset({"unknown_method", "missing_scope", "paid_teams_only"})
_NEEDS = {
    Role.VIEWER: "Only the people named for this app may ask here.",
    Role.OPERATOR: "Only operators may do that: ask one, or have yourself added to the operators' user group.",
}


class Gate:
    """Decides; one for the process, because it remembers what Slack said."""

    def __init__(self, calls: Calls, access: Access, clock: Callable[[], float] = time.monotonic) -> None:
        self._calls = calls
        self._access = access
        self._clock = clock
        self._known: dict[tuple[str, ...], tuple[float, Mapping[str, Any]]] = {}
        self._flights: Flights[Mapping[str, Any]] = Flights()

    async def decide(
        self, *, team: str, user: str, channel: str, needs: Role, external: bool | None = None
    ) -> Decision:
        """Whether this person may do what `needs` that role in this channel; `external` where the event says it."""
        try:
            async with asyncio.timeout(ASK_SECONDS):
                return await self._decide(team, user, channel, needs, external)
        except (SlackError, TimeoutError) as error:
            return Decision(False, f"I could not check who you are ({_short(error)}). Nothing was done; try again.")

    async def _decide(self, team: str, user: str, channel: str, needs: Role, external: bool | None) -> Decision:
        person: Mapping[str, Any] = {}
        if not self._access.allow_external:
            shared, person = await asyncio.gather(self._shared(team, channel, external), self._person(team, user))
            if shared:
                return Decision(False, "This channel is shared with another organisation: I do not answer in it.")
            if reason := _outsider(person, team):
                return Decision(False, reason)
        role = await self._role(team, user)
        return Decision(role >= needs, "" if role >= needs else _NEEDS[needs], role, int(person.get("tz_offset") or 0))

    async def _role(self, team: str, user: str) -> Role:
        if await self._named(team, user, self._access.operators):
            return Role.OPERATOR
        if await self._named(team, user, self._access.viewers):
            return Role.VIEWER
        return Role.NOBODY

    async def _named(self, team: str, user: str, names: Sequence[str]) -> bool:
        """Whether the list names the person: nobody named means everybody."""
        if not names or user in names:
            return True
        emails = {name.lower() for name in names if "@" in name.strip("@")}
        if emails:
            profile = (await self._person(team, user)).get("profile") or {}
            if str(profile.get("email", "")).lower() in emails:
                return True
        groups = [name.lstrip("@") for name in names if "@" not in name.strip("@")]
        return any([user in await self._members(team, group) for group in groups])

    async def _members(self, team: str, group: str) -> Sequence[str]:
        handles = await self._ask(team, "usergroups.list", {"team_id": team})
        ids = [one["id"] for one in handles.get("usergroups", ()) if group in (one.get("handle"), one["id"])]
        if not ids:
            return ()
        return list(
            (await self._ask(team, "usergroups.users.list", {"usergroup": ids[0], "team_id": team})).get("users", ())
        )

    async def _person(self, team: str, user: str) -> Mapping[str, Any]:
        return (await self._ask(team, "users.info", {"user": user})).get("user") or {}

    async def _shared(self, team: str, channel: str, known: bool | None) -> bool:
        """Whether others see the channel; what the event itself says of it needs no asking."""
        if known is not None:
            return known
        if not channel or channel.startswith("D"):
            return False
        about = await self.channel(team, channel)
        return bool(about.get("is_ext_shared") or about.get("is_pending_ext_shared"))

    async def channel(self, team: str, channel: str) -> Mapping[str, Any]:
        """What Slack says of a channel; empty where it does not know it or may not say."""
        try:
            return (await self._ask(team, "conversations.info", {"channel": channel})).get("channel") or {}
        except SlackError as error:
            if error.code in _UNSEEN:
                return {}  # a private channel without the bot: the slash command itself is proof of membership
            raise

    async def is_member(self, team: str, channel: str, user: str) -> bool:
        """Whether the person is in this channel; no where the app cannot see it. Raises `SlackError`."""
        cursor = ""
        for _ in range(_PAGES if channel else 0):
            asked = {"channel": channel, "limit": "1000", **({"cursor": cursor} if cursor else {})}
            try:
                told = await self._ask(team, "conversations.members", asked)
            except SlackError as error:
                if error.code in _UNSEEN:
                    return False
                raise
            cursor = str((told.get("response_metadata") or {}).get("next_cursor", ""))
            if user in told.get("members", ()) or not cursor:
                return user in told.get("members", ())
        return False

    async def _ask(self, team: str, method: str, arguments: Mapping[str, str]) -> Mapping[str, Any]:
        """What Slack says, as it was told within the last minutes; a crowd that asks the same at once asks once."""
        key = (team, method, *arguments.values())
        kept = self._known.get(key)
        if kept and kept[0] > self._clock():
            return kept[1]
        return await self._flights.ask(key, lambda: self._learn(key, arguments))

    async def _learn(self, key: tuple[str, ...], arguments: Mapping[str, str]) -> Mapping[str, Any]:
        answer = await self._answer(key[0], key[1], arguments)
        if len(self._known) > 5_000:
            self._known.clear()
        self._known[key] = (self._clock() + KEPT_SECONDS, answer)
        return answer

    async def _answer(self, team: str, method: str, arguments: Mapping[str, str]) -> Mapping[str, Any]:
        try:
            return await self._calls.call(team, method, **arguments)
        except SlackError as error:
            if method.startswith("usergroups.") and error.code in _NO_GROUPS:
                return {}  # no user groups here: nobody is in them
            raise


def _outsider(person: Mapping[str, Any], team: str) -> str:
    """Why this person is not a full member of the workspace, or ''."""
    if person.get("deleted"):
        return "Your account is deactivated."
    if person.get("is_bot") or person.get("is_workflow_bot"):
        return "I do not take orders from bots."
    if person.get("is_restricted") or person.get("is_ultra_restricted") or person.get("is_stranger"):
        return "Guests may not use this app."
    home = str(person.get("team_id") or team)
    grid = person.get("enterprise_user") or {}
    if team and home != team and team not in grid.get("teams", ()):
        return "People of other organisations may not use this app."
    return ""


def _short(error: BaseException) -> str:
    return error.code if isinstance(error, SlackError) else "Slack did not answer in time"
