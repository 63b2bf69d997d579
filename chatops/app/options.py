"""Which option of a connector is wrong? One that nobody asked for and is nearly what was; the last that was read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

_NEAR = 0.8
_KINDS = {str: "text", bool: "true or false", int: "a number", float: "a number", dict: "a mapping", list: "a list"}


class Asked(Mapping[str, Any]):
    """A connector's options, which remember what was asked for. A connector that takes them all has asked for all.

    What was not asked for is no mistake by itself: most options are read only where an address is set.
    """

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._options = options
        self._asked: set[str] = set()
        self._last = ""

    def __getitem__(self, name: str) -> Any:
        self._asked.add(name)
        self._last = name if name in self._options else self._last
        return self._options[name]

    def __iter__(self) -> Iterator[str]:
        self._asked.update(self._options)
        return iter(self._options)

    def __len__(self) -> int:
        return len(self._options)

    def unusable(self) -> str:
        """What to say where the connector stumbled over the value it read last."""
        given = _KINDS.get(type(self._options.get(self._last)), "something else")
        return f"{self._last}: a value of another kind is expected, and {given} was given"

    def mistyped(self) -> str:
        """What is wrong, and what was probably meant; empty where nothing is."""
        for name in sorted(set(self._options) - self._asked):
            for meant in get_close_matches(name, sorted(self._asked), 1, _NEAR):
                return f"{name}: there is no such option, did you mean {meant}?"
        return ""
