"""`chatops investigate` and `chatops causes`: answers without Slack or Redis."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from chatops.domain.alert import Alert
    from chatops.domain.incident import Incident
    from chatops.settings import Settings
    from chatops.triage.investigate import Case


class Format(StrEnum):
    """How an answer is printed."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"
    BRIEF = "brief"
    """What a persona would read: for looking over its shoulder, and before a key is bought."""

    @property
    def asks(self) -> bool:
        """Whether a persona is asked for it."""
        return self is not Format.BRIEF


class TableFormat(StrEnum):
    """How a table is printed."""

    TEXT = "text"
    JSON = "json"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(investigate)
    app.command()(causes)
    app.command(name="schema")(schema)


def investigate(
    question: str = typer.Argument("", help="What is wrong, in your words."),
    alert: Path = typer.Option(
        None, "--alert", help="A file with an alert (Alertmanager webhook, SNS message …); '-' reads standard input."
    ),
    namespace: str = typer.Option("", "--namespace", "-n", help="Look into this namespace."),
    workload: str = typer.Option("", "--workload", "-w", help="Look at this Deployment, StatefulSet or DaemonSet."),
    environment: str = typer.Option("", "--environment", "-e", help="The environment of the settings to ask."),
    cluster: str = typer.Option("", "--cluster", "-c", help="The cluster to ask, where the settings have several."),
    since: str = typer.Option("1h", "--since", help="How far to look back: 30m, 2h, 1d."),
    no_model: bool = typer.Option(False, "--no-model", help="Answer by rules alone."),
    format: Format = typer.Option(
        Format.TEXT,
        "--format",
        "-f",
        help="How to print the answer; brief: what a persona would read, without asking one.",
    ),
) -> None:
    """Answer once, from the live systems, without Slack or Redis running."""
    import asyncio

    from chatops.settings import load
    from chatops.telemetry import set_up_logs

    settings = load()
    set_up_logs("error")
    asked = incident(settings, question, alert, namespace, workload, environment, since, cluster)
    case = asyncio.run(_investigate(settings, asked, model=format.asks and not no_model))
    print_case(case, format)
    from chatops.triage.gather import nothing_reachable

    if nothing_reachable(case.diagnosis.coverage):
        failed = any(row.state == "failed" for row in case.diagnosis.coverage)
        todo = "what was tried failed" if failed else "set KUBECONFIG, CHATOPS_PROMETHEUS__URL or AWS_REGION"
        print(f"chatops: nothing could be reached: {todo} (`chatops doctor` says more)", file=sys.stderr)
        raise typer.Exit(3)


def incident(
    settings: Settings,
    question: str,
    alert: Path | None,
    namespace: str,
    workload: str,
    environment: str,
    since: str,
    cluster: str = "",
) -> Incident:
    """The incident that the options of a command describe. SettingsError where they say nothing, or what is not."""
    from chatops.app.parts import now as clock
    from chatops.domain.incident import Incident, new_id, worst
    from chatops.settings import SettingsError
    from chatops.triage import scope
    from connectors.contract import Scope, Window

    alerts = _alerts(alert, settings) if alert is not None else ()
    if not question and not alerts and not namespace and not workload:
        raise SettingsError("say what is wrong: a QUESTION, --alert FILE, --namespace or --workload")
    if environment and environment not in settings.environment_options():
        known = ", ".join(settings.environment_options())
        raise SettingsError(f"--environment {environment}: not in the settings; there are: {known}")
    moment = clock()
    back = scope.back(since)
    if back is None:
        raise SettingsError(f"--since {since}: give a number and a unit: 30m, 2h, 1d")
    where = scope.from_question(settings, question, scope.from_alerts(settings, alerts))
    placed = scope.place(settings, dict(alerts[0].labels) if alerts else {}, "", moment)
    given = {"namespace": namespace, "workload": workload, "environment": environment, "cluster": cluster}
    where = Scope(**{**where.model_dump(), **{key: value for key, value in given.items() if value}})
    where = where.model_copy(update={"environment": where.environment or placed.environment})
    title = question or (alerts[0].summary or alerts[0].name if alerts else f"State of {workload or namespace}")
    return Incident(
        id=new_id(moment),
        title=title[:150],
        origin="cli",
        scope=where,
        window=scope.window(alerts, moment, back) if alerts else Window.ending(moment, back),
        severity=worst([one.severity for one in alerts]),
        question=question,
        alerts=alerts,
        created_at=moment,
    )


def _alerts(path: Path, settings: Settings) -> tuple[Alert, ...]:
    from chatops.app.parts import now as clock
    from chatops.settings import SettingsError
    from chatops.webhooks.guess import read_alerts
    from chatops.webhooks.payload import BadPayload

    try:
        raw = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
        return read_alerts(raw, clock(), settings.webhooks)[1]
    except OSError as error:
        raise SettingsError(f"--alert: {error.strerror}: {path}") from error
    except BadPayload as error:
        raise SettingsError(f"--alert {path}: {error}") from error


async def _investigate(settings: Settings, incident: Incident, *, model: bool) -> Case:
    from chatops.app.parts import open_parts
    from chatops.domain.ports import Watcher

    # Nobody waits in a thread: a slow machine or a cold start must not cost a source.
    async with open_parts(settings, model=model, patience=3.0) as parts:
        case, _ = await parts.investigator.facts(incident)
        return await parts.investigator.reason(case, (), Watcher())


def print_case(case: Case, format: Format) -> None:
    """Print an answer."""
    if format is Format.JSON:
        print(case.diagnosis.model_dump_json(by_alias=True, indent=2))
    elif format is Format.HTML:
        from chatops.web.page import page

        print(page(case.diagnosis, ()))
    elif format is Format.BRIEF:
        from chatops.persona.brief import document
        from chatops.policy.untrusted import Fence
        from chatops.triage.investigate import case_file

        built = document.build(case_file(case), Fence.random())
        print(f"{built.text}\n\n({built.tokens} tokens by our measure)")
    else:
        from chatops.render import terminal

        terminal.print_diagnosis(case.diagnosis)


def causes(
    format: TableFormat = typer.Option(TableFormat.TEXT, "--format", "-f", help="How to print the list."),
) -> None:
    """List the cause codes that a diagnosis can name."""
    from connectors.causes import CATALOGUE

    rows = [
        {
            "code": c.code,
            "kind": c.kind,
            "area": c.area,
            "title": c.title,
            "next_step": c.next_step,
            "aliases": list(c.aliases),
            "runbook": c.runbook,
        }
        for c in CATALOGUE
    ]
    if format is TableFormat.JSON:
        print(json.dumps(rows, indent=2))
    else:
        width = max(len(str(row["code"])) for row in rows)
        for row in rows:
            print(f"{row['code']:<{width}}  {row['kind']:<14}  {row['title']}")


def schema() -> None:
    """Print the JSON Schema of a diagnosis (chatops.diagnosis/1)."""
    from chatops.domain.diagnosis import Diagnosis

    print(json.dumps(Diagnosis.model_json_schema(by_alias=True, mode="serialization"), indent=2))
