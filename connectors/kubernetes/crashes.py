"""What do the last words of a process mean? Log lines → causes, as a table.

Rows are about how databases, kernels and runtimes word their refusals, whoever calls them.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from typing import NamedTuple


class Row(NamedTuple):
    """A wording: what it means, and how sure one is when the process fails and has said this."""

    pattern: re.Pattern[str]
    cause: str
    confidence: float
    means: str
    words: tuple[str, ...]
    """One of these, in lower case, is in every line that matches."""


def _row(cause: str, confidence: float, means: str, words: tuple[str, ...], *wordings: str) -> Row:
    return Row(re.compile("|".join(wordings), re.IGNORECASE), cause, confidence, means, words)


WORDINGS: tuple[Row, ...] = (
    _row(
        "InvalidCredentials", 0.92, "a dependency refuses its credentials",
        ("access denied", "password authentication", "wrongpass", "noauth ", "username-password pair",
         "bad auth", "sasl", "access_refused", "login failed", 'role "', "error 1045", "mongo", "amqp", "to execute"),
        r"access denied for user", r"password authentication failed", r"\bwrongpass\b", r"\bnoauth ",
        r"invalid username-password pair", r"\bbad auth\b.*auth", r"\bSASL\b.*(fail|error)", r"\bACCESS_REFUSED\b",
        r"(?:mongo|amqp)[^\n]*authentication fail", r"authentication fail[^\n]*(?:mongo|amqp)",
        r"\bnot authorized on \S+ to execute",
        r"login failed for user", r"role \"[^\"]+\" does not exist", r"ERROR 1045",
    ),
    _row(
        "DatabaseMemoryExhausted", 0.9, "the store has used all the memory that it may",
        ("oom command", "memory resource limit"), r"OOM command not allowed", r"memory resource limit alarm set",
    ),
    _row(
        "DatabaseLockContention", 0.72, "its transactions wait for each other's locks",
        ("deadlock", "lock wait timeout", "lock timeout", "ora-00060", "database is locked"),
        r"\bdeadlock detected", r"deadlock found when trying to get lock", r"lock wait timeout exceeded",
        r"canceling statement due to lock timeout", r"\bORA-00060\b", r"\bdatabase is locked\b",
    ),
    _row(
        "CloudAccessDenied", 0.85, "a policy of the cloud does not let it",
        ("not authorized to perform", "permission '", "authorizationpermissionmismatch", "authorizationfailed"),
        r"is not authorized to perform: ?\w", r"permission '[\w.]+' denied", r"\bAuthorizationPermissionMismatch\b",
        r"\bAuthorizationFailed\b",
    ),
    _row(
        "DatabaseSchemaMismatch", 0.82, "a query names what the database does not have",
        ("does not exist", "doesn't exist", "unknown column", "no such table", "no such column", "invalid object name",
         "invalid column name", "ora-00942", "ora-00904"),
        r"\b(?:column|relation|table) \S+(?: of relation \S+)? does(?: not|n't) exist", r"\bunknown column '",
        r"\bno such (?:table|column):", r"\binvalid (?:object|column) name '", r"\bORA-00(?:942|904)\b",
    ),
    _row(
        "DatabaseReadOnly", 0.92, "the database accepts no writes",
        ("misconf redis", "flood-stage", "flood stage",
         "read-only", "read_only", "readonly", "read only", "not primary", "notwritableprimary",
         "error 1290", "error 1836"),
        r"\bMISCONF Redis\b", r"read-only-allow-delete", r"flood[- ]stage watermark",
        r"(?:--|super[-_])read[-_]only", r"READONLY You can't write",
        r"cannot execute \w+ in a read[- ]only transaction",
        r"\bnot primary\b", r"NotWritablePrimary", r"database is (?:in )?read[- ]only", r"ERROR 1290", r"ERROR 1836",
        r"read[- ]only (?:replica|slave)", r"server is running in read[- ]only mode", r"\bconnection is read-only\b",
    ),
    _row(
        "DatabaseConnectionsExhausted", 0.9, "the database has no free connections",
        ("too many connections", "number of clients reached", "connection slots", "too many clients", "error 1040",
         "max_user_connections", "connection limit exceeded", "no more connections allowed",
         "maximum number of sessions"),
        r"too many connections", r"max(?:imum)? number of clients reached", r"remaining connection slots are reserved",
        r"sorry, too many clients", r"too many clients already", r"ERROR 1040", r"max_user_connections",
        r"connection limit exceeded", r"no more connections allowed", r"maximum number of sessions exceeded",
    ),
    # What a database says of its own files, whoever logs it: a client's disk is not meant.
    _row(
        "DatabaseStorageExhausted", 0.9, "the database's disk is full",
        ("could not extend", "53100", "is full", "error 28", "outofdiskspace"),
        r"could not extend (?:file|relation) \"", r"\bSQLSTATE\W{0,3}53100\b", r"\bthe table '[^']+' is full",
        r"got error 28 from storage engine", r"\bOutOfDiskSpace\b",
    ),
    _row(
        "DiskFull", 0.92, "a file system is full",
        ("no space left", "quota exceeded", "disk is full", "enospc", "disk resource limit"),
        r"disk resource limit alarm set",
        r"no space left on device", r"disk quota exceeded", r"disk is full", r"\bENOSPC\b",
    ),
    _row(
        "VolumeMountPermissionDenied", 0.85, "it may not read or write its files",
        ("permission denied", "eacces", "accessdenied", "not permitted", "not writable", "read-only file",
         "read-only directory", "erofs", "access rights", "errno", "error number", "errcode"),
        # Whole words: `ResourceAccessException` has "eAccess" in it, and says nothing of files.
        r"(?:permission denied|\bEACCES\b|\boperation not permitted)[^\n]*/", r"\bAccessDeniedException: /",
        r"/[\w./-]+[^\n]{0,80}(?:permission denied|\bEACCES\b|operation not permitted)",
        r"(?:can't|cannot|could not|failed|unable)[^\n]*(?:open|creat|writ|mkdir|sav|file|dir)[^\n]*permission denied",
        r"is not writable", r"read-only (?:file system|directory)", r"\bEROFS\b",
        r"not have the access rights to", r"(?:errno|errcode|error number):? 13\b[^\n]*(?:file|dir|/|denied)",
    ),
    _row(
        "SidecarPortConflict", 0.85, "its port is already taken in the pod",
        ("already in use", "eaddrinuse", "address in use"),
        r"address already in use", r"EADDRINUSE", r"port \d+ (?:is|was) already in use", r"address in use",
    ),
    _row("ImageArchitectureMismatch", 0.92, "the image is built for another architecture",
         ("exec format error",), r"exec format error"),
    _row(
        "CertificateExpired", 0.88, "a certificate has expired or does not verify",
        ("certificate", "pkix path"),
        r"x509: certificate", r"certificate verify failed", r"unable to get local issuer certificate",
        r"self[- ]signed certificate", r"PKIX path building failed", r"certificate (?:has )?expired",
        r"certificate is not yet valid", r"CERTIFICATE_VERIFY_FAILED",
        r"CertificateExpiredException",
    ),
    _row("RBACForbidden", 0.9, "its service account may not call the API", ('user "system:serviceaccount',),
         r"forbidden: user \"system:serviceaccount"),
    _row(
        "ProcessLimitReached", 0.85, "it may open no more files or start no more threads",
        ("too many open files", "emfile", "thread", "fork"),
        r"too many open files", r"\bEMFILE\b", r"unable to create (?:new )?native thread", r"can't start new thread",
        r"pthread_create[^\n]*(?:failed|unavailable)", r"\bfork\b[^\n]*resource temporarily unavailable",
    ),
    _row(
        "ClockSkew", 0.75, "tokens or signatures are of another time than its clock's",
        ("token", "skew", "signature not yet", "jwt"),
        r"token (?:was )?used before issued", r"\btoken is not (?:yet valid|valid yet)", r"RequestTimeTooSkewed",
        r"\bclock skew\b", r"signature not yet current",
    ),
    _row(
        "InvalidCredentials", 0.85, "the API server does not know its token",
        ("unauthorized", "provide credentials", "token has"),
        r"(?:failed to (?:list|watch)|resource lock)[^\n]*: Unauthorized\b",
        r"server has asked for the client to provide credentials",
        r"service account token has (?:expired|been invalid)",
    ),
    _row(
        "OOMKilled", 0.8, "it runs out of memory",
        ("memoryerror", "out of memory", "cannot allocate memory"),
        r"OutOfMemoryError", r"\bout of memory\b", r"cannot allocate memory", r"\bMemoryError\b",
    ),
    _row("InvalidCommand", 0.9, "its command does not exist",
        ("executable file not found", "no such file or directory: unknown"),
         r"executable file not found", r"no such file or directory: unknown"),
    _row(
        "DatabaseConnectionsExhausted", 0.72, "its pool gets no connection to the database",
        ("timed out", "timeout", "pool", "maxactive", "already waiting for a connection"),
        # A pool that holds no connection at all (`total=0`) cannot reach the database: another fault.
        r"connection is not available, request timed out(?![^\n]*total=0)", r"QueuePool limit",
        r"pool (?:is |has been )?exhausted", r"pool empty\. unable to fetch", r"pool error timeout waiting for idle",
        r"could not get a resource (?:from|since) the pool", r"checkout a connection has timed out",
        r"tim(?:eout|ed out)[^\n]{0,60}(?:waiting for|acquiring|obtaining|getting) a connection (?:to|from|in|\.)",
        r"timeout acquiring a connection", r"prior to obtaining a connection from the pool",
        r"too many threads are already waiting for a connection", r"wait millis \d+, active [1-9]\d*, maxActive",
    ),
    _row(
        "DNSResolutionFailure", 0.75, "names do not resolve",
        ("temporary failure", "server misbehaving", "eai_again", "lookup "),
        r"temporary failure in name resolution", r"server misbehaving", r"EAI_AGAIN",
        r"lookup [\w.-]+ on [\d.:]+: (?:i/o timeout|read udp)",
    ),
    _row(
        "RateLimited", 0.7, "a dependency takes no more calls from it",
        ("too many requests", "rate limit", "throttlingexception", "rate exceeded"),
        # What it answers its own clients is no complaint.
        r"^(?![^\n]*\b(?:clients?|returned|remote_addr)\b)[^\n]*\b429\b[^\n]*too many requests",
        r"too many requests[^\n]*\b429\b", r"rate limit(?: \w+)? exceeded",
        r"exceeded[^\n]{0,30} rate limit", r"\bThrottlingException\b", r"\bRate exceeded\b",
    ),
    # The users of an application fail to log in too: without a database's own words this says little.
    _row(
        "InvalidCredentials", 0.6, "a dependency may refuse its credentials",
        ("authentication fail", "invalid credentials", "invalid username", "invalid_client"),
        r"\binvalid_client\b",
        r"\bauthentication failed", r"authentication failure", r"invalid username.password", r"invalid credentials",
    ),
)  # fmt: skip

_HOST = r"[A-Za-z0-9][\w.-]*"
_NO_ANSWER = r"(?:refused|timed? ?out|timeout|unreachable|\(111\)|\(110\))"
_BEFORE = "|".join((
    r"dial tcp", r"connect(?:ion)?(?: to| refused:?)?", r"connecting to", r"can't connect to[^\n]*on",
    r"could not connect to[^\n]*?", r"to host", r"->",
))  # fmt: skip
REFUSED = re.compile(
    rf"(?:{_BEFORE})\s*[\"'(`]*(?P<host>{_HOST})[/\"')`]*(?:[: ]+|, port |:)(?P<port>\d{{2,5}})(?!\.?\d)"
    rf"[^\n]*?{_NO_ANSWER}"
    rf"|(?P<host2>{_HOST})[/:](?:[\d.]+:)?(?P<port2>\d{{2,5}})[^\n]{{0,40}}(?:refused|timed out)"
    rf"|(?:refused|timed out|no route to host): /?(?P<host3>{_HOST})(?:/[\d.]+)?:(?P<port3>\d{{2,5}})",
    re.IGNORECASE,
)
"""Somebody who does not answer, with host and port."""

_DATA_SOURCE = re.compile(
    r"\b(?:jdbc:)?(?:mysql|mariadb|postgres(?:ql)?|sqlserver|mongodb|redis|amqp|clickhouse)://(?:[^@/\s]+@)?"
    rf"(?P<host>{_HOST}):(?P<port>\d{{2,5}})",
    re.IGNORECASE,
)
_NAME = r"([A-Za-z][\w.-]*)"
NO_HOST = re.compile(
    "|".join((
        rf"lookup {_NAME}[^\n]*no such host", rf"UnknownHostException:? {_NAME}",
        rf"getaddrinfo (?:ENOTFOUND|EAI_AGAIN) {_NAME}",
        rf"could ?n[o']t (?:resolve|translate) host(?: name)?:? \"?{_NAME}",
        rf"Unknown (?:MySQL server )?host:? '?{_NAME}", rf"host not found in upstream \"{_NAME}",
        rf"failed to resolve '{_NAME}'", rf"{_NAME} could not be resolved",
        rf"no servers available for service: {_NAME}",
        rf"unable to find instance for {_NAME}", rf"{_NAME}: (?:Name or service not known|nodename nor servname)",
        rf"lookup {_NAME}(?: on [\d.:\[\]a-f]+)?: (?:server misbehaving|i/o timeout|read udp)",
        rf"{_NAME}: Temporary failure in name resolution",
    )),
    re.IGNORECASE,
)  # fmt: skip


def meaning(lines: list[str], among: Container[str] | None = None) -> tuple[Row, list[str]] | None:
    """The row that the lines match, the first of the table (of these causes), with the lines that match it."""
    text = "\n".join(lines).lower()
    for row in WORDINGS:
        if (among is not None and row.cause not in among) or not any(word in text for word in row.words):
            continue
        found = [line for line in _with_words(lines, row.words) if row.pattern.search(line)]
        if found:
            return row, found
    return None


def _with_words(lines: list[str], words: tuple[str, ...]) -> Iterator[str]:
    """Lines that contain one of the words: plain search is a hundred times faster than the patterns that follow."""
    for line in lines:
        low = line.lower()
        if any(word in low for word in words):
            yield line


def unanswered(lines: list[str]) -> dict[tuple[str, int], list[str]]:
    """Hosts and ports that did not answer, with the lines."""
    found: dict[tuple[str, int], list[str]] = {}
    for line in _with_words(lines, ("refused", "timed out", "timedout", "timeout", "unreachable", "(111)", "(110)")):
        if hit := REFUSED.search(line):
            key = (hit["host"] or hit["host2"] or hit["host3"], int(hit["port"] or hit["port2"] or hit["port3"]))
            found.setdefault(key, []).append(line)
    return found


def data_sources(lines: list[str]) -> dict[tuple[str, int], list[str]]:
    """Hosts and ports of the databases' addresses that a log quotes (`jdbc:mysql://host:3306/…`), with the lines."""
    found: dict[tuple[str, int], list[str]] = {}
    for line in _with_words(lines, ("://",)):
        for hit in _DATA_SOURCE.finditer(line):
            found.setdefault((hit["host"], int(hit["port"])), []).append(line)
    return found


def unresolved(lines: list[str]) -> dict[str, list[str]]:
    """Names that did not resolve, with the lines."""
    found: dict[str, list[str]] = {}
    for line in _with_words(
        lines,
        ("host", "getaddrinfo", "resolve", "lookup ", "no servers", "instance for", "not known", "name resolution"),
    ):
        if hit := NO_HOST.search(line):
            found.setdefault(next(group for group in hit.groups() if group), []).append(line)
    return found
