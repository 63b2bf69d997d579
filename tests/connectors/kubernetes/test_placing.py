from __future__ import annotations

import pytest

from connectors.contract import ConnectorError
from connectors.kubernetes.placing import Place, without_context

EAST = Place("east", "arn:aws:eks:eu-central-1:1:cluster/east; id", frozenset({"eu-central-1"}))


def test_a_command_names_the_context_quoted_and_an_api_path_stays() -> None:
    assert EAST.command("kubectl get pods") == (
        "kubectl get pods --context 'arn:aws:eks:eu-central-1:1:cluster/east; id'"
    )
    assert EAST.command("GET /version") == "GET /version"


def test_an_error_says_where_it_happened_and_stays_of_its_kind() -> None:
    error = EAST.failed(ConnectorError("forbidden", "GET /api", "no"))
    assert (error.kind, error.detail, error.query) == ("forbidden", "east: no", "GET /api")


@pytest.mark.parametrize(
    ("words", "context"),
    [
        ("kubectl get pods", ""),
        ("kubectl --context a get pods", "a"),
        ("kubectl get pods --context=a", "a"),
        ("kubectl get --context", ""),
    ],
)
def test_the_context_is_taken_out_of_a_command(words: str, context: str) -> None:
    bare, found = without_context(words.split())
    assert found == context
    assert bare[:2] == ["kubectl", "get"]
