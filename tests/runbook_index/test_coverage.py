from __future__ import annotations

from pathlib import Path

from chatops.policy.commands import judge_line
from chatops.runbook_index.coverage import MISSING, main, table
from chatops.runbook_index.systems import System

ROOT = Path(__file__).resolve().parents[2]


def test_the_committed_table_is_current() -> None:
    assert main(["--check"]) == 0, "run: python -m chatops.runbook_index.coverage"


def rows(text: str) -> dict[str, list[str]]:
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("|")]
    return {row[0]: row[1:] for row in cells}


def test_what_is_not_there_is_called_missing(tmp_path: Path) -> None:
    connector = tmp_path / "connectors" / "example"
    connector.mkdir(parents=True)
    (connector / "__init__.py").write_text("")
    (connector / "rules.py").write_text('finding("OOMKilled", read("example.io"))')
    (tmp_path / "runbooks").mkdir()
    (tmp_path / "runbooks" / "page.md").write_text("# Page")
    systems = (
        System("A", "Full", "page", ("example.io",), ("OOMKilled", "ClockSkew"), "kubectl get pods"),
        System("A", "Empty", "none", ("other.io",), ("ClockSkew",), "kubectl delete pod x"),
        System("B", "Bare", "none"),
    )

    found = rows(table(tmp_path, judge_line, systems))

    assert found["Full"] == ["example", "OOMKilled", "`kubectl get pods …`", "[page](../runbooks/page.md)"]
    assert found["Empty"] == [MISSING] * 4
    assert found["Bare"] == [MISSING] * 4


def test_every_system_has_its_page() -> None:
    found = rows((ROOT / "docs" / "coverage.md").read_text())
    assert len(found) > 80
    assert [name for name, cells in found.items() if cells[-1] == MISSING] == []
