"""Does a SQL statement only read?

Statements are taken apart into tokens (strings, comments, identifiers), and only known reading forms
pass: a SELECT without INTO, locks or functions with side effects, CTEs that hold nothing but SELECT,
SHOW, DESCRIBE, EXPLAIN (ANALYZE runs the statement, so it is judged too). Where dialects read the same characters in
different ways (backslashes in strings, `#`, `--` without a blank, `$$`), the statement is refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from chatops.policy.grammar.model import Judgement, read, reveals, unknown, words, writes

_TOKEN = re.compile(
    r"""(?P<blank>\s+)|(?P<comment>--(?=\s)[^\n]*(?:\n|$)|/\*(?![!+])(?:[^*]|\*(?!/))*\*/)
    |(?P<string>'(?:[^'\\]|'')*')|(?P<name>"(?:[^"\\]|"")*"|`[^`\\]*`|\[[A-Za-z_][\w ]*\])
    |(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    |(?P<word>[A-Za-z_][\w$]*)|(?P<variable>@@?[\w.]+|:\w+|\$\d+|\?)
    |(?P<mark>[-+*/%=<>!~^&|.,:()\[\]{}]+?)|(?P<end>;)""",
    re.VERBOSE | re.DOTALL,
)
READING = words("select with show describe desc explain values table help pragma analyze_only")
CHANGING = words(
    "insert update delete merge replace upsert truncate drop create alter rename grant revoke reindex vacuum cluster "
    "analyze optimize repair refresh comment copy load import export call do execute prepare "
    "deallocate declare fetch "
    "set reset lock unlock begin start commit rollback savepoint kill flush purge shutdown install uninstall attach "
    "detach listen notify unlisten handler change stop optimize checkpoint discard security reassign use"
)
NEVER = words(
    "insert update delete merge truncate drop create alter grant revoke copy call execute into outfile dumpfile lock "
    "load_file reindex vacuum"
)
"""Words that no reading statement holds outside strings and quoted names."""

SIDE_EFFECTS = re.compile(
    "(?:pg_(?:terminate|cancel|reload|rotate|switch|promote|advisory|try_advisory|create|drop|logical|replication|start|stop|"
    r"backup|wal_replay|log_|read_|ls_|stat_file|stat_reset|file_|notify|restore|prewarm|sleep|signal|import|repack)\w*"
    r"|lo_\w+|dblink\w*|setval|nextval|set_config|query_to_\w+|xp_\w+|sp_\w+|sys_(?:exec|eval)|load_extension|load_file"
    r"|sleep|benchmark|get_lock|release_\w*lock\w*|master_pos_wait|waitfor|txid_current|url|file|s3|remote|executable"
    r"|utl_\w+|dbms_\w+|writefile|readfile|edit|fts3_tokenizer|sys_get|eval|system|shell|http_\w+|openrowset|opendatasource"
    r"|database_to_xml\w*|cursor_to_xml\w*|table_to_xml\w*|schema_to_xml\w*|crosstab\w*|plv8\w*|aws_lambda\w*|aws_s3\w*|mysql_\w+)$",
    re.IGNORECASE,
)
SAFE_FUNCTIONS = re.compile(
    r"(?:count|sum|avg|min|max|stddev\w*|var\w*|median|mode|percentile_\w+|array_agg|string_agg|group_concat|bool_\w+|every"
    r"|rank|dense_rank|row_number|ntile|lag|lead|first_value|last_value|nth_value|cume_dist|percent_rank"
    r"|coalesce|nullif|greatest|least|ifnull|isnull|if|iif|nvl|cast|convert|typeof|abs|ceil\w*|floor|round|trunc\w*|mod|power"
    r"|sqrt|exp|ln|log\d*|sign|random|rand|lower|upper|initcap|length|char_length|octet_length|substr\w*|left|right|trim|ltrim"
    r"|rtrim|btrim|replace|reverse|repeat|concat\w*|position|strpos|instr|locate|lpad|rpad|split_part|regexp_\w+|format|md5|hex"
    r"|ascii|chr|translate|overlay|quote_\w+|now|sysdate|getdate|curdate|curtime|current_\w+|date\w*|time\w*|extract|age"
    r"|make_\w+|to_char|to_date|to_timestamp|to_number|to_json\w*|unix_timestamp|from_unixtime|str_to_date|strftime|julianday"
    r"|year|quarter|month|week\w*|day\w*|hour|minute|second|interval|justify_\w+|json\w*|row_to_json|array_\w+|unnest"
    r"|cardinality|generate_series|version|database|schema|user|session_user|current_setting|inet_\w+|host|uuid\w*"
    "|pg_(?:size_pretty|total_relation_size|relation_size|table_size|indexes_size|database_size|tablespace_size|column_size"
    r"|is_in_recovery|last_\w+|current_wal_lsn|wal_lsn_diff|postmaster_start_time|conf_load_time|backend_pid|blocking_pids"
    r"|stat_get_\w+|get_\w+def|get_expr|get_userbyid|lock_status|safe_snapshot_blocking_pids|typeof|table_is_visible|encoding_to_char)"
    r"|to_regclass|obj_description|col_description|has_\w+_privilege|format_type|found_rows|row_count|last_insert_id|connection_id)$",
    re.IGNORECASE,
)
"""Functions that only compute or look; any other may be somebody's own, and do anything."""

_BEFORE_BRACKETS = words(
    "in values over filter as any all some exists and or not on using by where when then else select from join union "
    "except intersect having like ilike between is case lateral distinct limit offset varchar char numeric decimal "
    "varying float bit explain analyze array partition window within group set end with table only materialized"
)

_SECRET_TABLES = re.compile(
    r"(?:pg_shadow|pg_authid|pg_user_mapping\w*|authentication_string|rolpassword|passwd|password\w*)$", re.I
)
_READ_PRAGMAS = words(
    "table_info table_list index_list index_info database_list foreign_key_list "
    "integrity_check quick_check compile_options page_count freelist_count"
)


def judge_sql(text: str) -> Judgement:
    """Judge one or more statements; more than one is read-only where each is."""
    tokens = _tokens(text)
    if tokens is None:
        return unknown("the statement could not be taken apart")
    statements = [s for s in _statements(tokens) if s]
    if not statements:
        return unknown("no statement")
    verdicts = [_judge(statement) for statement in statements]
    return next((v for v in verdicts if v.verdict != "read-only"), verdicts[0])


def looks_like_sql(text: str) -> bool:
    """Whether a line is a statement and no command: it starts with a statement's words."""
    return bool(_BARE.match(text))


_BARE = re.compile(
    r"\s*(?:select\s+[\w*'\"(@]|show\s+(?:tables|databases|schemas|processlist|full|status|variables|columns|index|grants|"
    r'create|engine|master|slave|replica|global|session|table|warnings|errors|all|[a-z_]+;?\s*$)|desc(?:ribe)?\s+[\w`"]+|'
    r'pragma\s+\w+\s*(?:\(|;|$)|explain\s+(?:analyze\s+|\(|verbose\s+|format)?\s*(?:select|with|update|delete|insert)|with\s+[\w"]+\s+as\s*\(|'
    r"(?:insert\s+into|delete\s+from|update\s+\S+\s+set|drop\s+(?:table|database|schema|index|view|user|role|collection|keyspace)|"
    r"truncate\s+\S+|alter\s+(?:table|database|user|role|system)|create\s+(?:table|database|index|user|role|view)|"
    r"grant\s+.*\s+(?:on|to)\s|revoke\s+.*\s+(?:on|from)\s)\b)",
    re.IGNORECASE | re.DOTALL,
)


def _tokens(text: str) -> list[tuple[str, str]] | None:
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or (match["mark"] and text.startswith(("--", "/*", "*/"), match.start())):
            return None
        at = match.end()
        kind = next(
            k for k in ("blank", "comment", "string", "name", "number", "word", "variable", "mark", "end") if match[k]
        )
        if kind not in {"blank", "comment"}:
            found.append((kind, match.group()))
    return found


def _statements(tokens: Sequence[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    result: list[list[tuple[str, str]]] = [[]]
    for token in tokens:
        if token[0] == "end":
            result.append([])
        else:
            result[-1].append(token)
    return result


def _judge(statement: list[tuple[str, str]]) -> Judgement:
    first = statement[0][1].lower() if statement[0][0] == "word" else "(" if statement[0][1] == "(" else ""
    plain = [text.lower() for kind, text in statement if kind == "word"]
    if first in CHANGING:
        return writes(f"{first.upper()} changes something")
    if first not in READING and first != "(":
        return unknown(f"nothing is known of a statement that starts with {statement[0][1][:20]!r}")
    if first == "pragma":
        return read("PRAGMA only reads") if _reads_pragma(statement) else unknown("nothing is known of this PRAGMA")
    return _reading(statement, plain, first)


def _reading(statement: list[tuple[str, str]], plain: list[str], first: str) -> Judgement:
    if plain[:3] == ["show", "create", "user"]:
        return reveals("shows what a password is stored as")
    if first == "show" and len(plain) > 1 and plain[1] == "create":
        plain = [plain[0], *plain[2:]]
    bad = next((word for word in plain[1:] if word in NEVER), "")
    if bad:
        return writes(f"{bad.upper()} in it changes something") if bad != "lock" else unknown("takes locks")
    if _locks(plain):
        return unknown("locks rows")
    if any(kind == "mark" and text == ":=" for kind, text in statement) or ":=" in "".join(t for _, t in statement):
        return unknown("sets a variable")
    function = next((name for name in _called(statement) if not _only_computes(name)), "")
    if function:
        return unknown(f"{function} may do more than read")
    if any(_SECRET_TABLES.match(text.strip('"`')) for kind, text in statement if kind in {"word", "name"}):
        return reveals("reads passwords or their hashes")
    return read(f"{first.upper() if first != '(' else 'SELECT'} only reads")


def _locks(plain: list[str]) -> bool:
    return any(a == "for" and b in {"update", "share", "no", "key"} for a, b in pairwise(plain))


def _called(statement: list[tuple[str, str]]) -> list[str]:
    """The names of the functions that the statement calls, quoted ones too."""
    return [
        text.strip('"`[]')
        for (kind, text), (_, after) in pairwise(statement)
        if kind in {"word", "name"} and after == "(" and text.lower() not in _BEFORE_BRACKETS
    ]


def _only_computes(name: str) -> bool:
    return bool(SAFE_FUNCTIONS.match(name)) and not SIDE_EFFECTS.match(name)


def _reads_pragma(statement: list[tuple[str, str]]) -> bool:
    return len(statement) > 1 and statement[1][1].lower() in _READ_PRAGMAS and "=" not in [t for _, t in statement]
