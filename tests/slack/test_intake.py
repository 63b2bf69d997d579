"""The protocol that the triage layer satisfies, method by method."""

from __future__ import annotations

import inspect
from typing import get_args

from chatops.slack.intake import Action
from chatops.slack.intake import Intake as Protocol
from chatops.slack.listeners.actions import ROLES
from chatops.triage.intake import Intake


def test_every_method_takes_what_the_listeners_give() -> None:
    for name, promised in inspect.getmembers(Protocol, inspect.isfunction):
        if name.startswith("_"):
            continue
        given = inspect.signature(getattr(Intake, name)).parameters
        assert set(inspect.signature(promised).parameters) <= set(given), name


def test_every_action_has_a_role() -> None:
    assert set(ROLES) == set(get_args(Action))
