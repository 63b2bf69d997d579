"""What connectors promise."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import ValidationError

from connectors.contract import ConnectorError, Scope, Window
from tests.conftest import NOW

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("onset", "start"),
    [
        (None, NOW - HOUR),
        (NOW - timedelta(minutes=5), NOW - HOUR),
        (NOW - timedelta(minutes=50), NOW - timedelta(minutes=80)),
        (NOW - timedelta(days=2), NOW - timedelta(days=2, minutes=30)),
    ],
)
def test_a_window_begins_well_before_the_onset(onset: object, start: object) -> None:
    window = Window.ending(NOW, HOUR, onset)  # type: ignore[arg-type]
    assert (window.start, window.end, window.onset) == (start, NOW, onset)


def test_an_error_says_all_and_its_brief_leaves_out_the_query() -> None:
    error = ConnectorError("forbidden", "GET /a/very/long/query", "pods is forbidden")
    assert str(error) == "forbidden: pods is forbidden (query: GET /a/very/long/query)"
    assert error.brief == "forbidden: pods is forbidden"


def test_a_field_that_no_scope_has_is_refused() -> None:
    with pytest.raises(ValidationError, match="namespaces"):
        Scope.model_validate({"namespaces": "shop"})
