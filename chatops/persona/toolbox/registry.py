"""What can our own toolbox do besides answering calls?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

from chatops.policy.untrusted import Fence
from connectors.evidence import Evidence


@runtime_checkable
class Registry(Protocol):
    """Numbers other evidence, takes back numbers, redacts words, and fences what others wrote."""

    fence: Fence
    """That of the run: the first message names its mark."""
    sections: Mapping[str, str]
    """What the brief says besides the evidence, whole: what it cuts can be asked for."""

    def add(self, item: Evidence) -> Evidence: ...  # noqa: D102

    def restore(self, evidence: Sequence[Evidence]) -> None: ...  # noqa: D102

    def redacted(self, text: str) -> str: ...  # noqa: D102
