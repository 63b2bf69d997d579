"""`chatops record`, `replay` and `eval`: incidents captured as cases, answered again, and scored."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from chatops.cli import answer
from chatops.cli.answer import Format, TableFormat

if TYPE_CHECKING:
    from chatops.evaluation.case import Label


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(record)
    app.command()(replay)
    app.command(name="eval")(evaluate)


def record(
    question: str = typer.Argument("", help="What is wrong, in your words."),
    out: Path = typer.Option(..., "--out", help="The directory to make for the case."),
    cause: str = typer.Option("", "--cause", help="What was at fault, where known: a code or alias, or 'healthy'."),
    object_: str = typer.Option("", "--object", help="The object at fault: KIND/NAME or NAME."),
    alert: Path = typer.Option(
        None, "--alert", help="A file with an alert (Alertmanager webhook, SNS message …); '-' reads standard input."
    ),
    namespace: str = typer.Option("", "--namespace", "-n", help="Look into this namespace."),
    workload: str = typer.Option("", "--workload", "-w", help="Look at this Deployment, StatefulSet or DaemonSet."),
    environment: str = typer.Option("", "--environment", "-e", help="The environment of the settings to ask."),
    cluster: str = typer.Option("", "--cluster", "-c", help="The cluster to ask, where the settings have several."),
    since: str = typer.Option("1h", "--since", help="How far to look back: 30m, 2h, 1d."),
    no_model: bool = typer.Option(False, "--no-model", help="Record what the rules ask alone."),
) -> None:
    """Investigate a live incident and keep what the sources answered, redacted, as a case."""
    import asyncio

    from chatops.evaluation.recording import record as run
    from chatops.settings import load
    from chatops.telemetry import set_up_logs

    settings = load()
    set_up_logs("error")
    label = _label(cause, object_)
    incident = answer.incident(settings, question, alert, namespace, workload, environment, since, cluster)
    made = asyncio.run(run(settings, incident, out, label, model=not no_model))
    size = sum(path.stat().st_size for path in out.iterdir())
    print(f"{out}: {made.calls} calls, {size / 1024:.0f} KB. {made.live.diagnosis.summary}")
    if made.withheld:
        print(f"{made.withheld} answers were withheld, because they could not be redacted")
    if not made.faithful:
        print(f"the recording gives another answer than the live systems: {made.again.answer.diagnosis.summary}")


def _label(cause: str, object_: str) -> Label | None:
    from pydantic import ValidationError

    from chatops.evaluation.case import Label
    from chatops.settings import SettingsError

    if not cause:
        if object_:
            raise SettingsError("--object: a label needs --cause too")
        return None
    try:
        return Label(cause=cause, object=object_)
    except ValidationError as error:
        raise SettingsError(f"--cause: {error.errors()[0]['msg']}") from error


def replay(
    folder: Path = typer.Argument(..., help="The directory of a case."),
    no_model: bool = typer.Option(False, "--no-model", help="Answer by rules alone."),
    format: Format = typer.Option(Format.TEXT, "--format", "-f", help="How to print the answer."),
) -> None:
    """Answer from a recording as if it were live."""
    import asyncio

    from chatops.evaluation.case import load as load_case
    from chatops.evaluation.running import run
    from chatops.settings import load
    from chatops.telemetry import set_up_logs

    set_up_logs("error")
    done = asyncio.run(run(load_case(folder), load(), model=format.asks and not no_model))
    answer.print_case(done.answer, format)
    if done.missing:
        print(
            f"chatops: {len(done.missing)} queries are not in the recording, the first: {done.missing[0][:200]}",
            file=sys.stderr,
        )


def evaluate(
    folder: Path = typer.Argument(..., help="A folder of cases (or one case)."),
    jobs: int = typer.Option(1, "--jobs", "-j", min=1, max=64, help="Processes to answer in."),
    without: list[str] = typer.Option(
        [],
        "--without",
        metavar="SOURCE[:TEXT]",
        help="Forbid a source, or its calls with this text: prometheus, aws, kubernetes:/events, kubernetes:/log.",
    ),
    no_model: bool = typer.Option(False, "--no-model", help="Answer by rules alone."),
    format: TableFormat = typer.Option(TableFormat.TEXT, "--format", "-f", help="How to print the figures."),
) -> None:
    """Answer a folder of cases and say how many were right, how sure, and at what cost."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from chatops.evaluation import tables
    from chatops.evaluation.case import folders
    from chatops.evaluation.evaluate import check_sources
    from chatops.evaluation.evaluate import evaluate as run
    from chatops.evaluation.figures import figures
    from chatops.settings import load

    load()  # what is wrong with the settings is one line, not one a case
    check_sources(without)
    cases = folders(folder)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("cases", total=len(cases))
        outcomes = run(cases, model=not no_model, jobs=jobs, without=without, done=lambda one: progress.advance(task))
    found = figures(outcomes)
    if format is TableFormat.JSON:
        print(found.model_dump_json(by_alias=True, indent=2))
    else:
        tables.show(found, Console(highlight=False))
    if all(one.error for one in outcomes):
        print("chatops: none of the cases could be answered", file=sys.stderr)
        raise typer.Exit(2)
