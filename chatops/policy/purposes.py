"""Why would one run this command? A line for a person, by what the command reads; '' where no row fits."""

from __future__ import annotations

import re
from collections.abc import Sequence

_ROWS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("kubectl", "describe", "pod"), "Its state and, at the end, its latest events"),
    (("kubectl", "describe", "node"), "Its conditions, what it has left, and its latest events"),
    (("kubectl", "describe", "deployment"), "What it asks for, its state and latest events"),
    (("kubectl", "describe", "service"), "Its selector and ports, and whether anything is behind it"),
    (("kubectl", "describe", "pvc"), "Whether the claim is bound, and its latest events"),
    (("kubectl", "describe", "resourcequota"), "What the quota allows and what is used"),
    (("kubectl", "get", "resourcequota"), "What the quota allows and what is used"),
    (("kubectl", "get", "endpointslices"), "Whether any ready pod is behind the service"),
    (("kubectl", "get", "endpoints"), "Whether any ready pod is behind the service"),
    (("kubectl", "get", "events"), "What the cluster itself reported"),
    (("kubectl", "rollout", "history"), "What was released when, and what changed"),
    (("kubectl", "top"), "What it uses now"),
    (("kubectl", "describe"), "Its settings, state and latest events"),
    (("kubectl", "get"), "Its state now"),
    (("promtool", "query", "range"), "How the figure moved"),
    (("promtool", "query"), "The figure now"),
    (("aws", "logs"), "What it logs"),
    (("aws", "cloudwatch"), "How the figure moved"),
    (("aws",), "Its settings and state"),
)
"""The first row whose words begin the command is meant."""


_FORMAT = re.compile(r"(?:-o=?|--output=)?(?P<kind>jsonpath|custom-columns)=(?P<text>.*)", re.DOTALL)
_COLUMN = re.compile(r"(?:^|,)\s*([^,:]+):")
_LAST_NAME = re.compile(r"\{(?!range\b)[^{}]*?\.([A-Za-z]\w*)(?:\[[^\]]*\])*\}")
"""The last field of a path in a jsonpath template, without the lists that are gone through."""
_OBVIOUS = frozenset({"name", "namespace", "kind", "pod"})


def purpose(argv: Sequence[str]) -> str:
    """What the command shows."""
    if tuple(argv[:2]) == ("kubectl", "logs"):
        return "What it said before it ended" if "--previous" in argv else "What it says"
    if tuple(argv[:1]) == ("kubectl",) and any(map(_FORMAT.fullmatch, argv)):
        *others, last = _fields(argv) or ["fields"]
        return f"Shows {', '.join(others)}{' and ' * bool(others)}{last} of {_whose(argv)}"
    return next((told for words, told in _ROWS if tuple(argv[: len(words)]) == words), "")


def _whose(argv: Sequence[str]) -> str:
    """The kind and name that stand before the first option."""
    words = argv[2:]
    end = next((at for at, word in enumerate(words) if word.startswith("-")), len(words))
    return " ".join(words[:end]) or "what is asked for"


def _fields(argv: Sequence[str]) -> list[str]:
    """What the command prints, as it is headed or called; not the name of whose it is, where there is more."""
    found = next(filter(None, map(_FORMAT.fullmatch, argv)))
    names = (_COLUMN if found["kind"] == "custom-columns" else _LAST_NAME).findall(found["text"])
    shown = list(dict.fromkeys(name.strip() for name in names))
    return [name for name in shown if name.lower() not in _OBVIOUS] or shown
