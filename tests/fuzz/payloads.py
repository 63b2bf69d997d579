"""What one delivery of any bytes may do: alerts that can be stored, or one line that can be answered. Nothing else.

Shared by the fuzzer and by the test that repeats what it has found.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from starlette.responses import JSONResponse

from chatops.settings import WebhookSettings, load
from chatops.store.packing import pack
from chatops.triage import opening
from chatops.webhooks import payload, sns_signature
from chatops.webhooks.payload import BadPayload, Delivery
from chatops.webhooks.sources import SOURCES
from tests.webhooks.test_posted import BLOCKS, FIELDS, GRAFANA, attached, message
from tests.webhooks.test_sources import GENERIC
from tests.webhooks.test_sources import PAIRS as KNOWN

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
NAMES = sorted(SOURCES)
SETTINGS = load()
_GROUP = {
    "version": "4",
    "groupKey": "{}:{a=1}",
    "alerts": [
        {
            "status": "firing",
            "labels": {"alertname": "Errors", "namespace": "shop", "pod": "checkout-1"},
            "annotations": {"summary": "checkout fails", "burn_rate": "14.4"},
            "startsAt": "2026-03-01T11:59:00Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "http://prometheus.example/graph",
            "fingerprint": "00c0ffee",
        }
    ],
}
PAIRS = [
    *KNOWN,
    ("alertmanager", _GROUP, _GROUP, {}),
    ("grafana", {**_GROUP, "version": "1"}, {**_GROUP, "version": "1"}, {}),
    ("slack", attached(**GRAFANA), attached(**{**GRAFANA, "title": "[RESOLVED] Errors"}), {}),
    ("slack", attached(**FIELDS), message(blocks=BLOCKS), {}),
]
_PATHS = ("data.items", "data.items.0", "data", "title", "meta.level", "tags", "tags.node", "", ".", "a..b")


def seeds() -> Iterator[bytes]:
    """Deliveries to begin with: a byte that chooses the source, then the body."""
    for source, fires, resolves, _ in PAIRS:
        for document in (fires, resolves):
            yield bytes([NAMES.index(source)]) + json.dumps(document).encode()
    for number in range(len(PAIRS)):
        yield bytes([0x80 + number, *range(1, 24)])


VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 10**30, 1.5, float("nan"), float("inf"), "", "0", "-1e400", "firing", "2026-13-01",
    "0001-01-01T00:00:00Z", "9999-12-31T23:59:59+14:00", "\ud800", "\x00", "a\nb", "x" * 5_000, [], {}, [[]], {"": ""},
    {"\ud800": "\ud800"}, ["\ud800"],
)  # fmt: skip


def changed(document: Any, choices: Iterator[int]) -> Any:
    """The document with one place replaced, taken out or doubled, as the bytes choose."""
    if not isinstance(document, dict | list) or not document or next(choices) % 8 == 0:
        return VALUES[next(choices) % len(VALUES)]
    at = next(choices) % len(document)
    if isinstance(document, list):
        return [changed(one, choices) if place == at else one for place, one in enumerate(document)]
    key = list(document)[at]
    what = next(choices) % 6
    if what == 0:
        return {name: one for name, one in document.items() if name != key}
    if what == 1:
        return {**document, str(VALUES[next(choices) % len(VALUES)]): document[key]}
    return {**document, key: changed(document[key], choices)}


def body_of(data: bytes) -> tuple[str, bytes]:
    """The source and the body that bytes mean: themselves, or changes of a known delivery."""
    first, rest = data[0], data[1:]
    if first < 0x80:
        return NAMES[first % len(NAMES)], rest
    source, fires, resolves, _ = PAIRS[first % len(PAIRS)]
    document: Any = resolves if first & 0x40 else fires
    choices = itertools.chain(rest, itertools.repeat(0))
    if source == "cloudwatch":  # the alarm stands as text in the message
        alarm = json.loads(document["Message"])
        for _ in range(1 + len(rest) // 12):
            alarm = changed(alarm, choices)
        return source, json.dumps({**document, "Message": json.dumps(alarm)}).encode()
    for _ in range(1 + len(rest) // 12):
        document = changed(document, choices)
    return source, json.dumps(document).encode()


def mapping_of(data: bytes) -> WebhookSettings:
    """Somebody else's mapping of the generic source, as the bytes choose: as it should be, or with other paths."""
    choices = itertools.chain(data, itertools.repeat(0))
    changes = {name: _PATHS[next(choices) % len(_PATHS)] for name in GENERIC.generic if next(choices) % 4 == 3}
    return WebhookSettings(generic={**GENERIC.generic, **changes})


def deliver(data: bytes) -> None:
    """Take what was sent as the app does, up to the store; raises where something is not as promised."""
    if not data:
        return
    name, body = body_of(data)
    source = SOURCES[name]
    try:
        document = payload.parsed(body)
    except (ValueError, RecursionError):
        return
    delivery = Delivery({"x-pagerduty-signature": "v1=0"}, document, body, NOW)
    try:
        if source.verify is not None:
            _refused(delivery)
        alerts = source.parse(delivery, mapping_of(data[-8:]))
    except BadPayload as error:
        answer = JSONResponse({"error": str(error)}, status_code=error.status)
        assert b"\n" not in answer.body
        return
    for alert in alerts:
        assert len(alert.name) <= 200, alert.name
        assert len(alert.fingerprint) <= 200, alert.fingerprint
        f"chatops:alert:{alert.fingerprint}:{alert.group_key}".encode()
    if alerts:
        pack(opening.from_alerts(SETTINGS, alerts, NOW))


def _refused(delivery: Delivery) -> None:
    """No signature fits by chance, and asking is no error of another kind; certificates are not fetched here."""
    document = delivery.document
    if isinstance(document, dict):
        sns_signature.signed_text(document)
        try:
            asyncio.run(sns_signature.verify(document, _NoCertificates(), ()))
        except BadPayload:
            return
        raise AssertionError("it was taken for signed")


class _NoCertificates(sns_signature.Certificates):
    async def key(self, url: str, hosts: tuple[str, ...]) -> RSAPublicKey:
        sns_signature.trusted(url, hosts)
        raise BadPayload("no certificate here", 401)
