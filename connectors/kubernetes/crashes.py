"""What do the last words of a process mean? Log lines → causes, as a table.

Rows are about how databases, kernels and runtimes word their refusals, whoever calls them.
"""

from __future__ import annotations

import re
from collections.abc import Container
from typing import NamedTuple


class Row(NamedTuple):
    """A wording: what it means, and how sure one is when the process fails and has said this."""

    pattern: re.Pattern[str]
    cause: str
    confidence: float
    means: str


def _row(pattern: str, cause: str, confidence: float, means: str) -> Row:
    return Row(re.compile(pattern, re.IGNORECASE), cause, confidence, means)


WORDINGS: tuple[Row, ...] = (
    _row(r"access denied for user|password authentication failed|authentication failed|auth(?:entication)? error"
         r"|wrongpass|noauth |invalid username.password|bad auth|SASL.*(fail|error)|ACCESS_REFUSED|login failed for user"
         r"|role \"[^\"]+\" does not exist|invalid credentials|ERROR 1045", "InvalidCredentials", 0.92,
         "a dependency refuses its credentials"),
    _row(r"read[- ]only mode|--read-only|READONLY You can't write|super-read-only|cannot execute \w+ in a read-only transaction"
         r"|not primary|NotWritablePrimary|database is read[- ]only|ERROR 1290|ERROR 1836|read-only replica", "DatabaseReadOnly", 0.92,
         "the database accepts no writes"),
    _row(r"too many connections|max(?:imum)? number of clients reached|remaining connection slots are reserved"
         r"|sorry, too many clients|max_connections|too many clients already|ERROR 1040|connection pool exhausted"
         r"|has more than 'max_user_connections'|connection limit exceeded", "DatabaseConnectionsExhausted", 0.9,
         "the database has no free connections"),
    _row(r"no space left on device|disk quota exceeded|disk is full|ENOSPC", "DiskFull", 0.92, "a file system is full"),
    _row(r"(permission denied|EACCES|AccessDeniedException|operation not permitted|not writable|cannot (?:create|open|write|touch)[^\n]*denied)"
         r"[^\n]*/|/[^\n]*(permission denied|EACCES|Operation not permitted)|read-only file system|EROFS",
         "VolumeMountPermissionDenied", 0.85, "it may not read or write its files"),
    _row(r"address already in use|EADDRINUSE|port \d+ (?:is|was) already in use|bind: address in use|failed to bind|bind.*:\d+.*in use",
         "SidecarPortConflict", 0.85, "its port is already taken in the pod"),
    _row(r"exec format error", "ImageArchitectureMismatch", 0.92, "the image is built for another architecture"),
    _row(r"x509: certificate has expired|certificate (?:has )?expired|certificate is not yet valid|CERTIFICATE_VERIFY_FAILED"
         r"|CertificateExpiredException", "CertificateExpired", 0.88, "a certificate has expired or does not verify"),
    _row(r"forbidden: user \"system:serviceaccount", "RBACForbidden", 0.9, "its service account may not call the API"),
    _row(r"OutOfMemoryError|out of memory|cannot allocate memory|heap out of memory|MemoryError", "OOMKilled", 0.8,
         "it runs out of memory"),
    _row(r"executable file not found|no such file or directory: unknown", "InvalidCommand", 0.9, "its command does not exist"),
    _row(r"temporary failure in name resolution|server misbehaving|lookup [\w.-]+ on [\d.:]+: (?:i/o timeout|read udp)"
         r"|EAI_AGAIN", "DNSResolutionFailure", 0.75, "names do not resolve"),
)  # fmt: skip

REFUSED = re.compile(
    r"(?:dial tcp|connect(?:ion)?(?: to| refused:?)?|connecting to|can't connect to[^\n]*on|could not connect to[^\n]*?|to host|->)\s*"
    r"[\"'(`]*(?:lookup )?(?P<host>[A-Za-z0-9][\w.-]*)[/\"')`]*(?:[: ]+|, port |:)(?P<port>\d{2,5})[^\n]*?(?:refused|timed? ?out|timeout|unreachable|\(111\)|\(110\))"
    r"|(?P<host2>[A-Za-z0-9][\w.-]*)[/:](?:[\d.]+:)?(?P<port2>\d{2,5})[^\n]{0,40}(?:refused|timed out)",
    re.IGNORECASE,
)
"""Somebody who does not answer, with host and port."""

NO_HOST = re.compile(
    r"(?:lookup (?P<a>[A-Za-z][\w.-]*)[^\n]*no such host|UnknownHostException:? (?P<b>[A-Za-z][\w.-]*)"
    r"|getaddrinfo (?:ENOTFOUND|EAI_AGAIN) (?P<c>[A-Za-z][\w.-]*)|could ?n[o']t (?:resolve|translate) host(?: name)?:? \"?(?P<d>[A-Za-z][\w.-]*)"
    r"|Unknown (?:MySQL server )?host:? '?(?P<e>[A-Za-z][\w.-]*))",
    re.IGNORECASE,
)


def meaning(lines: list[str], among: Container[str] | None = None) -> tuple[Row, list[str]] | None:
    """The row that the lines match, the first of the table (of these causes), with the lines that match it."""
    for row in WORDINGS:
        if among is not None and row.cause not in among:
            continue
        found = [line for line in lines if row.pattern.search(line)]
        if found:
            return row, found
    return None


def unanswered(lines: list[str]) -> dict[tuple[str, int], list[str]]:
    """Hosts and ports that did not answer, with the lines."""
    found: dict[tuple[str, int], list[str]] = {}
    for line in lines:
        if hit := REFUSED.search(line):
            key = (hit["host"] or hit["host2"], int(hit["port"] or hit["port2"]))
            found.setdefault(key, []).append(line)
    return found


def unresolved(lines: list[str]) -> dict[str, list[str]]:
    """Names that did not resolve, with the lines."""
    found: dict[str, list[str]] = {}
    for line in lines:
        if hit := NO_HOST.search(line):
            found.setdefault(next(group for group in hit.groups() if group), []).append(line)
    return found
