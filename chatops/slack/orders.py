"""What does each sub-command do? The same for the slash command, a mention and a word in the thread."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from chatops.domain.conversation import Message, Turn
from chatops.domain.incident import Incident, Origin
from chatops.policy.reach import OutOfReach
from chatops.render import replies
from chatops.render.blocks import saying
from chatops.render.mrkdwn import inline, link, words
from chatops.slack.authz import Role
from chatops.slack.commands import Asked, help_rows
from chatops.slack.desk import Desk, Where
from chatops.slack.intake import Action

Order = Callable[[Desk, Where, Asked], Awaitable[Message]]


async def obey(
    desk: Desk, where: Where, asked: Asked, origin: Origin, context: Mapping[str, str] | None = None
) -> Message:
    """Do what was asked, if this person may; return the line (or card) to show them."""
    decision = await desk.decide(where, asked.command.role)
    if not decision.allowed:
        if asked.command.role is Role.OPERATOR:
            await desk.refused(where, await desk.meant(where, asked.incident), asked.command.name, decision.reason)
        return saying(decision.reason)
    if asked.command.name != "ask":
        return await _ORDERS[asked.command.name](desk, where, asked)
    try:
        incident, went_on = await open_or_go_on(desk, where, asked.words, origin, context or {})
    except OutOfReach as refused:
        await desk.refused(where, None, asked.command.name, str(refused))
        return saying(words(str(refused), 600))
    if went_on:
        return going_on(where, incident)
    return saying(f"Looking into it: {words(asked.words, 300)}", "The first facts come here in a few seconds.")


async def open_or_go_on(
    desk: Desk, where: Where, question: str, origin: Origin, context: Mapping[str, str]
) -> tuple[Incident, bool]:
    """Open an incident for a question, or go on with the one this channel was made for (then True)."""
    going = where.bound if where.bound is not None and where.bound.status != "resolved" else None
    own = going is None and await desk.made_for_one(where)
    if own:
        open_here = (one for one in await desk.intake.recent(where.channel) if one.status != "resolved")
        if (going := next(open_here, None)) is not None:
            await desk.bind(where, going)
    if going is not None:
        await desk.intake.follow_up(going, turn(desk, where, question))
        return going, True
    incident = await desk.intake.ask(
        question=question,
        channel=where.channel,
        team=where.team,
        user=where.user,
        origin=origin,
        thread_ts=where.thread_ts,
        message_ts=where.message_ts,
        context=context,
        request=where.request,
    )
    if own:
        await desk.bind(where, incident)
    return incident, False


def going_on(where: Where, incident: Incident) -> Message:
    """Say which incident a question goes on with, and where the answer is told."""
    there = f" in <#{incident.thread.channel}>" if incident.thread.channel != where.channel else ""
    return saying(f"I go on with {inline(incident.id)}: the answer comes into its thread{there}.")


def turn(desk: Desk, where: Where, text: str, utc_offset: int = 0) -> Turn:
    """What a person said, as the conversation keeps it."""
    now = desk.clock()
    return Turn(
        id=where.message_ts or where.request or f"{now.timestamp():.6f}",
        author=where.user,
        role="person",
        text=text,
        at=now,
        utc_offset=utc_offset,
    )


async def act(desk: Desk, where: Where, incident: Incident, action: Action, argument: str = "") -> Message:
    """Do something to an incident; what is gone is said."""
    try:
        return saying(words(await desk.intake.act(incident.id, action, argument, where.user), 900))
    except LookupError as error:
        return saying(words(str(error).strip("'\"") or "That is no longer there.", 300))


def _on_incident(reply: Callable[[Desk, Where, Incident, Asked], Awaitable[Message]]) -> Order:
    async def order(desk: Desk, where: Where, asked: Asked) -> Message:
        incident = await desk.meant(where, asked.incident)
        if incident is None and asked.incident:
            return saying(f"I know no incident {inline(asked.incident)}, or keep it no longer: `list` shows them.")
        if incident is None:
            return saying("There is no incident here yet. Ask me something, or name one: `list` shows them.")
        if reason := desk.out_of_reach(where, incident):
            await desk.refused(where, incident, asked.command.name, reason)
            return saying(words(reason, 600))
        return await reply(desk, where, incident, asked)

    return order


def _doing(action: Action) -> Order:
    async def reply(desk: Desk, where: Where, incident: Incident, asked: Asked) -> Message:
        done = await act(desk, where, incident, action, asked.words)
        return done if where.thread_ts else _named(desk, incident, done.text)

    ordered = _on_incident(reply)

    async def order(desk: Desk, where: Where, asked: Asked) -> Message:
        return await _which(desk, where, asked) or await ordered(desk, where, asked)

    return order


async def _which(desk: Desk, where: Where, asked: Asked) -> Message | None:
    """Ask which incident is meant, where several are open and nothing says which: the latest may be the wrong one."""
    if asked.incident or where.bound is not None:
        return None
    if where.thread_ts and await desk.intake.incident_of_thread(where.thread):
        return None
    going = [one for one in await desk.intake.recent(where.channel) if one.status != "resolved" and not one.joined_to]
    if len(going) < 2 or asked.command.name == "split":
        return None
    pages, known = {one.id: desk.page(one) for one in going}, await desk.known(going)
    word = asked.command.name
    form = inline(f"{desk.settings.command} {word} {going[0].id} {asked.words[:60]}".strip())
    head = f"{len(going)} incidents are open here: say which, as in {form}, or write {inline(word)} in its thread."
    return replies.listing(going, now=desk.clock(), pages=pages, known=known, head=head)


def _named(desk: Desk, incident: Incident, done: str) -> Message:
    """What was done, and to which incident: outside of its thread nothing else shows it."""
    return saying(done, f"{link(desk.page(incident), incident.title)} · {inline(incident.id)}")


async def _status(desk: Desk, where: Where, incident: Incident, asked: Asked) -> Message:
    diagnosis, timeline = await desk.intake.diagnosis(incident.id), await desk.intake.timeline(incident.id)
    return replies.status(incident, diagnosis, timeline, now=desk.clock(), page=desk.page(incident))


async def _why(desk: Desk, where: Where, incident: Incident, asked: Asked) -> Message:
    return replies.why(incident, await desk.intake.diagnosis(incident.id), page=desk.page(incident))


async def _bind(desk: Desk, where: Where, incident: Incident, asked: Asked) -> Message:
    await desk.bind(where, incident)
    return saying(f"This channel is now for {link(desk.page(incident), incident.title)} ({inline(incident.id)}).")


async def _runbook(desk: Desk, where: Where, asked: Asked) -> Message:
    if not asked.words:
        return saying("Say what to look for: `runbook OOMKilled`.")
    return replies.runbooks(asked.words, await desk.intake.runbooks(asked.words))


async def _list(desk: Desk, where: Where, asked: Asked) -> Message:
    incidents = await desk.intake.recent(where.channel, replies.LISTED)
    pages, known = {one.id: desk.page(one) for one in incidents}, await desk.known(incidents)
    return replies.listing(incidents, now=desk.clock(), pages=pages, known=known)


async def _settings(desk: Desk, where: Where, asked: Asked) -> Message:
    decision = await desk.decide(where, Role.VIEWER)
    rows = {"Your role": decision.role.name.lower(), "Command": desk.settings.command, **desk.rows}
    if where.bound is not None:
        rows["This channel is for"] = f"{where.bound.title} ({where.bound.id})"
    return replies.settings(rows, await desk.intake.health())


async def _help(desk: Desk, where: Where, asked: Asked) -> Message:
    return replies.usage(desk.settings.command, help_rows())


_ORDERS: Mapping[str, Order] = {
    "status": _on_incident(_status),
    "why": _on_incident(_why),
    "bind": _on_incident(_bind),
    "retry": _doing("retry"),
    "split": _doing("split"),
    "stop": _doing("stop"),
    "resolve": _doing("resolve"),
    "postmortem": _doing("postmortem"),
    "runbook": _runbook,
    "list": _list,
    "settings": _settings,
    "start": _help,
    "help": _help,
}
"""`start` opens a form where there is something to open it with (a slash command); elsewhere it is `help`."""
