"""What tells a token from the next word, a digest or a name."""

from __future__ import annotations

import pytest

from chatops.policy.redaction import Redactor
from chatops.policy.redaction.spans import TAG
from chatops.policy.redaction.structures import looks_like_token


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("abc123def456", True),
        ("A" * 24, True),
        ("of-the-sentence", False),
        ("short1", False),
        ("abc123def45", False),
        ("abcdefghijklmnopqrstuvw", False),
        ("abcdefghijklmnopqrstuvwx", True),
        ("expires_in=3600abcdef", False),
    ],
)
def test_what_follows_bearer_may_be_only_a_word(value: str, expected: bool) -> None:
    assert looks_like_token(value) is expected


REDACTOR = Redactor(key=b"0" * 32)


@pytest.mark.parametrize(
    "frame",
    [
        "https://{}:x-oauth-basic@git.example.com/shop.git",
        "https://{}@git.example.com/shop.git",
        'variable "db_password" {{\n  default = "{}"\n}}',
        '{{"envName": "DB_PASSWORD", "envValue": "{}"}}',
        '{{"kind": "SecretList", "items": [{{"data": {{"a": "x"}}}}, {{"data": {{"password": "{}"}}}}]}}',
        "- name: DB_PASSWORD\n  value: {}\n",
    ],
)
def test_the_notation_gives_it_away(frame: str) -> None:
    secret = "q7Zx9LmP2vKd8RtY4wBn"
    assert secret not in REDACTOR.text(frame.format(secret))


def test_templates_of_secrets_hold_none() -> None:
    text = "kind: Secret\ndata:\n  a: {{ .Values.password | b64enc }}\n  b: <base64 of the password>\n  # c: comment\n"
    assert REDACTOR.text(text) == text


def test_a_pair_of_keys_is_gone_whole() -> None:
    first, second = "AK" + "IA" + "Q7ZX2LMPAVKD3RTY", "q7Zx9LmP2vKd8RtY4wBn" * 2
    told = REDACTOR.text(f"user {first}\t{second}\nuser2")
    assert second not in told
    assert first not in told
    assert told.endswith("\nuser2")


SECRET = "q7Zx9LmP2vKd8RtY4wBn"


def shown(text: str) -> str:
    """The text with a dot for each secret."""
    return TAG.sub("·", REDACTOR.text(text.replace("$", SECRET)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # URLs and data source names
        ("https://app:hunter2!@host/x", "https://app:·@host/x"),
        ("https://:hunter2!@host", "https://:·@host"),
        ("https://$:x-oauth-basic@host/x", "https://·@host/x"),
        ("https://$@host/x", "https://·@host/x"),
        ("https://a-person-of-words@host/x", "https://a-person-of-words@host/x"),
        ("https://app:ab@host/x", "https://app:ab@host/x"),
        ("app:hunter2!@tcp(db:3306)/shop", "app:·@tcp(db:3306)/shop"),
        ("app:hunter2!@unix(/run/db)/shop", "app:·@unix(/run/db)/shop"),
        ("jdbc:oracle:thin:app/hunter2!@db:1521", "jdbc:oracle:thin:app/·@db:1521"),
        # headers
        ("Authorization: Basic aHVudGVyMjpodW50ZXIy", "Authorization: Basic ·"),
        ("proxy-authorization: Bearer hunter2hunter2", "proxy-authorization: Bearer ·"),
        ("sent Bearer abc123def456", "sent Bearer ·"),
        ("sent basic abc123def456", "sent basic ·"),
        ("the bearer ofthesentence", "the bearer ofthesentence"),
        ("Cookie: sid=abcdef1", "Cookie: ·"),
        ("Set-Cookie: sid=abcdef1", "Set-Cookie: ·"),
        ("X-Signature: abcde1", "X-Signature: ·"),
        ("X-Signature: abcdef", "X-Signature: abcdef"),
        ("x-request-id: abcde1", "x-request-id: abcde1"),
        # names and values apart
        ("- name: DB_PASSWORD\n  value: hunter2!", "- name: DB_PASSWORD\n  value: ·"),
        ("- name: DB_PASSWORD\n  value: 'hunter2! '", "- name: DB_PASSWORD\n  value: '· '"),
        ("- name: DB_HOST\n  value: hunter2!", "- name: DB_HOST\n  value: hunter2!"),
        ('{"Name": "DB_PASSWORD", "Value": "hunter2!"}', '{"Name": "DB_PASSWORD", "Value": "·"}'),
        ('variable "db_password" {\n  default = "hunter2!"\n}', 'variable "db_password" {\n  default = "·"\n}'),
        ('{"value": "hunter2!", "name": "DB_PASSWORD"}', '{"value": "·", "name": "DB_PASSWORD"}'),
        ('{"value": "hunter2!", "name": "DB_HOST"}', '{"value": "hunter2!", "name": "DB_HOST"}'),
        ("- value: hunter2!\n  name: DB_PASSWORD", "- value: ·\n  name: DB_PASSWORD"),
        ("- value: 'hunter2!'\n  key: DB_PASSWORD", "- value: '·'\n  key: DB_PASSWORD"),
        ("- value: hunter2!\n- name: DB_PASSWORD", "- value: hunter2!\n- name: DB_PASSWORD"),
        ("<key>password</key>\n\t<string>hunter2!</string>", "<key>password</key>\n\t<string>·</string>"),
        ("<name>db.password</name><value>hunter2!</value>", "<name>db.password</name><value>·</value>"),
        ("<name>db.host</name><value>hunter2!</value>", "<name>db.host</name><value>hunter2!</value>"),
        # links that let in
        ("GET /reset-password/$ 200", "GET /reset-password/· 200"),
        ("https://x/users/invite/0a1b2c3d-0a1b-4c1d-9a55-0d1f2a3b4c5d?a=1", "https://x/users/invite/·?a=1"),
        ("/confirm/checkout-7d9c6b5f4-x2x9z", "/confirm/checkout-7d9c6b5f4-x2x9z"),
        ("/verify/the-address-of-nobody", "/verify/the-address-of-nobody"),
        ("/orders/$", "/orders/$"),
        # Secrets of Kubernetes
        ("kind: Secret\ndata:\n  a: b\n  c: 'd'\nx: y", "kind: Secret\ndata:\n  a: ·\n  c: '·'\nx: y"),
        ("data:\n  a: bcd\nkind: Secret\n", "data:\n  a: ·\nkind: Secret\n"),
        ("kind: Secret\nstringData: # c\n  a: bcd", "kind: Secret\nstringData: # c\n  a: ·"),
        ("kind: ConfigMap\ndata:\n  a: bcd\n---\nkind: Secret", "kind: ConfigMap\ndata:\n  a: bcd\n---\nkind: Secret"),
        ("kind: Secret\n---\ndata:\n  a: bcd\n", "kind: Secret\n---\ndata:\n  a: bcd\n"),
        ("- kind: Secret\n  data:\n    a: bcd\n- kind: Pod", "- kind: Secret\n  data:\n    a: ·\n- kind: Pod"),
        ("kind: Secret\ndata:\n  a: |\n    one\n    two\n  b: x", "kind: Secret\ndata:\n  a: |\n    ·\n    ·\n  b: ·"),
        ("kind: Secret\ndata:\n\n  a: bcd\n  - e: f\n", "kind: Secret\ndata:\n\n  a: ·\n  - e: f\n"),
        ("kind: Secret\ndata:\n  # a: b\n  c: <d>\n  e: f", "kind: Secret\ndata:\n  # a: b\n  c: <d>\n  e: ·"),
        ("kind: Secret\ndata:\n  a: b\nc: d\n  e: f", "kind: Secret\ndata:\n  a: ·\nc: d\n  e: f"),
        ('{"kind": "Secret", "data": {"a": "b", "c": ""}}', '{"kind": "Secret", "data": {"a": "·", "c": ""}}'),
        ('{"data": {"a": "b}c", "d": "e"}, "kind": "Secret"}', '{"data": {"a": "·", "d": "·"}, "kind": "Secret"}'),
        ('{"kind": "Secret", "stringData": {"a": "b"}}', '{"kind": "Secret", "stringData": {"a": "·"}}'),
        ('{"kind": "Pod", "data": {"a": "b"}}', '{"kind": "Pod", "data": {"a": "b"}}'),
        (r"{\"kind\": \"Secret\", \"data\": {\"a\": \"b\"}}", r"{\"kind\": \"Secret\", \"data\": {\"a\": \"·\"}}"),
    ],
)
def test_what_is_left_of_a_notation(text: str, expected: str) -> None:
    assert shown(text) == expected.replace("$", SECRET)


LINE = "k7Q/Zp+w" * 8


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a «\n$\n$\n» b", "a · b"),
        ("«\n$\n$\nthe end", "·the end"),
        ("«\n10:00 $\n10:00 $\nthe end", "·the end"),
        ("«\n$\n\n\nthe end", "·\n\nthe end"),
        ("«\nthe end", "·\nthe end"),
        ("«\n$\n«\n$\n»", "··"),
        ("«\n$", "·"),
    ],
)
def test_a_key_goes_as_far_as_it_reaches(text: str, expected: str) -> None:
    begin, end = "-----BEGIN RSA PRIVATE " + "KEY-----", "-----END RSA PRIVATE " + "KEY-----"
    text = text.replace("«", begin).replace("»", end).replace("$", LINE)
    assert TAG.sub("·", REDACTOR.text(text)) == expected


def test_what_putty_keeps_is_gone() -> None:
    text = f"Private-Lines: 2\n{LINE}\n{LINE}\nPrivate-MAC: 0a1b"
    assert TAG.findall(REDACTOR.text(text))
    assert LINE not in REDACTOR.text(text)
    assert REDACTOR.text(text).startswith("Private-Lines: 2\n[secret:private-key#")
