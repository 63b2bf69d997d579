"""A command's purpose in a line."""

from __future__ import annotations

import shlex

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
        ("kubectl get nodes -o custom-columns=NAME:.metadata.name,CPU:.status.allocatable.cpu", "Shows CPU of nodes"),
        ("kubectl get pods -o=custom-columns=NAME:.metadata.name", "Shows NAME of pods"),
        (
            'kubectl get node n -o \'jsonpath={range .status.conditions[*]}{.type}{" "}{.status}{"\\n"}{end}\'',
            "Shows type and status of node n",
        ),
        ("kubectl get svc a -o jsonpath={.metadata.name}{.spec.ports[*].targetPort}", "Shows targetPort of svc a"),
        ("kubectl get svc a -o jsonpath={.spec.ports[0]}", "Shows ports of svc a"),
        ("kubectl get svc a -o jsonpath={}", "Shows fields of svc a"),
    ],
)
def test_rows(command: str, told: str) -> None:
    assert purpose(shlex.split(command)) == told
