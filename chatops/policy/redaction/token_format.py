"""What is a token's format, and which formats belong to no provider: stored passwords, JSON web tokens?"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Format:
    """A token format. `back` is how many characters may stand before the literal inside the token."""

    kind: str
    literals: tuple[str, ...]
    pattern: str
    back: int = 0
    loose: bool = False
    """True where the literal is so common that the token must start at a word boundary."""


def row(kind: str, literals: str, pattern: str, *, back: int = 0, loose: bool = False) -> Format:
    """Build a row; `literals` are separated by blanks."""
    return Format(kind, tuple(literals.split()), pattern, back, loose)


HASHES = (
    row("password-hash", "$2a$ $2b$ $2y$", r"\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}"),
    row(
        "password-hash",
        "$6$ $5$ $1$ $apr1$ $y$",
        r"\$(?:6|5|1|apr1|y)\$(?:rounds=\d+\$)?[./A-Za-z0-9]{1,20}\$[./A-Za-z0-9]{22,}",
    ),
    row("password-hash", "$6$rounds= $5$rounds=", r"\$[65]\$rounds=\d+\$[./A-Za-z0-9]{1,16}\$[./A-Za-z0-9]{22,}"),
    row(
        "password-hash",
        "$argon2id$ $argon2i$ $argon2d$",
        r"\$argon2(?:id|i|d)\$[\w=,$]+\$[A-Za-z0-9+/]{10,}\$[A-Za-z0-9+/]{20,}",
    ),
    row("password-hash", "pbkdf2_sha256$ pbkdf2-sha256$", r"pbkdf2[_-]sha256\$\d+\$[^\s$]{8,}\$[A-Za-z0-9+/=.]{20,}"),
    row("password-hash", "SCRAM-SHA-256$", r"SCRAM-SHA-256\$\d+:[A-Za-z0-9+/=]+\$[A-Za-z0-9+/=]+:[A-Za-z0-9+/=]+"),
)
"""What passwords are stored as: a weak one is found out from it."""

SHAPES = (
    row("jwt", "ey", r"ey[A-Za-z0-9_-]{10,}\.ey[A-Za-z0-9/\\_-]{10,}(?:\.[A-Za-z0-9/\\_-]*={0,2})?", loose=True),
    row("jwt", "eyJ", r"eyJ[A-Za-z0-9_-]{12,}\.{1,2}[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_.-]{10,}", loose=True),
    row(
        "paseto",
        "v1.local. v2.local. v3.local. v4.local. k1.local. k2.local. k3.local. k4.local.",
        r"[vk][1-4]\.local\.[\w-]{32,}(?:\.[\w-]+)?",
        loose=True,
    ),
    row("jwt", "ZXlK", r"ZXlK[A-Za-z0-9+/_-]{40,}={0,2}", loose=True),
)
