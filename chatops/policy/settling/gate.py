"""With what is an answer judged? Everything that settling needs, and the count of what it takes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from chatops.domain.casefile import CaseFile
from chatops.policy.text.claims import Claims, Judge
from chatops.policy.text.observed import Observed
from connectors.evidence import Coverage, Evidence

_COUNTED = 100
"""Of a flood, that many are counted: an answer may hold a million of anything."""
T = TypeVar("T")
Runnable = Callable[[Sequence[str]], bool]
"""Whether a connector answers a command."""


@dataclass(frozen=True)
class Gate:
    """With what an answer is judged. `removed` collects a reason for everything that is taken out."""

    case: CaseFile
    evidence: Mapping[str, Evidence]
    coverage: Sequence[Coverage]
    observed: Observed
    claims: Claims
    judge: Judge
    runnable: Runnable
    exists: Callable[[str], bool]
    removed: list[str] = field(default_factory=list)

    def text(self, text: str, where: str, figures: bool = True, writes: bool = False) -> str:
        """What may be shown of a text."""
        return self.claims.text(text, self.removed, where, figures, writes)

    def first(self, things: Sequence[T], most: int, where: str) -> Sequence[T]:
        """As many as anybody reads; the rest is counted as taken out."""
        self.removed.extend(f"{where}: more than anybody reads" for _ in things[most : most + _COUNTED])
        return things[:most]

    def named(self, name: str) -> bool:
        """Whether systems named it."""
        return self.observed.name(name, by_systems=True)

    def there(self, name: str) -> bool:
        """Whether systems named it, or a connector lists it."""
        return self.named(name) or self.exists(name)
