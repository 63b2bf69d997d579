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


@pytest.mark.parametrize("command", [one[0] for one in claims() if not one[1]])
def test_a_suite_that_the_page_names_has_tests(command: str) -> None:
    assert re.search(r"\.py: [1-9]\d*", run(f"{command} --collect-only -p no:cacheprovider"))
