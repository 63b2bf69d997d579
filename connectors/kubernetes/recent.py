"""What was listed a moment ago, for who needs the same within seconds: first the names are asked for, then everything.

A question is matched to the names of what exists before the snapshot is taken; the lists read for that are handed on.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from connectors.kubernetes import objects as o
from connectors.kubernetes.client import Listing
from connectors.kubernetes.resources import Resource


@dataclass
class Recent:
    """Lists by kind and namespace. Each is handed on once, so that nothing is kept in memory for long."""

    seconds: float = 15.0
    """How old a list may be: the picture is still of one moment."""
    clock: Callable[[], float] = time.monotonic
    _kept: dict[tuple[str, str], tuple[float, Listing]] = field(default_factory=dict)

    def keep(self, resource: Resource, namespace: str, listing: Listing) -> None:
        """Keep a list that is whole; drop those that nobody came for."""
        self._kept = {key: kept for key, kept in self._kept.items() if self._fresh(kept)}
        if not listing.truncated:
            self._kept[_key(resource, namespace)] = (self.clock(), listing)

    def take(self, resource: Resource, namespace: str) -> Listing | None:
        """The list, or the namespace's part of the list of all; None where there is none that is fresh."""
        whole = self._kept.pop(_key(resource, ""), None)
        kept = self._kept.pop(_key(resource, namespace), None) or whole
        if kept is None or not self._fresh(kept):
            return None
        listing = kept[1]
        if not (namespace and resource.namespaced):
            return listing
        return Listing(tuple(one for one in listing.items if o.namespace(one) == namespace))

    def _fresh(self, kept: tuple[float, Listing]) -> bool:
        return self.clock() - kept[0] <= self.seconds


def _key(resource: Resource, namespace: str) -> tuple[str, str]:
    return resource.plural, namespace if resource.namespaced else ""
