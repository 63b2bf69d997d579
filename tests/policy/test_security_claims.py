"""Each claim of docs/security.md is run as it is written there, and the answer holds what the page says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "security.md"
_BLOCK = re.compile(r"## Verify each claim\n.*?```sh\n(.*?)```", re.DOTALL)
_LINE = re.compile(r"(?P<command>.+?)\s+# (?:(?P<kind>says|silent): )?(?P<text>.+)")


def claims() -> list[tuple[str, str, str]]:
    """Command, kind and text of each line of the block."""
    [block] = _BLOCK.findall(PAGE.read_text("utf-8"))
    return [(m["command"], m["kind"] or "", m["text"]) for m in map(_LINE.fullmatch, block.strip().splitlines()) if m]


def run(command: str) -> str:
    """What a shell answers; the tests' own Python stands first on the path."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", command], cwd=ROOT, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )
    assert not done.stderr, done.stderr
    return done.stdout


def test_every_line_of_the_block_is_a_claim() -> None:
    [block] = _BLOCK.findall(PAGE.read_text("utf-8"))
    assert len(claims()) == len(block.strip().splitlines()) > 20


@pytest.mark.parametrize(
    ("command", "kind", "text"), [one for one in claims() if one[1]], ids=lambda one: str(one)[:60]
)
def test_a_claim_holds(command: str, kind: str, text: str) -> None:
    said = run(command)
    assert (text in said) == (kind == "says"), said[:2000]
    assert said or kind == "silent"


def test_the_suites_that_the_page_names_have_tests() -> None:
    """Collected together: to start pytest for each would take seconds."""
    start, end = "python -m pytest ", " -q"
    suites = [command for command, kind, _ in claims() if not kind]
    assert all(one.startswith(start) and one.endswith(end) for one in suites)
    paths = [one.removeprefix(start).removesuffix(end) for one in suites]
    counted = re.findall(r"^(.+\.py): [1-9]\d*$", run(f"{start}{' '.join(paths)} -q --collect-only"), re.M)
    assert [path for path in paths if not any(file.startswith(path) for file in counted)] == []
