"""The home tab (open incidents, sources, what the app may read, how to connect) and the prompts of the agent pane."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from chatops.domain.diagnosis import Diagnosis
from chatops.domain.incident import Incident
from chatops.render import blocks
from chatops.render.mrkdwn import inline
from chatops.render.replies import health_part, line_of
from chatops.slack.authz import Role
from chatops.slack.desk import Desk, Where
from connectors.contract import Health

PROMPTS: tuple[tuple[str, str], ...] = (
    ("What is broken now?", "What is broken right now?"),
    ("What changed?", "What changed in the last hour?"),
    ("Why do pods restart?", "Which pods restart, and why?"),
    ("Catch me up", "status"),
)


def home_view(
    incidents: Sequence[Incident],
    health: Sequence[Health],
    *,
    command: str,
    role: Role,
    now: datetime,
    pages: Mapping[str, str],
    known: Mapping[str, Diagnosis] | None = None,
    refused: str = "",
) -> dict[str, Any]:
    """The home tab; for somebody who may not ask, the reason alone."""
    if refused:
        return {"type": "home", "blocks": [blocks.section(refused)]}
    going = [one for one in incidents if one.status != "resolved"]
    told = [line_of(one, now, pages.get(one.id, ""), (known or {}).get(one.id)) for one in going[:20]] or [
        "Nothing is open."
    ]
    sources = health_part(health).blocks or [
        blocks.section("*Sources* (read only)\nNone is connected: see `chatops doctor`.")
    ]
    reads = "I read, I never change: no command of mine writes, and secrets are taken out before anything leaves."
    return {
        "type": "home",
        "blocks": [
            blocks.header("Incidents"),
            blocks.section("\n".join(told or ["Nothing is open."])),
            blocks.actions([blocks.button("Investigate", "start", style="primary")]),
            blocks.divider(),
            *sources,
            blocks.context(reads),
            blocks.context(f"Your role here: {role.name.lower()}. {inline(f'{command} help')} shows what to type."),
        ],
    }


async def on_opened(desk: Desk, where: Where, event: Mapping[str, Any]) -> None:
    """Publish the home tab, or set the prompts of the agent pane."""
    if event.get("tab") == "messages":
        await _prompts(desk, where)
        return
    incidents, health = await desk.intake.recent(), await desk.intake.health()
    decision = await desk.decide(where._replace(channel=""), Role.VIEWER)
    shown = [one for one in incidents if not desk.out_of_reach(where, one)] if decision.allowed else ()
    view = home_view(
        shown,
        health if decision.allowed else (),
        command=desk.settings.command,
        role=decision.role,
        now=desk.clock(),
        pages={one.id: desk.page(one) for one in shown},
        known=await desk.known(shown),
        refused=decision.reason,
    )
    await desk.calls.call(where.team, "views.publish", user_id=where.user, view=view)


async def _prompts(desk: Desk, where: Where) -> None:
    prompts = [{"title": title, "message": message} for title, message in PROMPTS]
    await desk.calls.call(
        where.team,
        "assistant.threads.setSuggestedPrompts",
        channel_id=where.channel,
        title="Ask me about production",
        prompts=prompts,
    )
