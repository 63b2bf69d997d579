"""Fake secrets, assembled when they are needed, so that no scanner mistakes this repository for a leak."""

from __future__ import annotations

import random
import string

LOWER = string.ascii_lowercase + string.digits
MIXED = string.ascii_letters + string.digits
HEX = "0123456789abcdef"
UPPER = string.ascii_uppercase + "234567"

FORMS: dict[str, tuple[str, str, int]] = {
    "github": ("gh" + "p_", MIXED, 36),
    "gitlab": ("gl" + "pat-", MIXED, 20),
    "aws": ("AK" + "IA", UPPER, 16),
    "slack": ("xo" + "xb-123456789012-", MIXED, 24),
    "stripe": ("sk_" + "live_", MIXED, 24),
    "vault": ("hv" + "s.", MIXED, 95),
    "npm": ("np" + "m_", MIXED, 36),
    "google": ("AI" + "za", MIXED, 35),
    "digitalocean": ("do" + "p_v1_", HEX, 64),
    "databricks": ("da" + "pi", HEX, 32),
    "grafana": ("gl" + "c_", MIXED, 40),
    "anthropic": ("sk-" + "ant-api03-", MIXED, 95),
    "sendgrid": ("S" + "G.", MIXED, 22),
}
"""Kind → what the token begins with, the characters of the rest, and how many."""


def token(kind: str, seed: int) -> str:
    """A token of a provider's form."""
    start, letters, length = FORMS[kind]
    rest = drawn(letters, length, seed)
    return start + rest + ("." + drawn(MIXED, 43, seed + 1) if kind == "sendgrid" else "")


def drawn(letters: str, length: int, seed: int) -> str:
    """Characters that look random: at least eight different ones, a digit and a letter among them."""
    source = random.Random(seed)
    while True:
        text = "".join(source.choice(letters) for _ in range(length))
        if len(set(text)) >= 8 and any(c.isdigit() for c in text) and any(c.isalpha() for c in text):
            return text


def private_key(seed: int, kind: str = "RSA ", lines: int = 12) -> str:
    """What a private key looks like; nothing behind it."""
    body = "\n".join(drawn(MIXED + "+/", 64, seed + n) for n in range(lines))
    return f"-----BEGIN {kind}PRIVATE {'KEY'}-----\n{body}\n-----END {kind}PRIVATE {'KEY'}-----"


def jwt(seed: int) -> str:
    """Three parts of a JSON web token."""
    return (
        "ey"
        + "J"
        + drawn(MIXED, 30, seed)
        + ".ey"
        + "J"
        + drawn(MIXED, 60, seed + 1)
        + "."
        + drawn(MIXED, 43, seed + 2)
    )
