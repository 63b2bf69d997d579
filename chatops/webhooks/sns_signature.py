"""Is this message from Amazon SNS? Its signature is checked with a certificate from a pinned host, and only then read.

The certificate's address comes with the message, so it decides nothing: the host must be SNS's own, or one of
`webhooks.sns_cert_hosts`, and the scheme https (plain http is for loopback only).
"""

from __future__ import annotations

import base64
import ipaddress
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from chatops.webhooks.payload import BadPayload

_HOST = re.compile(r"^sns\.[a-z0-9-]{3,30}\.amazonaws\.com(\.cn)?$")
_HASHES: dict[str, hashes.HashAlgorithm] = {"1": hashes.SHA1(), "2": hashes.SHA256()}  # noqa: S303 - SNS's version 1
_SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    "UnsubscribeConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
_SECONDS = aiohttp.ClientTimeout(total=5)
_MAX_CERTIFICATE = 32_768


class Certificates:
    """Signing certificates by address, fetched once each."""

    def __init__(self) -> None:
        self._known: dict[str, RSAPublicKey] = {}

    async def key(self, url: str, hosts: tuple[str, ...]) -> RSAPublicKey:
        """The public key behind the address; `BadPayload` where the address is not to be trusted or does not answer."""
        trusted(url, hosts)
        if url not in self._known:
            if len(self._known) > 100:
                self._known.clear()
            self._known[url] = _public_key(await fetch(url))
        return self._known[url]


def trusted(url: str, hosts: tuple[str, ...]) -> None:
    """Raise `BadPayload` (401) unless the address is SNS's own or a listed host."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    listed = host in hosts or f"{host}:{parts.port}" in hosts
    secure = parts.scheme == "https" or (listed and parts.scheme == "http" and _loopback(host))
    own = bool(_HOST.fullmatch(host)) and parts.port in (None, 443)
    if parts.username or not secure or not (own or listed):
        raise BadPayload(f"the host {host[:80]!r} of the certificate or subscription is not SNS's", 401)


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def fetch(url: str) -> bytes:
    """GET a small document, without following redirects."""
    try:
        async with aiohttp.ClientSession(timeout=_SECONDS) as session, session.get(url, allow_redirects=False) as got:
            if got.status != 200:
                raise BadPayload(f"SNS answered {got.status} at the address in the message: send it again", 503)
            return await got.content.read(_MAX_CERTIFICATE)
    except (aiohttp.ClientError, TimeoutError) as error:
        raise BadPayload("the address in the message did not answer: send it again", 503) from error


def _public_key(pem: bytes) -> RSAPublicKey:
    try:
        key = x509.load_pem_x509_certificate(pem).public_key()
    except ValueError as error:
        raise BadPayload("the signing certificate cannot be read", 401) from error
    if not isinstance(key, RSAPublicKey):
        raise BadPayload("the signing certificate has no RSA key", 401)
    return key


def signed_text(message: Mapping[str, Any]) -> bytes:
    """What SNS signs: the fields of this type in alphabetical order, each name and value on a line."""
    fields = _SIGNED.get(str(message.get("Type")), ())
    return "".join(f"{field}\n{message[field]}\n" for field in fields if message.get(field) is not None).encode()


async def verify(message: Mapping[str, Any], certificates: Certificates, hosts: tuple[str, ...]) -> None:
    """Raise `BadPayload` (401) unless SNS signed the message."""
    algorithm = _HASHES.get(str(message.get("SignatureVersion")))
    if algorithm is None or str(message.get("Type")) not in _SIGNED:
        raise BadPayload("this is no signed SNS message", 401)
    key = await certificates.key(str(message.get("SigningCertURL", "")), hosts)
    try:
        signature = base64.b64decode(str(message.get("Signature", "")), validate=True)
        key.verify(signature, signed_text(message), padding.PKCS1v15(), algorithm)
    except (InvalidSignature, ValueError) as error:
        raise BadPayload("the SNS signature is wrong", 401) from error
