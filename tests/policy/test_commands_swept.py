"""Systematic variations of everyday reads get the verdicts and reasons that people have read (`sweep.py`)."""

from __future__ import annotations

import shlex

from chatops.policy.commands import judge
from tests.policy.sweep import GOLDEN, mentioned, reads, rules_of, variations


def test_each_variation_has_its_verdict_and_reason() -> None:
    wanted = [line.split("\t", 2) for line in GOLDEN.read_text("utf-8").splitlines()]
    assert len(wanted) > 2_000
    for verdict, reason, command in wanted:
        judged = judge(shlex.split(command))
        assert (judged.verdict, judged.reason) == (verdict, reason), command


def test_every_program_of_the_reads_is_varied_by_the_words_of_its_own_rule() -> None:
    assert rules_of("kubectl") == "chatops.policy.grammar.kubectl"
    assert rules_of("helm") == "chatops.policy.grammar.verbs"
    assert {"create", "token", "--raw"} <= set(mentioned("chatops.policy.grammar.kubectl"))
    assert all(argv[0].split("/")[-1].startswith(name[:2]) for name, each in reads().items() for argv in each)


def test_a_variation_drops_and_swaps_and_adds_words() -> None:
    made = list(variations(["x", "get", "y"], ["--raw"]))
    for each in (["x"], ["x", "y"], ["x", "y", "get"], ["x", "get", "--", "y"], ["x", "get", "y", "--raw", "x"]):
        assert each in made
