"""Write what is said of systematic variations of everyday reads: `python -m tests.policy.sweep`.

Each program's shortest reads are taken apart: words are dropped, swapped, doubled and made very long; every word that
the program's rules mention (as constants of their functions) is put at the end, at the front and before another word.
Of what gets the same answer for the same program, a few are kept; of the programs that share one rule and differ by
their row only, every thirtieth. Nothing is chosen by what mutants survive.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import shlex
from collections.abc import Iterator, Sequence
from functools import cache, partial
from pathlib import Path

from chatops.policy.commands import judge
from chatops.policy.grammar import judge_of, plain_name
from chatops.policy.grammar.verbs import judge_words

HERE = Path(__file__).parent
GOLDEN = HERE / "swept.tsv"
BASES, KEPT, ROWS = 3, 2, 30
LONG = "a-word-that-is-far-longer-than-what-a-reason-quotes-of-it-" * 2


def reads() -> dict[str, list[list[str]]]:
    """Program → its shortest reads, without pipes."""
    found: dict[str, list[list[str]]] = {}
    for line in (HERE / "reads.txt").read_text("utf-8").splitlines():
        if line and line[0] not in "#\\" and "|" not in line:
            argv = shlex.split(line)
            found.setdefault(plain_name(argv[0]), []).append(argv)
    return {name: sorted(each, key=lambda argv: (len(argv), argv))[:BASES] for name, each in found.items()}


@cache
def mentioned(module: str) -> tuple[str, ...]:
    """The short words among the constants of a module's functions."""
    tree = ast.parse(inspect.getsource(importlib.import_module(module)))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    texts = {
        n.value for f in functions for n in ast.walk(f) if isinstance(n, ast.Constant) and isinstance(n.value, str)
    }
    split = {word for text in texts for word in (text.split() if text.startswith("-") else [text])}
    return tuple(sorted(word for word in split if word and len(word) < 24 and not set(word) & set(" \n{}%")))


def rules_of(program: str) -> str:
    """The module whose functions judge a program."""
    judged = judge_of(program)
    while isinstance(judged, partial):
        judged = next((a for a in judged.args if callable(a)), judged.func)
    return getattr(judged, "__module__", "")


def variations(base: Sequence[str], words: Sequence[str]) -> Iterator[list[str]]:
    """What can be done to a command's words."""
    program, *args = base
    yield [program]
    for at in range(len(args)):
        yield [program, *args[:at], *args[at + 1 :]]
        yield [program, *args[:at], LONG, *args[at + 1 :]]
        yield [program, *args[: at + 1], "--", *args[at + 1 :]]
    yield [program, *args[::-1]]
    yield [program, *args, *args]
    for word in ("--help", "-h", "help", "--version", "-", "", "--unheard-of", "--unheard-of=1", "-Z", LONG, *words):
        yield [program, *args, word]
        yield [program, word, *args]
        yield [program, *args, word, "x"]
        yield [program, word]


def swept() -> Iterator[str]:
    """The lines of the golden file: verdict, reason, command."""
    rows = 0
    for program, bases in sorted(reads().items()):
        module = rules_of(program)
        rows += module == judge_words.__module__
        if module == judge_words.__module__ and rows % ROWS:
            continue
        words = mentioned(module) if module else ()
        said: dict[tuple[str, str], int] = {}
        for argv in (each for base in bases for each in variations(base, words)):
            judged = judge(argv)
            key = (judged.verdict, " ".join(w for w in judged.reason.split() if w.strip("':,") not in argv))
            said[key] = said.get(key, 0) + 1
            if said[key] <= KEPT:
                yield f"{judged.verdict}\t{judged.reason}\t{shlex.join(argv)}"


if __name__ == "__main__":
    GOLDEN.write_text("".join(line + "\n" for line in dict.fromkeys(swept())), "utf-8")
