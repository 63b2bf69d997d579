"""`runbooks search | lint | stats`, in this process."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from chatops.cli.main import app
from chatops.settings import SettingsError

PAGE = """---
title: Replication lag
alerts: [ReplicaBehind]
---
# Replication lag

## First checks

The replica is behind its primary. Look at its lag, its load and the network between both.
"""


@pytest.fixture
def folder(tmp_path: Path) -> str:
    (tmp_path / "lag.md").write_text(PAGE)
    return str(tmp_path)


def run(*arguments: str, stdin: str = "") -> Result:
    return CliRunner().invoke(app, ["runbooks", *arguments], input=stdin)


def test_what_fits_is_found_with_score_and_why(folder: str) -> None:
    [hit] = json.loads(run("search", "replication lag", "--dir", folder, "--format", "json").stdout)
    assert (hit["slug"], hit["title"], hit["how"]) == ("lag", "Replication lag", "text")
    assert 0.2 <= hit["score"] <= 1


def test_where_nothing_fits_it_says_so(folder: str) -> None:
    assert run("search", "certificate expired", "--dir", folder).stdout == "No runbook fits.\n"


def test_many_queries_are_answered_a_line_each(folder: str) -> None:
    lines = run("search", "-", "--dir", folder, stdin="replication lag\ncertificate expired\n").stdout.splitlines()
    assert [len(json.loads(line)) for line in lines] == [1, 0]


def test_a_page_of_ones_own_is_linted_less_strictly_and_a_fault_is_an_exit_code(folder: str) -> None:
    assert run("lint", "--dir", folder).exit_code == 0
    (Path(folder) / "bad.md").write_text("# Bad\n\n[gone](nowhere.md)\n")
    done = run("lint", "--dir", folder, "--format", "json")
    assert done.exit_code == 1
    assert any(one["path"].startswith("bad") and one["severity"] == "error" for one in json.loads(done.stdout))


def test_what_there_is_is_counted(folder: str) -> None:
    told = json.loads(run("stats", "--dir", folder).stdout)
    assert (told["pages"], told["alerts"], told["unreviewed"]) == (1, 1, 1)


def test_a_folder_that_is_not_there_is_named() -> None:
    error = run("stats", "--dir", "/nowhere/at/all").exception
    assert isinstance(error, SettingsError)
    assert "there is no folder /nowhere/at/all" in str(error)


def test_nothing_to_look_for_is_an_error(folder: str) -> None:
    assert isinstance(run("search", " ", "--dir", folder).exception, SettingsError)


def test_sources_of_the_settings_are_brought_and_those_that_cannot_be_are_named(
    folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHATOPS_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("CHATOPS_RUNBOOKS", json.dumps([folder, "/nowhere/pages", "https://127.0.0.1:1/team/pages.git"]))
    done = run("stats")
    told = json.loads(done.stdout)
    assert told["sources"][folder] == 1
    assert [problem.partition(": ")[0] for problem in told["problems"]] == [
        "/nowhere/pages", "https://127.0.0.1:1/team/pages.git",
    ]  # fmt: skip
    assert "chatops: runbooks: /nowhere/pages: there is no such folder" in done.stderr
