"""Long lists: what people on call read every day is read-only, and no known way around the gate is.

Both lists are plain text, so that a new command is one more line. The third is what other tools call harmless and
this one does not run: every row of it says which class of docs/decisions/commands-that-only-read.md it falls under.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chatops.policy.commands import judge_line
from tests.policy.verdicts import GOLDEN, listed, said

HERE = Path(__file__).parent
DECISION = HERE.parents[1] / "docs" / "decisions" / "commands-that-only-read.md"


def lines(name: str) -> list[str]:
    """The lines of a list; those that begin with `# ` are comments."""
    return [line for line in (HERE / name).read_text("utf-8").splitlines() if line and not line.startswith("# ")]


@pytest.mark.parametrize("command", lines("reads.txt"))
def test_what_people_read_every_day_is_read_only(command: str) -> None:
    judged = judge_line(command)
    assert judged.verdict == "read-only", judged.reason


@pytest.mark.parametrize("command", lines("bypasses.txt"))
def test_no_way_around_is_read_only(command: str) -> None:
    judged = judge_line(command)
    assert judged.verdict != "read-only", judged.reason
    assert judged.reason


DISAGREED = [tuple(line.split("\t")) for line in lines("disagreed.txt")]


@pytest.mark.parametrize(("kind", "verdict", "command"), DISAGREED)
def test_where_other_tools_say_harmless_the_verdict_is_the_decided_one(kind: str, verdict: str, command: str) -> None:
    assert judge_line(command).verdict == verdict
    assert kind


def test_every_class_of_disagreement_is_decided_in_writing() -> None:
    written = set(re.findall(r"^\| `([a-z-]+)` \|", DECISION.read_text("utf-8"), re.MULTILINE))
    assert {kind for kind, _, _ in DISAGREED} <= written


def test_each_verdict_has_its_reason() -> None:
    """The golden file (`python -m tests.policy.verdicts`) holds verdict and reason: people read both."""
    wanted = GOLDEN.read_text("utf-8").splitlines()
    assert [said(command) for command in listed()] == wanted
