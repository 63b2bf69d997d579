"""The catalogue: one meaning for every name, and a page for every cause."""

from __future__ import annotations

import re
from pathlib import Path

from connectors.causes import BY_CODE, CATALOGUE, find

RUNBOOKS = Path(__file__).parents[2] / "runbooks"


def test_no_name_means_two_causes() -> None:
    names = [name.lower() for cause in CATALOGUE for name in {cause.code.lower(), *map(str.lower, cause.aliases)}]
    assert sorted({name for name in names if names.count(name) > 1}) == []
    assert len(BY_CODE) == len(CATALOGUE)


def test_a_cause_is_found_by_code_and_alias_whatever_the_case() -> None:
    for cause in CATALOGUE:
        assert all(find(name.upper()) is cause for name in (cause.code, *cause.aliases))
    assert find("NoSuchCause") is None


def test_the_slug_of_a_page_is_the_code_in_kebab_case() -> None:
    assert BY_CODE["OOMKilled"].runbook == "oom-killed"
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", cause.runbook) for cause in CATALOGUE)


def test_every_cause_has_its_section() -> None:
    text = "\n".join(page.read_text("utf-8") for page in RUNBOOKS.rglob("*.md"))
    assert [cause.code for cause in CATALOGUE if cause.code not in text] == []


def test_every_cause_says_what_to_do() -> None:
    assert all(cause.title and cause.next_step and cause.area for cause in CATALOGUE)
