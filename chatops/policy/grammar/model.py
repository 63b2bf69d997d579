"""What is a rule about a command-line tool, and what does judging a command bring?

A tool is a row: which words make it read, which make it write, which reveal secrets, and which flags
are allowed before the verb. Only what a row says is known: everything else is `unknown`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Verdict = Literal["read-only", "writes", "reveals-secrets", "unknown", "unparsable"]

READ: Verdict = "read-only"
WRITES: Verdict = "writes"
SECRETS: Verdict = "reveals-secrets"
UNKNOWN: Verdict = "unknown"
UNPARSABLE: Verdict = "unparsable"


@dataclass(frozen=True)
class Judgement:
    """What a command would do, and why that is believed. Only `read-only` may ever be run."""

    verdict: Verdict
    reason: str
    argv: tuple[str, ...] = ()


def read(reason: str) -> Judgement:
    """It only reads."""
    return Judgement(READ, reason)


def writes(reason: str) -> Judgement:
    """It changes something."""
    return Judgement(WRITES, reason)


def reveals(reason: str) -> Judgement:
    """It prints secrets."""
    return Judgement(SECRETS, reason)


def unknown(reason: str) -> Judgement:
    """Nothing is known that would allow it."""
    return Judgement(UNKNOWN, reason)


Judge = Callable[[Sequence[str]], Judgement]
"""Judges the arguments of one tool (without its name)."""


def words(text: str) -> frozenset[str]:
    """A set written as one string."""
    return frozenset(text.split())


def abbreviates(flag: str, longer: Iterable[str]) -> bool:
    """Whether a long flag is one of these or begins it: getopt_long, git and argparse take `--out` for `--output`."""
    return flag.startswith("--") and len(flag) > 2 and any(each.startswith(flag) for each in longer)


@dataclass(frozen=True)
class Tool:
    """A tool whose commands are words and flags: `tool [flags] noun… verb [flags and arguments]`.

    `reads`, `writing` and `secrets` are command paths (`get`, `rollout status`); the longest that fits
    decides. `nouns` says whether other words may stand before a verb of the common vocabulary
    (`fastly domain list`). `values` and `switches` are the flags known to stand before the verb, with
    and without a value of their own. `refused` flags change the verdict wherever they stand.
    """

    names: str
    reads: tuple[str, ...] = ()
    writing: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    nouns: bool = False
    things: frozenset[str] = frozenset()
    """Words that name things in this tool and are verbs in others (`az sql server list`, `az lock list`)."""
    values: frozenset[str] = frozenset()
    switches: frozenset[str] = frozenset()
    refused: Mapping[str, tuple[Verdict, str]] = field(default_factory=dict)
    only: frozenset[str] | None = None
    """The only flags allowed beside `values` and `switches`; None where any but the refused ones are."""
    bare: frozenset[str] = frozenset()
    """Flags with which the tool reads although there is no verb (`nginx -t`)."""
    tried: frozenset[str] = frozenset()
    """Flags with which a change is only tried (`helm upgrade --dry-run`)."""
    tries: tuple[str, ...] = ()
    """The changes that can be tried; empty where all can."""
    names_only: tuple[str, ...] = ()
    """Command paths with a flag that leaves nothing but names of what they reveal else (`get --keys-only`)."""
    strange: str = ""
    """How arguments look (a pattern) for which the tool reads a local file, or fetches from whom they name."""
    alone: bool = False
    """Whether the tool without any argument only prints."""


def paths(text: str) -> tuple[str, ...]:
    """Command paths, separated by commas."""
    return tuple(" ".join(part.split()) for part in text.split(",") if part.strip())


def split_flag(argument: str) -> tuple[str, str | None]:
    """`--name=value` (or `-name=value`) as name and value; the value is None where there is none."""
    if argument.startswith("-") and "=" in argument[3:]:
        name, _, value = argument.partition("=")
        return name, value
    return argument, None
