"""What was meant by `/triage …`, and by the words after a mention? One table of sub-commands.

A word that is no sub-command is a question. A sub-command that takes nothing but an incident is one only
where nothing else follows, so that `why is checkout slow` and `status of the cart` are questions.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from chatops.slack.authz import Role

Takes = Literal["incident", "words", "nothing"]


class Command(NamedTuple):
    """A row of the grammar: what it takes, who may use it, and the line of help."""

    name: str
    takes: Takes
    role: Role
    form: str
    help: str
    aliases: tuple[str, ...] = ()


GRAMMAR: tuple[Command, ...] = (
    Command("ask", "words", Role.VIEWER, "<question>", "start an investigation, e.g. `checkout is slow since 14:00`"),
    Command(
        "status", "incident", Role.VIEWER, "status [incident]", "where it stands: a catch-up", ("catchup", "catch-up")
    ),
    Command("why", "incident", Role.VIEWER, "why [incident]", "the evidence behind the best hypothesis"),
    Command("runbook", "words", Role.VIEWER, "runbook <text>", "search the runbooks", ("runbooks",)),
    Command("retry", "incident", Role.OPERATOR, "retry [incident]", "gather and diagnose again"),
    Command("split", "incident", Role.OPERATOR, "split [incident]", "tell what was joined by itself again"),
    Command("stop", "incident", Role.OPERATOR, "stop [incident]", "end the running investigation"),
    Command(
        "resolve", "words", Role.OPERATOR, "resolve [cause]", "close the incident and say what fixed it", ("resolved",)
    ),
    Command("postmortem", "incident", Role.VIEWER, "postmortem [incident]", "write the timeline into the thread"),
    Command("bind", "incident", Role.OPERATOR, "bind [incident]", "make this the channel of that incident"),
    Command("list", "nothing", Role.VIEWER, "list", "incidents of this channel"),
    Command("settings", "nothing", Role.VIEWER, "settings", "what is set here, and which sources are connected"),
    Command("start", "nothing", Role.VIEWER, "start", "a form for scope and time"),
    Command("help", "nothing", Role.VIEWER, "help", "this list", ("hi", "hello", "hey", "")),
)
_BY_WORD = {word: row for row in GRAMMAR[1:] for word in (row.name, *row.aliases)}
_INCIDENT = re.compile(r"inc-[0-9a-hjkmnp-tv-z]{16}\Z")
_MENTION = re.compile(r"<@[UW][A-Z0-9]+(?:\|[^>]*)?>")
_ADDRESSED = re.compile(r"<(?:@|!(?:subteam\^)?)([A-Za-z0-9]+)[^>]*>")
_LINKS = re.compile(r"<((?:https?|mailto)[^>|]*)(?:\|([^>]*))?>")
_NAMED = re.compile(r"<[#@!][^>|]*\|([^>]*)>")


class Asked(NamedTuple):
    """What was typed: the command, its words, and the incident it names."""

    command: Command
    words: str = ""
    incident: str = ""


def parse(text: str) -> Asked:
    """Return what is asked. Empty text is `help`; whatever is no sub-command is a question."""
    said = " ".join(text.split())
    if not said:
        return Asked(_BY_WORD["help"])
    word, _, rest = said.partition(" ")
    row = _BY_WORD.get(word.lower().rstrip("?!.,:"))
    if row is None:
        return Asked(GRAMMAR[0], said)
    incident, _, after = rest.partition(" ")
    named = incident if _INCIDENT.match(incident) else ""
    if row.takes == "words":
        return Asked(row, after if named else rest, named)
    if rest and not (named and not after and row.takes == "incident"):
        return Asked(GRAMMAR[0], said)
    return Asked(row, "", named)


def unmarked(text: str) -> str:
    """The words of a message in a row: without mentions, links and names as their text, entities undone."""
    return " ".join(spoken(_MENTION.sub(" ", text)).split())


def spoken(text: str, own: str = "") -> str:
    """A message as typed, line by line, without the mention of the app itself (its user id is `own`)."""
    said = text.replace(f"<@{own}>", " ") if own else text
    said = _LINKS.sub(lambda found: found[2] or found[1], said)
    said = _ADDRESSED.sub(r"@\1", _NAMED.sub(r"\1", said))
    said = said.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return "\n".join(line.strip() if "  " not in line.strip() else line.rstrip() for line in said.splitlines()).strip()


def help_rows() -> list[tuple[str, str]]:
    """What to type and what it does, for the help."""
    return [(row.form, row.help) for row in GRAMMAR]
