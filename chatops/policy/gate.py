"""With what is an answer judged? Everything that settling needs, and the count of what it takes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from chatops.domain.casefile import CaseFile
from chatops.policy.claims import Claims, Judge
from chatops.policy.observed import Observed
from connectors.evidence import Coverage, Evidence

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

    def there(self, name: str) -> bool:
        """Whether systems named it, or a connector lists it."""
        return self.observed.name(name, by_systems=True) or self.exists(name)
