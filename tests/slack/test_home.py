"""The home tab: what is open, what is connected, and how to connect what is not."""

from __future__ import annotations

from chatops.slack.authz import Role
from chatops.slack.home import PROMPTS, home_view
from connectors.contract import Health
from tests.conftest import NOW
from tests.render import cases
from tests.slack.payloads import broadcasts, problems


def shown(*incidents: object, health: tuple[Health, ...] = ()) -> str:
    given = [one for one in incidents if one]
    view = home_view(given, health, command="/triage", role=Role.VIEWER, now=NOW, pages={cases.ID: cases.PAGE})  # type: ignore[arg-type]
    assert problems(view["blocks"], "", limit=100) == []
    assert broadcasts(view) == []
    return str(view)


def test_open_incidents_link_to_their_pages() -> None:
    text = shown(
        cases.incident(), cases.incident(id="inc-1n8z0w0000000001", title="old", status="resolved", resolved_at=NOW)
    )
    assert f"<{cases.PAGE}|CartErrorRate" in text
    assert "old" not in text


def test_nothing_open_and_nothing_connected() -> None:
    text = shown()
    assert "Nothing is open." in text
    assert "chatops doctor" in text


def test_what_is_wrong_with_a_source_and_what_helps() -> None:
    bad = Health("prometheus", ok=False, detail="refused", remedy="set CHATOPS_PROMETHEUS__URL")
    good = Health("kubernetes", ok=True, detail="v1.34", remedy="nothing")
    text = shown(health=(bad, good))
    assert "❌ prometheus: refused → set CHATOPS_PROMETHEUS__URL" in text
    assert "✅ kubernetes: v1.34" in text


def test_fifty_hostile_incidents_fit() -> None:
    incident, _ = cases.hostile()
    shown(*[incident] * 50)


def test_prompts_are_at_most_four() -> None:
    assert 1 <= len(PROMPTS) <= 4
