"""A folder of cases: in order, in one process or in several, and one that is broken spoils only itself."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from chatops.evaluation.case import FILE, TAPE, folders
from chatops.evaluation.evaluate import evaluate
from chatops.evaluation.scoring import Outcome
from tests.evaluation.standins import CASES


@pytest.fixture(autouse=True)
def _own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHATOPS_STATE_DIR", str(tmp_path / "state"))


def gist(outcomes: list[Outcome]) -> list[tuple[object, ...]]:
    return [(one.name, one.verdict, one.guesses, one.calls) for one in outcomes]


def test_processes_give_the_same_answers_in_the_same_order() -> None:
    cases, heard = folders(CASES)[:3], []
    alone = evaluate(cases, model=False, done=lambda one: heard.append(one.name))
    assert heard == [case.name for case in cases]
    assert gist(evaluate(cases, model=False, jobs=2)) == gist(alone)


def test_a_broken_case_is_a_wrong_answer_and_the_others_go_on(tmp_path: Path) -> None:
    for name in ("checkout-oom", "quiet-alarm"):
        shutil.copytree(CASES / name, tmp_path / "cases" / name)
    (tmp_path / "cases" / "checkout-oom" / TAPE).write_bytes(b"broken")
    (tmp_path / "cases" / "unreadable").mkdir()
    (tmp_path / "cases" / "unreadable" / FILE).write_text("{")
    broken, healthy, unreadable = evaluate(folders(tmp_path / "cases"), model=False)
    assert "cannot be read" in broken.error
    assert (broken.expected, broken.right_within(3)) == ("OOMKilled", False)
    assert healthy.right_within(1)
    assert (unreadable.expected, "Invalid JSON" in unreadable.error) == ("", True)


def test_sources_can_be_taken_away() -> None:
    [found] = evaluate([CASES / "cart-selector"], model=False, without=["kubernetes"])
    assert not found.right_within(3)
    assert found.claims == ()
