"""Any JSON, by the paths that the settings name."""

from __future__ import annotations

from typing import Any

import pytest

from chatops.domain.alert import Alert
from chatops.settings import WebhookSettings
from chatops.webhooks.generic import GENERIC
from chatops.webhooks.payload import BadPayload, Delivery
from tests.conftest import NOW


def read(document: Any, **mapping: str) -> tuple[Alert, ...]:
    return GENERIC.parse(Delivery({}, document, b"", NOW), WebhookSettings(generic=mapping))


def test_fields_come_from_where_the_mapping_says() -> None:
    rows = {"items": [{"title": "Down", "state": "recovered", "tags": {"namespace": "shop"}, "at": 1_772_366_100_000}]}
    [found] = read(rows, alerts="items", name="title", status="state", labels="tags", starts_at="at", label_env="title")
    assert (found.name, found.status, found.ends_at) == ("Down", "resolved", NOW)
    assert found.labels == {"namespace": "shop", "env": "Down"}
    assert found.starts_at.isoformat() == "2026-03-01T11:55:00+00:00"


def test_without_an_identity_name_and_labels_are_one() -> None:
    [first], [again], [other] = (
        read({"t": "Down", "l": {"pod": pod}}, name="t", labels="l") for pod in ("a", "a", "b")
    )
    assert first.fingerprint == again.fingerprint != other.fingerprint


def test_a_time_that_is_none_is_now() -> None:
    [found] = read({"t": "Down", "at": "yesterday"}, name="t", starts_at="at")
    assert found.starts_at == NOW


@pytest.mark.parametrize(
    ("document", "mapping", "said"),
    [
        ({"t": "x"}, {}, "map the fields first"),
        ({"t": ""}, {"name": "t"}, "nothing at 't'"),
        ({"t": "x"}, {"name": "t", "alerts": "rows"}, "no list of alerts at 'rows'"),
        ({"rows": []}, {"name": "t", "alerts": "rows"}, "no list of alerts at 'rows'"),
    ],
)
def test_what_is_missing_is_named(document: Any, mapping: dict[str, str], said: str) -> None:
    with pytest.raises(BadPayload, match=said):
        read(document, **mapping)
