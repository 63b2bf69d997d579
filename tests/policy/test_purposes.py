"""A command's purpose in a line."""

from __future__ import annotations

import pytest

from chatops.policy.purposes import purpose


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("kubectl describe pod cart-1 -n shop", "Its state and, at the end, its latest events"),
        ("kubectl describe networkpolicy x -n shop", "Its settings, state and latest events"),
        ("kubectl logs cart-1 -n shop --previous", "What it said before it ended"),
        ("kubectl logs cart-1 -n shop", "What it says"),
        ("promtool query range http://prometheus up", "How the figure moved"),
        ("aws rds describe-db-instances", "Its settings and state"),
        ("dig cart.shop.svc", ""),
    ],
)
def test_rows(command: str, told: str) -> None:
    assert purpose(command.split()) == told
