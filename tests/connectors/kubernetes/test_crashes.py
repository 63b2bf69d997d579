from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.causes import BY_CODE
from connectors.kubernetes.crashes import WORDINGS, Row, meaning, unanswered, unresolved

ASCII = st.characters(codec="ascii")


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("WRONGPASS invalid username-password pair or user is disabled", "InvalidCredentials"),
        ("(AccessRefused) 403 ACCESS_REFUSED - Login was refused", "InvalidCredentials"),
        ("MongoServerError: Authentication failed.", "InvalidCredentials"),
        ("The MySQL server is running with the --super-read-only option", "DatabaseReadOnly"),
        ("READONLY You can't write against a read only replica.", "DatabaseReadOnly"),
        ("redis.exceptions.ReadOnlyError: You can't write against a read only replica.", "DatabaseReadOnly"),
        ("ERROR: cannot execute INSERT in a read-only transaction", "DatabaseReadOnly"),
        ("FATAL: sorry, too many clients already", "DatabaseConnectionsExhausted"),
        ("ERR max number of clients reached", "DatabaseConnectionsExhausted"),
        ("HikariPool-1 - Connection is not available, request timed out after 30000ms", "DatabaseConnectionsExhausted"),
        (
            "MongoTimeoutError: timed out while waiting for a connection to server db:27017",
            "DatabaseConnectionsExhausted",
        ),
        ("Timeout: Pool empty. Unable to fetch a connection in 30 seconds", "DatabaseConnectionsExhausted"),
        ("Knex: Timeout acquiring a connection. The pool is probably full.", "DatabaseConnectionsExhausted"),
        ("wait millis 5000, active 20, maxActive 20, creating 0", "DatabaseConnectionsExhausted"),
        ("Attempted to create a lock file on a read-only directory: /data/db", "VolumeMountPermissionDenied"),
        ("SQLException: (conn=81) Cannot execute statement in a READ ONLY transaction.", "DatabaseReadOnly"),
        (
            "[ERROR] [InnoDB] Operating system error number 13 in a file operation.",
            "VolumeMountPermissionDenied",
        ),
        (
            "[ERROR] The error means mysqld does not have the access rights to the directory.",
            "VolumeMountPermissionDenied",
        ),
        ("Can't open or create append-only dir appendonlydir: Permission denied", "VolumeMountPermissionDenied"),
        (
            "mysqld: Can't create/write to file '/data/x' (OS errno 13 - Permission denied)",
            "VolumeMountPermissionDenied",
        ),
        ("x509: certificate has expired or is not yet valid", "CertificateExpired"),
    ],
)
def test_wordings(line: str, cause: str) -> None:
    found = meaning([line])
    assert found is not None
    assert found[0].cause == cause


def test_a_pool_that_never_held_a_connection_is_not_exhausted() -> None:
    line = "HikariPool-1 - Connection is not available, request timed out after 30001ms (total=0, active=0, waiting=3)"
    assert meaning([line]) is None


@pytest.mark.parametrize("line", ["GET /read-only 200", "listening on :8080", "user logged in", "0 permission changes"])
def test_ordinary_lines_mean_nothing(line: str) -> None:
    assert meaning([line]) is None


# Texts for patterns with word boundaries are made by trying: how fast that is says nothing of the table.
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much], deadline=None)
@given(
    st.sampled_from(WORDINGS).flatmap(lambda row: st.tuples(st.just(row), st.from_regex(row.pattern, alphabet=ASCII)))
)
def test_whatever_a_pattern_matches_has_one_of_its_words(matched: tuple[Row, str]) -> None:
    row, line = matched
    assert any(word in line.lower() for word in row.words)


def test_the_table_names_causes_of_the_catalogue() -> None:
    assert {row.cause for row in WORDINGS} <= set(BY_CODE)


@pytest.mark.parametrize(
    ("line", "host", "port"),
    [
        ("dial tcp orders-db:3307: connect: connection refused", "orders-db", 3307),
        ("dial tcp 10.0.0.9:6380: i/o timeout", "10.0.0.9", 6380),
        ("Can't connect to MySQL server on 'orders-db:3307' (111)", "orders-db", 3307),
        ("AnnotatedConnectException: Connection refused: food/10.0.0.9:8081", "food", 8081),
        ("java.net.ConnectException: Connection refused: orders-db/10.0.0.9:3307 refused", "orders-db", 3307),
    ],
)
def test_who_does_not_answer(line: str, host: str, port: int) -> None:
    assert list(unanswered([line])) == [(host, port)]


def test_names_that_do_not_resolve() -> None:
    lines = ["dial tcp: lookup cartx on 10.0.0.10:53: no such host", "Error: getaddrinfo ENOTFOUND cartx", "fine"]
    assert list(unresolved(lines)) == ["cartx"]
    assert len(unresolved(lines)["cartx"]) == 2
    bare = [
        "lookup accounts: i/o timeout",
        "java.net.UnknownHostException: ledger: Temporary failure in name resolution",
    ]
    assert list(unresolved(bare)) == ["accounts", "ledger"]
