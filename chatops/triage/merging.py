"""Are two open incidents one outage after all? Joined late by what rules found, split again by a person.

That an incident is told in another one's thread is one field of it, set in one step. What follows (the alerts there,
the state here) is made good by whoever comes by next, so that a worker that dies in between loses nothing. The
younger is always told in the older one's thread: two that find each other at once agree, and nothing goes in circles.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chatops.domain.alert import Alert
from chatops.domain.diagnosis import Diagnosis
from chatops.domain.incident import Incident, Status, TimelineEntry
from chatops.domain.ports import IncidentStore
from chatops.store import AlertIndex, relations
from chatops.triage import joining
from chatops.triage.grouping import Grouping
from connectors.evidence import Subject


def cause_of(diagnosis: Diagnosis) -> str:
    """What the rules identified, `<name> <code>`; '' where they are not sure of one cause."""
    if diagnosis.verdict != "identified":
        return ""
    return f"{_name(diagnosis.hypotheses[0].subject)} {diagnosis.hypotheses[0].cause}"


def _name(subject: Subject) -> str:
    return relations.name_of(subject) or f"{subject.kind}:{subject.name}"


def one_outage(cause: str, about: Set[str], others: str, others_about: Set[str]) -> bool:
    """Whether both have the same cause, or one's cause is what the other's alerts are about."""
    mine, theirs = cause.partition(" ")[0], others.partition(" ")[0]
    return bool(cause and cause == others) or mine in others_about or theirs in about


def taken_in(main: Incident, one: Incident, now: datetime, more: int) -> Incident:
    """The incident with the alerts of one that is told in its thread."""
    known = {alert.fingerprint: alert for alert in main.alerts}
    news = [alert for alert in one.alerts if joining.is_news(known.get(alert.fingerprint), alert)]
    update: dict[str, Any] = {"joined": tuple(dict.fromkeys((*main.joined, one.id)))}
    if main.status == "resolved":  # it ended meanwhile: nobody looks into it again for what joined late
        update |= {"status": "answered", "resolved_at": None}
    return joining.with_alerts(main.model_copy(update=update), news, now, more)


def given_back(main: Incident, one: Incident, now: datetime, more: int) -> Incident:
    """The incident without the alerts of one that was split from it."""
    its = {alert.fingerprint for alert in one.alerts}
    update = {
        "joined": tuple(other for other in main.joined if other != one.id),
        "apart": tuple(dict.fromkeys((*main.apart, one.id))),
        "alerts": tuple(alert for alert in main.alerts if alert.fingerprint not in its),
    }
    left = main.model_copy(update=update)
    return joining.with_alerts(left, [], now, more) if left.alerts else left


def followed(one: Incident, main: Incident) -> Incident:
    """The incident in the state of the one in whose thread it is told."""
    if one.joined_to != main.id:
        return one
    current = {alert.fingerprint: alert for alert in main.alerts}
    status: Status = "investigating" if one.status == "investigating" else "answered"
    status = "resolved" if main.status == "resolved" else status
    alerts = tuple(current.get(alert.fingerprint, alert) for alert in one.alerts)
    update = {"status": status, "resolved_at": main.resolved_at, "alerts": alerts, "held": ""}
    return one.model_copy(update=update)


async def told_in(store: IncidentStore, index: AlertIndex, incident: Incident, now: datetime) -> Incident:
    """The incident in whose thread this one is told, which has its alerts then: itself, where it was not joined."""
    while incident.joined_to and (main := await store.get(incident.joined_to)) is not None:
        # A worker may have died before this was done.
        incident = main if incident.id in main.joined else await _settle(store, index, main, incident, now)
    return incident


async def _settle(store: IncidentStore, index: AlertIndex, main: Incident, one: Incident, now: datetime) -> Incident:
    """Give the main incident the alerts of one that points to it, or take those of one that does no more."""
    points, counted, more = one.joined_to == main.id, await index.counted(one.id), main.more_alerts
    if counted:
        more = await index.overflow(main.id, counted if points else (), () if points else counted)
    change = taken_in if points else given_back
    return await store.update(main.id, lambda current: change(current, one, now, more))


@dataclass(frozen=True)
class Merging:
    """Joins and splits stored incidents. Every step can be repeated."""

    grouping: Grouping

    @property
    def _store(self) -> IncidentStore:
        return self.grouping.store

    async def told_in(self, incident: Incident) -> Incident:
        """The incident in whose thread this one is told, or itself."""
        return await told_in(self._store, self.grouping.index, incident, self.grouping.clock())

    async def look(self, incident: Incident, diagnosis: Diagnosis) -> Incident:
        """Join the incident, whose facts rules have ranked, with open ones of the same outage; return it as it is then.

        `diagnosis` is what rules came to: a model's words have no part in it.
        """
        place = self.grouping.place(incident.alerts)
        if place.began is None:
            return incident
        cause = cause_of(diagnosis)
        name = cause.partition(" ")[0]
        if not place.about.within and name not in place.about.about:
            cause = ""  # what names no place is looked for everywhere: that finds whatever is broken
        if cause:
            key = f"{place.prefix}|{name if ':' in name else name.partition('/')[0]}"
            place = replace(place, keys=tuple(dict.fromkeys((key, *place.keys))))
        await self.grouping.keep(incident.id, place, cause)
        for other in await self.grouping.beside(place):
            if other.incident != incident.id and one_outage(cause, place.about.about, other.cause, other.names.about):
                await self._join(incident.id, other.incident, diagnosis.summary)
        return await self._store.get(incident.id) or incident

    async def _join(self, one: str, other: str, why: str) -> None:
        both = [await self.told_in(found) for each in (one, other) if (found := await self._store.get(each))]
        if len(both) < 2:
            return
        older, younger = sorted(both, key=lambda each: (each.created_at, each.id))
        apart = older.id in younger.apart or younger.id in older.apart
        if older.id == younger.id or apart or "resolved" in (older.status, younger.status):
            return

        def pointed(current: Incident) -> Incident:
            free = not current.joined_to and current.status != "resolved"
            return current.model_copy(update={"joined_to": older.id, "joined_for": why}) if free else current

        if (await self._store.update(younger.id, pointed)).joined_to == older.id:
            await self._note(older, f"{younger.id} is the same outage: {why}")
            await self._note(younger, f"told in the thread of {older.id}: {why}")
            await self.told_in(younger.model_copy(update={"joined_to": older.id}))

    async def following(self, main: Incident) -> Sequence[tuple[Incident, bool]]:
        """What is told in the incident's thread, in its state; and whether that changed just now."""
        found = []
        for name in main.joined:
            if (one := await self._store.get(name)) is not None and one.joined_to == main.id:
                changed = await self._store.update(name, lambda current: followed(current, main))
                found.append((changed, changed != one))
        return found

    async def split(self, incident_id: str) -> Incident | None:
        """Give an incident its own thread and alerts back, to be looked into; None where it was never joined."""
        one = await self._store.get(incident_id)
        if one is None or not (one.joined_to or one.apart):
            return None
        now, index = self.grouping.clock(), self.grouping.index
        main = await self._store.get(one.joined_to or one.apart[-1])
        if one.joined_to:
            top = await self.told_in(one)
            over = set(await index.counted(one.id)) - set(await index.counted(top.id))
            more = await index.overflow(one.id, (), sorted(over)) if over else one.more_alerts
            one = await self._store.update(one.id, lambda current: _alone(current, top.alerts, now, more))
            await self._note(one, "split: it is another outage")
        while main is not None:
            await _settle(self._store, index, main, one, now)
            main = await self._store.get(main.joined_to) if main.joined_to else None
        return one

    async def _note(self, incident: Incident, text: str) -> None:
        await self._store.note(
            incident.id, TimelineEntry(at=self.grouping.clock(), kind="joined", text=text, by="chatops")
        )


def _alone(one: Incident, alerts: Sequence[Alert], now: datetime, more: int) -> Incident:
    """The incident by itself, with what became of its alerts and their groups meanwhile."""
    known = {alert.fingerprint for alert in one.alerts}
    groups = {(alert.source, alert.group_key) for alert in one.alerts if alert.group_key}
    its = [alert for alert in alerts if alert.fingerprint in known or (alert.source, alert.group_key) in groups]
    update = {
        "joined_to": "",
        "joined_for": "",
        "apart": (*one.apart, one.joined_to),
        "window": one.window.model_copy(update={"end": now}),
        "status": "open",
        "resolved_at": None,
    }
    return joining.with_alerts(one.model_copy(update=update), its, now, more)
