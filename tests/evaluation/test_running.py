"""Replaying: our own recordings give the right answers, with nothing of the machine's own configuration."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path

import pytest

from chatops.evaluation.case import HEALTHY, TAPE, load, write
from chatops.evaluation.running import run, with_sources
from chatops.evaluation.scoring import outcome
from chatops.settings import Environment, Settings, SettingsError
from tests.evaluation.standins import CASES, LABELS, live

PROD = Environment(kubernetes={"server": "x"})


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(state_dir=tmp_path / "state")


@pytest.mark.parametrize("name", LABELS)
async def test_our_recordings_are_answered_rightly_by_rules(
    name: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whatever this machine is configured for is not asked.
    monkeypatch.setenv("KUBECONFIG", "/nonexistent")
    monkeypatch.setenv("AWS_REGION", "us-west-1")
    case = load(CASES / name)
    done = await run(case, settings, model=False)
    assert done.missing == ()
    found = outcome(case.name, case.file.label, done)
    assert found.right_within(3)
    if found.healthy:
        assert found.verdict == HEALTHY
    else:
        assert found.guesses[0].right_cause
        assert found.guesses[0].confidence > 0.5


async def test_only_the_recorded_sources_are_there(settings: Settings, tmp_path: Path) -> None:
    whole = load(CASES / "checkout-oom")
    shutil.copytree(whole.folder, tmp_path / "part")
    part = write(tmp_path / "part", whole.file.model_copy(update={"sources": {"kubernetes": {"server": "http://x"}}}))
    coverage = (await run(part, settings, model=False)).answer.diagnosis.coverage
    assert {row.source for row in coverage if row.state == "not configured"} == {"prometheus", "cloudwatch"}
    assert {row.source for row in coverage if row.state == "checked"} == {"kubernetes"}


async def test_what_is_cut_out_of_a_recording_is_missing_and_not_nothing(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "cut"
    shutil.copytree(CASES / "checkout-oom", folder)
    rows = [json.loads(line) for line in gzip.decompress((folder / TAPE).read_bytes()).splitlines()]
    kept = [row for row in rows if "/pods?" not in row["key"]]
    assert len(kept) < len(rows)
    (folder / TAPE).write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in kept).encode()))
    done = await run(load(folder), settings, model=False)
    assert any("/pods?" in query for query in done.missing)
    details = [row.detail for row in done.answer.diagnosis.coverage if row.source == "kubernetes"]
    assert any("not in the recording" in detail for detail in details)


@pytest.mark.parametrize("name", [name for name in LABELS if name != "quiet-alarm"])
async def test_with_the_deciding_source_taken_away_nothing_else_is_claimed(name: str, settings: Settings) -> None:
    case = load(CASES / name)
    done = await run(case, settings, model=False, without=["kubernetes", "aws"])
    found = outcome(case.name, case.file.label, done)
    assert [one for one in found.claims if not one.right_cause] == []
    # Prometheus may still tell it; where it does not, nobody pretends.
    assert found.right_within(1) or (found.verdict in ("inconclusive", "blocked") and done.answer.diagnosis.gaps)
    assert {row.state for row in done.answer.diagnosis.coverage if row.source == "kubernetes"} == {"failed"}


async def test_a_served_case_is_asked_live_and_its_calls_are_counted(settings: Settings, tmp_path: Path) -> None:
    async with live("cart-selector") as (reach, incident):
        sources = {"kubernetes": dict(reach.kubernetes), "prometheus": dict(reach.prometheus)}
        recorded = load(CASES / "cart-selector").file
        (tmp_path / "served").mkdir()
        case = write(tmp_path / "served", recorded.model_copy(update={"sources": sources, "window": incident.window}))
        done = await run(case, settings, model=False)
    assert outcome(case.name, case.file.label, done).right_within(1)
    assert done.calls > 10


async def test_a_case_with_neither_recording_nor_sources_is_none(settings: Settings, tmp_path: Path) -> None:
    file = load(CASES / "cart-selector").file
    with pytest.raises(SettingsError, match="no recording, and no sources"):
        await run(write(tmp_path, file.model_copy(update={"sources": {}})), settings, model=False)


async def test_a_tape_that_cannot_be_read_is_named(settings: Settings, tmp_path: Path) -> None:
    case = write(tmp_path, load(CASES / "cart-selector").file)
    (tmp_path / TAPE).write_bytes(b"not a tape")
    with pytest.raises(SettingsError, match="cannot be read"):
        await run(case, settings, model=False)


async def test_a_recording_needs_its_window(settings: Settings, tmp_path: Path) -> None:
    shutil.copytree(CASES / "cart-selector", tmp_path / "c")
    case = load(tmp_path / "c")
    with pytest.raises(SettingsError, match="without the window"):
        await run(write(case.folder, case.file.model_copy(update={"window": None})), settings, model=False)


def test_a_case_has_one_environment_of_its_own_sources() -> None:
    settings = Settings(
        prometheus={"url": "http://mine"}, environments={"prod": Environment(kubernetes={"server": "x"})}
    )
    narrowed = with_sources(settings, {"kubernetes": {"server": "y"}, "third": {"a": 1}})
    assert narrowed.environment_options() == {
        "default": {"prometheus": {}, "kubernetes": {"server": "y"}, "cloudwatch": {}, "third": {"a": 1}}
    }
