"""The command line. Commands import what they need when they run: `chatops --help` must stay quick."""

from chatops.cli.main import main

__all__ = ["main"]
