"""Passwords on command lines, in SQL, in addresses and in words come out as tags; the rest of the line stays."""

from __future__ import annotations

import pytest

from chatops.policy.redaction import Redactor
from chatops.policy.redaction.spans import TAG
from tests.policy.planted import HEX, MIXED, drawn

REDACTOR = Redactor(key=b"0" * 32)
WORD = drawn(MIXED, 12, 5)

LINES = (
    "mysql -uroot -p{} shop", "mysqldump -h db -p{} shop", "mariadb -u a -p{} x", "sshpass -p {} ssh host",
    "redis-cli -h r -a {} ping", "docker login -u a -p {} registry.local",
    "az login --service-principal -u a -p {} -t x",
    "openssl rsa -passin pass:{} -in x", "ldapsearch -x -D cn=a -w {} -b dc=x", "mongosh -u a -p {} db",
    "mongodump -u a -p {} --db x", "cqlsh -u c -p {} host", "sqlcmd -S h -U sa -P {} -Q x",
    "smbclient -U user%{} //h/s",
    "htpasswd -b file user {}", "rabbitmqctl add_user a {}", "rabbitmqctl change_password a {}",
    "mc alias set store http://minio:9000 admin {}", "plink -pw {} host", "vault operator unseal {}",
    "wget --password={} http://x", "helm upgrade x y --set db.password={}", "ENV DB_TOKEN {}", "setenv API_KEY {}",
    "kubectl create secret generic x --from-literal=password={}", "curl --proxy-user a:{} http://x",
    "ALTER USER a IDENTIFIED BY '{}'", "ALTER ROLE a WITH ENCRYPTED PASSWORD '{}';", "the password is {}",
    "Password for user bob was reset to {}.", "new token is '{}'", "<password encrypted=\"no\">{}</password>",
    "<entry key=\"db.password\">{}</entry>", "Unseal Key 1: {}aaaaaaaaaaaa", "DB_PASS={}", '"dbPass": "{}"',
    "db:\n  pass: {}",
    "DB_PASSWORD_PROD={}", "SECRET_KEY_BASE={}", "machine x login y password {}",
)  # fmt: skip


@pytest.mark.parametrize("line", LINES)
def test_a_password_on_a_command_line_never_comes_out(line: str) -> None:
    text = REDACTOR.text("before\n" + line.format(WORD) + "\nafter")
    assert WORD not in text
    assert text.startswith("before\n")
    assert text.endswith("\nafter")
    assert REDACTOR.text(text) == text


@pytest.mark.parametrize(
    "line",
    [
        "https://b.s3.amazonaws.com/k?X-Amz-Date=1&X-Amz-Signature={}&x=1",
        "https://acc.blob.core.windows.net/c/b?sv=2020&sr=b&sig={}%3D",
        'Authorization: Digest username="x", realm="y", response="{}"',
        "Ocp-Apim-Subscription-Key: {}",
        "routing_key: {}",
    ],
)
def test_signatures_and_keys_that_look_like_digests_are_gone_where_their_place_says_so(line: str) -> None:
    digest = drawn(HEX, 32, 9)
    assert digest not in REDACTOR.text(line.format(digest))


@pytest.mark.parametrize(
    "hashed",
    [
        "$2b$12$" + drawn(MIXED, 53, 1),
        "$6$" + drawn(MIXED, 16, 2) + "$" + drawn(MIXED, 86, 3),
        "$6$rounds=5000$" + drawn(MIXED, 16, 2) + "$" + drawn(MIXED, 86, 3),
        "$apr1$" + drawn(MIXED, 8, 4) + "$" + drawn(MIXED, 22, 5),
        "$argon2id$v=19$m=65536,t=3,p=4$" + drawn(MIXED, 22, 6) + "$" + drawn(MIXED, 43, 7),
    ],
)
def test_stored_passwords_are_gone(hashed: str) -> None:
    assert hashed[-20:] not in REDACTOR.text(f"root:{hashed}:19000:0:99999:7:::")


@pytest.mark.parametrize(
    "line", ["cloudflare: {}", 'datadog = "{}"', '"artifactory", "{}"', "sourcegraph => '{}'", "new_relic: {}"]
)
def test_a_token_behind_the_bare_name_of_a_service_is_gone(line: str) -> None:
    secret = drawn(MIXED, 36, 11)
    assert secret not in REDACTOR.text(line.format(secret))


@pytest.mark.parametrize(
    "line",
    [
        "datadog: datadog-agent-7d9f8c6b5d-x7k2p",
        "sentry=" + drawn(HEX, 40, 3),
        "github: ghcr.io/org/app-1.2.3",
        "cloudflare: ray id 8c1d6f3a2b4c5d6e-FRA status 522",
        "checksum/secret: " + drawn(HEX, 64, 4),
        'etcdserver: request "key:\\"/registry/secrets/default/db-13\\" " took too long',
        '"volumeMounts": [{"name": "istio-token", "mountPath": "/var/run/x"}]',
        "</apiToken>\nthe next line",
        'curl -H "Authorization: Bearer $TOKEN" https://x',
        "SUMO_ACCESS_KEY={SumoAccessKey}",
        "AKIA" + "IOSFODNN7EXAMPLE",
        "PERPLEXITY_API_KEY=pplx-" + "x" * 40,
        "the token is valid for one hour",
        "password is required",
        "secret was not found",
        "docker login succeeded for pod -p 8080",
        "loaded plugin bcp -P",
        "auth.plain $2 and $6 shares",
    ],
)
def test_what_only_looks_like_it_stays(line: str) -> None:
    assert REDACTOR.text(f"a\n{line}\nb") == f"a\n{line}\nb"


def test_a_whole_token_at_the_end_of_a_line_takes_no_word_of_the_next() -> None:
    text = REDACTOR.text("token gh" + "p_" + drawn(MIXED, 36, 2) + "\ndeployment\n=====7=====\n")
    assert text.endswith("]\ndeployment\n=====7=====\n")


def test_a_token_whose_body_is_broken_by_signs_is_found() -> None:
    for head in ("glc" + "_", "ops" + "_eyJ", "fm2" + "_", "pscale" + "_pw_"):
        body = "a1B2c3" + ("=" if "pscale" in head else "+") + "d4E5f6G" + drawn(MIXED, 260, 8)
        assert body not in REDACTOR.text(f"x {head}{body} y")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("curl -u app:$ https://x/y", "curl -u app:· https://x/y"),
        ("curl -u 'app:$' https://x/y", "curl -u 'app:·' https://x/y"),
        ('curl -u "app":"$" https://x/y', 'curl -u "app":"·" https://x/y'),
        ('curl -u app:"$ $" https://x/y', 'curl -u app:"·" https://x/y'),
        ("curl --user '$:' https://x/y", "curl --user '·' https://x/y"),
        ("curl --user '$:x' https://x/y", "curl --user '·' https://x/y"),
        ("curl -u app:<password> https://x/y", "curl -u app:<password> https://x/y"),
        ("docker login -u <user> -p <password> https://x/y", "docker login -u <user> -p <password> https://x/y"),
        ("<password> $ </password>", "<password> · </password>"),
        ("<password>$", "<password>·"),
    ],
)
def test_of_a_command_only_the_password_goes(line: str, expected: str) -> None:
    told = REDACTOR.text(line.replace("$", drawn(MIXED, 20, 4)))
    assert TAG.sub("·", told) == expected


@pytest.mark.parametrize(
    "name",
    [
        "mot de passe",
        "Mot de passe",
        "contraseña",
        "пароль",
        "密码",
        "パスワード",
        "비밀번호",
        "wachtwoord",
        "lösenord",
    ],
)
def test_passwords_have_other_names_elsewhere(name: str) -> None:
    redactor = Redactor(key=b"0" * 32)
    for text, left in ((f"{name}: hunter2!", f"{name}: "), (f'"{name}" = "hunter2!"', f'"{name}" = "')):
        assert redactor.text(text).startswith(f"{left}[secret:credential#")
    for stays in (f"{name} hunter2!", f"{name}: none", f"{name}: $PASSWORD"):
        assert redactor.text(stays) == stays
