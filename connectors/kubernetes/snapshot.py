"""What the cluster looks like, as it was read: objects by kind, what could not be read and why, lines of logs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from connectors.contract import ConnectorError
from connectors.kubernetes.objects import Json
from connectors.kubernetes.resources import Resource

SYSTEM_NAMESPACES = frozenset({"kube-system", "kube-public", "kube-node-lease"})
LogKey = tuple[str, str, str, bool]
"""Namespace, pod, container, previous."""


class LogLine(NamedTuple):
    """A line of a container's log with the kubelet's time."""

    at: datetime | None
    text: str


@dataclass
class Snapshot:
    """Objects by plural name; `failures` says which kinds could not be read, `truncated` which not to the end."""

    taken: datetime
    namespace: str = ""
    onset: datetime | None = None
    objects: dict[str, list[Json]] = field(default_factory=dict)
    failures: dict[str, ConnectorError] = field(default_factory=dict)
    truncated: set[str] = field(default_factory=set)
    logs: dict[LogKey, list[LogLine]] = field(default_factory=dict)
    log_failures: dict[LogKey, ConnectorError] = field(default_factory=dict)
    asked: str = ""
    """The words of the question and of the alerts: what they name, somebody waits for."""
    operated: tuple[Resource, ...] = ()
    """Kinds of operators that were listed, by what the cluster serves; their objects stand under `Resource.full`."""
    calls: int = 0
    """What it took, further pages and other namespaces not counted."""
    beyond: tuple[str, ...] = ()
    """Other namespaces that were read, because those in the scope complain of them."""
    unread_beyond: dict[str, ConnectorError] = field(default_factory=dict)
    """The same where they could not be read."""

    @property
    def where(self) -> str:
        """What was looked at, in words."""
        return ", ".join((self.namespace, *self.beyond)) if self.namespace else "all namespaces"

    def covers(self, namespace: str) -> bool:
        """Whether a namespace was looked at."""
        return not self.namespace or namespace in (self.namespace, *self.beyond)

    def asked_about(self, name: str) -> bool:
        """Whether the question or an alert names it."""
        return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", self.asked, re.IGNORECASE) is not None
