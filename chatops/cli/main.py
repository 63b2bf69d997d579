"""The commands, their exit codes and their one-line errors.

0: answered; 2: bad usage or settings; 3: nothing reachable.
"""

from __future__ import annotations

import os
import sys
import threading
from typing import NoReturn

import typer

from chatops import __version__
from chatops.cli import answer, evaluate, jobs, library, policy, run

app = typer.Typer(
    name="chatops",
    help="An incident debugging assistant: facts in seconds, causes by rules, a senior engineer on Claude.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback(invoke_without_command=True)
def _main(version: bool = typer.Option(False, "--version", help="Print the version and leave.")) -> None:
    if version:
        print(__version__)
        raise typer.Exit


answer.register(app)
run.register(app)
jobs.register(app)
library.register(app)
policy.register(app)
evaluate.register(app)


def _leave(code: str | int | None) -> NoReturn:
    """End, and at once where a thread was left to a source that trickles: Python would wait for it."""
    left = [one for one in threading.enumerate() if one is not threading.main_thread() and not one.daemon]
    for one in left:
        one.join(0.2 / len(left))
    if isinstance(code, str) or not any(one.is_alive() for one in left):
        sys.exit(code)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code or 0)


def main() -> NoReturn:
    """Run the command line; settings that cannot be used are one line and exit code 2."""
    try:
        app()
    except SystemExit as left:
        _leave(left.code)
    except BrokenPipeError:
        sys.exit(0)
    except Exception as error:
        from chatops.embedded import EmbeddedFailed
        from chatops.settings import SettingsError

        if not isinstance(error, SettingsError | EmbeddedFailed):
            raise
        print(f"chatops: {error}", file=sys.stderr)
        sys.exit(2)
    sys.exit(0)
