"""Values of other shapes: what is clear is read, the rest is left."""

from __future__ import annotations

from typing import Any

import pytest

from chatops.persona import reading
from chatops.persona.answer import schema

SHAPE = schema()


@pytest.mark.parametrize(
    "given",
    [
        "E3, E4",
        ["[E3]", "(E4)"],
        [3, 4],
        ["3", "#4"],
        ["E3-E4"],
        "e3 and e4",
        [{"id": "E3"}, "E04: pods"],
        ["E3–E4"],
        {"E3": "why", "E4": "why"},
        [["E3"], ["E4"]],
    ],
)
def test_ids_of_evidence(given: object) -> None:
    assert reading.cited(given) == ("E3", "E4")


def test_what_is_no_id_stays_for_settling_to_count() -> None:
    assert reading.cited(["k6", None, "", True]) == ("k6",)
    assert len(reading.cited("E1-E999999999")) < 50


@pytest.mark.parametrize(
    ("given", "share"),
    [
        ("85%", 0.85), (85, 0.85), (".85", 0.85), ("high", 0.85), ("0.85 (high)", 0.85), ("~0.85", 0.85),
        ("85 percent", 0.85), (1, 1.0), (1e-5, 1e-5), (150, 1.0), (-0.4, 0.0), ("?", "?"), (True, True),
    ],
)  # fmt: skip
def test_a_confidence(given: object, share: object) -> None:
    assert reading.share(given) == share


@pytest.mark.parametrize(
    ("given", "kind", "namespace", "name"),
    [
        ("deployment/cart", "deployment", "", "cart"),
        ("shop/cart", "", "shop", "cart"),
        ("Deployment shop/cart", "Deployment", "shop", "cart"),
        ("deployment.apps/cart", "deployment", "", "cart"),
        ("pod/shop/cart-1", "pod", "shop", "cart-1"),
        ("Deployment `cart` in namespace `shop`", "Deployment", "shop", "cart"),
        ("cart (shop)", "", "shop", "cart"),
        ("cart", "", "", "cart"),
        ("arn:aws:rds:eu-west-1:1:db:orders", "", "", "arn:aws:rds:eu-west-1:1:db:orders"),
        ("/aws/lambda/orders", "", "", "/aws/lambda/orders"),
        ("the queue of orders", "", "", "the queue of orders"),
        ({"kind": "Deployment", "name": "deployment/cart", "namespace": None}, "Deployment", "", "cart"),
        ({"kind": "Deployment", "name": "shop/cart"}, "Deployment", "shop", "cart"),
        ({"Kind": "apps/v1 Deployment", "namespace": "shop", "name": "`cart`"}, "Deployment", "shop", "cart"),
        ([{"kind": "Node", "name": "worker-1"}], "Node", "", "worker-1"),
        ('{"kind": "Node", "name": "worker-1"}', "Node", "", "worker-1"),
    ],
)
def test_an_object(given: object, kind: str, namespace: str, name: str) -> None:
    assert reading.subject(given) == {"kind": kind, "namespace": namespace, "name": name}


PODS = ("kubectl", "get", "pods", "-l", "app=cart")


@pytest.mark.parametrize(
    ("given", "argv"),
    [
        ("kubectl get pods -l 'app=cart'", PODS),
        (["kubectl get pods -l app=cart"], PODS),
        ([[*PODS]], PODS),
        ("```bash\nkubectl get pods -l app=cart\n```", PODS),
        ("$ kubectl get pods -l app=cart 2>/dev/null | grep -v Running | head -5", PODS),
        ("kubectl get pods \\\n -l app=cart;", PODS),
        ("kubectl get pods -l app=cart  # restarts?\nkubectl get nodes", PODS),
        ([*PODS, "|", "jq", ".items"], PODS),
        ("kubectl get pods | xargs kubectl delete", ("kubectl", "get", "pods", "|", "xargs", "kubectl", "delete")),
        ("kubectl get pods && rm -rf /", ("kubectl", "get", "pods", "&&", "rm", "-rf", "/")),
        ("kubectl get 'pods", ("kubectl", "get", "'pods")),
        (7, 7),
    ],
)
def test_a_command(given: object, argv: object) -> None:
    assert reading.argv(given) == argv


def read(**fields: Any) -> Any:
    return reading.shaped(fields, SHAPE)


@pytest.mark.parametrize(
    ("given", "cause"),
    [
        ("oom-killed", "OOMKilled"),
        ("OOMKilled (exit 137)", "OOMKilled"),
        ("oom killed / memory leak", "OOMKilled"),
        ("the pods were unlucky", "the pods were unlucky"),
    ],
)
def test_a_cause(given: str, cause: str) -> None:
    assert read(hypotheses=[{"cause": given}]) == {"hypotheses": ({"cause": cause},)}


@pytest.mark.parametrize(
    "given",
    [
        {"cause": "OOMKilled", "statement": "s"},
        {"H1": {"cause": "OOMKilled", "statement": "s"}},
        '[{"cause": "OOMKilled", "statement": "s"}]',
        [{"Cause Code": "OOMKilled", "statement": ["s"], "extra": 1}, None],
    ],
)
def test_a_list_of_objects(given: object) -> None:
    assert read(hypotheses=given) == {"hypotheses": ({"cause": "OOMKilled", "statement": "s"},)}


def test_names_of_fields_and_values_in_another_spelling() -> None:
    told = read(
        nextSteps=["kubectl get pods"], Verdict="Confirmed.", gaps="one", runbooks=[{"href": "r", "title": "t"}]
    )
    assert told == {
        "next_steps": ({"argv": ("kubectl", "get", "pods")},),
        "verdict": "identified",
        "gaps": ("one",),
        "runbooks": ("r",),
    }
    assert read(verdict="likely") == {"verdict": "probable"}
    assert read(verdict={"value": "identified - the limit"}) == {"verdict": "identified"}
    told = read(hypothesis={"root_cause": "oom killed", "resource": "pod/a", "title": "s", "likelihood": "90%"})
    subject = {"kind": "pod", "namespace": "", "name": "a"}
    assert told["hypotheses"] == ({"cause": "OOMKilled", "subject": subject, "statement": "s", "confidence": 0.9},)
    assert read(verdict=7, summary=None) == {"verdict": 7}


def test_the_fields_own_name_goes_before_another_word_for_it() -> None:
    told = read(next_steps=[{"argv": ["a"], "command": "b", "expected_output": "c"}])
    assert told == {"next_steps": ({"argv": ("a",), "expect": "c"},)}
