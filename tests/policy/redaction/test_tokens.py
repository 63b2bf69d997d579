"""Which words are tokens by their look, and which are names, digests and what everybody may see."""

from __future__ import annotations

import pytest

from chatops.policy.redaction import Redactor
from chatops.policy.redaction.spans import TAG
from chatops.policy.redaction.tokens import looks_drawn, looks_token
from tests.policy.planted import HEX, LOWER, drawn

REDACTOR = Redactor(key=b"0" * 32)
SECRET = "q7Zx9LmP2vKd8RtY4wBn"
LONG = SECRET + "5cGh"


def shown(text: str) -> str:
    """The text with a dot for each secret."""
    return TAG.sub("·", REDACTOR.text(text.replace("$", SECRET).replace("@", LONG)))


@pytest.mark.parametrize(
    "value",
    [
        "d670460b4b4aece5915caf5c68d12f560a9fe3e4",
        "a" * 64,
        "checkout-7d9c6b5f4.shop.svc",
        "two words of sixteen",
        "short1A",
    ],
)
def test_digests_names_and_prose_are_no_tokens(value: str) -> None:
    assert not looks_token(value)


def test_a_long_random_word_is_one() -> None:
    assert looks_token("".join(("q7Zx", "9LmP", "2vKd", "8RtY", "4wBn", "6HcJ")))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("datadog: $", "datadog: ·"),
        ("datadog: $ and more", "datadog: · and more"),
        ("mydatadog: $", "mydatadog: $"),
        ("acme_live_$AbC1dEf2GhI3", "·"),
        ("acme_pat_7k9x2m4q8w3z5v1n6b0c", "·"),
        ("acme_run_7k9x2m4q8w3z5v1n6b0c", "acme_run_7k9x2m4q8w3z5v1n6b0c"),
        ("acme_pat_01234567890123456789", "acme_pat_01234567890123456789"),
        ("acme_pat_0a1b2c3d4e5f60718293", "acme_pat_0a1b2c3d4e5f60718293"),
        ("acme_pat_abcdefghijklmnopqrst", "acme_pat_abcdefghijklmnopqrst"),
        ("acme_pat_a1a1a1z1a1a1a1z1a1a1", "acme_pat_a1a1a1z1a1a1a1z1a1a1"),
        ("acme_run_" + "aB1" * 11, "acme_run_" + "aB1" * 11),
    ],
)
def test_behind_a_service_or_a_prefix_of_its_own(text: str, expected: str) -> None:
    assert shown(text) == expected.replace("$", SECRET)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("401 from upstream with @", "401 from upstream with ·"),
        ("retry (@), then", "retry (·), then"),
        ('["@"]', '["·"]'),
        ("@", "·"),
        ("a\n@\nb", "a\n·\nb"),
        (f"got {LONG}+/{LONG}==", "got ·"),
        (f"got {LONG}-_{LONG}", "got ·"),
        ("got $", "got $"),
        (f"got {'x' * 240}@", f"got {'x' * 240}@"),
    ],
)
def test_a_word_drawn_by_lot_is_gone_without_a_name(text: str, expected: str) -> None:
    assert shown(text) == expected.replace("$", SECRET).replace("@", LONG)


@pytest.mark.parametrize(
    "frame",
    [
        "request id @",
        "RequestId: @",
        'etag: "@"',
        'W/"@"',
        "x-amz-id-2: @+/@",
        "publicKey: @",
        "integrity sha512-@",
        "SHA256:@",
        "file @.tar.gz",
        "cdn.example.com/@/app.js",
        "@/app.js",
        "me@@.example.com",
        "pi_@",
        "msg_01@",
        "caBundle: @@@",
        "-----BEGIN CERTIFICATE-----\n@@@\n@\n-----END CERTIFICATE-----",
        r"-----BEGIN CERTIFICATE-----\n@@@\n@\n-----END CERTIFICATE-----",
    ],
)
def test_what_everybody_may_see_stays(frame: str) -> None:
    text = frame.replace("@@.", "\0.").replace("@", LONG).replace("\0", "@" + LONG)
    assert REDACTOR.text(text) == text


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        (LONG, True),
        ("V1beta2DeviceTaintRuleList", False),
        ("OAuth2AuthorizationCodeRequest2Provider", False),
        ("TestReconcileHTTP2ProxyWithTLS12", False),
        ("aaaaaaaaaaaaaaaa1B2c3D4e5F6g7H8", False),
        ("aB1aB1aB1aB1aB1aB1aB1aB1", False),
        ("aBcDeFgHiJkLmNoPqRsTuVw1", False),
        ("aBcDeFgHiJkLmNoP2RsTuVw1", True),
        ("sha256-" + LONG, False),
        ("req_" + LONG, False),
        ("req_" + LONG + LONG, True),
    ],
)
def test_letters_take_turns_where_they_are_drawn(word: str, expected: bool) -> None:
    assert looks_drawn(word) is expected


@pytest.mark.parametrize("letters", [HEX, LOWER])
def test_a_word_without_capitals_may_be_a_digest_or_a_name(letters: str) -> None:
    text = f"401 from upstream with {drawn(letters, 40, 1)}"
    assert REDACTOR.text(text) == text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("q7Zx9LmP2vKd8Rt", False),
        ("q7Zx9LmP2vKd8RtY", True),
        ("0a1b2c3d" * 5, False),
        ("sha1-" + "0a1b2c3d" * 5, False),
        ("0a1b2c3d" * 4, True),
        ("0a1b2c3d" * 8, False),
        ("checkout7d9c6b5f4.shop8x.svc", False),
        ("q7Zx9LmP2vKd8RtY!", False),
    ],
)
def test_a_token_is_long_random_and_no_digest(value: str, expected: bool) -> None:
    assert looks_token(value) is expected
