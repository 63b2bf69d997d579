"""What is in a runbook: its front matter, its sections, their anchors and their code blocks?

A line scanner, not a Markdown parser: the index needs headings outside fences and nothing else, and
2,000 pages must be read in a second. Anchors are those GitHub and GitLab give to headings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import PurePosixPath
from typing import Any

import yaml

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_HEADING = re.compile(r"(#{1,6})\s+(.+?)\s*#*\s*$")
_FENCE = re.compile(r"\s*(`{3,}|~{3,})\s*([A-Za-z0-9_+-]*)")
_FENCED = re.compile(r"(?ms)^\s*(```|~~~).*?^\s*(```|~~~)\s*$")
_LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)\s]+)[^)]*\)")
_EXPLICIT_ANCHOR = re.compile(r"\s*\{#([A-Za-z0-9_-]+)\}\s*$")

SHELLS = frozenset({"sh", "bash", "shell", "console", "zsh"})
"""Languages of fenced blocks that hold commands."""

LIST_FIELDS = ("alerts", "causes", "services", "systems", "symptoms", "owners", "links")


class PageProblem(Exception):
    """A page cannot be read as a runbook: the path and what is wrong."""

    def __init__(self, path: str, detail: str, page: Page | None = None) -> None:
        super().__init__(f"{path}: {detail}")
        self.path = path
        self.detail = detail
        self.page = page
        """What can be used of it all the same: its text, where only the front matter is broken."""


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, the line (from 1) of its first text line."""

    language: str
    text: str
    line: int


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it up to the next heading of any level."""

    heading: str
    anchor: str
    level: int
    text: str
    line: int
    blocks: tuple[Block, ...] = ()

    @property
    def links(self) -> tuple[str, ...]:
        """Targets of the links in the prose."""
        return tuple(match[2] for match in _LINK.finditer(self.text))


@dataclass(frozen=True)
class Page:
    """A runbook. `slug` is its path without the suffix, below its source; `href` is where people read it."""

    slug: str
    href: str
    title: str
    sections: tuple[Section, ...]
    meta: Mapping[str, Any] = field(default_factory=dict)
    source: str = ""
    lines: int = 0

    def listed(self, name: str) -> tuple[str, ...]:
        """A list of the front matter; a single word there is a list of one."""
        value = self.meta.get(name) or ()
        return tuple(map(str, value)) if isinstance(value, list | tuple) else (str(value),)

    @property
    def reviewed(self) -> date | None:
        """When somebody last read it through."""
        value = self.meta.get("reviewed")
        return value if isinstance(value, date) else None

    @property
    def name(self) -> str:
        """The file's name without suffix."""
        return PurePosixPath(self.slug).name

    def texts(self) -> Iterator[str]:
        """Everything that is searched."""
        yield from (self.title, self.name)
        for field_name in ("alerts", "causes", "symptoms", "services", "systems"):
            yield from self.listed(field_name)
        for section in self.sections:
            yield from (section.heading, section.text)

    def section_of(self, anchor: str) -> Section | None:
        """The section with this anchor."""
        return next((section for section in self.sections if section.anchor == anchor), None)

    def section_for_cause(self, code: str) -> Section | None:
        """The section whose heading names this cause."""
        named = re.compile(rf"\b{re.escape(code)}\b")
        return next((section for section in self.sections if named.search(section.heading)), None)

    def first_checks(self) -> Section | None:
        """The section to begin with, where the page has one."""
        starts = ("first check", "check", "diagnos", "investigat", "triage", "debug", "troubleshoot", "verif")
        return next((s for s in self.sections if s.level > 1 and s.heading.lower().startswith(starts)), None)


def read_page(text: str, slug: str, href: str = "", source: str = "") -> Page:
    """Read a page; raises `PageProblem` where its front matter is no YAML mapping, with what can be read without it."""
    lines = text.lstrip("\ufeff").splitlines()
    if not lines or lines[0].rstrip() != "---":
        return _page({}, lines, 0, slug, href, source)
    end = next((i for i, line in enumerate(lines[1:], 1) if line.rstrip() in ("---", "...")), None)
    if end is None:
        rest = _page({}, lines[1:], 1, slug, href, source)
        raise PageProblem(slug, "the front matter does not end: a line of three dashes is missing", rest)
    try:
        meta = _front_matter("\n".join(lines[1:end]))
    except ValueError as error:
        raise PageProblem(slug, str(error), _page({}, lines[end + 1 :], end + 1, slug, href, source)) from error
    return _page(meta, lines[end + 1 :], end + 1, slug, href, source)


def _page(meta: Mapping[str, Any], body: Sequence[str], offset: int, slug: str, href: str, source: str) -> Page:
    sections = tuple(_sections(body, offset))
    title = str(meta.get("title") or "") or next(
        (s.heading for s in sections if s.level == 1), PurePosixPath(slug).name
    )
    return Page(slug, href or slug, title, sections, meta, source, lines=len(body) + offset)


def _front_matter(text: str) -> Mapping[str, Any]:
    try:
        meta = yaml.load(text, Loader=_LOADER)  # noqa: S506 - a safe loader, the C one if built
    except yaml.YAMLError as error:
        raise ValueError(f"the front matter is not YAML: {error}") from error
    if meta is not None and not isinstance(meta, dict):
        raise ValueError("the front matter is not a mapping")
    return meta or {}


def _sections(lines: Sequence[str], offset: int) -> list[Section]:
    out: list[Section] = []
    anchors: dict[str, int] = {}
    start, heading, level, anchor = 0, "", 0, ""
    fence = ""
    for number, line in enumerate(lines):
        if _may_fence(line) and (match := _FENCE.match(line)):
            fence = _toggle(fence, match[1])
        found = _HEADING.match(line) if line.startswith("#") and not fence else None
        if found is None:
            continue
        out.append(_section(lines, start, number, heading, level, anchor, offset))
        start, level = number + 1, len(found[1])
        heading, anchor = _anchored(found[2], anchors)
    out.append(_section(lines, start, len(lines), heading, level, anchor, offset))
    return [section for section in out if section.heading or section.text.strip()]


def _may_fence(line: str) -> bool:
    return "```" in line or "~~~" in line  # asked of every line: six times as quick as the expression


def _toggle(fence: str, mark: str) -> str:
    if not fence:
        return mark
    return "" if mark[0] == fence[0] and len(mark) >= len(fence) else fence


def _section(lines: Sequence[str], start: int, end: int, heading: str, level: int, anchor: str, offset: int) -> Section:
    body = lines[start:end]
    return Section(heading, anchor, level, "\n".join(body), start + offset, tuple(_blocks(body, start + offset)))


def _blocks(lines: Sequence[str], offset: int) -> list[Block]:
    out: list[Block] = []
    fence, language, begin = "", "", 0
    for number, line in enumerate(lines):
        if not _may_fence(line) or not (match := _FENCE.match(line)):
            continue
        before, fence = fence, _toggle(fence, match[1])
        if fence and not before:
            language, begin = match[2].lower(), number + 1
        elif before and not fence:
            out.append(Block(language, "\n".join(lines[begin:number]), begin + offset + 1))
    return out


def _anchored(raw: str, seen: dict[str, int]) -> tuple[str, str]:
    if explicit := _EXPLICIT_ANCHOR.search(raw):
        return raw[: explicit.start()], explicit[1]
    base = anchor_of(raw)
    count = seen.get(base, 0)
    seen[base] = count + 1
    return raw.replace("`", ""), f"{base}-{count}" if count else base


def anchor_of(heading: str) -> str:
    """The anchor that GitHub gives to a heading: lower case, spaces to dashes, other signs left out."""
    text = _LINK.sub(r"\1", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def commands_of(block: Block) -> Iterable[tuple[int, str]]:
    """The commands of a shell block with their line numbers: comments left out, continued lines joined."""
    number, parts = 0, list[str]()
    for offset, raw in enumerate(block.text.splitlines()):
        line = raw.strip().removeprefix("$ ")
        if not parts and (not line or line.startswith("#")):
            continue
        number = number if parts else block.line + offset
        parts.append(line.removesuffix("\\").strip())
        if not line.endswith("\\"):
            yield number, " ".join(parts)
            parts = []
    if parts:
        yield number, " ".join(parts)


def unfenced(text: str) -> str:
    """Markdown without its fenced blocks."""
    return _FENCED.sub(" ", text)
