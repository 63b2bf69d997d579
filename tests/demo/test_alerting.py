from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import aiohttp
from starlette.applications import Starlette

from chatops.demo.alerting import NEVER, fingerprint, resolved, webhook
from chatops.demo.incidents.shop import error_rule
from chatops.demo.serving import listen, serving
from chatops.domain.alert import Alert
from chatops.settings import WebhookSettings
from chatops.webhooks.routes import Webhooks

BEGAN = 1_700_000_100.0
TRIGGER = webhook(error_rule("cart"), {"namespace": "shop", "service": "cart"}, BEGAN)


async def read(body: Any) -> Alert:
    """What the app's own webhook makes of it."""
    taken: list[Alert] = []

    async def take(alerts: Sequence[Alert]) -> Sequence[str]:
        taken.extend(alerts)
        return ["inc-1"]

    app = Starlette(routes=Webhooks(WebhookSettings(), take, lambda: datetime.fromtimestamp(BEGAN, UTC)).routes())
    async with (
        serving(app, listen("127.0.0.1", 0)) as url,
        aiohttp.ClientSession() as http,
        http.post(url + TRIGGER.path, json=body) as answer,
    ):
        assert answer.status == 202
    (alert,) = taken
    return alert


async def test_the_app_reads_it_as_the_alert_it_is() -> None:
    alert = await read(dict(TRIGGER.body))
    assert alert.name == "CartHighErrorRate"
    assert alert.status == "firing"
    assert alert.labels["service"] == "cart"
    assert alert.starts_at.timestamp() == BEGAN
    assert "http_requests_total" in alert.generator_url


async def test_it_resolves_under_the_same_fingerprint() -> None:
    body = resolved(TRIGGER, BEGAN + 600)
    ended, fired = await read(body), await read(dict(TRIGGER.body))
    assert ended.status == "resolved"
    assert ended.fingerprint == fired.fingerprint
    assert TRIGGER.body["alerts"][0]["endsAt"] == NEVER


def test_fingerprints_tell_label_sets_apart() -> None:
    assert fingerprint({"a": "1", "b": "2"}) == fingerprint({"b": "2", "a": "1"})
    assert fingerprint({"a": "1"}) != fingerprint({"a": "2"})
