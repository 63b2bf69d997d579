"""The forms hold what Slack allows, and what was filled in is read back."""

from __future__ import annotations

import json
from typing import Any

from chatops.slack import modals
from chatops.slack.desk import Where
from tests.render import cases
from tests.slack.payloads import broadcasts, problems

HERE = Where(team="T1", channel="C1", user="U1", thread_ts="1.1")


def test_slack_takes_them() -> None:
    incident, _ = cases.hostile()
    for view in (modals.start_view("C1"), modals.start_view(""), modals.resolve_view(HERE, incident)):
        assert problems(view["blocks"], "", limit=100) == []
        assert broadcasts(view) == []
        assert len(view["title"]["text"]) <= 24
        assert len(view.get("private_metadata", "")) <= 3000


def test_a_form_from_nowhere_asks_where() -> None:
    (place,) = [block for block in modals.start_view("")["blocks"] if block["block_id"] == "channel"]
    assert "initial_conversation" not in place["element"]
    assert not place.get("optional")


def test_reading_what_was_filled_in() -> None:
    kept = modals.resolve_view(HERE, cases.incident())["private_metadata"]
    values = {
        "cause": {"cause": {"type": "plain_text_input", "value": "limit raised"}},
        "since": {"since": {"type": "static_select", "selected_option": {"value": "3h"}}},
        "channel": {"channel": {"type": "conversations_select", "selected_conversation": "C1"}},
        "namespace": {"namespace": {"type": "plain_text_input", "value": None}},
    }
    form = modals.filled({"state": {"values": values}, "private_metadata": kept})
    assert form.values == {"cause": "limit raised", "since": "3h", "channel": "C1", "namespace": ""}
    assert form.kept == {"incident": cases.ID, "channel": "C1", "thread_ts": "1.1"} == json.loads(kept)


def test_which_of_several_environments_is_asked_for() -> None:
    def fields(*environments: str) -> dict[str, Any]:
        return {block["block_id"]: block for block in modals.start_view("C1", environments)["blocks"]}

    assert "environment" not in fields("default")
    asked = fields("production", "staging")["environment"]
    assert asked["optional"]
    assert [option["value"] for option in asked["element"]["options"]] == ["production", "staging"]
    assert problems(modals.start_view("C1", [f"cluster-{n}" for n in range(150)])["blocks"], "", limit=100) == []
