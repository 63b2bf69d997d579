"""Which calls of database clients only read?"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chatops.policy.grammar.model import Judgement, read, reveals, unknown, words, writes
from chatops.policy.grammar.sql import judge_sql

_PSQL_VALUES = words(
    "-h --host -p --port -U --username -d --dbname -F --field-separator -P --pset -R --record-separator"
)
_PSQL_SWITCHES = words(
    "-A --no-align -t --tuples-only -x --expanded -q --quiet -X --no-psqlrc -w --no-password -H --html -1 -l --list "
    "--csv -e --echo-queries -b -n --no-readline -At -tA -tAX -qAt -Atq -Atc"
)
_PSQL_META = re.compile(
    r"\\(?:d[a-zA-Z+]*\+?|l\+?|conninfo|dt\+?|z|sf\+?|sv\+?|timing|x|encoding)(?:[ ]+[\w.\"*]+)?\s*"
)

_MYSQL_VALUES = words(
    "-h --host -P --port -u --user -D --database --protocol --ssl-mode --connect-timeout --default-character-set"
)
_MYSQL_SWITCHES = words(
    "-N --skip-column-names -B --batch -t --table -E --vertical -s --silent -r --raw -A "
    "--no-auto-rehash -C --compress -n -p"
)


def judge_psql(args: Sequence[str]) -> Judgement:
    """`psql -c STATEMENT` with a statement that only reads; meta-commands only those that describe."""
    client = Client(words("-c --command"), _PSQL_VALUES, _PSQL_SWITCHES, _psql_statement, "\\l")
    return client_call(client, args)


def _psql_statement(text: str) -> Judgement:
    if text.lstrip().startswith("\\"):
        if re.fullmatch(_PSQL_META, text.strip()):
            return read("describes the database")
        return unknown("a meta-command may run programs or write files")
    if "\\" in text:
        return unknown("a meta-command may hide in it")
    return judge_sql(text)


def judge_mysql(args: Sequence[str]) -> Judgement:
    """`mysql -e STATEMENT` with a statement that only reads."""
    return client_call(Client(words("-e --execute"), _MYSQL_VALUES, _MYSQL_SWITCHES, _mysql_statement), args)


def _mysql_statement(text: str) -> Judgement:
    if "\\" in text.replace("\\G", "").replace("\\g", ""):
        return unknown("a client command may hide in it")
    if re.match(r"\s*(?:system|source|tee|pager|edit|notee|delimiter|connect|rehash)\b", text, re.IGNORECASE):
        return unknown("a client command, not a statement")
    return judge_sql(text.replace("\\G", ";").replace("\\g", ";"))


@dataclass(frozen=True)
class Client:
    """A client that runs the statements it is given with a flag."""

    statement: frozenset[str]
    values: frozenset[str]
    switches: frozenset[str]
    judge: Callable[[str], Judgement]
    listing: str = ""
    """What `-l` stands for."""


def client_call(client: Client, args: Sequence[str]) -> Judgement:
    """Judge a client by the statements it is given."""
    if list(args) in (["--version"], ["-V"], ["--help"]):
        return read("prints help")
    statements: list[str] = []
    rest = iter(_glued(args, client.statement | client.values))
    for argument in rest:
        flag, equals, value = argument.partition("=") if argument.startswith("--") else (argument, "", "")
        if flag in client.statement | client.values:
            held = value if equals else next(rest, "")
            statements += [held] if flag in client.statement else []
            if flag in client.values and _FILES.search(held):
                return unknown("the connection string names files or options")
        elif client.listing and argument in {"-l", "--list"}:
            statements.append(client.listing)
        elif argument.startswith(("-", "\\")) and argument not in client.switches:
            return _strange(argument)
        elif _FILES.search(argument):
            return unknown("the connection string names files or options")
    verdicts = [client.judge(statement) for statement in statements]
    return next((v for v in verdicts if v.verdict != "read-only"), verdicts[0] if verdicts else _SESSION)


_FILES = re.compile(r"(?:passfile|service|sslkey|options)=")
_SESSION = unknown("starts a session of its own")


def _strange(argument: str) -> Judgement:
    if re.match(r"-p.|--password=", argument):
        return reveals("shows a password")
    return unknown(f"nothing is known of {argument[:20]}")


def _glued(args: Sequence[str], taking: frozenset[str]) -> list[str]:
    """`-hlocalhost` as `-h localhost`, and `-tAc` as `-t -A -c`."""
    result: list[str] = []
    for argument in args:
        if (
            re.fullmatch(r"-[a-zA-Z]{2,}", argument)
            and "-" + argument[-1] in taking
            and "-" + argument[1] not in taking
        ):
            result += ["-" + letter for letter in argument[1:]]
        elif len(argument) > 2 and argument[0] == "-" and argument[1] != "-" and argument[:2] in taking:
            result += [argument[:2], argument[2:].removeprefix("=")]
        else:
            result.append(argument)
    return result


REDIS_READS = words(
    "ping info dbsize get mget strlen exists type ttl pttl expiretime keys scan hget hgetall "
    "hmget hlen hkeys hvals hscan "
    "hexists hstrlen lrange llen lindex lpos smembers scard sismember smismember sscan "
    "sinter sunion sdiff srandmember "
    "zrange zrangebyscore zrevrange zcard zscore zrank zcount zscan xlen xrange xrevrange "
    "xinfo xpending getrange substr "
    "getbit bitcount bitpos time lastsave role lolwut randomkey object geopos geodist "
    "geosearch dump echo"
)
REDIS_GROUPS = {
    "config": words("get"),
    "client": words("list info id getname"),
    "memory": words("usage stats doctor malloc-stats help"),
    "slowlog": words("get len help"),
    "latency": words("latest history doctor graph histogram help"),
    "cluster": words("info nodes slots shards links keyslot countkeysinslot myid"),
    "command": words("count info docs list getkeys"),
    "debug": words("object"),
    "pubsub": words("channels numsub numpat shardchannels shardnumsub"),
    "acl": words("whoami cat log"),
    "module": words("list"),
    "function": words("list stats"),
    "script": words("exists"),
    "sentinel": words("masters master slaves replicas sentinels get-master-addr-by-name ckquorum myid"),
    "xinfo": words("stream groups consumers help"),
    "object": words("encoding freq idletime refcount help"),
}
_REDIS_VALUES = words("-h -p -n -s -t -u --user --pattern -i -r")
_REDIS_SWITCHES = words(
    "--no-auth-warning --raw --no-raw --csv --json --tls -c -3 -2 --scan --bigkeys --memkeys "
    "--hotkeys --stat --latency --latency-history --latency-dist"
)
_REDIS_WAYS = words("--scan --bigkeys --memkeys --hotkeys --stat --latency --latency-history --latency-dist")


def judge_redis(args: Sequence[str]) -> Judgement:
    """redis-cli with one command that reads."""
    found: list[str] = []
    ways, rest = False, iter(args)
    for argument in rest:
        if found:
            found.append(argument)
        elif argument in _REDIS_VALUES:
            next(rest, "")
        elif argument in _REDIS_SWITCHES:
            ways = ways or argument in _REDIS_WAYS
        elif argument.startswith("-"):
            if list(args) in (["--version"], ["-v"], ["--help"]):
                return read("prints help")
            return (
                reveals("shows a password")
                if argument in {"-a", "--pass"}
                else unknown(f"nothing is known of {argument[:20]}")
            )
        else:
            found.append(argument)
    return _redis_command(found) if found else (read("samples the keys") if ways else unknown("starts a session"))


def _redis_command(found: Sequence[str]) -> Judgement:
    verb, second = found[0].lower(), found[1].lower() if len(found) > 1 else ""
    if verb in REDIS_GROUPS:
        if second in REDIS_GROUPS[verb]:
            secret = verb == "config" and any(re.search(r"pass|auth|\*", f, re.IGNORECASE) for f in found[2:])
            return reveals("the configuration holds passwords") if secret else read(f"{verb} {second} only reads")
        return writes(f"{verb} {second[:20]} may change something")
    return read(f"{verb} only reads") if verb in REDIS_READS else writes(f"{verb[:20]} is no reading command")


_MONGO = re.compile(
    r"(?:db(?:\.(?!(?:drop|shutdown|eval|system)\w*)(?:getSiblingDB\(['\"]\w+['\"]\)|\w+))*\.)?"
    "(?:find|findOne|aggregate|count|countDocuments|estimatedDocumentCount|distinct|stats|getIndexes|explain|serverStatus|currentOp|"
    "hello|isMaster|version|getCollectionNames|getCollectionInfos|listCollections|printReplicationInfo|dataSize|totalSize|"
    "storageSize|getReplicationInfo|hostInfo|connectionStatus|getMongo|latencyStats|isCapped|getProfilingStatus|getName)"
    r"\((?P<body>[^()]*)\)(?:\.(?:limit|sort|skip|count|pretty|explain|toArray|size|hint|itcount|project|maxTimeMS|readPref)\([^()]*\))*;?"
    r"|rs\.(?:status|conf|printReplicationInfo|printSecondaryReplicationInfo|isMaster|hello)\(\);?|sh\.(?:status|getBalancerState)\(\);?"
    r"|(?:db\.)?(?:adminCommand|runCommand)\(\s*(?:\{\s*['\"]?(?:listDatabases|serverStatus|replSetGetStatus|hostInfo|buildInfo|connPoolStats|"
    "currentOp|dbStats|collStats|ping|hello|isMaster|top|listCollections|listIndexes|count|dbHash|shardConnPoolStats|listShards)"
    r"['\"]?\s*:[^()]*\}|['\"](?:serverStatus|replSetGetStatus|ping|hello|hostInfo|buildInfo|dbStats|top)['\"])\s*\);?"
    r"|show (?:dbs|databases|collections|users|roles|profile|logs|log \w+);?"
)


_MONGO_CHANGES = re.compile(
    r"\.(drop\w*|delete\w*|remove\w*|insert\w*|update\w*|replace\w*|findOneAnd\w+|findAndModify|bulkWrite|create\w*|rename\w*|shutdown\w*|"
    r"grant\w*|revoke\w*|killOp|fsync\w*|compact|reIndex|stepDown|reconfig|initiate|add|addShard|removeShard|setProfilingLevel|save)\("
)


def judge_mongo(args: Sequence[str]) -> Judgement:
    """`mongosh --eval EXPRESSION` where the expression is one reading call."""
    rest, expression = iter(args), None
    for argument in rest:
        name, equals, value = argument.partition("=")
        if name == "--eval":
            expression = value if equals else next(rest, "")
        elif name in words("--host --port --username -u --authenticationDatabase --tls --quiet --norc"):
            if name not in words("--tls --quiet --norc") and not equals:
                next(rest, "")
        elif argument.startswith("-"):
            return (
                read("prints help")
                if len(args) == 1 and argument in {"--version", "--help"}
                else unknown(f"nothing is known of {argument[:20]}")
            )
        elif not re.fullmatch(r"[\w-]+|mongodb(?:\+srv)?://[^\s@]+", argument):
            return unknown("runs a file")
    return judge_mongo_expression(expression) if expression is not None else unknown("starts a session")


def looks_like_mongo(text: str) -> bool:
    """Whether a line is an expression of the MongoDB shell and no command."""
    return bool(re.match(r"\s*(?:db\.\w|rs\.\w+\(|sh\.\w+\()", text))


def judge_mongo_expression(text: str) -> Judgement:
    """One expression of the MongoDB shell."""
    found = _MONGO.fullmatch(text.strip())
    changes = _MONGO_CHANGES.search(text)
    if changes:
        return writes(f"{changes[1]} changes something")
    if found and not re.search(r"\$(?:where|function|accumulator|out|merge)|=>|function|[\\`+]|/\*|\]\s*:", text):
        return read("the expression only reads")
    return unknown("the expression is not one reading call")


def judge_sqlite(args: Sequence[str]) -> Judgement:
    """`sqlite3 FILE STATEMENT`."""
    plain = [a for a in args if not a.startswith("-")]
    flags = [a for a in args if a.startswith("-")]
    if any(
        f not in words("-readonly -header -csv -json -column -line -list -noheader -batch -markdown -table -box")
        for f in flags
    ):
        return (
            read("prints the version")
            if list(args) in (["-version"], ["--version"])
            else unknown("nothing is known of one of the flags")
        )
    if len(plain) != 2:
        return unknown("starts a session")
    if re.fullmatch(r"\.(?:tables|schema|databases|indexes|indices|dbinfo|stats)(?: [\w%]+)?", plain[1]):
        return read("describes the database")
    return unknown("a dot command may do anything") if plain[1].lstrip().startswith(".") else judge_sql(plain[1])
