"""What would CloudWatch Logs say? Groups, filtered events, and the part of Logs Insights that incidents need."""

from __future__ import annotations

import re
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from chatops.demo.aws.metrics import Answer, AwsError, Params
from chatops.demo.world import LogGroup, World

Event = tuple[float, str, str]
"""When, stream, message."""


def describe_log_groups(world: World, params: Params, _now: float) -> Answer:
    """`DescribeLogGroups` by prefix or pattern."""
    prefix, pattern = params.get("logGroupNamePrefix", ""), params.get("logGroupNamePattern", "")
    cloud = world.cloud
    rows = [
        {
            "logGroupName": group.name,
            "creationTime": int((world.began - 86400 * 200) * 1000),
            "retentionInDays": 30,
            "storedBytes": 10_485_760,
            "arn": f"arn:aws:logs:{cloud.region}:{cloud.account}:log-group:{group.name}:*",
            "logGroupClass": "STANDARD",
        }
        for group in cloud.log_groups
        if group.name.startswith(prefix) and pattern.lower() in group.name.lower()
    ]
    return {"logGroups": rows[: int(params.get("limit", 50))]}


def describe_log_streams(world: World, params: Params, _now: float) -> Answer:
    """`DescribeLogStreams` of one group."""
    group = _group(world, params.get("logGroupName") or params.get("logGroupIdentifier", ""))
    return {"logStreams": [{"logStreamName": name} for name in group.streams]}


def _group(world: World, name: str) -> LogGroup:
    bare = name.rpartition(":log-group:")[2].removesuffix(":*")
    for group in world.cloud.log_groups:
        if group.name == bare:
            return group
    raise AwsError("ResourceNotFoundException", "The specified log group does not exist.")


def _events(group: LogGroup, start: float, end: float) -> Iterator[Event]:
    rows = ((at, stream, text) for stream, lines in group.streams.items() for at, text in lines)
    return iter(sorted(row for row in rows if start <= row[0] <= end))


def filter_pattern(pattern: str) -> Callable[[str], bool]:
    """CloudWatch's terms: all of `a "b c"`, any of `?a ?b`, none of `-a`, and `%regex%`."""
    terms = re.findall(r'([?-]?)(?:"([^"]*)"|%([^%]*)%|(\S+))', pattern)
    tests: list[tuple[str, Callable[[str], bool]]] = []
    for sign, phrase, regex, word in terms:
        wanted = re.compile(regex or re.escape(phrase or word))
        tests.append((sign, _finds(wanted)))
    some = [t for sign, t in tests if sign == "?"]
    return lambda line: (
        all(t(line) for sign, t in tests if sign == "")
        and not any(t(line) for sign, t in tests if sign == "-")
        and (not some or any(t(line) for t in some))
    )


def _finds(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda line: pattern.search(line) is not None


def filter_log_events(world: World, params: Params, now: float) -> Answer:
    """`FilterLogEvents`, paged by position."""
    group = _group(world, params.get("logGroupName") or params.get("logGroupIdentifier", ""))
    start, end = float(params.get("startTime", 0)) / 1000, min(float(params.get("endTime", 4e12)) / 1000, now)
    wanted = filter_pattern(params.get("filterPattern", ""))
    rows = [row for row in _events(group, start, end) if wanted(row[2])]
    first, limit = int(params.get("nextToken", 0)), int(params.get("limit", 10_000))
    page = [
        {
            "logStreamName": stream,
            "timestamp": int(at * 1000),
            "message": text,
            "ingestionTime": int(at * 1000) + 400,
            "eventId": str(first + number),
        }
        for number, (at, stream, text) in enumerate(rows[first : first + limit])
    ]
    more = {"nextToken": str(first + limit)} if first + limit < len(rows) else {}
    return {"events": page, "searchedLogStreams": [], **more}


class Insights:
    """Logs Insights: a query is answered when it is started and handed out when it is asked for."""

    def __init__(self) -> None:
        self._answers: dict[str, Answer] = {}

    def start_query(self, world: World, params: Params, now: float) -> Answer:
        """`StartQuery`; what is not understood is a MalformedQueryException, never a wrong answer."""
        names = [*params.get("logGroupNames", ()), *params.get("logGroupIdentifiers", ())]
        names += [params["logGroupName"]] if params.get("logGroupName") else []
        start, end = float(params["startTime"]), min(float(params["endTime"]), now)
        # Milliseconds are accepted beside the documented seconds, as the service does.
        start, end = (v / 1000 if v > 1e11 else v for v in (start, end))
        rows = [row for name in names for row in _events(_group(world, name), start, end)]
        results, scanned = _run(params["queryString"], rows, int(params.get("limit", 1000))), len(rows)
        identity = str(uuid.uuid4())
        figures = {
            "recordsMatched": float(len(results)),
            "recordsScanned": float(scanned),
            "bytesScanned": scanned * 120.0,
        }
        self._answers[identity] = {"status": "Complete", "results": results, "statistics": figures}
        return {"queryId": identity}

    def get_query_results(self, _world: World, params: Params, _now: float) -> Answer:
        """`GetQueryResults`."""
        if params["queryId"] not in self._answers:
            raise AwsError("ResourceNotFoundException", f"Query {params['queryId']} does not exist")
        return self._answers[params["queryId"]]

    def stop_query(self, _world: World, _params: Params, _now: float) -> Answer:
        """`StopQuery`: they are all done."""
        return {"success": False}


def _cells(row: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"field": name, "value": value} for name, value in row.items()]


def _text_time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S.000")


_LIKE = re.compile(r"^@message\s+(not\s+)?(?:like|=~)\s+(?:/(.*)/|[\"'](.*)[\"'])$", re.IGNORECASE)
_BIN = re.compile(r"^count\(\*\)(?:\s+as\s+(\w+))?(?:\s+by\s+bin\((\d+)([smh])\))?$", re.IGNORECASE)


def _run(query: str, rows: Sequence[Event], limit: int) -> list[Any]:
    stats, descending = None, False
    for stage in (part.strip() for part in re.split(r"\|(?=(?:[^/]*/[^/]*/)*[^/]*$)", query)):
        word, _, rest = stage.partition(" ")
        match word.lower():
            case "fields" | "display" | "":
                continue
            case "filter":
                rows = _like(rest.strip(), rows)
            case "sort":
                descending = rest.lower().endswith("desc")
            case "limit" | "head":
                limit = int(rest)
            case "stats":
                stats = _BIN.match(rest.strip())
                if stats is None:
                    raise AwsError("MalformedQueryException", f"unsupported here: {stage}")
            case _:
                raise AwsError("MalformedQueryException", f"unexpected symbol found {word}")
    if stats:
        return _counted(rows, stats)
    ordered = sorted(rows, reverse=descending)[:limit]
    return [
        _cells({"@timestamp": _text_time(at), "@message": text, "@logStream": stream}) for at, stream, text in ordered
    ]


def _like(condition: str, rows: Sequence[Event]) -> list[Event]:
    found = _LIKE.match(condition)
    if found is None:
        raise AwsError("MalformedQueryException", f"unsupported here: filter {condition}")
    negated, regex, phrase = bool(found[1]), found[2], found[3]
    pattern = re.compile(regex.removeprefix("(?i)"), re.IGNORECASE) if regex else re.compile(re.escape(phrase or ""))
    return [row for row in rows if (pattern.search(row[2]) is not None) != negated]


def _counted(rows: Sequence[Event], stats: re.Match[str]) -> list[Any]:
    name = stats[1] or "count(*)"
    if not stats[2]:
        return [_cells({name: str(len(rows))})]
    width = int(stats[2]) * {"s": 1, "m": 60, "h": 3600}[stats[3].lower()]
    counts = Counter(at // width * width for at, _, _ in rows)
    return [_cells({f"bin({stats[2]}{stats[3]})": _text_time(at), name: str(n)}) for at, n in sorted(counts.items())]
