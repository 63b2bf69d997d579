"""What may a channel ask about? Environments and namespaces: checked before an incident opens, and at every read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Protocol

from connectors.contract import Scope

DIRECT = "direct"
"""The key of direct messages with the app."""
OTHERS = "*"
"""The key of every channel that is not named."""

_WORD = re.compile(r"[a-z0-9][a-z0-9-]*[a-z0-9]|[a-z0-9]")


class OutOfReach(Exception):
    """The channel may not ask about that; the text says what it may."""


class Limits(Protocol):
    """What is set for a channel; empty: everything."""

    @property
    def environments(self) -> tuple[str, ...]:
        """Names of environments."""
        ...

    @property
    def namespaces(self) -> tuple[str, ...]:
        """Namespaces, or patterns."""
        ...


@dataclass(frozen=True)
class Reach:
    """What may be asked about; `namespaces` are patterns (`shop-*`). Empty: everything."""

    environments: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()

    def has(self, namespace: str) -> bool:
        """Whether this namespace is within reach."""
        if not self.namespaces:
            return True
        # A pattern must not take `shop/../x` for one that begins with `shop`.
        named = _WORD.fullmatch(namespace) is not None
        return named and any(fnmatchcase(namespace, one) for one in self.namespaces)

    def and_namespace(self, namespace: str) -> Reach:
        """The same and one namespace more: an alert that a route sends to a channel may be looked into there."""
        if not self.namespaces or not namespace:
            return self
        return Reach(self.environments, (*self.namespaces, namespace))

    def environment(self, otherwise: str) -> str:
        """The environment that is meant where nobody names one; `otherwise` where the channel may ask about it."""
        return otherwise if not self.environments or otherwise in self.environments else self.environments[0]

    def placed(self, scope: Scope, question: str) -> Scope:
        """The scope with the one namespace that the question names, or that the channel has, where none is given."""
        if scope.namespace or not self.namespaces:
            return scope
        named = {word for word in _WORD.findall(question.lower()) if self.has(word)}
        only = {one for one in self.namespaces if not set(one) & set("*?[")}
        meant = named if len(named) == 1 else only if len(self.namespaces) == 1 else set()
        return scope.model_copy(update={"namespace": meant.pop()}) if meant else scope

    def check(self, scope: Scope) -> None:
        """Raise `OutOfReach` where the channel may not ask about this."""
        if self.environments and scope.environment not in self.environments:
            raise OutOfReach(f"This channel may ask about {_either(self.environments)}, not {scope.environment}.")
        if self.namespaces and not scope.namespace:
            raise OutOfReach(f"Say which namespace: this channel may ask about {_either(self.namespaces)}.")
        if not self.has(scope.namespace):
            raise OutOfReach(
                f"This channel may ask about the namespace {_either(self.namespaces)}, not {scope.namespace}."
            )


def of_channel(channels: Mapping[str, Limits], channel: str) -> Reach:
    """What a channel may ask about: its own row, else that of direct messages, else that of all others."""
    row = channels.get(channel) or (channels.get(DIRECT) if channel.startswith("D") else None) or channels.get(OTHERS)
    return Reach(row.environments, row.namespaces) if row else Reach()


def _either(names: Iterable[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last
