"""Which queries of metrics and logs are queries: PromQL, LogQL, and their tools?"""

from __future__ import annotations

import re
from collections.abc import Sequence

import promql_parser

from chatops.policy.grammar.http import is_internal
from chatops.policy.grammar.machines import TOOLS
from chatops.policy.grammar.model import Judgement, read, unknown, words, writes
from chatops.policy.grammar.verbs import judge_words

MAX_QUERY = 8 * 1024

_LOGQL_STAGES = words("json logfmt regexp pattern unpack line_format label_format decolorize drop keep unwrap distinct")
_LOGQL_SELECTOR = re.compile(r"\{(?:[^{}\"`]|\"(?:[^\"\\]|\\.)*\"|`[^`]*`)+\}")
_LOGQL_STRING = re.compile(r"\"(?:[^\"\\]|\\.)*\"|`[^`]*`")


def promql_problem(query: str) -> str:
    """Why the text is no PromQL expression, '' where it is one."""
    if len(query) > MAX_QUERY:
        return f"more than {MAX_QUERY} characters"
    try:
        promql_parser.parse(query)
    except ValueError as error:
        return str(error)[:300]
    return ""


def logql_problem(query: str) -> str:
    """Why the text is no LogQL query, '' where it is one: selectors, known stages, balanced brackets."""
    if len(query) > MAX_QUERY:
        return f"more than {MAX_QUERY} characters"
    if not _LOGQL_SELECTOR.search(query):
        return "there is no stream selector"
    bare = _LOGQL_STRING.sub('""', _LOGQL_SELECTOR.sub("{}", query))
    if '"' in bare.replace('""', "") or "`" in bare:
        return "a string is not closed"
    if any(bare.count(a) != bare.count(b) for a, b in ("()", "[]", "{}")):
        return "brackets do not match"
    for stage in re.findall(r"\|(?![=~>])\s*(\w+)", bare):
        following = re.search(rf"\|\s*{stage}\s*(?:=|!|>|<)", bare)
        if stage not in _LOGQL_STAGES and not following:
            return f"there is no stage {stage!r}"
    return ""


def judge_promtool(args: Sequence[str]) -> Judgement:
    """promtool: checks, tests of rules, and queries to internal servers in valid PromQL."""
    plain = [a for a in args if not a.startswith("-")]
    flags = [a.partition("=")[0] for a in args if a.startswith("-")]
    if plain[:1] == ["check"] or args in (["--version"], ["--help"]) or plain[:1] == ["help"]:
        return read("only checks")
    if plain[:1] == ["test"] and plain[1:2] == ["rules"]:
        return read("only tests rules")
    if plain[:1] == ["query"] and len(plain) >= 3:
        if set(flags) - words("--time --start --end --step -o --format --header --match"):
            return unknown("nothing is known of one of the flags")
        return _promtool_query(plain)
    if plain[:1] == ["tsdb"]:
        return read("looks at blocks") if plain[1:2] in (["list"], ["analyze"]) else writes("changes blocks")
    if plain[:1] == ["push"]:
        return writes("writes samples")
    return unknown("nothing is known of this")


def _promtool_query(plain: Sequence[str]) -> Judgement:
    host = re.sub(r"^https?://", "", plain[2]).split("/")[0].rsplit(":", 1)[0]
    if "@" in plain[2] or not is_internal(host):
        return unknown(f"{host[:60]} is not inside")
    if plain[1] in {"instant", "range"}:
        problem = promql_problem(plain[3]) if len(plain) > 3 else "there is no expression"
        if problem:
            return unknown(f"the expression is no PromQL: {problem}")
    return read("asks Prometheus")


_LOGCLI = next(tool for tool in TOOLS if tool.names == "logcli")


def judge_logcli(args: Sequence[str]) -> Judgement:
    """logcli: a query must be LogQL."""
    verdict = judge_words(_LOGCLI, args)
    queries = [a for a in args if "{" in a]
    problem = next((p for q in queries if (p := logql_problem(q))), "")
    if verdict.verdict == "read-only" and problem:
        return unknown(f"the query is no LogQL: {problem}")
    return verdict
