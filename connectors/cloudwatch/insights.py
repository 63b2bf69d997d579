"""May this Logs Insights query run, and what does it answer?

Only stages that read and reduce are let through: everything else (`unmask`, which shows what a data
protection policy hides, `SOURCE`, joins, subqueries) is refused by not being on the list.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import anyio

from connectors.cloudwatch.client import Aws
from connectors.contract import ConnectorError

STAGES = frozenset(
    {"fields", "filter", "stats", "sort", "limit", "parse", "display", "dedup", "pattern", "diff"},
)
_MOST_ROWS = 200
_QUOTES = "\"'`"
_BEFORE_REGEX = re.compile(r"(\blike|=~|^\s*parse\b.*)\s*$", re.IGNORECASE | re.DOTALL)
_RUNNING = frozenset({"Scheduled", "Running", "Unknown"})


class Table(NamedTuple):
    """A query's answer: columns, rows, the records it matched, and the query as it ran."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    matched: int
    query: str


def stages(query: str) -> list[str]:
    """The query split at its pipes, not at those within quotes or regular expressions. ValueError where one is open."""
    parts, quote = [""], ""
    escaped = False
    for char in query:
        if escaped:
            escaped = False
        elif quote:
            escaped = char == "\\"
            quote = "" if char == quote else quote
        elif char in _QUOTES or (char == "/" and _BEFORE_REGEX.search(parts[-1])):
            quote = char
        elif char == "|":
            parts.append("")
            continue
        parts[-1] += char
    if quote:
        raise ValueError(f"an open {quote} in the query")
    return [part.strip() for part in parts]


def guarded(query: str) -> str:
    """The query with a limit, if each of its stages only reads; ValueError that says what is not allowed."""
    text = "\n".join(line for line in query.splitlines() if not line.lstrip().startswith("#")).strip()
    if re.search("unmask", text, re.IGNORECASE):
        raise ValueError("unmask is not allowed: it shows what a data protection policy hides")
    parts = stages(text)
    for part in parts:
        word = re.match(r"[A-Za-z]*", part)
        if not word or word.group().lower() not in STAGES:
            raise ValueError(f"the stage {part[:60]!r} is not allowed; allowed are {', '.join(sorted(STAGES))}")
    if not any(part.lower().startswith("limit") for part in parts):
        parts.append(f"limit {_MOST_ROWS}")
    return " | ".join(parts)


async def run(
    aws: Aws,
    groups: Sequence[str],
    query: str,
    start: datetime,
    end: datetime,
    *,
    deadline: float,
    sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
) -> Table:
    """Start a query, wait for it, and stop it when nobody waits any more: a running query costs and counts."""
    asked: dict[str, Any] = {
        "logGroupNames": list(groups),
        "queryString": query,
        "startTime": int(start.timestamp()),
        "endTime": int(end.timestamp()),
        "limit": _MOST_ROWS,
    }
    shown = aws.query("logs", "StartQuery", asked)
    # Shielded too: a query that starts after its caller has gone could not be stopped by anybody.
    with anyio.CancelScope(shield=True):
        started = str((await aws.call("logs", "StartQuery", **asked)).get("queryId") or "")
    complete = False
    try:
        with anyio.fail_after(deadline):
            answer = await _finished(aws, started, sleep)
        complete = True
    except TimeoutError as late:
        raise ConnectorError("timeout", shown, f"the query did not finish within {deadline:g} s; stopped") from late
    finally:
        if not complete:
            await _stop(aws, started)
    return _table(answer, shown)


async def _finished(aws: Aws, started: str, sleep: Callable[[float], Awaitable[None]]) -> Mapping[str, Any]:
    pause = 0.25
    while True:
        answer = await aws.call("logs", "GetQueryResults", queryId=started)
        status = str(answer.get("status") or "Unknown")
        if status == "Complete":
            return answer
        if status not in _RUNNING:
            raise ConnectorError("rejected", f"query {started}", f"the query ended as {status}")
        await sleep(pause)
        pause = min(pause * 1.5, 2.0)


async def _stop(aws: Aws, started: str) -> None:
    # Shielded: this runs when the caller was cancelled, and a query that goes on would count against the account.
    with anyio.CancelScope(shield=True), anyio.move_on_after(2.0):
        try:
            await aws.call("logs", "StopQuery", queryId=started)
        except ConnectorError:
            return


def _table(answer: Mapping[str, Any], query: str) -> Table:
    rows = [{cell.get("field"): str(cell.get("value") or "") for cell in row} for row in answer.get("results") or ()]
    columns = tuple(dict.fromkeys(name for row in rows for name in row if name and name != "@ptr"))
    matched = int(float((answer.get("statistics") or {}).get("recordsMatched") or 0))
    return Table(columns, tuple(tuple(row.get(name, "") for name in columns) for row in rows), matched, query)
