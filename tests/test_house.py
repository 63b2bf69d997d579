"""The house stays small: no module beyond its room, none without its question, and no new one without its test."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted(path for folder in ("chatops", "connectors") for path in (ROOT / folder).rglob("*.py"))
MOST_LINES = 350


PARSED = {path: ast.parse(path.read_text("utf-8")) for path in MODULES}


def test_a_module_has_a_docstring_and_fits_its_room() -> None:
    long = {path: lines for path in MODULES if (lines := len(path.read_text("utf-8").splitlines())) > MOST_LINES}
    assert long == {}
    assert [path for path, module in PARSED.items() if not ast.get_docstring(module)] == []


def twin(path: Path) -> Path:
    """Where a module's own test stands: tests mirror the modules, `chatops` left out."""
    inside = path.relative_to(ROOT / "chatops" if (ROOT / "chatops") in path.parents else ROOT)
    return ROOT / "tests" / inside.parent / f"test_{path.name}"


def does_something(module: ast.Module) -> bool:
    """Whether any function has a body: protocols and values are tested by who implements and fills them."""
    functions = [one for one in ast.walk(module) if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)]
    said = [
        [part for part in one.body if not isinstance(getattr(part, "value", None), ast.Constant)] for one in functions
    ]
    tables = any(isinstance(one, ast.Assign | ast.AnnAssign) for one in module.body)
    return any(said) or tables


def test_a_module_has_its_test_beside_it() -> None:
    modules = {path: one for path, one in PARSED.items() if path.name not in ("__init__.py", "__main__.py")}
    missing = [twin(path) for path, one in modules.items() if does_something(one) and not twin(path).exists()]
    assert missing == [], "write them"


TOP_LEVEL = frozenset(
    {"chatops", "connectors", "runbooks", "tests", "helm", "docs", ".github", ".ci"}
    | {"pyproject.toml", "Makefile", "Dockerfile", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE"}
    | {".gitignore", ".dockerignore", ".pre-commit-config.yaml"}
    | {"requirements.lock", "requirements-dev.lock", "requirements-build.lock", "requirements-fuzz.lock"}
)


def test_nothing_lies_about_at_the_top_level() -> None:
    """A download or a note that `git add -A` took along would stay for ever: the first level is a closed list."""
    if not (ROOT / ".git").exists():
        pytest.skip("an unpacked archive has no list of what is kept")
    kept = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert {name.split("/")[0] for name in kept.split("\0") if name} <= TOP_LEVEL
