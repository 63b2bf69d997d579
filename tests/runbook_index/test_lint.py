from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from chatops.runbook_index.lint import lint

TODAY = date(2026, 11, 23)
GOOD = """---
title: Memory
causes: [OOMKilled]
systems: [Kubernetes]
symptoms: [killed]
owners: [platform]
links: [https://example.com]
reviewed: 2026-11-20
---
## What it looks like
Killed.
## First checks
```sh
get pods
```
A pod that is not listed has gone; one with restarts was killed.
## OOMKilled
```promql
rate(x_total[5m]) > 0
```
## Mitigations
```sh
scale up
```
Rollback: scale down. Blast radius: one workload. See [checks](#first-checks) and [other](sub/other.md#fix).
## Prevention
Limits.
## References
- [Docs](https://example.com)
"""
OTHER = GOOD.replace("[OOMKilled]", "[MemoryPressure]").replace("## OOMKilled", "## MemoryPressure")
OTHER = OTHER.replace("sub/other.md#fix", "../good.md") + "## Fix\n"


@dataclass(frozen=True)
class Verdict:
    verdict: str
    reason: str = "because"


def judge(command: str) -> Verdict:
    return Verdict({"get": "read-only", "scale": "writes"}.get(command.split()[0], "unknown"))


def rules(root: Path, text: str, strict: bool = True) -> list[str]:
    (root / "sub").mkdir(exist_ok=True)
    (root / "good.md").write_text(text)
    (root / "sub" / "other.md").write_text(OTHER)
    return [f"{p.rule}:{p.line}" for p in lint([root], judge, TODAY, strict) if p.path == "good.md"]


def test_a_good_page_has_no_problems(tmp_path: Path) -> None:
    assert rules(tmp_path, GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("owners: [platform]\n", "", "front-matter:1"),
        ("title: Memory", "title: Memory\ncolour: red", "front-matter:1"),
        ("causes: [OOMKilled]", "causes: [OOMKilled, NoSuchCause]", "front-matter:1"),
        ("reviewed: 2026-11-20", "reviewed: lately", "front-matter:1"),
        ("reviewed: 2026-11-20", "reviewed: 2025-11-20", "stale:0"),
        ("## Prevention", "## Later", "parts:0"),
        ("Blast radius", "Effect", "parts:0"),
        ("```sh\nget pods\n```\n", "", "parts:12"),
        ("A pod that is not listed has gone; one with restarts was killed.\n", "", "parts:12"),
        ("```promql\nrate(x_total[5m]) > 0\n```\n", "", "causes:17"),
        ("## OOMKilled", "## Killed", "causes:0"),
        ("rate(x_total[5m])", "rate(x_total[5m]", "promql:19"),
        ("get pods", "scale up", "commands:14"),
        ("get pods", "launch missiles", "commands:14"),
        ("scale up", "launch missiles", "commands:23"),
        ("(#first-checks)", "(#last-checks)", "links:21"),
        ("sub/other.md#fix", "sub/gone.md", "links:21"),
        ("sub/other.md#fix", "sub/other.md#gone", "links:21"),
    ],
)
def test_each_fault_is_found(tmp_path: Path, old: str, new: str, rule: str) -> None:
    assert old in GOOD
    found = rules(tmp_path, GOOD.replace(old, new))
    assert rule in found


def test_foreign_pages_need_no_parts(tmp_path: Path) -> None:
    assert rules(tmp_path, "# Only words\n", strict=False) == ["front-matter:1"]
    assert rules(tmp_path, "---\ntitle: x\n---\n# Only words\n", strict=False) == []


def test_front_matter_that_cannot_be_read_is_a_problem_and_single_files_can_be_checked(tmp_path: Path) -> None:
    (tmp_path / "bad.md").write_text("---\ntitle: [x\n---\n")
    (problem,) = lint([tmp_path / "bad.md"], judge)
    assert problem.rule == "front-matter"
    assert "bad.md" in str(problem)


def test_without_a_judge_and_a_date_these_are_not_checked(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "other.md").write_text(OTHER)
    (tmp_path / "good.md").write_text(GOOD.replace("get pods", "launch missiles").replace("2026", "2020"))
    assert lint([tmp_path]) == []
