"""What does a query of the persona look like to people who wait? A few words for it, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chatops.domain.ports import Step, ToolAnswer
from chatops.persona.tokens import clip

_LONGEST = 110
_DETAIL = 150


def begun(identity: str, name: str, arguments: Mapping[str, Any]) -> Step:
    """The step of a query that begins: `kubernetes logs: shop, cart-7d9f`."""
    given = ", ".join(_said(value) for value in arguments.values() if value not in ("", None, False, [], {}))
    title = name.replace("_", " ") + (f": {given}" if given else "")
    return Step(identity, clip(title, _LONGEST), "in_progress")


def ended(step: Step, got: ToolAnswer) -> Step:
    """The same step with its outcome: what was seen, or why nothing was."""
    if got.evidence:
        seen = "; ".join(f"{item.id} {item.summary}" for item in got.evidence)
        return replace(step, status="complete", detail=clip(seen, _DETAIL))
    why = next((row.detail for row in got.coverage if row.detail), "")
    if got.is_error:
        return replace(step, status="error", detail=clip(why or "it could not be asked like this", _DETAIL))
    return replace(step, status="complete", detail=clip(why or "nothing new", _DETAIL))


def _said(value: Any) -> str:
    if isinstance(value, Mapping):
        return " ".join(_said(item) for item in value.values())
    if isinstance(value, list | tuple):
        return " ".join(_said(item) for item in value)
    return str(value)
