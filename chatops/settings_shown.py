"""The settings as they may be shown: no secret of ours, and none in what connectors are given."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from chatops.settings import Settings

STARS = "**********"
_SECRET = re.compile(r"token|passw|secret|api_?key|credential|authorization|headers|cookie|external_id", re.IGNORECASE)
_USERINFO = re.compile(r"(?<=://)[^/@\s]+@")


def shown(settings: Settings) -> dict[str, Any]:
    """Everything as JSON values. A connector's options have no types: what is named like a secret is taken for one."""
    own: dict[str, Any] = settings.model_dump(mode="json")
    free = ("prometheus", "kubernetes", "cloudwatch", "connectors", "environments")
    return {name: _hidden(value) if name in free else _without_userinfo(value) for name, value in own.items()}


def _hidden(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _starred(item) if _SECRET.search(str(key)) else _hidden(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_hidden(item) for item in value]
    return _without_userinfo(value)


def _starred(value: Any) -> Any:
    """Stars for what is there; the names of headers stay."""
    if isinstance(value, Mapping):
        return {key: _starred(item) for key, item in value.items()}
    return STARS if value else value


def _without_userinfo(value: Any) -> Any:
    """The value with stars for user and password in each of its addresses."""
    if isinstance(value, Mapping):
        return {key: _without_userinfo(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_userinfo(item) for item in value]
    return _USERINFO.sub(f"{STARS}@", value) if isinstance(value, str) else value
