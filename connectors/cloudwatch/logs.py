"""What do the log groups of the scope say more often since the onset, and does a line name the cause?

Lines are read with FilterLogEvents (no query to wait for) from before and from after the onset, reduced
to patterns, and only what is new or much more frequent is looked at by the rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from connectors.cloudwatch.beginning import newly
from connectors.cloudwatch.client import Aws
from connectors.cloudwatch.states.state import merged
from connectors.cloudwatch.targets import Target
from connectors.cloudwatch.wording import clock, console
from connectors.contract import ConnectorError, Window
from connectors.evidence import Evidence, Finding, LogPattern, Observation, Role, Subject
from connectors.patterns import patterns
from connectors.together import every

MOST_GROUPS = 6
_LINES = 1000
_SHOWN = 12
WANTED = (
    "?ERROR ?Error ?error ?FATAL ?Fatal ?fatal ?panic ?Exception ?exception ?denied ?Denied ?DENIED ?refused "
    '?timeout ?Timeout ?"timed out" ?throttl ?Throttl ?exceeded ?Exceeded ?failed ?Failed ?killed ?deadlock '
    "?authorized ?unavailable ?exhausted"
)
"""CloudWatch's filter: any of these words, as they are written (it knows no ignoring of case)."""
_GROUPS: Mapping[str, tuple[str, ...]] = {
    "lambda": ("/aws/lambda/{0}",),
    "rds": ("/aws/rds/instance/{0}/postgresql", "/aws/rds/instance/{0}/error"),
    "aurora": ("/aws/rds/cluster/{0}/postgresql", "/aws/rds/cluster/{0}/error"),
    "ecs": ("/ecs/{0}", "/aws/ecs/{0}"),
    "eks": ("/aws/containerinsights/{0}/application",),
}
"""Where services log unless somebody chose otherwise."""


class Group(NamedTuple):
    """A log group, whose it is, and whether its name was only guessed."""

    name: str
    subject: Subject
    guessed: bool = False


class Said(NamedTuple):
    """What a line means. `confidence` is of the pattern alone; it must be new or more frequent."""

    text: str
    cause: str
    confidence: float

    def found(self, line: str) -> bool:
        """Whether a line says it."""
        return re.search(self.text, line, re.IGNORECASE) is not None


SAID: tuple[Said, ...] = (
    Said(r"remaining connection slots|too many (clients|connections)|max_connections", "DatabaseConnectionsExhausted",
         0.68),
    Said(r"could not extend file|no space left on device|disk full|storage.?full", "DiskFull", 0.74),
    Said(r"deadlock detected|lock wait timeout|could not obtain lock", "DatabaseLockContention", 0.6),
    Said(r"read-only transaction|read_only|super-read-only", "DatabaseReadOnly", 0.7),
    Said(r"password authentication failed|access denied for user|authentication failed", "InvalidCredentials", 0.72),
    Said(r"is not authorized to perform|AccessDenied|UnauthorizedOperation", "CloudAccessDenied", 0.78),
    Said(r"(Service)?QuotaExceeded|LimitExceededException|VcpuLimitExceeded", "CloudQuotaExceeded", 0.72),
    Said(r"ProvisionedThroughputExceeded", "TableThrottled", 0.72),
    Said(r"Throttling(Exception)?|Rate exceeded|TooManyRequests|\b429\b", "RateLimited", 0.58),
    Said(r"certificate (has )?expired|x509: certificate|CERTIFICATE_VERIFY_FAILED", "CertificateExpired", 0.76),
    Said(r"no such host|could not resolve|Name or service not known|ENOTFOUND|EAI_AGAIN", "DNSResolutionFailure", 0.62),
    Said(r"Unable to import module|Runtime\.(ImportModule|HandlerNotFound|InvalidEntrypoint)", "FunctionErrors", 0.84),
    Said(r"Task timed out after", "FunctionErrors", 0.6),
    Said(r"signal: killed|OutOfMemory|MemoryError|Cannot allocate memory|oom-?kill", "OOMKilled", 0.66),
    Said(r"connection refused|ECONNREFUSED|connection reset|upstream connect error", "DependencyUnavailable", 0.48),
    Said(r"timed out|timeout|deadline exceeded", "DependencyUnavailable", 0.42),
)  # fmt: skip


def meaning(line: str) -> Said | None:
    """What a line or an error message says, by the first row that knows it."""
    return next((row for row in SAID if row.found(line)), None)


def groups(named: Sequence[str], targets: Sequence[Target], owner: Subject | None) -> list[Group]:
    """The groups the scope and the settings name, then those where its resources usually log."""
    told = [Group(name, owner or Subject(kind="LogGroup", name=name)) for name in named]
    usual = [
        Group(pattern.format(target.name), target.subject, guessed=True)
        for target in targets
        for pattern in _GROUPS.get(target.service.key, ())
    ]
    return list({group.name: group for group in reversed([*told, *usual])}.values())[::-1][:MOST_GROUPS]


async def read(aws: Aws, chosen: Sequence[Group], window: Window) -> Observation:
    """Error patterns of these groups before and after the onset."""
    calls = [partial(_group, aws, group, window) for group in chosen]
    return await merged(calls, f"error lines in {', '.join(group.name for group in chosen)}")


async def _group(aws: Aws, group: Group, window: Window) -> Observation:
    ranges = _ranges(window)
    calls = [partial(lines, aws, group.name, start, end, WANTED) for start, end in ranges]
    try:
        parts = await every(calls)
    except ConnectorError as error:
        if group.guessed and error.kind == "not_found":
            return Observation(searched=f"there is no log group {group.name}")
        raise
    read_lines = [line for part in parts for line in part.lines]
    if not read_lines:
        return Observation(searched=f"no error lines in {group.name}")
    found = patterns(read_lines, window.onset, limit=_SHOWN)
    about = _evidence(aws, group, found.patterns, len(read_lines), parts[-1].query, window)
    about = about.model_copy(update={"body": found})
    cut = any(part.more for part in parts)
    note = f"{group.name} has more error lines than were read" if cut else ""
    findings = tuple(judged(read_lines, window, about, group))
    return Observation(evidence=(about,), findings=findings, partial=note)


def _ranges(window: Window) -> list[tuple[datetime, datetime]]:
    if window.onset is None:
        return [(window.start, window.end)]
    before = min(window.start, window.onset - timedelta(minutes=30))
    return [(before, window.onset), (window.onset, window.end)]


class Lines(NamedTuple):
    """Log lines with their times, the query that found them, and whether there are more."""

    lines: tuple[tuple[datetime, str], ...]
    query: str
    more: bool


async def lines(aws: Aws, group: str, start: datetime, end: datetime, pattern: str, limit: int = _LINES) -> Lines:
    """Lines of a group that match a filter pattern, oldest first; two pages at most."""
    asked: dict[str, Any] = {
        "logGroupName": group,
        "startTime": int(start.timestamp() * 1000),
        "endTime": int(end.timestamp() * 1000),
        "limit": min(limit, 10000),
    }
    if pattern:
        asked["filterPattern"] = pattern
    pages = await aws.pages("logs", "FilterLogEvents", "events", most=2, **asked)
    found = tuple((_when(event), str(event.get("message") or "").rstrip()) for event in pages.items)
    return Lines(found[:limit], pages.query, pages.more or len(found) > limit)


def _when(event: Mapping[str, Any]) -> datetime:
    return datetime.fromtimestamp(float(event.get("timestamp") or 0) / 1000, UTC)


def _evidence(aws: Aws, group: Group, found: Sequence[LogPattern], count: int, query: str, window: Window) -> Evidence:
    fresh = risen(found)
    top = (fresh or found)[0]
    since = f" since {clock(window.onset)}" if window.onset else ""
    first = f", first at {clock(top.first)}" if top.first else ""
    new = (
        f"; new or more frequent{since}: {top.after} × {top.example[:200]}"
        if fresh
        else f"; none is new{since}; most often{first}: {top.before + top.after} × {top.example[:200]}"
    )
    return Evidence(
        key=f"cloudwatch/logs/{group.name}",
        source="cloudwatch",
        check="logs",
        title=f"Errors in {group.name}",
        summary=f"{count} error lines in {group.name}{new}.",
        subject=group.subject,
        onset=top.first if fresh else None,
        query=query,
        link=console(
            aws.options.region, "cloudwatch", f"logsV2:log-groups/log-group/{group.name.replace('/', '$252F')}"
        ),
        untrusted=True,
    )


def risen(found: Iterable[LogPattern]) -> list[LogPattern]:
    """Patterns that are new or at least three times as frequent since the onset, the most frequent first."""
    more = [one for one in found if one.after >= 3 and one.after >= 3 * one.before]
    return sorted(more, key=lambda one: -one.after)


def judged(read_lines: Sequence[tuple[datetime, str]], window: Window, about: Evidence, group: Group) -> list[Finding]:
    """What lines mean that are new, one finding per cause: keys and names in them differ, what they say does not."""
    said: dict[Said, list[tuple[datetime, str]]] = {}
    for at, text in read_lines:
        if row := meaning(text):
            said.setdefault(row, []).append((at, text))
    verdicts: dict[str, Finding] = {}
    for row, lines_of in said.items():
        began = newly([at for at, _ in lines_of], _ranges(window)[0][0], window)
        if began is None or row.cause in verdicts:
            continue
        full = row.cause == "DiskFull" and group.subject.kind.startswith("DB")
        cause = "DatabaseStorageExhausted" if full else row.cause
        after = sum(at >= began for at, _ in lines_of)
        example = next(text for at, text in lines_of if at >= began)
        counts = f"{after} times since {clock(began)} ({len(lines_of) - after} before)"
        verdicts[row.cause] = Finding(
            cause=cause,
            subject=group.subject,
            statement=f'{group.name} logs {counts}: "{example[:240]}"',
            role=Role.CAUSE if row.confidence >= 0.5 else Role.SYMPTOM,
            rests_on=(about.key,),
            confidence=row.confidence,
            onset=began,
            rule=f"cloudwatch.logs.{cause}",
        )
    return list(verdicts.values())
