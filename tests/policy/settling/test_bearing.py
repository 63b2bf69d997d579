"""What bears a cause: what rules concluded trouble from, what changed, what was logged; not a table that is well."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chatops.policy.settling.bearing import idle, unborne
from connectors.evidence import LogPatterns, ResourceState, Role
from tests.persona.cases import FINDING, NOW, OOM, case, evidence

WELL = ResourceState(columns=("pod", "trouble"), rows=(("cart-7d9f-abcde", ""),))


@pytest.mark.parametrize(
    ("changes", "is_idle"),
    [
        ({"body": WELL}, True),
        ({"body": WELL, "onset": NOW - timedelta(minutes=5)}, False),
        ({"body": WELL, "untrusted": True}, False),
        ({"body": LogPatterns(patterns=())}, False),
        ({}, False),
    ],
)
def test_only_a_state_as_it_is_is_idle(changes: dict[str, Any], is_idle: bool) -> None:
    assert idle(case((OOM, evidence(2, **changes)))) == ({"E2"} if is_idle else set())


def test_what_a_rule_concluded_trouble_from_is_not() -> None:
    table = evidence(2, body=WELL)
    symptom = FINDING.model_copy(update={"role": Role.SYMPTOM, "rests_on": ("k2",)})
    context = FINDING.model_copy(update={"role": Role.CONTEXT, "rests_on": ("k2",)})
    assert idle(case((OOM, table), findings=(FINDING, symptom))) == set()
    assert idle(case((OOM, table), findings=(FINDING, context))) == {"E2"}


def test_one_thing_that_is_wrong_bears_it() -> None:
    assert unborne(("E2", "E3"), frozenset({"E2", "E3"}))
    assert not unborne(("E1", "E2"), frozenset({"E2", "E3"}))
