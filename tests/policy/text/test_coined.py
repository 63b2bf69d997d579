"""Names that were made up: marked wherever they stand; prose, code and other languages are left."""

from __future__ import annotations

import pytest

from chatops.policy.text import coined
from chatops.policy.text.plain_names import UNVERIFIED_NAME

OBJECTS = frozenset({"cart", "orders"})
SEEN = OBJECTS | {"shop", "backend", "cartservice"}


def told(sentence: str) -> str:
    def known(word: str) -> bool:
        return word.lower() in SEEN

    return coined.marked(sentence, known, lambda word: word.lower() in OBJECTS, lambda _: None)


NAMES = (
    "paymentgate-eu quillstream Zorbland PaymentXgate ledger-sync cart-cache zorb3 "
    "db.t3.medium pgb-internal.shop reporting_rw app=foo @jkowalski"
)


@pytest.mark.parametrize("sentence", ["It began when {} answered late.", "{} holds it, and cart waits.", "Is it ({})?"])
@pytest.mark.parametrize("name", NAMES.split())
def test_a_name_wherever_it_stands(sentence: str, name: str) -> None:
    assert told(sentence.format(name)) == sentence.format(UNVERIFIED_NAME)


@pytest.mark.parametrize(
    "sentence",
    [
        "It fails because session-store is slow.",
        "It is fed by session-store.",
        "Session-store fails.",
    ],
)
def test_a_pair_of_ordinary_words_is_a_name_where_one_stands(sentence: str) -> None:
    assert UNVERIFIED_NAME in told(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "The connection-pool settings of cart changed; a session-store is missing.",
        "User-facing, cluster-wide and long-running jobs aren't read-only or up-to-date.",
        "The kubelet's cgroup driver misreports; HikariCP and PgBouncer retry, GitHub doesn't.",
        "cart-orders traffic with p95 of 3s, HTTP/1.1, IPv4, sha256 and TLS1.3 over eth0.",
        "See spec.replicas and values.yaml, Node.js 20, tier=backend and metadata.labels.",
        "`kubectl get ledgerhub-x` and ```\nquillstream\n``` are judged as code.",
        "Der Dienst wird wegen seines Speicherlimits beendet, die Zugriffsprotokolle fehlen.",
        "Le conteneur dépasse sa limite ; les redémarrages continuent.",
        "An organisation's misconfigured autoscaler over-provisions, e.g. at night.",
        "The cartservice's limit and cartservice’s probe are wrong.",
    ],
)
def test_prose_stays(sentence: str) -> None:
    assert told(sentence) == sentence


def test_each_is_counted_and_none_quoted() -> None:
    removed: list[str] = []
    coined.marked("quillstream feeds ledger-sync.", lambda _: False, lambda _: False, removed.append)
    assert removed == ["a name that was not observed"] * 2
