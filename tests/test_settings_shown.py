"""Settings are shown without secrets, wherever one may stand."""

from __future__ import annotations

import json
from typing import Any

from chatops.settings import load
from chatops.settings_shown import STARS, shown


def test_no_secret_is_shown() -> None:
    given: dict[str, Any] = {
        "slack": {"bot_token": "s3cret", "token_keys": ["s3cret"]},
        "redis": {"url": "redis://user:s3cret@redis:6379"},
        "prometheus": {"url": "http://user:s3cret@prometheus:9090", "token": "s3cret", "timeout": 3},
        "kubernetes": {"token": "s3cret", "server": "https://api"},
        "connectors": {
            "loki": {"url": "http://loki", "headers": {"X-Scope-OrgID": "s3cret", "Authorization": "s3cret"}},
            "other": {"password": "s3cret", "apiKey": "s3cret", "nested": [{"client_secret": "s3cret"}]},
        },
        "environments": {"eu": {"prometheus": {"password": "s3cret", "username": "chatops"}}},
        "runbooks": ["https://oauth2:s3cret@git.example/runbooks.git"],
    }
    found = shown(load(**given))
    assert "s3cret" not in json.dumps(found)
    assert found["prometheus"] == {"url": f"http://{STARS}@prometheus:9090", "token": STARS, "timeout": 3}
    assert found["connectors"]["loki"]["headers"] == {"X-Scope-OrgID": STARS, "Authorization": STARS}
    assert found["environments"]["eu"]["prometheus"]["username"] == "chatops"
    assert found["runbooks"] == [f"https://{STARS}@git.example/runbooks.git"]


def test_what_is_not_set_is_shown_as_such() -> None:
    found = shown(load())
    assert found["slack"]["bot_token"] is None
    assert found["slack"]["channel"] == "#incidents"
