"""Which calls of the clients of ClickHouse, Cassandra, CockroachDB, BigQuery and of dump tools only read?"""

from __future__ import annotations

import re
from collections.abc import Sequence

from chatops.policy.grammar.databases import Client, client_call
from chatops.policy.grammar.model import Judgement, read, unknown, words, writes
from chatops.policy.grammar.sql import judge_sql

_CLICKHOUSE = Client(
    words("-q --query"),
    words("-h --host --port -d --database -u --user -f --format --max_result_rows --max_execution_time"),
    words("-s --secure -t --time -E --vertical -m --multiline --readonly=1"),
    judge_sql,
)
_COCKROACH = Client(
    words("-e --execute"), words("--host --port -d --database -u --user --format"), words("--insecure"), judge_sql
)
_CQL = re.compile(
    r'\s*(?:(?:desc|describe)\s+(?:keyspaces?|tables?|cluster|schema|types?|index|full\s+schema)?[\w\s."]*|show\s+(?:version|host))\s*;?\s*',
    re.IGNORECASE,
)


def _cql(text: str) -> Judgement:
    return read("describes the database") if _CQL.fullmatch(text) else judge_sql(text)


_CQLSH = Client(
    words("-e --execute"), words("-k --keyspace --connect-timeout --request-timeout"), words("--no-color"), _cql
)


def judge_clickhouse(args: Sequence[str]) -> Judgement:
    """`clickhouse-client -q STATEMENT`."""
    return client_call(_CLICKHOUSE, args)


def judge_cqlsh(args: Sequence[str]) -> Judgement:
    """`cqlsh [HOST [PORT]] -e STATEMENT`."""
    return client_call(_CQLSH, args)


def judge_cockroach(args: Sequence[str]) -> Judgement:
    """`cockroach sql -e STATEMENT` and what looks at nodes."""
    if args[:1] == ["sql"]:
        return client_call(_COCKROACH, args[1:])
    if args[:2] in (["node", "status"], ["node", "ls"]) or args[:1] == ["version"]:
        known = all(
            re.fullmatch(r"--(?:insecure|all|ranges|stats|decommission|format(?:=\w+)?)|[\w.]+", a) for a in args
        )
        return read("asks for the nodes") if known else unknown("nothing is known of one of the flags")
    return writes("may change the cluster")


def judge_bq(args: Sequence[str]) -> Judgement | None:
    """`bq query STATEMENT` and `bq head TABLE`; None for the verbs of the table."""
    plain = [a for a in args if not a.startswith("-")]
    flags = {a.lstrip("-").partition("=")[0] for a in args if a.startswith("-")}
    known = words(
        "use_legacy_sql nouse_legacy_sql format project_id location max_rows n dry_run quiet q "
        "maximum_bytes_billed nouse_cache"
    )
    if plain[:1] not in (["query"], ["head"]):
        return None
    if flags - known:
        return unknown("nothing is known of one of the flags")
    if plain[0] == "head":
        return read("bq head shows rows")
    if len(plain) != 2:
        return unknown("which word is the statement is not known")
    return judge_sql(plain[1])


def judge_pg_dump(args: Sequence[str]) -> Judgement:
    """The schema on the standard output; data and files are not asked for."""
    if list(args) in (["--version"], ["-V"], ["--help"]):
        return read("prints help")
    shown = bool({"-s", "--schema-only"} & set(args))
    known = all(
        re.fullmatch(r"-s|--schema-only|-[hpUdnt]|--(?:no-owner|no-privileges|schema=\w+|table=[\w.]+)|(?!-)[\w.-]+", a)
        for a in args
    )
    return read("prints the schema") if shown and known else unknown("hands out everything, or writes a file")


_MYSQLDUMP = re.compile(
    r"-d|--no-data|-[hPu]\w[\w.-]*|-[hPu]|--(?:host|port|user)=[\w.-]+"
    r"|--(?:no-tablespaces|routines|triggers|events|compact|skip-comments|databases)|(?!-)[\w.-]+"
)


def judge_mysqldump(args: Sequence[str]) -> Judgement:
    """The tables' definitions on the standard output."""
    shown = bool({"-d", "--no-data"} & set(args)) and all(map(_MYSQLDUMP.fullmatch, args))
    return read("prints the schema") if shown else unknown("hands out everything, or writes a file")
