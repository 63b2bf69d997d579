"""`policy check` and `redact`, in this process."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from chatops.cli.main import app

RUN = CliRunner()


def verdicts(*arguments: str, stdin: str | None = None) -> list[str]:
    done = RUN.invoke(app, ["policy", "check", *arguments], input=stdin)
    assert done.exit_code == 0, done.output
    return [json.loads(line)["verdict"] for line in done.stdout.splitlines()]


def test_a_command_in_words_and_as_a_line() -> None:
    assert verdicts("--", "kubectl", "get", "pods", "-n", "shop") == ["read-only"]
    assert verdicts("kubectl get pods > pods.txt") == ["unparsable"]


def test_many_are_answered_line_by_line() -> None:
    assert verdicts(stdin="kubectl delete pod a\n\nkubectl get secret db -o yaml\n") == [
        "writes",
        "unparsable",
        "reveals-secrets",
    ]


def test_secrets_do_not_come_out_and_other_bytes_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHATOPS_STATE_DIR", str(tmp_path))
    done = RUN.invoke(app, ["redact"], input=b"DB_PASSWORD=hunter2hunter2\r\nname \xff\xfe\n")
    assert done.exit_code == 0, done.output
    assert b"hunter2" not in done.stdout_bytes
    assert b"[secret:" in done.stdout_bytes
    assert b"\xff\xfe" in done.stdout_bytes
