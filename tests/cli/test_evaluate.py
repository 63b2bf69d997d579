"""`record`, `replay` and `eval` as a user types them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from chatops.evaluation.case import FILE, TAPE, load
from tests.cli.test_main import chatops
from tests.evaluation.standins import CASES, live

OOM = str(CASES / "checkout-oom")


def test_a_recording_is_replayed_as_the_public_json(tmp_path: Path) -> None:
    done = chatops("replay", OOM, "--no-model", "--format", "json", HOME=str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    diagnosis = json.loads(done.stdout)
    assert diagnosis["schema"] == "chatops.diagnosis/1"
    assert diagnosis["hypotheses"][0]["cause"] == "OOMKilled"


def test_the_brief_of_a_recording_is_printed_without_asking_anybody(tmp_path: Path) -> None:
    nobody = {"ANTHROPIC_API_KEY": "k", "ANTHROPIC_BASE_URL": "http://127.0.0.1:1"}
    done = chatops("replay", OOM, "--format", "brief", HOME=str(tmp_path), **nobody)
    assert (done.returncode, done.stderr) == (0, "")
    assert "## What changed" in done.stdout
    assert "OOMKilled" in done.stdout
    assert "tokens by our measure" in done.stdout


def test_cases_are_scored_as_json_and_the_progress_is_told_aside(tmp_path: Path) -> None:
    for name in ("checkout-oom", "quiet-alarm"):
        shutil.copytree(CASES / name, tmp_path / "cases" / name)
    done = chatops("eval", str(tmp_path / "cases"), "--no-model", "--format", "json", HOME=str(tmp_path))
    assert done.returncode == 0
    found = json.loads(done.stdout)
    assert found["schema"] == "chatops.evaluation/1"
    assert found["accuracy"]["at_1"] == 1.0
    assert [(one["name"], one["verdict"]) for one in found["cases"]] == [
        ("checkout-oom", "identified"),
        ("quiet-alarm", "healthy"),
    ]
    assert found["healthy"] == {"cases": 1, "with_false_cause": 0, "false_causes": []}
    assert "2/2" in done.stderr


def test_a_case_is_scored_as_tables(tmp_path: Path) -> None:
    done = chatops("eval", OOM, "--no-model", HOME=str(tmp_path))
    assert done.returncode == 0
    for part in ("Accuracy", "OOMKilled", "Calibration", "1 cases; calls:"):
        assert part in done.stdout


def test_a_source_that_is_none_and_cases_that_cannot_be_read_are_bad_usage(tmp_path: Path) -> None:
    done = chatops("eval", OOM, "--no-model", "--without", "promtheus", HOME=str(tmp_path))
    assert done.returncode == 2
    assert "'promtheus' names no source; there are" in done.stderr
    assert "prometheus" in done.stderr
    broken = tmp_path / "cases" / "broken"
    broken.mkdir(parents=True)
    (broken / FILE).write_text("{")
    done = chatops("eval", str(broken.parent), "--no-model", HOME=str(tmp_path))
    assert done.returncode == 2
    assert "none of the cases could be answered" in done.stderr


async def test_a_live_incident_is_recorded_with_its_label(tmp_path: Path) -> None:
    import asyncio

    async with live("cart-selector") as (settings, _):
        done = await asyncio.to_thread(
            chatops, "record", "carts cannot be opened", "-n", "shop", "--no-model", "--out", str(tmp_path / "case"),
            "--cause", "service_selector_mismatch", "--object", "Service/cart", HOME=str(tmp_path),
            CHATOPS_KUBERNETES__KUBECONFIG=str(settings.kubernetes["kubeconfig"]),
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert "selector matches no pod" in done.stdout
    assert "another answer" not in done.stdout
    case = load(tmp_path / "case")
    assert case.file.label is not None
    assert (case.file.label.code, case.file.question) == ("ServiceSelectorMismatch", "carts cannot be opened")
    assert sorted(path.name for path in case.folder.iterdir()) == [FILE, TAPE]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["record", "x", "--out", "never", "--cause", "gremlins"], "no cause has the code or alias 'gremlins'"),
        (["record", "x", "--out", "never", "--object", "cart"], "a label needs --cause too"),
        (["record", "--out", "never"], "say what is wrong"),
        (["replay", "tests"], "No such file"),
        (["eval", "tests/cli"], "there is no case.json"),
    ],
)
def test_bad_usage_is_one_line_and_exit_code_2(arguments: list[str], line: str, tmp_path: Path) -> None:
    done = chatops(*arguments, HOME=str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert line in done.stderr
    assert done.stderr.count("\n") == 1
    assert not Path("never").exists()
