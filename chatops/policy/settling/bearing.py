"""Does what a hypothesis cites show that anything is wrong?

A table of pods that are all well bears no cause, however sure a model is. What rules read and concluded no trouble
from, what did not change, and what nobody else wrote, is such a table. It is not removed: a model may see in it what
no rule looks for, an address or a limit. But nobody has seen it fail.
"""

from __future__ import annotations

from collections.abc import Iterable

from chatops.domain.casefile import CaseFile
from connectors.evidence import Evidence, ResourceState, Role

UNBORNE = 0.45
"""The most for a model's own cause that rests on nothing else: below what counts as a claim."""


def idle(case: CaseFile) -> frozenset[str]:
    """Ids of the evidence that shows states, and none from which a rule concluded that something is wrong."""
    wrong = {key for one in case.findings if one.role is not Role.CONTEXT for key in one.rests_on}
    return frozenset(item.id for item in case.evidence if item.key not in wrong and _state(item))


def unborne(supporting: Iterable[str], idle: frozenset[str]) -> bool:
    """Whether all that is cited is idle."""
    return set(supporting) <= idle


def _state(item: Evidence) -> bool:
    """Something as it is, by our own reading: no change, no log, no curve, no answer of a tool."""
    return isinstance(item.body, ResourceState) and item.onset is None and not item.untrusted
