"""Who may open an incident's page? Whoever has its link: signed, bound to one incident, and expiring. Or who signs in.

The link is what Slack shows in a channel, so the channel's members are the readers. The signature covers
the incident and the expiry; the key never leaves the app. A leaked link opens one page until it expires.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal, Protocol
from urllib.parse import quote

from chatops.domain.incident import Incident

Verdict = Literal["valid", "expired", "invalid"]
_DIGITS = 11
"""Digits an expiry may have: enough until the year 5138, too few to be costly to read."""


def _signature(incident_id: str, key: bytes, expires: int) -> str:
    message = f"chatops.page/1\n{incident_id}\n{expires}".encode()
    digest = hmac.new(key, message, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:24]).decode()


def signed_path(incident_id: str, key: bytes, expires: datetime) -> str:
    """The path of an incident's page that opens until `expires`: `/incidents/<id>?e=<unix>&s=<signature>`."""
    until = int(expires.timestamp())
    return f"/incidents/{quote(incident_id, safe='')}?e={until}&s={_signature(incident_id, key, until)}"


def verify(incident_id: str, key: bytes, expires: str, signature: str, now: datetime) -> Verdict:
    """Whether the link's parts open this incident's page now. A wrong signature is never called expired."""
    if not (expires.isascii() and expires.isdigit() and len(expires) <= _DIGITS):
        return "invalid"
    right = _signature(incident_id, key, int(expires))
    if not hmac.compare_digest(right.encode(), signature.encode("utf-8", "replace")):
        return "invalid"
    return "valid" if now.astimezone(UTC).timestamp() < int(expires) else "expired"


class Readers(Protocol):
    """People who sign in to read; `chatops.slack.signin.SignIn` is one. Methods raise `StoreUnavailable`."""

    required: bool
    """Whether a signed link alone opens nothing."""

    def door(self, incident: str) -> str:
        """The address where to sign in to read this incident's page."""
        ...

    @property
    def leave(self) -> str:
        """The address where to end the session."""
        ...

    async def refusal(self, cookies: Mapping[str, str], incident: Incident | None) -> str | None:
        """Why this browser's reader may not read the page, '' where they may; None where nobody has signed in."""
        ...
