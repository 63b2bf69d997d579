"""`chatops serve`, `demo`, `doctor`, `manifest`, `settings` and `alerts`: the app itself, and what it needs."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Any

import typer

from chatops.cli.answer import TableFormat


class Role(StrEnum):
    """What a process does: take requests in, run jobs, or both."""

    GATEWAY = "gateway"
    WORKER = "worker"
    BOTH = "both"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(serve)
    app.command()(demo)
    app.command()(doctor)
    app.command()(manifest)
    settings = typer.Typer(help="Show the settings as they are understood (`settings show`).", no_args_is_help=True)
    settings.command(name="show")(show_settings)
    app.add_typer(settings, name="settings")
    alerts = typer.Typer(help="Show what an alert's payload becomes (`alerts test`).", no_args_is_help=True)
    alerts.command(name="test")(alert_test)
    app.add_typer(alerts, name="alerts")


def serve(
    role: Role = typer.Option(Role.BOTH, "--role", help="gateway takes requests in, worker runs jobs."),
    host: str = typer.Option("", "--host", help="Listen on this address (default: the settings, 127.0.0.1)."),
    port: int = typer.Option(
        -1, "--port", show_default=False, help="Listen on this port (default: the settings, 8080)."
    ),
) -> None:
    """Run the app: Slack over HTTP or Socket Mode, alert webhooks, the investigation page."""
    import asyncio

    from chatops.app.serve import serve as run
    from chatops.settings import load
    from chatops.telemetry import set_up_logs

    given: dict[str, Any] = {**({"host": host} if host else {}), **({"port": port} if port >= 0 else {})}
    settings = load(**given)
    set_up_logs(settings.log_level)
    asyncio.run(run(settings, role.value, lambda line: print(line, flush=True), lambda: load(**given)))


def demo(
    incident: str = typer.Option("", "--incident", help="Fire this incident at once; `--list` names them."),
    port: int = typer.Option(8800, "--port", help="The first port to try for the page."),
    list_only: bool = typer.Option(False, "--list", help="List the incidents and leave."),
    open_browser: bool = typer.Option(False, "--open", help="Open the page in a browser."),
) -> None:
    """Show it at work: a local workspace, recorded incidents behind real protocols, no keys needed."""
    from chatops.demo.run import incidents, main

    if list_only:
        for name, title in incidents().items():
            print(f"{name:<24} {title}")
        return
    known = incidents()
    if incident and incident not in known:
        from chatops.settings import SettingsError

        raise SettingsError(f"--incident {incident}: there is none of this name; there are: {', '.join(known)}")
    main(port=port, incident=incident or None, open_browser=open_browser)


def doctor(format: TableFormat = typer.Option(TableFormat.TEXT, "--format", "-f", help="How to print.")) -> None:
    """Say what is reachable and permitted, and what to do where it is not. Exit code 3 where nothing is."""
    import asyncio

    from chatops.app.doctor import examine
    from chatops.settings import load
    from chatops.telemetry import set_up_logs

    settings = load()
    set_up_logs("error")
    rows = asyncio.run(examine(settings))
    if format is TableFormat.JSON:
        print(json.dumps([row._asdict() for row in rows], indent=2))
    else:
        for row in rows:
            print(f"{row.mark} {row.part:<12} {row.name}: {row.detail}")
            if row.state == "broken" and row.remedy:
                print(f"    → {row.remedy}")
    sources = [row for row in rows if row.source]
    if not any(row.state == "works" for row in sources):
        raise typer.Exit(3)


def manifest(
    url: str = typer.Option("", "--url", help="The app's public address; without it, Socket Mode."),
    command: str = typer.Option("/triage", "--command", help="The slash command's name."),
    no_history: bool = typer.Option(False, "--no-history", help="Without the scopes that read channel messages."),
    org_wide: bool = typer.Option(False, "--org", help="For one installation in a whole Enterprise Grid organisation."),
    sign_in: str = typer.Option("", "--sign-in", help="The public address of pages that people sign in to read."),
    pictures: bool = typer.Option(False, "--pictures", help="With files:write, for charts in older workspaces."),
) -> None:
    """Print the Slack app's manifest with the least scopes."""
    from chatops.slack.manifest import Profile
    from chatops.slack.manifest import manifest as build

    profile: Profile = "no-history" if no_history else "full"
    print(json.dumps(build(url, command, profile, org_wide=org_wide, sign_in=sign_in, pictures=pictures), indent=2))


def show_settings() -> None:
    """Print the settings as they are understood; secrets are stars."""
    from chatops.settings import load
    from chatops.settings_shown import shown

    print(json.dumps(shown(load()), indent=2))


def alert_test(
    file: Path = typer.Argument(..., help="A payload as its source sends it; '-' reads standard input."),
) -> None:
    """Show what a payload becomes: its source, its alerts, and where they would be told."""
    from chatops.app.parts import now
    from chatops.settings import SettingsError, load
    from chatops.triage import scope
    from chatops.webhooks.guess import read_alerts
    from chatops.webhooks.payload import BadPayload

    settings = load()
    try:
        raw = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        source, alerts = read_alerts(raw, now(), settings.webhooks)
    except OSError as error:
        raise SettingsError(f"{file}: {error.strerror}") from error
    except BadPayload as error:
        raise SettingsError(f"{file}: {error}") from error
    if not alerts:
        note = "taken, and nothing is told: it says of no alert that it fires or ends"
        print(json.dumps({"source": source, "alerts": [], "note": note}, indent=2))
        return
    placed = scope.place(settings, dict(alerts[0].labels), "", now())
    document = {
        "source": source,
        "alerts": [alert.model_dump(mode="json") for alert in alerts],
        "scope": scope.from_alerts(settings, alerts).model_dump(mode="json"),
        "channel": placed.channel,
        "environment": placed.environment,
        "muted": placed.muted,
    }
    print(json.dumps(document, indent=2))
