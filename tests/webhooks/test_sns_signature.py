"""SNS messages are taken only with a good signature, by a certificate from a pinned host, for a listed topic."""

from __future__ import annotations

import base64
import contextlib
import http.server
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from chatops.settings import WebhookSettings
from chatops.webhooks import sns_signature
from chatops.webhooks.cloudwatch import CLOUDWATCH
from chatops.webhooks.payload import BadPayload, Delivery
from tests.conftest import NOW

TOPIC = "arn:aws:sns:eu-west-1:000000000000:alarms"


class Amazon:
    """Stands in for SNS: serves its certificate on loopback, signs messages, notes what was asked of it."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
        built = (
            x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(self.key.public_key())
            .serial_number(1).not_valid_before(NOW).not_valid_after(NOW + timedelta(days=3650))
        )  # fmt: skip
        pem = built.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        self.asked: list[str] = []
        amazon = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                amazon.asked.append(self.path)
                self.send_response(302 if self.path == "/elsewhere.pem" else 200)
                self.end_headers()
                self.wfile.write(b"not a certificate" if self.path == "/broken.pem" else pem)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def message(self, version: str = "2", certificate: str = "/cert.pem", **changes: Any) -> dict[str, Any]:
        message: dict[str, Any] = {
            "Type": "Notification",
            "MessageId": "m1",
            "TopicArn": TOPIC,
            "Subject": "ALARM",
            "Message": "{}",
            "Timestamp": "2026-03-01T11:50:00.000Z",
            "SignatureVersion": version,
            "SigningCertURL": self.url + certificate,
            **changes,
        }
        algorithm = hashes.SHA1() if version == "1" else hashes.SHA256()
        signature = self.key.sign(sns_signature.signed_text(message), padding.PKCS1v15(), algorithm)
        return {**message, "Signature": base64.b64encode(signature).decode()}


@contextlib.contextmanager
def at_work() -> Iterator[Amazon]:
    """One that answers."""
    one = Amazon()
    thread = threading.Thread(target=one.server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield one
    finally:
        one.server.shutdown()
        thread.join()
        one.server.server_close()


@pytest.fixture(scope="module")
def amazon() -> Iterator[Amazon]:
    with at_work() as one:
        yield one


async def verify(message: dict[str, Any], **settings: Any) -> None:
    config = WebhookSettings(**{"sns_topics": (TOPIC,), "sns_cert_hosts": ("127.0.0.1",), **settings})
    assert CLOUDWATCH.verify is not None
    await CLOUDWATCH.verify(Delivery({}, message, json.dumps(message).encode(), NOW), config)


@pytest.mark.parametrize("version", ["1", "2"])
async def test_a_signed_message_of_a_listed_topic_is_taken(amazon: Amazon, version: str) -> None:
    await verify(amazon.message(version))


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"Message": '{"AlarmName": "altered"}'}, "signature is wrong"),
        ({"Subject": "altered"}, "signature is wrong"),
        ({"Signature": "!!"}, "signature is wrong"),
        ({"SignatureVersion": "9"}, "no signed SNS message"),
        ({"Type": "Other"}, "no signed SNS message"),
        ({"SigningCertURL": "https://sns.eu-west-1.amazonaws.com.evil.example/x.pem"}, "is not SNS's"),
        ({"SigningCertURL": "https://user@sns.eu-west-1.amazonaws.com/x.pem"}, "is not SNS's"),
        ({"SigningCertURL": "http://sns.eu-west-1.amazonaws.com/x.pem"}, "is not SNS's"),
        ({"SigningCertURL": "file:///etc/passwd"}, "is not SNS's"),
    ],
)
async def test_what_was_altered_is_refused(amazon: Amazon, change: dict[str, Any], line: str) -> None:
    with pytest.raises(BadPayload, match=line) as caught:
        await verify({**amazon.message(), **change})
    assert caught.value.status == 401


@pytest.mark.parametrize(("path", "status"), [("/broken.pem", 401), ("/elsewhere.pem", 503)])
async def test_a_certificate_that_is_none_is_refused(amazon: Amazon, path: str, status: int) -> None:
    with pytest.raises(BadPayload) as caught:
        await verify(amazon.message(certificate=path))
    assert caught.value.status == status


async def test_without_the_setting_loopback_is_no_certificate_host(amazon: Amazon) -> None:
    with pytest.raises(BadPayload, match="is not SNS's"):
        await verify(amazon.message(), sns_cert_hosts=())


async def test_a_topic_that_is_not_listed_is_refused_and_not_confirmed(amazon: Amazon) -> None:
    asks = {"Type": "SubscriptionConfirmation", "Token": "t", "SubscribeURL": amazon.url + "/confirm"}
    amazon.asked.clear()
    with pytest.raises(BadPayload, match="not listed"):
        await verify(amazon.message(**asks), sns_topics=())
    assert "/confirm" not in amazon.asked
    await verify(amazon.message(**asks))
    assert "/confirm" in amazon.asked
