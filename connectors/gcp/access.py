"""With which token is Google Cloud asked? A given one, or application default credentials: a key file, workload
identity, the metadata server. The only file that touches google-auth, which is imported with the first call.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC
from typing import Any

import anyio
import anyio.to_thread

from connectors.address import plain
from connectors.calls import IMPORTING
from connectors.contract import ConnectorError, ErrorKind
from connectors.tokens import Token, Tokens

SCOPES = ("https://www.googleapis.com/auth/cloud-platform.read-only",)
_QUERY = "application default credentials"
_SECONDS = 8.0


def tokens(options: Mapping[str, Any]) -> Tokens | None:
    """What authorises the calls of these settings; None where a `token` is set, which goes by itself."""
    return None if plain(options.get("token")) else Tokens(_fetch)


async def _fetch() -> Token:
    with anyio.move_on_after(_SECONDS):
        return await anyio.to_thread.run_sync(_token, abandon_on_cancel=True)
    raise ConnectorError("timeout", _QUERY, f"no token within {_SECONDS:g} s")


def _token() -> Token:
    with IMPORTING:
        try:
            import google.auth
            import google.auth.exceptions
            import google.auth.transport.requests as transport
        except ImportError as error:
            raise ConnectorError("rejected", _QUERY, f"{error}: install chatops[gcp], or set a token") from error
    try:
        found, _ = google.auth.default(scopes=SCOPES)
        found.refresh(transport.Request())  # type: ignore[no-untyped-call]
    except (google.auth.exceptions.GoogleAuthError, OSError, ValueError) as error:
        away = isinstance(error, (google.auth.exceptions.TransportError, OSError))
        kind: ErrorKind = "unreachable" if away else "forbidden"
        raise ConnectorError(kind, _QUERY, f"{type(error).__name__}: {error}") from error
    # google-auth's times are UTC and do not say so.
    left = found.expiry.replace(tzinfo=UTC).timestamp() - time.time() if found.expiry else 3600.0
    return Token(str(found.token), max(left, 60.0))
