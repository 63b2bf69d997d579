"""Which option of a connector is wrong? One that it does not read; the last that was read, where it stumbled; one that
it looked for in vain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from connectors.contract import OpenConnector

_NEAR = 0.7
_KINDS = {str: "text", bool: "true or false", int: "a number", float: "a number", dict: "a mapping", list: "a list"}


class Asked(Mapping[str, Any]):
    """A connector's options, which remember what was asked for last."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._options = options
        self._last = ""
        self._missed: list[str] = []

    def __getitem__(self, name: str) -> Any:
        if name in self._options:
            self._last = name
        else:
            self._missed.append(name)
        return self._options[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._options)

    def __len__(self) -> int:
        return len(self._options)

    def unfinished(self) -> str:
        """What to say of options that were not enough to open the connector; empty where none are given."""
        given = ", ".join(sorted(self._options))
        needed = " or ".join(dict.fromkeys(self._missed))
        return f"{given} without {needed}: it is not asked" if given and needed else ""

    def unusable(self) -> str:
        """What to say where the connector stumbled over the value it read last."""
        given = _KINDS.get(type(self._options.get(self._last)), "something else")
        return f"{self._last}: a value of another kind is expected, and {given} was given"


def unknown(opener: OpenConnector, options: Mapping[str, Any]) -> str:
    """Which option the connector does not read, and what was probably meant; empty where all are read, or it does not
    declare what it reads."""
    reads: frozenset[str] | None = getattr(opener, "reads", None)
    for name in sorted(set(options) - reads) if reads is not None else ():
        meant = "".join(f", did you mean {one}?" for one in get_close_matches(name, sorted(reads or ()), 1, _NEAR))
        return f"{name}: there is no such option{meant or '; there are: ' + ', '.join(sorted(reads or ()))}"
    return ""
