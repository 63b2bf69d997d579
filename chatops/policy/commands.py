"""What may run: does a command only read, write, reveal secrets - or is that not known?

A command is parsed and its words are looked up in tables (`grammar/`); nothing is matched as text, and
what the tables do not know is `unknown`. Only `read-only` may ever be run or offered as safe to run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from chatops.policy.commands_shell import Unparsable, check_argv, pipeline
from chatops.policy.grammar import WRAPPERS, WRITERS, judge_of, plain_name
from chatops.policy.grammar.databases import judge_mongo_expression, looks_like_mongo
from chatops.policy.grammar.filters import is_filter
from chatops.policy.grammar.http import judge_curl
from chatops.policy.grammar.model import UNPARSABLE, Judgement, unknown, writes
from chatops.policy.grammar.sql import judge_sql, looks_like_sql

_INSTALLED = re.compile(
    r"/(?!tmp/|var/|dev/|proc/|home/|root/|run/|mnt/|media/|Users/)(?:(?!\.\.?/)[\w.+ -]+/)*", re.ASCII
)
"""Directories where programs are installed: not the current one, and not those that anybody writes to."""

_HELP = (
    *(("ssh", ["-V"]), ("ssh", ["-h"]), ("scp", ["-h"]), ("python", ["-V"]), ("node", ["-v"]), ("php", ["-v"])),
    *(("tmux", ["ls"]), ("tmux", ["list-sessions"]), ("screen", ["-ls"]), ("php", ["-m"]), ("at", ["-l"])),
    *(("ruby", ["-v"]), ("perl", ["-v"]), ("java", ["-version"]), ("java", ["--version"]), ("rustc", ["--version"])),
)
"""Programs that run what they are given, asked for their version."""


_ORDER = ("unparsable", "writes", "reveals-secrets", "unknown", "read-only")
_NO_SQL = re.compile(r"[`$|&<>\\]")


def judge(argv: Sequence[str], hosts: Iterable[str] = ()) -> Judgement:
    """Judge one program and its arguments. `hosts` are further hosts that may be asked by HTTP."""
    command = tuple(argv)
    try:
        check_argv(command)
        verdict = _program(command, frozenset(hosts))
    except Unparsable as error:
        verdict = Judgement(UNPARSABLE, str(error))
    return Judgement(verdict.verdict, verdict.reason, command)


def judge_line(text: str, hosts: Iterable[str] = ()) -> Judgement:
    """Judge a line as somebody would paste it into a shell: one program, or a pipe into filters.

    A line that is a SQL statement and nothing else is judged as one.
    """
    if looks_like_sql(text):
        verdict = (
            judge_sql(text)
            if not _NO_SQL.search(_outside_quotes(text))
            else unknown("a shell would read it differently")
        )
        return Judgement(verdict.verdict, verdict.reason, (text.strip(),))
    if looks_like_mongo(text):
        verdict = judge_mongo_expression(text)
        return Judgement(verdict.verdict, verdict.reason, (text.strip(),))
    try:
        commands = pipeline(text)
    except Unparsable as error:
        return Judgement(UNPARSABLE, str(error), ())
    if len(commands) == 2 and commands[1][0] == "socat":
        return _asks_socket(commands)
    verdicts = [judge(commands[0], hosts)] + [_behind_pipe(argv) for argv in commands[1:]]
    worst = min(verdicts, key=lambda v: _ORDER.index(v.verdict))
    return Judgement(worst.verdict, worst.reason, joined(commands))


_SOCKET = re.compile(r"(?:unix-connect:)?/[\w./-]+", re.IGNORECASE)


def _asks_socket(commands: Sequence[Sequence[str]]) -> Judgement:
    """`echo "show …" | socat stdio SOCKET`: the admin socket of a proxy, asked to show something."""
    (first, *said), other = commands
    asked = len(said) == 1 and first in {"echo", "printf"} and re.fullmatch(r"show [\w ./-]+", said[0])
    here = [each for each in other[1:] if each.lower() in {"stdio", "-"}]
    there = [each for each in other[1:] if _SOCKET.fullmatch(each)]
    if asked and len(here) == len(there) == 1 and len(other) == 3:
        return Judgement("read-only", "the socket is asked to show something", joined(commands))
    return Judgement("unknown", "socat carries anything to anywhere", joined(commands))


def joined(commands: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The words of a pipe, with `|` between the programs."""
    words: list[str] = []
    for index, argv in enumerate(commands):
        words += ["|", *argv] if index else argv
    return tuple(words)


def _outside_quotes(text: str) -> str:
    return re.sub(r"'[^']*'", "''", text)


def _behind_pipe(argv: Sequence[str]) -> Judgement:
    """What stands behind a pipe must be a filter: other programs may do what their input says."""
    name = plain_name(argv[0])
    if name == "openssl" and argv[1:2] and argv[1] in {"x509", "crl", "req", "asn1parse"}:
        return judge(argv)
    if not is_filter(name) or name in {"find", "echo", "printf"}:
        verdict = judge(argv)
        return verdict if verdict.verdict == "writes" else unknown(f"{name[:40]} behind a pipe is no filter")
    return judge(argv)


def _program(argv: Sequence[str], hosts: frozenset[str]) -> Judgement:
    path, _, base = argv[0].rpartition("/")
    if path and not _INSTALLED.fullmatch(path + "/"):
        return unknown(f"{argv[0][:60]} may be any program")
    if ":" in argv[0] or "\\" in argv[0]:
        base = re.split(r"[:/\\]", argv[0])[-1]
    name, args = plain_name(base), list(argv[1:])
    if not name.isascii():
        raise Unparsable("the program's name holds letters that look like others")
    if name in {"env", "printenv", "export"} and not args:
        return Judgement("reveals-secrets", "prints the environment")
    if (args in (["--version"], ["--help"]) and name in WRAPPERS | WRITERS) or (name, args) in _HELP:
        return Judgement("read-only", "prints help")
    if name == "command" and len(args) == 2 and args[0] in {"-v", "-V"} and re.fullmatch(r"[\w.-]+", args[1]):
        return Judgement("read-only", "says where a program is")
    if name in WRAPPERS:
        return unknown(f"{name} runs what it is given")
    if name in WRITERS or name.startswith("mkfs."):
        return _writer(name, args)
    if name == "curl":
        return judge_curl(args, hosts)
    found = judge_of(name)
    return found(args) if found else unknown(f"nothing is known of {name[:40]!r}")


def _writer(name: str, args: Sequence[str]) -> Judgement:
    """A program that changes things; a few only say what they would do when asked to."""
    tried = {"rsync": {"--dry-run", "--list-only"}, "make": {"-n", "--dry-run", "--just-print"}}
    if name == "rsync" and (tried["rsync"] & set(args) or any(re.fullmatch(r"-[a-zA-Z]*n[a-zA-Z]*", a) for a in args)):
        return (
            unknown("only tried, but rsync may start a remote shell")
            if any(":" in a or a.startswith(("-e", "--rsh")) for a in args)
            else Judgement("read-only", "rsync only says what it would do")
        )
    return writes(f"{name} changes something")
