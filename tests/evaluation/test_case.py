"""A case on disk: labels, windows, paths, and one line where it is not a case."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from chatops.evaluation.case import FILE, TAPE, CaseFile, Label, folders, load, write
from chatops.settings import SettingsError
from connectors.contract import Scope, Window
from connectors.evidence import Subject
from tests.conftest import NOW
from tests.factories import alert


def case_file(folder: Path, **content: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_text(json.dumps(content), "utf-8")
    return folder


@pytest.mark.parametrize(
    ("label", "subject", "same"),
    [
        ("cart", Subject(kind="Service", namespace="shop", name="cart"), True),
        ("app/cart", Subject(kind="Deployment", namespace="shop", name="cart"), True),
        ("app/cart", Subject(kind="Node", name="cart"), False),
        ("deployment/cart", Subject(kind="Deployment", namespace="shop", name="cart"), True),
        ("Deployment/cart", Subject(kind="Service", namespace="shop", name="cart"), False),
        ("node/worker-1", Subject(kind="Node", name="worker-1"), True),
        ("namespace/shop", Subject(kind="Namespace", name="shop"), True),
        ("cart", Subject(kind="Deployment", namespace="shop", name="cart-db"), False),
        ("", Subject(kind="Deployment", namespace="shop", name="cart"), True),
    ],
)
def test_an_object_is_met_by_its_name_and_by_its_kind_where_one_is_given(
    label: str, subject: Subject, same: bool
) -> None:
    assert Label(cause="OOMKilled", object=label).names(subject) is same


def test_a_label_takes_codes_aliases_and_healthy_only() -> None:
    assert Label(cause="oom_killed").code == Label(cause="OOMKilled").code == "OOMKilled"
    assert Label(cause="oom_killed").meets("OOMKilled")
    assert not Label(cause="oom_killed").meets("TrafficSurge")
    assert Label(cause="Healthy").code == "healthy"
    with pytest.raises(ValidationError, match="no cause has the code"):
        Label(cause="gremlins")


def test_a_case_is_read_as_it_was_written(tmp_path: Path) -> None:
    window = Window.ending(NOW, onset=NOW - timedelta(minutes=7))
    file = CaseFile(
        question="why?", alerts=(alert(),), scope=Scope(namespace="shop"), window=window, label=Label(cause="OOMKilled")
    )
    write(tmp_path, file)
    case = load(tmp_path)
    assert case.file == file
    assert case.incident(NOW + timedelta(days=9)).inquiry.window == window
    assert case.tape is None
    (tmp_path / TAPE).touch()
    assert case.tape == tmp_path / TAPE


def test_a_served_case_ends_when_it_runs_and_finds_its_files(tmp_path: Path) -> None:
    sources = {"kubernetes": {"kubeconfig": "./kubeconfig", "verify": False}, "prometheus": {"url": "http://p"}}
    case = load(case_file(tmp_path / "slow", question="slow", sources=sources))
    incident = case.incident(NOW)
    assert (incident.window.end, incident.title, case.name) == (NOW, "slow", "slow")
    assert case.sources["kubernetes"] == {"kubeconfig": str(tmp_path / "slow" / "kubeconfig"), "verify": False}
    assert case.sources["prometheus"] == {"url": "http://p"}


def test_folders_are_the_cases_below_by_name_or_the_case_itself(tmp_path: Path) -> None:
    paths = [case_file(tmp_path / name) for name in ("b/deep", "a")]
    assert folders(tmp_path) == [paths[1], paths[0]]
    assert folders(paths[1]) == [paths[1]]
    with pytest.raises(SettingsError, match="no case.json"):
        folders(tmp_path / "none")


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ({"label": {"cause": "gremlins"}}, "label.cause: "),
        ({"questoin": "x"}, "questoin"),
        ({"schema": "chatops.case/9"}, "schema"),
    ],
)
def test_what_is_wrong_in_a_case_is_named(content: dict[str, Any], line: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=line):
        load(case_file(tmp_path, **content))


def test_a_missing_case_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="No such file"):
        load(tmp_path / "none")


def test_a_file_that_is_no_json_is_told_without_an_empty_place(tmp_path: Path) -> None:
    (tmp_path / "case.json").write_text("{")
    with pytest.raises(SettingsError, match=r"case\.json: Invalid JSON"):
        load(tmp_path)
