"""`chatops runbooks`: search, lint and count the pages that say what to do."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from chatops.cli.answer import TableFormat

if TYPE_CHECKING:
    from chatops.domain.ports import RunbookHit
    from chatops.runbook_index import Library


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="Search, check, count and draft runbooks.", no_args_is_help=True)
    group.command()(search)
    group.command()(lint)
    group.command()(stats)
    group.command()(draft)
    app.add_typer(group, name="runbooks")


_DIR = typer.Option(None, "--dir", help="This folder instead of the library of the settings.")


def search(
    text: str = typer.Argument(..., help="What to look for; '-' reads one query a line from standard input."),
    dir: Path = _DIR,
    limit: int = typer.Option(5, "--limit", min=1, max=50, help="The most hits to print."),
    format: TableFormat = typer.Option(TableFormat.TEXT, "--format", "-f", help="How to print."),
) -> None:
    """Find runbook sections, best first; nothing where none fits."""
    from chatops.settings import SettingsError

    if not text.strip():
        raise SettingsError("say what to look for")
    library = _library(dir)
    if text == "-":
        for query in sys.stdin:
            sys.stdout.write(json.dumps([_row(hit) for hit in library.search(query.strip(), limit)]) + "\n")
        return
    hits = library.search(text, limit)
    if format is TableFormat.JSON:
        print(json.dumps([_row(hit) for hit in hits], indent=2))
    elif not hits:
        print("No runbook fits.")
    for hit in hits if format is TableFormat.TEXT else ():
        print(f"{hit.score:.2f}  {hit.link.title}  {hit.link.href}\n      {hit.excerpt}")


def _library(folder: Path | None) -> Library:
    from chatops.app.parts import open_library
    from chatops.runbook_index import Folder, Library
    from chatops.settings import SettingsError, load

    if folder is None:
        library = open_library(load())
        for problem in library.update():
            print(f"chatops: runbooks: {problem}", file=sys.stderr)
        return library
    if not folder.is_dir():
        raise SettingsError(f"--dir: there is no folder {folder}")
    return Library([Folder(folder, str(folder))])


def _row(hit: RunbookHit) -> dict[str, object]:
    return {
        "slug": hit.slug,
        "title": hit.link.title,
        "section": hit.link.section,
        "href": hit.link.href,
        "score": round(hit.score, 4),
        "how": hit.how,
        "why": hit.link.why,
        "excerpt": hit.excerpt,
    }


def lint(
    dir: Path = _DIR, format: TableFormat = typer.Option(TableFormat.TEXT, "--format", "-f", help="How to print.")
) -> None:
    """Check the pages: front matter, links, commands, PromQL, staleness. Exit code 1 where something is wrong."""
    from datetime import UTC, datetime

    from chatops.policy.commands import judge_line
    from chatops.runbook_index import packaged
    from chatops.runbook_index.lint import lint as check

    problems = check([dir or packaged().root], judge_line, datetime.now(UTC).date(), strict=dir is None)
    if format is TableFormat.JSON:
        print(json.dumps([asdict(problem) for problem in problems], indent=2))
    else:
        for problem in problems:
            print(problem)
    if any(problem.severity == "error" for problem in problems):
        raise typer.Exit(1)


def stats(dir: Path = _DIR) -> None:
    """Count pages, sections, alerts and causes."""
    print(json.dumps(asdict(_library(dir).stats()), indent=2, default=str))


def draft(incident: str = typer.Argument(..., help="The incident's id, as its thread and page show it.")) -> None:
    """Write a first runbook from what was done in a resolved incident, to standard output."""
    import asyncio

    from chatops.app.parts import open_store
    from chatops.runbook_index.draft import draft as write
    from chatops.settings import SettingsError, load

    async def text() -> str:
        async with open_store(load()) as store:
            found = await store.get(incident)
            if found is None:
                raise SettingsError(
                    f"there is no incident {incident} (CHATOPS_REDIS__URL decides where it is looked for)"
                )
            return write(found, await store.diagnosis(incident), await store.timeline(incident))

    print(asyncio.run(text()))
