"""What is wrong with these runbooks, before somebody needs them?

Front matter, required parts, dead links between pages and anchors, commands against the command policy,
PromQL against its parser, and how long ago somebody reviewed the page. Links to other sites are not
fetched: a lint must give the same answer without a network.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Literal, Protocol

import promql_parser

from chatops.runbook_index.pages import LIST_FIELDS, SHELLS, Block, Page, PageProblem, Section, commands_of, unfenced
from chatops.runbook_index.sources import Folder
from connectors import causes as catalogue

STALE_AFTER = timedelta(days=365)
CHANGING_SECTIONS = ("mitigat", "rollback", "fix", "resol", "remed", "recover", "prevent")
"""Sections whose commands may change something; everywhere else a command must only read."""
FIELDS = frozenset({"title", "reviewed", "weight", "tags", "id", *LIST_FIELDS})

FEWEST_WORDS = 10
"""With fewer no output is explained."""

PARTS: Mapping[str, tuple[str, ...]] = {
    "symptoms": ("what it looks like", "symptom", "meaning"),
    "first checks": ("first check", "diagnos", "investigat", "triage", "check"),
    "causes": ("cause",),
    "mitigations": ("mitigat", "remed", "resol"),
    "prevention": ("prevent",),
    "references": ("reference", "documentation", "further reading", "links"),
}
"""The parts a page must have, and the beginnings of headings that count as them."""


class Judgement(Protocol):
    """What the command policy says of a command line."""

    @property
    def verdict(self) -> str:
        """read-only, writes, reveals-secrets, unknown or unparsable."""
        ...

    @property
    def reason(self) -> str:
        """Why."""
        ...


JudgeCommand = Callable[[str], Judgement]


@dataclass(frozen=True)
class Problem:
    """One thing to mend. `line` is 0 where it concerns the whole page."""

    path: str
    line: int
    rule: str
    detail: str
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.detail}"


def lint(
    paths: Sequence[Path],
    judge_command: JudgeCommand | None = None,
    today: date | None = None,
    strict: bool = True,
) -> list[Problem]:
    """Check every page below the folders (or the single files). `strict` asks for every part and field of our format.

    Without `judge_command` commands are not checked; without `today` staleness is not.
    """
    problems: list[Problem] = []
    for path in paths:
        folder = Folder(path if path.is_dir() else path.parent, str(path))
        pages: dict[str, Page] = {}
        for file in folder.files() if path.is_dir() else {path.resolve(): None}:
            try:
                page = folder.page(file)
            except PageProblem as error:
                problems.append(Problem(error.path + file.suffix, 1, "front-matter", error.detail))
            else:
                pages[f"{page.slug}{file.suffix}"] = page
        for name, page in pages.items():
            problems.extend(_page_problems(name, page, pages, judge_command, today, strict))
    return problems


def _page_problems(
    name: str, page: Page, pages: Mapping[str, Page], judge: JudgeCommand | None, today: date | None, strict: bool
) -> Iterator[Problem]:
    yield from _front_matter(name, page, strict)
    yield from _links(name, page, pages)
    yield from _blocks(name, page, judge)
    if strict:
        yield from _parts(name, page)
        yield from _cause_sections(name, page)
    if today and page.reviewed and today - page.reviewed > STALE_AFTER:
        yield Problem(name, 0, "stale", f"last reviewed {page.reviewed}, more than a year ago", "warning")


def _front_matter(name: str, page: Page, strict: bool) -> Iterator[Problem]:
    for field in page.meta:
        if field not in FIELDS:
            yield Problem(name, 1, "front-matter", f"unknown field {field!r}", "error" if strict else "warning")
    for code in page.listed("causes"):
        if code not in catalogue.BY_CODE:
            yield Problem(name, 1, "front-matter", f"unknown cause {code!r}; `chatops causes` lists them")
    required = ("title", "symptoms", "systems", "owners", "links", "reviewed") if strict else ("title",)
    for field in required:
        if not page.meta.get(field):
            yield Problem(name, 1, "front-matter", f"{field} is missing", "error" if strict else "warning")
    if page.meta.get("reviewed") and page.reviewed is None:
        yield Problem(name, 1, "front-matter", "reviewed is not a date (2026-11-20)")


def _parts(name: str, page: Page) -> Iterator[Problem]:
    headings = [section.heading.lower() for section in page.sections if section.level > 1]
    for part, starts in PARTS.items():
        if part == "causes" and any(page.section_for_cause(code) for code in page.listed("causes")):
            continue
        if not any(heading.startswith(starts) for heading in headings):
            yield Problem(name, 0, "parts", f"no section on {part}")
    mitigations = "\n".join(s.text for s in page.sections if s.heading.lower().startswith(PARTS["mitigations"])).lower()
    for word in ("rollback", "blast radius"):
        if mitigations and word not in mitigations:
            yield Problem(name, 0, "parts", f"the mitigations say nothing of {word}")
    checks = page.first_checks()
    if checks is not None and not checks.blocks:
        yield Problem(name, checks.line, "parts", "the first checks hold no command and no query")
    elif checks is not None and len(unfenced(checks.text).split()) < FEWEST_WORDS:
        yield Problem(name, checks.line, "parts", "the first checks do not say how to read what comes back")


def _cause_sections(name: str, page: Page) -> Iterator[Problem]:
    for code in page.listed("causes"):
        section = page.section_for_cause(code)
        if section is None:
            yield Problem(name, 0, "causes", f"no section's heading names {code}")
        elif not section.blocks:
            yield Problem(
                name, section.line, "causes", f"the section on {code} has no command or query that confirms it"
            )


def _links(name: str, page: Page, pages: Mapping[str, Page]) -> Iterator[Problem]:
    for section in page.sections:
        for target in section.links:
            if re.match(r"[a-z][a-z0-9+.-]*:", target):
                continue
            path, _, anchor = target.partition("#")
            other = page if not path else pages.get(posixpath.normpath(posixpath.join(posixpath.dirname(name), path)))
            if other is None:
                yield Problem(name, section.line, "links", f"no page {path}")
            elif anchor and other.section_of(anchor) is None:
                yield Problem(name, section.line, "links", f"no section #{anchor} in {path or 'this page'}")


def _blocks(name: str, page: Page, judge: JudgeCommand | None) -> Iterator[Problem]:
    for section in page.sections:
        for block in section.blocks:
            if block.language == "promql":
                yield from _promql(name, block)
            elif block.language in SHELLS and judge is not None:
                yield from _commands(name, section, block, judge)


def _promql(name: str, block: Block) -> Iterator[Problem]:
    try:
        promql_parser.parse(block.text)
    except ValueError as error:
        yield Problem(name, block.line, "promql", str(error).splitlines()[0])


def _commands(name: str, section: Section, block: Block, judge: JudgeCommand) -> Iterator[Problem]:
    may_change = section.heading.lower().startswith(CHANGING_SECTIONS)
    for line, command in commands_of(block):
        judgement = judge(command)
        fine = judgement.verdict == "read-only" or (may_change and judgement.verdict == "writes")
        if not fine:
            yield Problem(name, line, "commands", f"{judgement.verdict}: {judgement.reason} in `{command}`")
