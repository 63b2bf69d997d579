"""What the fuzzer begins with and what it has found, without the fuzzer."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz import payloads
from tests.webhooks.test_posted import attached

FOUND = [
    # Half of a surrogate pair: JSON escapes it, and UTF-8, Redis and a fingerprint cannot hold it.
    (payloads.NAMES.index("generic"), {"data": {"items": [{"title": "\ud800", "state": "firing"}]}}),
    (payloads.NAMES.index("alertmanager"), {"\ud800": 1, "alerts": [{"\ud800": "\udfff"}]}),
    (
        payloads.NAMES.index("opsgenie"),
        {"action": "Create", "alert": {"alertId": "1", "details": {"\ud800": "\ud800"}}},
    ),
    # Something else where another app's message has a colour.
    (payloads.NAMES.index("slack"), attached(title="Errors", color={})),
]


@pytest.mark.parametrize("seed", list(payloads.seeds()))
def test_known_deliveries_keep_the_promise(seed: bytes) -> None:
    payloads.deliver(seed)


@pytest.mark.parametrize(("source", "document"), FOUND)
def test_what_was_found_stays_mended(source: int, document: object) -> None:
    payloads.deliver(bytes([source]) + json.dumps(document).encode())


@settings(max_examples=300, deadline=None)
@given(st.binary(min_size=1, max_size=60))
def test_changed_deliveries_keep_the_promise(data: bytes) -> None:
    payloads.deliver(bytes([data[0] | 0x80]) + data[1:])
