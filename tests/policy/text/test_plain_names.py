"""Plain words as names: marked where they stand for something nobody saw, left where prose puts them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chatops.policy.text.plain_names import UNVERIFIED_NAME, marked

SEEN = frozenset({"cart", "payments", "shop"})


def told(sentence: str) -> str:
    return marked(sentence, lambda word: word.lower() in SEEN, lambda reason: None)


@pytest.mark.parametrize(
    "sentence",
    [
        "The {} service is down.",
        "The **{}** pods are gone.",
        "Restart {} first.",
        "Scale up {} to its old size.",
        "It is slow because {} is unreachable.",
        "{} times out.",
        "The metric {} doubled.",
        "It runs on host {} alone.",
        "The feature flag called {} is on.",
        "`{}` is at fault.",
        "Traffic goes to the {} namespace.",
        "It calls cart via {}.",
        "It falls back to {} over gRPC.",
        "It began with {}, which feeds it.",
        "The change was made by {} at noon.",
        "It runs SELECT x FROM {} again.",
        "El servicio {} está caído.",
        "La base de données {} est saturée.",
    ],
)
@pytest.mark.parametrize("name", ["zorblat", "billing", "order"])
def test_a_name_is_known_by_its_place(sentence: str, name: str) -> None:
    assert told(sentence.format(name)) == sentence.format(UNVERIFIED_NAME)
    assert told(sentence.format("cart")) == sentence.format("cart")


@pytest.mark.parametrize(
    "name",
    [
        "INC-4411",
        "ZORB_TIMEOUT",
        "/etc/zorb/zorb.conf",
        "zorblat.service",
        "kube-zorblat",
        "arn:aws:rds:eu-west-1:1:db:x",
        "2001:db8::1",
        "sha256:deadbeefdeadbeef",
    ],
)
def test_identifiers_are_names_wherever_they_stand(name: str) -> None:
    assert told(f"It is {name} that broke it.") == f"It is {UNVERIFIED_NAME} that broke it."


@pytest.mark.parametrize(
    "sentence",
    [
        "The failing service answers after the old pods are gone.",
        "Restart it, then restart the affected pods, and roll back the release.",
        "Everything times out; requests are refused; the node is down.",
        "The Redis cache and the PostgreSQL database are fine, the control plane node too.",
        "Its memory metric is flat, but each replica restarted because the liveness probe fails.",
        "It was changed by hand or by mistake, depends on DNS and is reached via Istio; see it in `top pod`.",
        "El servicio está caído, la base de datos no responde.",
        "DNS fails, so the upstream host is unreachable.",
        "SHA-256, UTF-8, DEADLINE_EXCEEDED and /etc/resolv.conf are no names of theirs.",
        "The deployment is stuck and its job failed.",
    ],
)
def test_prose_stays(sentence: str) -> None:
    assert told(sentence) == sentence


def test_our_own_prose_is_hardly_ever_taken_for_names() -> None:
    """The runbooks speak of no system in particular: what is marked in them is marked wrongly."""
    pages = sorted(Path("runbooks").rglob("*.md"))
    texts = [re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL) for page in pages]
    lines = [line for text in texts for line in text.splitlines() if "`" not in line]
    wrong = [line for line in lines if UNVERIFIED_NAME in told(line)]
    assert len(lines) > 2_000
    assert len(wrong) < 0.01 * len(lines), wrong


def test_reasons_do_not_quote() -> None:
    removed: list[str] = []
    marked("The zorblat service is down, restart zorblat.", lambda word: False, removed.append)
    assert removed == ["a name that was not observed"] * 2
