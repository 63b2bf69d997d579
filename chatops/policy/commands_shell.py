"""Which programs would a line of shell text start, with exactly which arguments?

The line is parsed, not matched. Anything whose meaning depends on the shell it runs in is refused:
expansions, substitutions, redirections, lists, jobs, groups, here-documents, assignments that steer a
program. What is left is one program, or several that are joined by pipes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

MAX_LINE = 16 * 1024
MAX_WORDS = 512

_OPERATORS = frozenset("|&;<>()\n\r")
_BLANK = frozenset(" \t")
_GLOB = frozenset("*?[")
_TAKES_FILES = frozenset(
    [
        *("ls", "cat", "head", "tail", "wc", "grep", "egrep", "fgrep", "zgrep", "zcat", "stat", "file", "du", "df"),
        *("md5sum", "sha1sum", "sha256sum", "cksum"),
    ]
)
"""Programs whose every flag only reads: a file whose name is a flag does no harm."""

_HARMLESS_REDIRECTIONS = re.compile(
    r"(?:^|(?<=[ \t]))(?:2>&1|[12]?>[ \t]?/dev/null|&>[ \t]?/dev/null|</dev/null)(?=[ \t|]|$)"
)
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)\+?=")
_SAFE_ASSIGNMENTS = frozenset(
    [
        "LC_ALL",
        "LANG",
        "LC_TIME",
        "TZ",
        "NO_COLOR",
        "COLUMNS",
        "LINES",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "AWS_PROFILE",
        "AWS_DEFAULT_OUTPUT",
        "CLOUDSDK_CORE_PROJECT",
        "GOOGLE_CLOUD_PROJECT",
        "HELM_NAMESPACE",
        "TF_IN_AUTOMATION",
        "PGHOST",
        "PGPORT",
        "PGUSER",
        "PGDATABASE",
        "PGCONNECT_TIMEOUT",
        "PROMETHEUS_URL",
    ],
)
_RESERVED = frozenset(
    [
        "if",
        "then",
        "else",
        "elif",
        "fi",
        "for",
        "while",
        "until",
        "do",
        "done",
        "case",
        "esac",
        "in",
        "function",
        "select",
        "time",
        "coproc",
        "{",
        "}",
        "!",
        "[[",
        "]]",
    ],
)


class Unparsable(Exception):
    """The text is no plain command: why."""


def pipeline(text: str) -> list[list[str]]:
    """The programs of a line with their arguments, in the order of the pipe. Raises Unparsable."""
    text = _continued(text.strip(" \t\r\n"))
    _plain_characters(text)
    commands = _commands(_without_harmless(text))
    for argv in commands:
        _no_shell_words(argv)
    return [_without_assignments(argv) for argv in commands]


def check_argv(argv: Sequence[str]) -> None:
    """Refuse arguments that no honest command has. Raises Unparsable."""
    if not argv or not argv[0]:
        raise Unparsable("there is no command")
    if len(argv) > MAX_WORDS or sum(map(len, argv)) > MAX_LINE:
        raise Unparsable("the command is too long")
    for argument in argv:
        _plain_characters(argument)


def _continued(text: str) -> str:
    if len(text) > MAX_LINE:
        raise Unparsable("the line is too long")
    if not text:
        raise Unparsable("there is no command")
    return re.sub(r"\\\r?\n[ \t]*", " ", text)


def _plain_characters(text: str) -> None:
    """Letters of any script may be part of a value; look-alikes of blanks, dashes and quotes may not."""
    for character in text:
        if character.isascii():
            if (character < " " and character not in "\t\n\r") or character == "\x7f":
                raise Unparsable(f"it holds the control character U+{ord(character):04X}")
        elif unicodedata.category(character)[0] not in "LN":
            raise Unparsable(f"it holds U+{ord(character):04X}, which may look like something else")


def _without_harmless(text: str) -> str:
    """Drop redirections of errors to nowhere; quotes are respected by leaving quoted text alone."""
    if ">" not in text and "<" not in text:
        return text
    return "".join(
        part if part[:1] in {"'", '"'} else _HARMLESS_REDIRECTIONS.sub("", part)
        for part in re.split(r"('[^']*'|\"(?:[^\"\\]|\\.)*\")", text)
    )


def _commands(text: str) -> list[list[str]]:
    commands: list[list[str]] = [[]]
    at = 0
    while at < len(text):
        character = text[at]
        if character in _BLANK:
            at += 1
        elif character == "|" and text[at : at + 2] not in {"||", "|&"}:
            commands.append([])
            at += 1
        elif character in _OPERATORS:
            raise Unparsable(f"the shell operator {character!r} starts more than this command")
        elif character == "#":
            raise Unparsable("it holds a comment")
        else:
            if character in _GLOB and commands[-1] and commands[-1][0] not in _TAKES_FILES:
                raise Unparsable("which arguments it has depends on the files that are there")
            word, at = _word(text, at)
            commands[-1].append(word)
    if not all(commands):
        raise Unparsable("a pipe has an empty side")
    return commands


def _word(text: str, at: int) -> tuple[str, int]:
    """One word, unquoted; it ends at a blank or an operator."""
    parts: list[str] = []
    while at < len(text) and text[at] not in _BLANK and text[at] not in _OPERATORS:
        character = text[at]
        if character == "'":
            end = text.find("'", at + 1)
            if end < 0:
                raise Unparsable("a quote is not closed")
            parts.append(text[at + 1 : end])
            at = end + 1
        elif character == '"':
            piece, at = _double_quoted(text, at + 1)
            parts.append(piece)
        elif character == "\\":
            parts.append(text[at + 1 : at + 2])
            at += 2
        else:
            _no_expansion(text, at)
            parts.append(character)
            at += 1
    return "".join(parts), at


def _double_quoted(text: str, at: int) -> tuple[str, int]:
    parts: list[str] = []
    while at < len(text):
        character = text[at]
        if character == '"':
            return "".join(parts), at + 1
        if character == "\\" and text[at + 1 : at + 2] in {'"', "\\", "$", "`"}:
            parts.append(text[at + 1])
            at += 2
            continue
        if character in "$`":
            _no_expansion(text, at, quoted=True)
        parts.append(character)
        at += 1
    raise Unparsable("a quote is not closed")


def _no_expansion(text: str, at: int, quoted: bool = False) -> None:
    character, following = text[at], text[at + 1 : at + 2]
    if character == "`":
        raise Unparsable("it holds a command substitution")
    if character == "$" and (following.isalnum() or following in set("_({'\"@*#?$!-")):
        raise Unparsable("it holds an expansion, whose value is not known")
    if character == "{" and re.match(r"\{[^{}\s]*(?:,|\.\.)[^{}\s]*\}", text[at:]) and not quoted:
        raise Unparsable("it holds a brace expansion")


def _no_shell_words(argv: Sequence[str]) -> None:
    if argv[0] in _RESERVED:
        raise Unparsable(f"{argv[0]!r} is a word of the shell")
    if any(mark in argv[0] for mark in "*?["):
        raise Unparsable("which program it starts depends on the files that are there")


def _without_assignments(argv: list[str]) -> list[str]:
    """Drop assignments before the program that cannot steer it; refuse the others."""
    while argv and (match := _ASSIGNMENT.match(argv[0])):
        if match[1] not in _SAFE_ASSIGNMENTS:
            raise Unparsable(f"sets {match[1]} for the program, which may change what it does")
        argv = argv[1:]
    if not argv:
        raise Unparsable("there is no command")
    return argv
