"""Recording: what the stand-ins answer is kept, redacted, and gives the same answer when played."""

from __future__ import annotations

import gzip
from datetime import timedelta
from pathlib import Path

import pytest

from chatops.evaluation.case import FILE, TAPE, Label, load
from chatops.evaluation.recording import record, remembering
from chatops.evaluation.scoring import outcome
from chatops.policy.redaction import Redactor
from chatops.settings import Settings, SettingsError
from tests.conftest import NOW
from tests.connectors.loki.stand_in import Streams
from tests.evaluation.standins import live, record_demo
from tests.factories import incident

CLOSED = "http://127.0.0.1:9"


async def test_a_recording_gives_the_answer_that_was_given_live(tmp_path: Path) -> None:
    made = await record_demo("orders-database", tmp_path / "case")
    assert made.faithful
    assert made.live.diagnosis.hypotheses
    assert made.withheld == 0
    assert made.again.missing == ()
    assert made.again.calls == made.calls
    assert sorted(path.name for path in (tmp_path / "case").iterdir()) == [FILE, TAPE]
    assert outcome("case", made.case.file.label, made.again).right_within(3)
    assert set(made.case.file.sources) == {"kubernetes", "prometheus", "cloudwatch"}
    told = made.live.diagnosis
    assert [one.section for one in told.runbooks] == ["DatabaseConnectionsExhausted"]
    commands = [step.command for step in told.next_steps if step.runnable]
    assert any("DatabaseConnections" in one and "Value=orders-db" in one for one in commands)
    assert "aws rds describe-db-instances --db-instance-identifier orders-db --region eu-west-1" in commands


async def test_secrets_of_the_question_and_of_the_sources_are_not_written(tmp_path: Path) -> None:
    secret = "".join(("ghp", "_", "A1b2C3d4E5" * 3, "F6g7H8"))
    async with live("checkout-oom") as (settings, opened):
        asked = opened.model_copy(update={"question": f"does {secret} still work?"})
        made = await record(settings, asked, tmp_path / "case", Label(cause="OOMKilled"))
    written = (tmp_path / "case" / FILE).read_text() + gzip.decompress((tmp_path / "case" / TAPE).read_bytes()).decode()
    assert secret not in written
    assert "[secret:" in made.case.file.question
    assert load(tmp_path / "case").file == made.case.file


async def test_every_connector_is_recorded_and_secrets_in_its_answers_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("KUBECONFIG", raising=False)
    secret = "".join(("ghp", "_", "Z9y8X7w6V5" * 3, "U4t3S2"))
    lines = [(NOW - timedelta(seconds=240 - i), f"ERROR {i}: token {secret} was refused") for i in range(60)]
    server = Streams([({"namespace": "shop", "pod": "checkout-7d9c6b5f4-x2x9z", "app": "checkout"}, lines)]).serve()
    sources = {"loki": {"url": server.url}}
    settings = Settings(state_dir=tmp_path / "state", connectors=sources, cloudwatch={"enabled": False})
    try:
        made = await record(settings, incident(), tmp_path / "case")
    finally:
        server.close()
    tape = gzip.decompress((tmp_path / "case" / TAPE).read_bytes()).decode()
    assert secret not in tape
    assert "was refused" in tape
    assert made.faithful
    assert made.again.missing == ()
    assert set(made.case.file.sources) == {"loki"}
    patterns = [one.title for one in made.again.answer.diagnosis.evidence if one.source == "loki"]
    assert patterns
    assert patterns == [one.title for one in made.live.diagnosis.evidence if one.source == "loki"]


async def test_an_incident_of_which_nothing_can_be_reached_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("KUBECONFIG", raising=False)
    settings = Settings(state_dir=tmp_path / "state", prometheus={"url": CLOSED}, cloudwatch={"enabled": False})
    with pytest.raises(SettingsError, match="nothing could be reached"):
        await record(settings, incident(), tmp_path / "case")
    assert not (tmp_path / "case").exists()


async def test_a_case_is_never_written_over(tmp_path: Path) -> None:
    async with live("checkout-oom") as (settings, asked):
        with pytest.raises(SettingsError, match="--out"):
            await record(settings, asked, tmp_path)
    assert list(tmp_path.iterdir()) == []  # noqa: ASYNC240 - a test may wait for a disk


def test_a_remembering_redactor_replaces_what_the_redactor_replaces() -> None:
    plain = Redactor(key=b"k" * 16)
    secret = "".join(("ghp", "_", "Q1w2E3r4T5" * 3, "Y6u7I8"))
    value = {
        "items": [{"name": "DB_PASSWORD", "value": "correct horse"}, {"name": "PORT", "value": "8080"}] * 2,
        "password": "correct horse",
        "port": "8080",
        "log": [f"token {secret}", "x" * 300 + f" token={secret}"] * 2,
    }
    redactor = remembering(plain)
    assert redactor.value(value) == plain.value(value)
    assert secret not in str(redactor.value(value))
    assert "correct horse" not in str(redactor.value(value))
