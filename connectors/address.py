"""Where an HTTP source is and how to speak to it, as a connector's section of the settings says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

COMMON = ("url", "token", "username", "password", "headers", "verify", "ca", "timeout", "external_url")
"""What `Options.read` reads."""


@dataclass(frozen=True)
class Options:
    """Where an API is and how to speak to it; `verify` may be the path of a CA bundle."""

    url: str
    external_url: str = ""
    """The address people reach, for links; the same where nothing else is set."""
    headers: Mapping[str, str] = field(default_factory=dict)
    auth: tuple[str, str] | None = None
    verify: bool | str = True
    timeout: float = 4.0
    parallel: int = 6

    @classmethod
    def read(cls, options: Mapping[str, Any], usual: str = "") -> Options | None:
        """From a connector's section of the settings; None where no `url` is set, and none is usual.

        ValueError where it is no address.
        """
        given = options.get("url") or usual
        if not given:
            return None
        url, user, password = _without_userinfo(str(given))
        if urlsplit(url).scheme not in ("http", "https"):
            raise ValueError(f"url: {url!r} does not begin with http:// or https://")
        headers = {str(k): plain(v) for k, v in (options.get("headers") or {}).items()}
        if token := plain(options.get("token")):
            headers["Authorization"] = f"Bearer {token}"
        user, password = plain(options.get("username")) or user, plain(options.get("password")) or password
        return cls(
            url=url,
            external_url=str(options.get("external_url") or url).rstrip("/"),
            headers=headers,
            auth=(user, password) if user else None,
            verify=str(options["ca"]) if options.get("ca") else _truth(options.get("verify", True)),
            timeout=float(options.get("timeout") or 4.0),
        )


def plain(value: Any) -> str:
    """The text of a setting, whether or not it is wrapped as a secret."""
    reveal = getattr(value, "get_secret_value", None)
    return str(reveal()) if reveal else str(value) if value else ""


def _truth(value: Any) -> bool:
    """A switch as YAML or the environment writes it."""
    return str(value).strip().lower() not in ("false", "0", "no", "off")


def _without_userinfo(url: str) -> tuple[str, str, str]:
    """The address, user and password: an address with a password in it must not reach links and messages."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return (
        urlunsplit(parts._replace(netloc=host)).rstrip("/"),
        unquote(parts.username or ""),
        unquote(parts.password or ""),
    )
