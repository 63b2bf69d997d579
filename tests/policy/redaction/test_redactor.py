"""No planted secret comes out, whatever stands around it; what is no secret stays as it was."""

from __future__ import annotations

import base64
import json
import re
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatops.policy.redaction import Redactor
from chatops.policy.redaction.spans import TAG
from tests.policy import redacted
from tests.policy.planted import FORMS, HEX, LOWER, MIXED, drawn, jwt, private_key, token

REDACTOR = Redactor(key=b"0" * 32)
PROSE = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=40)
SEEDS = st.integers(0, 2**32)
KINDS = st.sampled_from(sorted(FORMS))
NAMES = st.sampled_from(
    ["password", "DB_PASSWORD", "client_secret", "apiKey", "API-KEY", "accessToken", "aws_secret_access_key"]
)
MORE_NAMES = st.sampled_from(
    ["authToken", "X-Api-Key", "privateKey", "PGPASSWORD", "REDIS_AUTH_TOKEN", "spring.datasource.password"]
)
FRAMES = (
    "{name}={value}", "{name}: {value}", '"{name}": "{value}"', "--{name} {value}", "--{name}={value}",
    "<{name}>{value}</{name}>", "export {name}='{value}'", "{name} := \"{value}\"", "?{name}={value}&x=1",
    '{{\\"{name}\\":\\"{value}\\"}}', "- name: {name}\n  value: {value}", '{{"name":"{name}","value":"{value}"}}',
    "      {name}:  {value}", "level=info {name}={value} status=200",
    'set("{name}", "{value}")', "<{name}>\n  {value}\n</{name}>",
)  # fmt: skip


@given(KINDS, SEEDS, PROSE, PROSE)
@settings(max_examples=150, deadline=None)
def test_a_token_of_a_known_form_never_comes_out(kind: str, seed: int, before: str, after: str) -> None:
    secret = token(kind, seed)
    assert secret not in REDACTOR.text(f"{before} {secret} {after}")


@given(st.sampled_from(FRAMES), NAMES | MORE_NAMES, SEEDS, st.integers(10, 60))
@settings(max_examples=150, deadline=None)
def test_a_value_of_a_sensitive_name_never_comes_out(frame: str, name: str, seed: int, length: int) -> None:
    secret = drawn(MIXED, length, seed)
    assert secret not in REDACTOR.text("start\n" + frame.format(name=name, value=secret) + "\nend")


@given(KINDS, SEEDS, st.data())
@settings(max_examples=80, deadline=None)
def test_an_encoded_token_never_comes_out(kind: str, seed: int, data: st.DataObject) -> None:
    secret = token(kind, seed)
    encode = data.draw(st.sampled_from(ENCODINGS))
    written = encode(secret)
    text = REDACTOR.text(f"value {written} end")
    assert written not in text
    assert secret not in text


def _urlsafe(secret: str) -> str:
    return base64.urlsafe_b64encode(f"token={secret}".encode()).decode()


ENCODINGS = (
    lambda secret: base64.b64encode(secret.encode()).decode(),
    _urlsafe,
    lambda secret: base64.b64encode(base64.b64encode(secret.encode())).decode(),
    lambda secret: base64.encodebytes(f"user=app\ntoken={secret}\n".encode() * 2).decode(),
    lambda secret: "".join(f"%{ord(c):02X}" for c in secret),
    lambda secret: quote(f"a/b?token={secret}&c", safe=""),
    lambda secret: "".join(f"\\u{ord(c):04x}" for c in secret),
    lambda secret: secret[:6] + "".join(f"\\u{ord(c):04x}" for c in secret[6:10]) + secret[10:],
    lambda secret: json.dumps(json.dumps({"message": f"line\n{secret}\n"})),
)


@given(KINDS, SEEDS, st.data())
@settings(max_examples=80, deadline=None)
def test_a_token_broken_over_two_lines_never_comes_out(kind: str, seed: int, data: st.DataObject) -> None:
    secret = token(kind, seed)
    at = data.draw(st.integers(4, len(secret) - 4))
    glue = data.draw(st.sampled_from(["\n", "\r\n", "\\\n", "\n    "]))
    text = REDACTOR.text(f"see {secret[:at]}{glue}{secret[at:]} there")
    assert max(secret[:at], secret[at:], key=len) not in text


@given(SEEDS, st.sampled_from(["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "]), st.booleans())
@settings(max_examples=40, deadline=None)
def test_a_private_key_never_comes_out(seed: int, kind: str, escaped: bool) -> None:
    key = private_key(seed, kind)
    text = REDACTOR.text(f"before\n{json.dumps(key) if escaped else key}\nafter")
    assert not any(line in text for line in key.splitlines()[1:-1])
    assert text.startswith("before")
    assert text.endswith("after")


def test_a_private_key_that_was_cut_off_is_gone_too() -> None:
    key = private_key(7)
    cut = key[: len(key) // 2]
    assert not any(line in REDACTOR.text("x\n" + cut) for line in cut.splitlines()[1:])


@given(
    st.lists(st.one_of(PROSE, KINDS.flatmap(lambda k: SEEDS.map(lambda s: token(k, s))), SEEDS.map(jwt)), max_size=5)
)
@settings(max_examples=120, deadline=None)
def test_redacting_twice_changes_nothing(parts: list[str]) -> None:
    once = REDACTOR.text("password=".join(parts))
    assert REDACTOR.text(once) == once


@given(st.text(max_size=300))
@settings(max_examples=150, deadline=None)
def test_any_text_is_redacted_without_an_error_and_twice_the_same(text: str) -> None:
    once = REDACTOR.text(text)
    assert REDACTOR.text(once) == once


def test_the_same_secret_has_the_same_tag_and_another_key_another() -> None:
    secret = token("github", 1)
    first, second = TAG.findall(REDACTOR.text(f"a {secret} b\npassword: {secret}"))
    assert first == second
    assert first.startswith("[secret:github-token#")
    other = Redactor(key=b"1" * 32).text(secret)
    assert other != first
    assert TAG.fullmatch(other)


def test_a_secret_is_found_again_where_nothing_gives_it_away() -> None:
    secret = drawn(MIXED, 24, 3)
    assert secret not in REDACTOR.text(f"password={secret}\nlogin failed for {secret} at 10:00")


def test_many_secrets_are_found_again_too() -> None:
    secrets = [drawn(MIXED, 20, n) for n in range(90)]
    text = "\n".join(f"password={secret}" for secret in secrets) + "\nseen: " + " ".join(secrets)
    clear = REDACTOR.text(text)
    assert not any(secret in clear for secret in secrets)


@pytest.mark.parametrize(
    "template",
    [
        "postgres://app:{0}@db.shop.svc:5432/shop?sslmode=disable",
        "redis://:{0}@redis:6379/0",
        "amqp://guest:{0}@rabbit:5672/%2f",
        "https://deploy:{0}@git.example.com/team/repo.git",
        "app:{0}@tcp(mysql:3306)/shop?parseTime=true",
        "jdbc:oracle:thin:scott/{0}@db:1521/x",
        "Server=db;Database=shop;User Id=sa;Password={0};Encrypt=true",
        "DefaultEndpointsProtocol=https;AccountName=x;AccountKey={0};EndpointSuffix=core.windows.net",
        "Authorization: Bearer {0}",
        "authorization: Basic {0}",
        "Proxy-Authorization: Digest {0}",
        "Cookie: session={0}; theme=dark",
        "Set-Cookie: sid={0}; HttpOnly",
        "X-Vault-Token: {0}",
        "curl -u admin:{0} https://host/x",
        "curl -s --user 'admin:{0}' https://host/x",
        "curl -H 'X-Auth-Key: {0}' https://host/x",
        "machine api.example.com login deploy password {0}",
        "mysql -u root -p{0} shop",
        "redis-cli -h redis -a {0} ping",
        "requirepass {0}",
        "CREATE USER app WITH PASSWORD '{0}';",
        "GRANT ALL ON x.* TO y IDENTIFIED BY '{0}'",
        '{{"auths":{{"registry.example.com":{{"auth":"{0}"}}}}}}',
        "//packages.example.com/:_authToken={0}",
        "    client-key-data: {0}",
        "    token: {0}",
        "PGPASSWORD={0} psql -h db",
        "-Djavax.net.ssl.keyStorePassword={0}",
        "?X-Amz-Security-Token={0}&X-Amz-Date=20260101T000000Z",
        "SPRING_DATASOURCE_PASSWORD={0}",
        '<add key="ClearTextPassword" value="{0}" />',
        "SENTRY_DSN=https://{0}@sentry.example.com/4",
        "administrator_login_password = {0}",
        '  "aws_secret_access_key" : "{0}",',
    ],
)
def test_places_where_secrets_stand(template: str) -> None:
    secret = drawn(LOWER, 28, 11)
    assert secret not in REDACTOR.text(f"x\n{template.format(secret)}\ny")


def test_passwords_with_odd_characters_are_gone_as_a_whole() -> None:
    for password in ("hunter2!", "p@ss:w0rd/x", "correct horse battery", "a,b;c|d1", "Пароль-123"):
        text = REDACTOR.text(f'export DB_PASSWORD="{password}"\nok')
        assert password not in text
        assert not any(part in text for part in re.split(r"\W+", password) if len(part) > 2)


SECRET_YAML = """apiVersion: v1
data:
  tls.key: {0}
  user: {1}
  note: |
    {2}
kind: Secret
metadata:
  name: shop-tls
  uid: 5a1c2d3e-0000-4000-8000-000000000000
---
apiVersion: v1
kind: ConfigMap
data:
  mode: production-with-{3}
"""


def test_the_values_of_a_kubernetes_secret_are_gone_and_those_of_a_config_map_stay() -> None:
    values = [base64.b64encode(drawn(LOWER, 18, n).encode()).decode() for n in range(3)]
    text = REDACTOR.text(SECRET_YAML.format(*values, "debug"))
    assert not any(value in text for value in values)
    assert "production-with-debug" in text
    assert "5a1c2d3e-0000-4000-8000-000000000000" in text


def test_a_kubernetes_secret_in_json_is_gone_even_inside_an_annotation() -> None:
    value = base64.b64encode(b"plain words").decode()
    document = json.dumps({"kind": "Secret", "data": {"x": value}, "metadata": {"name": "a"}})
    assert value not in REDACTOR.text(document)
    assert value not in REDACTOR.text(json.dumps({"annotations": {"last-applied-configuration": document}}))


def test_a_value_of_a_kubernetes_secret_may_hold_braces() -> None:
    inner = json.dumps({"auths": {"r": {"auth": "plain"}}, "z": "last words"})
    document = json.dumps({"kind": "Secret", "stringData": {"config.json": inner, "other": "abcdef"}, "type": "Opaque"})
    text = REDACTOR.text(document)
    assert not any(part in text for part in ("plain", "last words", "abcdef"))
    assert "Opaque" in text


BENIGN = """Name:             cart-7d9f8c6b5-x2x4z
Namespace:        shop
UID:              0f6d0f5e-7c1f-4c3f-9a51-3f2c8f0b1a11
Resource Version: 184467440737
Controlled By:    ReplicaSet/cart-7d9f8c6b5
Image ID:         docker.io/library/redis@sha256:4ed291c13cbbfcf6a8ba4a5ee5a0b0b4a1f1f9b0f3d6f5a0d9d1fbb4d1c1b0aa
Container ID:     containerd://b7f1f0c1d2e3f4a5b6c7d8e9f0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3
    Environment:
      DB_PASSWORD:  <set to the key 'password' in secret 'db'>  Optional: false
      API_TOKEN_FILE:  /var/run/secrets/token
      SECRET_NAME:  shop-db
    Mounts:
      /var/run/secrets/kubernetes.io/serviceaccount from kube-api-access-2x7kq (ro)
    Type:                    Projected (a volume that contains injected data from multiple sources)
    TokenExpirationSeconds:  3607
    SecretName:  shop-tls
secretRef: {name: shop-db}
kube_secret_info{namespace="shop",secret="shop-db"} 1
  secret: registry-credentials-2
imagePullSecrets: [{name: regcred}]
tokenExpirationSeconds: 3607
- key: node.kubernetes.io/not-ready
  operator: Exists
type: kubernetes.io/service-account-token
Node-Selectors:              <none>
traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
{"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7","request_id":"b5a1e0fa-3ddf-4a2c-8d7e-54ad8c9c4d21"}
2026-11-23T10:00:00.123456789Z stderr F token expired, please log in
level=warn msg="failed to fetch anonymous token: unexpected status code 401" max_tokens=4096
"GET /api/v1/orders/8412?page=2 HTTP/1.1" 200 - via_upstream - "-" 0 512 "-" "Mozilla/5.0 (X11; Linux x86_64)"
git commit 9fceb02d0ae598e95dc970b74767f19372d61af8
etag: "5d8c72a5edda8d6a5a8c0b8c1b5c8f5e"
arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/shop/50dc6c495c0c9188
ip-10-0-12-34.eu-west-1.compute.internal i-0123456789abcdef0 vpc-0a1b2c3d4e5f67890
authentication.k8s.io/pod-name=cart-7d9f8c6b5-x2x4z authorization.k8s.io/decision: allow
Warning  FailedMount  secret "shop-tls" not found
pod-template-hash=7d9f8c6b5 controller-revision-hash: redis-6b8f9d7c5d
-----BEGIN CERTIFICATE-----
"""


def test_what_is_no_secret_stays() -> None:
    assert REDACTOR.text(BENIGN) == BENIGN


@given(SEEDS)
@settings(max_examples=50, deadline=None)
def test_identifiers_and_digests_stay(seed: int) -> None:
    digest = drawn(HEX, 64, seed)
    uid = f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-8{digest[17:20]}-{digest[20:32]}"
    text = f"uid: {uid} image: app@sha256:{digest} trace_id={digest[:32]} resourceVersion: {int(digest[:8], 16)}"
    assert REDACTOR.text(text) == text


def test_of_each_text_is_left_what_was_read() -> None:
    """The golden file: `python -m tests.policy.redacted` writes it again, and the difference is read."""
    wanted = redacted.rows()
    assert len(wanted) > 400
    for at, (text, result) in enumerate(wanted):
        assert redacted.left(text, at) == result, text


def test_a_word_or_a_number_that_was_a_password_stays_where_it_stands_without_its_name() -> None:
    for value, again in (("correcthorse", True), ("123456789012", True), ("correcthors3", False)):
        told = REDACTOR.text(f"password={value}\nand {value} again")
        assert told.startswith("password=[secret:")
        assert told.endswith(f"and {value} again") is again


def test_half_a_character_in_a_secret_is_no_failure() -> None:
    assert REDACTOR.text("password=\ud800k7Qk7Qk7Q").startswith("password=[secret:credential#")
