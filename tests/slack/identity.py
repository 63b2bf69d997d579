"""Slack as the provider of identities: a key that signs tokens, and what is published of it."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from jwt.algorithms import RSAAlgorithm

CLIENT = "1.2"


def _key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Signer:
    """One key pair."""

    kid: str = "k1"
    key: RSAPrivateKey = field(default_factory=_key)

    def published(self) -> dict[str, Any]:
        """The public half, as a JSON web key."""
        return {**json.loads(RSAAlgorithm.to_jwk(self.key.public_key())), "kid": self.kid, "use": "sig", "alg": "RS256"}

    def token(self, issuer: str, nonce: str, /, **claims: Any) -> str:
        """What Slack would sign for a person who signs in now; a claim of None is left out."""
        now = int(time.time())
        said = {
            "iss": issuer,
            "sub": "U1",
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
            "https://slack.com/team_id": "T1",
            "https://slack.com/user_id": "U1",
            **claims,
        }
        kept = {name: value for name, value in said.items() if value is not None}
        return jwt.encode(kept, self.key, algorithm="RS256", headers={"kid": self.kid})
