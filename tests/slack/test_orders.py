"""Every row of the grammar has something that it does."""

from __future__ import annotations

import pytest

from chatops.slack.app import SlackApp
from chatops.slack.authz import Role
from chatops.slack.commands import GRAMMAR, Command, parse
from chatops.slack.desk import Where
from chatops.slack.orders import obey
from tests.slack.payloads import problems

HERE = Where(team="T1", channel="C1", user="U1", message_ts="1.1")


@pytest.mark.parametrize("row", GRAMMAR, ids=lambda row: row.name)
async def test_every_order_answers_where_nothing_is_known(app: SlackApp, row: Command) -> None:
    asked = parse(row.name if row.name != "ask" else "is it slow?")
    message = await obey(app.desk, HERE, asked, "mention")
    assert problems(message.blocks, message.text) == []


def test_what_changes_something_is_for_operators() -> None:
    needs = {row.name: row.role for row in GRAMMAR}
    assert {name for name, role in needs.items() if role is Role.OPERATOR} == {
        "retry", "split", "stop", "resolve", "bind",
    }  # fmt: skip
