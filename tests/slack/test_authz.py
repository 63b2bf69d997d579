"""Who may do what."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from chatops.slack.authz import Access, Decision, Gate, Role
from chatops.slack.calls import Calls
from tests.slack.conftest import Clock
from tests.slack.web_api import SlackApi


async def decide(gate: Gate, needs: Role = Role.VIEWER, **changes: Any) -> Decision:
    asked: dict[str, Any] = {"team": "T1", "user": "U1", "channel": "C1", "needs": needs}
    return await gate.decide(**{**asked, **changes})


async def test_every_full_member_may_act_where_nobody_is_named(calls: Calls) -> None:
    assert (await decide(Gate(calls, Access()), Role.OPERATOR)).allowed


@pytest.mark.parametrize(
    "person",
    [
        {"is_restricted": True},
        {"is_ultra_restricted": True},
        {"is_stranger": True},
        {"deleted": True},
        {"is_bot": True},
        {"team_id": "T2"},
    ],
)
async def test_outsiders_are_refused(calls: Calls, api: SlackApi, person: dict[str, Any]) -> None:
    api.people["U1"] = person
    decision = await decide(Gate(calls, Access(operators=("U1",))))
    assert not decision.allowed
    assert decision.reason


async def test_a_member_of_another_workspace_of_the_same_grid_is_none(calls: Calls, api: SlackApi) -> None:
    api.people["U1"] = {"team_id": "T2", "enterprise_user": {"teams": ["T1", "T2"]}}
    assert (await decide(Gate(calls, Access()))).allowed


async def test_shared_channels_are_refused_by_the_event_or_by_asking(calls: Calls, api: SlackApi) -> None:
    gate = Gate(calls, Access())
    assert not (await decide(gate, external=True)).allowed
    api.shared.add("C9")
    assert not (await decide(gate, channel="C9")).allowed
    assert (await decide(Gate(calls, Access(allow_external=True)), channel="C9")).allowed


@pytest.mark.parametrize("name", ["U1", "@sre", "sre", "ana@acme.example", "Ana@ACME.example"])
async def test_operators_by_id_group_or_mail(calls: Calls, api: SlackApi, name: str) -> None:
    api.groups["sre"] = ["U1"]
    gate = Gate(calls, Access(operators=(name,)))
    assert (await decide(gate, Role.OPERATOR)).allowed
    other = await decide(gate, Role.OPERATOR, user="U2")
    assert not other.allowed
    assert (await decide(gate, Role.VIEWER, user="U2")).role is Role.VIEWER


async def test_viewers_may_be_named_too(calls: Calls) -> None:
    gate = Gate(calls, Access(operators=("U1",), viewers=("U1",)))
    assert (await decide(gate)).allowed
    assert not (await decide(gate, user="U2")).allowed


async def test_without_user_groups_nobody_is_in_them(calls: Calls, api: SlackApi) -> None:
    api.unknown |= {"usergroups.list"}
    assert not (await decide(Gate(calls, Access(operators=("@sre",))), Role.OPERATOR)).allowed


async def test_where_slack_cannot_be_asked_the_answer_is_no(calls: Calls, api: SlackApi) -> None:
    decision = await decide(Gate(calls, Access()), user="UNKNOWN")
    assert not decision.allowed
    assert "user_not_found" in decision.reason


async def test_what_slack_said_is_kept_for_five_minutes(calls: Calls, api: SlackApi, clock: Clock) -> None:
    gate = Gate(calls, Access(), clock=clock)
    for _ in range(5):
        await decide(gate)
    assert len(api.of("users.info")) == 1
    clock.now += 301
    api.people["U1"] = {"deleted": True}
    assert not (await decide(gate)).allowed


async def test_a_crowd_at_once_asks_slack_once(calls: Calls, api: SlackApi) -> None:
    gate = Gate(calls, Access())
    decisions = await asyncio.gather(*(decide(gate) for _ in range(60)))
    assert all(one.allowed for one in decisions)
    assert [len(api.of(method)) for method in ("users.info", "conversations.info")] == [1, 1]
