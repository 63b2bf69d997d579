"""Structured values are redacted by what their structure says, and fail closed."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from chatops.policy.redaction import RedactionFailed, Redactor
from chatops.policy.redaction.redactor import MAX_TEXT
from chatops.policy.redaction.spans import TAG, Span
from connectors.evidence import Evidence, LogPattern, LogPatterns, ResourceState, State
from tests.policy.planted import MIXED, drawn, token

REDACTOR = Redactor(key=b"0" * 32)


def test_values_keep_their_types_and_lose_their_secrets() -> None:
    secret = token("npm", 5)
    evidence = Evidence(
        key="k",
        source="kubernetes",
        check="logs",
        title=f"login with {secret}",
        summary="password=" + drawn(MIXED, 12, 1),
        query="kubectl logs cart",
        body=LogPatterns(patterns=(LogPattern(template=f"token {secret}", example=secret, after=3),), lines=9),
    )
    clean = REDACTOR.evidence(evidence)
    assert isinstance(clean, Evidence)
    assert secret not in clean.model_dump_json()
    assert isinstance(clean.body, LogPatterns)
    assert clean.body.lines == 9
    assert clean.query == "kubectl logs cart"


def test_structure_tells_a_secret_where_the_text_does_not() -> None:
    value = {
        "password": "short1",
        "env": [{"name": "DB_PASSWORD", "value": "abc"}, {"name": "MODE", "value": "abc"}],
        "secret": {"kind": "Secret", "data": {"a": "Yg=="}, "stringData": {"b": "plain"}, "type": "Opaque"},
        "tokens": 12,
    }
    clean = REDACTOR.value(value)
    assert TAG.fullmatch(clean["password"])
    assert TAG.fullmatch(clean["env"][0]["value"])
    assert clean["env"][1]["value"] == "abc"
    assert TAG.fullmatch(clean["secret"]["data"]["a"])
    assert TAG.fullmatch(clean["secret"]["stringData"]["b"])
    assert clean["secret"]["type"] == "Opaque"
    assert clean["tokens"] == 12


class Pair(NamedTuple):
    name: str
    number: int


def test_every_kind_of_value_is_known_or_does_not_pass() -> None:
    secret = token("aws", 3)
    value = {
        "a": (secret, 1.5, None, True),
        "b": {secret},
        "c": Pair(secret, 2),
        "d": secret.encode(),
        "e": State.FAILED,
    }
    clean = REDACTOR.value(value)
    assert secret not in repr(clean)
    assert clean["c"].number == 2
    assert clean["e"] is State.FAILED
    assert clean["a"][1:] == (1.5, None, True)
    with pytest.raises(RedactionFailed):
        REDACTOR.value({"x": object()})


def test_a_table_of_names_and_values_tells_as_well() -> None:
    body = ResourceState(columns=("name", "value"), rows=(("DB_PASSWORD", "hunter2"), ("MODE", "dark")))
    objects = ResourceState(columns=("name", "status"), rows=(("db-password", "Synced"), ("auth-token", "Running")))
    assert REDACTOR.value(objects) == objects
    assert REDACTOR.value({"secret": "shop-db"}) == {"secret": "shop-db"}
    assert REDACTOR.value({"secret": "Sh0p-db!"}) != {"secret": "Sh0p-db!"}
    rows = REDACTOR.value(body).rows
    assert TAG.fullmatch(rows[0][1])
    assert rows[1] == ("MODE", "dark")


def test_where_redaction_fails_nothing_passes() -> None:
    def broken(text: str) -> list[object]:
        raise KeyError(text)

    failing = Redactor(key=b"0" * 32, personal=(broken,))  # type: ignore[arg-type]
    with pytest.raises(RedactionFailed) as caught:
        failing.text("a very private text")
    assert "private" not in str(caught.value)
    deep: list[object] = []
    for _ in range(60):
        deep = [deep]
    with pytest.raises(RedactionFailed):
        REDACTOR.value(deep)


def test_what_failed_is_said_without_the_text() -> None:
    def broken(text: str) -> list[Span]:
        raise ValueError(text)

    with pytest.raises(RedactionFailed, match=r"^ValueError while redacting 9 characters$"):
        Redactor(key=b"0" * 32, personal=(broken,)).text("my secret")
    with pytest.raises(RedactionFailed, match=rf"^a text of {MAX_TEXT + 1} characters is more than {MAX_TEXT}$"):
        REDACTOR.text("x" * (MAX_TEXT + 1))
