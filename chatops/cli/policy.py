"""`chatops policy check` and `chatops redact`: the gates, to be tried from a shell."""

from __future__ import annotations

import json
import sys

import typer


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="Say whether commands only read (`policy check`).", no_args_is_help=True)
    group.command(name="check", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})(
        check
    )
    app.add_typer(group, name="policy")
    app.command()(redact)


def check(
    command: list[str] = typer.Argument(
        None, help="The command, after `--`; without it, one command a line from standard input."
    ),
) -> None:
    """Say whether commands only read, as JSON: verdict, reason, argv."""
    from chatops.policy.commands import judge, judge_line
    from chatops.policy.grammar.model import Judgement

    def line(judged: Judgement) -> str:
        return json.dumps(
            {"verdict": judged.verdict, "reason": judged.reason, "argv": list(judged.argv)}, ensure_ascii=False
        )

    if command:
        print(line(judge_line(command[0]) if len(command) == 1 else judge(command)))
        return
    for text in sys.stdin:
        sys.stdout.write(line(judge_line(text.rstrip("\n"))) + "\n")


def redact() -> None:
    """Filter standard input: secrets become tags."""
    from chatops.app.parts import link_key
    from chatops.policy.redaction import Redactor
    from chatops.policy.redaction.stream import redact_stream
    from chatops.settings import load

    for stream in (sys.stdin, sys.stdout):
        # What is no UTF-8 goes through as it came.
        stream.reconfigure(encoding="utf-8", errors="surrogateescape", newline="")  # type: ignore[union-attr]
    redact_stream(Redactor(key=link_key(load())), sys.stdin, sys.stdout)
