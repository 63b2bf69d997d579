"""The incident that alerts or a question open, before it is stored: title, scope, window, place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from chatops import tracing
from chatops.domain.alert import Alert
from chatops.domain.incident import Incident, Origin, Thread, new_id, worst
from chatops.policy.reach import of_channel
from chatops.settings import Settings
from chatops.triage import joining, scope
from connectors.contract import Scope, Window

_TITLE = 150


def from_alerts(settings: Settings, alerts: Sequence[Alert], now: datetime) -> Incident:
    """The incident of a group of alerts; its thread has no channel where a route mutes it."""
    where = scope.from_alerts(settings, alerts)
    placed = scope.place(settings, joining.common_labels(alerts), alerts[0].channel, now)
    where = where.model_copy(update={"environment": where.environment or placed.environment})
    return Incident(
        id=new_id(now),
        title=joining.title(alerts),
        origin="alert",
        scope=where,
        window=scope.window(alerts, now),
        severity=worst([alert.severity for alert in alerts]),
        alerts=tuple(alerts),
        thread=Thread() if placed.muted else Thread(channel=placed.channel, ts=alerts[0].message),
        muted_until=placed.until,
        muted_channel=placed.channel if placed.muted else "",
        created_at=now,
        persona=placed.persona,
        trace=tracing.here(),
    )


def from_question(
    settings: Settings,
    question: str,
    thread: Thread,
    user: str,
    origin: Origin,
    context: Mapping[str, str],
    now: datetime,
    request: str = "",
) -> Incident:
    """The incident of what a person asked, under `request` where that is given.

    `context` may hold environment, namespace, workload, since and alert.

    Raises `OutOfReach` where the channel may not ask about that.
    """
    words = f"{question}\n{context.get('alert', '')}".strip()
    placed = scope.place(settings, {}, thread.channel, now)
    reach = of_channel(settings.slack.channels, thread.channel)
    where = Scope(
        environment=context.get("environment", "") or reach.environment(placed.environment),
        namespace=context.get("namespace", ""),
        workload=context.get("workload", ""),
    )
    where = reach.placed(scope.from_question(settings, words, where), words)
    reach.check(where)
    back = scope.since((context.get("since", "") and f"since {context['since']}") or words)
    title = " ".join(question.split()) or "Investigation"
    return Incident(
        id=request or new_id(now),
        title=title[:_TITLE],
        origin=origin,
        scope=where,
        window=Window.ending(now, back),
        question=words,
        asked_by=user,
        thread=thread,
        created_at=now,
        trace=tracing.here(),
    )
