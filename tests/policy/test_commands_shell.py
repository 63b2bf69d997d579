"""A line is taken apart as a shell would, or not at all."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatops.policy.commands_shell import MAX_LINE, MAX_WORDS, Unparsable, check_argv, pipeline

WORDS = st.text(st.characters(codec="ascii", min_codepoint=32, max_codepoint=126), max_size=12)
RESERVED = {"if", "then", "else", "elif", "fi", "for", "while", "until", "do", "done", "case", "esac", "in"}
PROGRAM = st.from_regex(r"[a-z][a-z0-9-]{0,9}", fullmatch=True).filter(
    lambda word: word not in RESERVED | {"function", "select", "time", "coproc"}
)


@given(PROGRAM, st.lists(WORDS, max_size=6))
@settings(max_examples=200, deadline=None)
def test_what_was_quoted_comes_out_as_it_was(program: str, words: list[str]) -> None:
    assert pipeline(shlex.join([program, *words])) == [[program, *words]]


@given(st.lists(st.tuples(PROGRAM, st.lists(WORDS, max_size=3)), min_size=1, max_size=4))
@settings(max_examples=100, deadline=None)
def test_a_pipe_comes_out_program_by_program(programs: list[tuple[str, list[str]]]) -> None:
    commands = [[program, *words] for program, words in programs]
    assert pipeline(" | ".join(shlex.join(command) for command in commands)) == commands
    assert pipeline("|".join(shlex.join(command) for command in commands)) == commands


@pytest.mark.parametrize(
    ("line", "argv"),
    [
        ('a "b c" d', ["a", "b c", "d"]),
        ("a 'b $c `d`'", ["a", "b $c `d`"]),
        ('a "b\\"c" "d\\\\e" "\\$f" "\\`g"', ["a", 'b"c', "d\\e", "$f", "`g"]),
        ('a "b\\nc"', ["a", "b\\nc"]),
        ("a b\\ c \\$d", ["a", "b c", "$d"]),
        ("a b\"c\"'d'e", ["a", "bcde"]),
        ("a ''", ["a", ""]),
        ("a $ b$", ["a", "$", "b$"]),
        ("a {.items[*].x} {}", ["a", "{.items[*].x}", "{}"]),
        ("a '{b,c}'", ["a", "{b,c}"]),
        ("a b \\\n  c", ["a", "b", "c"]),
        ("  a\tb  ", ["a", "b"]),
        ("a 2>/dev/null b 2>&1", ["a", "b"]),
        ("a > /dev/null", ["a"]),
        ("a '2>&1' \"x > /dev/null\"", ["a", "2>&1", "x > /dev/null"]),
        ("TZ=UTC LC_ALL=C a", ["a"]),
        ("a b=c", ["a", "b=c"]),
        ("a Größe=日本", ["a", "Größe=日本"]),
        ("a#b", ["a#b"]),
    ],
)
def test_quotes_and_harmless_notation(line: str, argv: list[str]) -> None:
    assert pipeline(line) == [argv]


@pytest.mark.parametrize(
    "line",
    [
        *("", "   ", "a |", "| a", "a || b", "a |& b", "a && b", "a; b", "a;", "a & ", "(a)", "a >b", "a >>b", "a <b"),
        *("a 2> b", "a >&2", "a <<< b", "a << E", "a <(b)", "a $b", "a ${b}", "a $(b)", "a `b`", 'a "$b"', 'a "`b`"'),
        *("a $'b'", 'a $"b"', "a $1", "a $@", "a $?", "a $$", "a {b,c}", "a x{1..3}y", "a 'b", 'a "b', "a #b", "#"),
        *(
            "if a",
            "! a",
            "{ a",
            "[[ a",
            "time a",
            "*x",
            "a?c d",
            "[ab] c",
            "PATH=x a",
            "A+=b c",
            "A=b",
            "LD_PRELOAD=x a",
        ),
        *("a\nb", "a\rb", "a \x00", "a \x1b[0m", "a\u00a0b", "a \u2013x", "a \u201cb\u201d", "a\u200bb", "coproc a"),
        *("a >/dev/nullx", "a 2>/dev/null/../x", "a &>b", "a x>/dev/null", "AWS_ENDPOINT_URL=x aws", "a \\\nb; c"),
    ],
)
def test_what_depends_on_a_shell_is_refused(line: str) -> None:
    with pytest.raises(Unparsable) as caught:
        pipeline(line)
    assert str(caught.value)


def test_limits_hold_before_anything_is_parsed() -> None:
    assert pipeline("a " + "b" * (MAX_LINE - 2))
    check_argv(["a"] * MAX_WORDS)
    for refused in (["a"] * (MAX_WORDS + 1), ["a", "b" * MAX_LINE], [], [""], ["a", "b\x00"], ["a", "b\u202e"]):
        with pytest.raises(Unparsable):
            check_argv(refused)
    with pytest.raises(Unparsable):
        pipeline("a " + "b" * (MAX_LINE - 1))


def test_arguments_may_hold_line_breaks_where_no_shell_is_involved() -> None:
    check_argv(["psql", "-c", "select 1\n\tfrom x"])
