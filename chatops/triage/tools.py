"""Which connector's tool answers a command? A command that none answers is never run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.contract import Connector, Tool


def tool_for(
    connectors: Mapping[str, Connector | None], argv: Sequence[str]
) -> tuple[str, Tool, Mapping[str, Any]] | None:
    """Return the source, the tool and its arguments that answer a command, or None where none does."""
    for source, connector in connectors.items():
        if connector is None:
            continue
        for tool in connector.tools():
            arguments = tool.argv(argv) if tool.argv else None
            if arguments is not None:
                return source, tool, arguments
    return None
