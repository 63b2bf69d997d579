"""What does a page give to run for one cause, and how is its output read?

Only the pages that come with the application are asked: their commands are ours, held to the policy by
the lint. A page from elsewhere is data: it is linked, and nobody is told to run what it says.
"""

from __future__ import annotations

import re

from chatops.domain.ports import CauseChecks
from chatops.runbook_index.pages import SHELLS, Page, Section, commands_of, unfenced

_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z`])")
_READING = 220
"""Characters of how to read the output: what a person takes in beside a command."""


def checks_of(page: Page, code: str) -> CauseChecks | None:
    """The commands of the section on this cause, then those of the page's first checks; None where neither has any.

    What is said to read them is the section's own; the first checks' text speaks of every cause on the page.
    """
    own = page.section_for_cause(code)
    sections = [section for section in (own, page.first_checks()) if section]
    telling = [(section, found) for section in sections if (found := _commands(section))]
    if not telling:
        return None
    first = telling[0][0]
    commands = dict.fromkeys(command for _, found in telling for command in found)
    return CauseChecks(
        tuple(commands), prose(first, _READING) if first is own else "", f"{page.title} § {first.heading}"
    )


def _commands(section: Section) -> list[str]:
    return [command for block in section.blocks if block.language in SHELLS for _, command in commands_of(block)]


def prose(section: Section, size: int) -> str:
    """The whole first sentences of a section that fit into so many characters, without code and marks of Markdown."""
    kept = ""
    for sentence in map(_bare, _SENTENCE.split(_one_line(section))):
        if kept and len(kept) + len(sentence) >= size:
            break
        kept = f"{kept} {sentence}".strip()
    return cut(kept, size)


def cut(text: str, size: int) -> str:
    """A text of at most so many characters, cut between words."""
    return text if len(text) <= size else text[: size - 1].rsplit(" ", 1)[0] + "…"


_HEAD = re.compile(r"^\|.*\n\|[ :|-]+$\n?", re.MULTILINE)
"""The head of a table and the line below it."""


def plain(section: Section) -> str:
    """The words of a section on one line; of a table each row as a sentence, without its head."""
    return _bare(_one_line(section))


def _one_line(section: Section) -> str:
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", _HEAD.sub("", unfenced(section.text)))
    lines = (_row(line) if line.startswith("|") else line for line in text.splitlines())
    return " ".join(" ".join(lines).split())


def _bare(text: str) -> str:
    """Without marks of Markdown."""
    return " ".join(re.sub(r"[*`#>]+", "", text).split())


def _row(line: str) -> str:
    return " – ".join(cell.strip() for cell in line.strip().strip("|").split("|")) + "."
