"""What the notation around a secret gives away, and what has the notation of a secret and is none."""

from __future__ import annotations

import pytest

from chatops.policy.redaction import Redactor
from tests.policy.planted import HEX, MIXED, drawn

REDACTOR = Redactor(key=b"0" * 32)
SECRET = "q7Rw" + "-Tz9!kd"
LONG = drawn(MIXED, 40, 5)


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ('variable "api_token" {{\n  type    = string\n  default = "{}"\n}}', LONG),
        ("KAFKA_PASSWORD:\n  {}\nKAFKA_USER: x", SECRET),
        ("initial-password:\n{}\n\nuse it once", LONG),
        ("ENV LDAP_BIND_PW {}", SECRET),
        ("rootpw: {}", SECRET),
        ("<Password><Value>{}</Value></Password>", SECRET),
        ('"password" : {{ "value": "{}" }}', SECRET),
        ("{{'password': u'{}', 'user': 'x'}}", SECRET),
        ("| password | {} |", SECRET),
        ("password\t{}", SECRET),
        ('[{{"ParameterKey":"DbPassword","ParameterValue":"{}"}}]', SECRET),
        ("db.example.com:5432:shop:app:{}", SECRET),
        ("x\n*:*:shop:app:{}\n", SECRET),
        ("SAMLResponse={}", LONG),
        ("$ANSIBLE_VAULT;1.1;AES256\n{}\n", drawn(HEX, 80, 7)),
        ("login failed with password {}", SECRET),
        ("Password changed from {} to ***", SECRET),
        ("vault login {}", LONG),
        ("sqlplus sys/{}@db as sysdba", SECRET),
        ("echo 'root:{}' | chpasswd", SECRET),
        ("echo '{}' | docker login --password-stdin", SECRET),
    ],
)
def test_a_secret_is_gone(text: str, secret: str) -> None:
    assert secret not in REDACTOR.text(text.format(secret))


@pytest.mark.parametrize(
    "text",
    [
        "password = random_password.db.result",
        "token_type=Bearer expires_in=3600",
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf",
        "/var/run/secrets/kubernetes.io/serviceaccount/token: permission denied",
        "passwd: files systemd",
        "main.go:1234:5:error: undefined: foo",
        "peer 10.0.0.1:8080:a:b:failed",
        "token:\n  description: the token",
        "password:\n  valueFrom:\n    secretKeyRef:",
        "credentials:\n  source: Environment",
        "secret:\n  secretName: cart-tls",
        "| password | created |",
        "password\tcreated\tage",
        'variable "region" { default = "eu-west-1" }',
        'variable "key_name" { default = "deploy" }',
        "the pods restarted with password rotation enabled",
        "pw: ok",
        "redis WRONGPASS invalid username-password pair or user is disabled.",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert REDACTOR.text(text) == text
