"""The Kubernetes connector of one environment: checks, tools, names and health."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from weakref import WeakValueDictionary

import anyio
import anyio.to_thread

from connectors.contract import Check, ConnectorError, Health, Inquiry, Scope, Tool
from connectors.evidence import Subject
from connectors.kubernetes import checks
from connectors.kubernetes import objects as o
from connectors.kubernetes.client import KubeClient
from connectors.kubernetes.collecting import Lists, collect, look_closer
from connectors.kubernetes.collecting import names as listed_names
from connectors.kubernetes.health import health
from connectors.kubernetes.resources import BY_PLURAL
from connectors.kubernetes.snapshot import Snapshot
from connectors.kubernetes.tools import Tools
from connectors.kubernetes.view import WORKLOADS, View
from connectors.kubernetes.wiring import dependencies


@dataclass
class Once:
    """A snapshot that is taken by whoever needs it first; all others wait for it."""

    take: Callable[[], Awaitable[Snapshot]]
    _lock: anyio.Lock = field(default_factory=anyio.Lock)
    _view: View | ConnectorError | None = None

    async def __call__(self) -> View:
        """The view, or the error that taking it ended in, for everybody."""
        async with self._lock:
            if self._view is None:
                try:
                    self._view = View(await self.take())
                except ConnectorError as error:
                    self._view = error
        if isinstance(self._view, ConnectorError):
            raise self._view
        return self._view


@dataclass
class KubernetesConnector:
    """Read-only context from one cluster."""

    client: KubeClient
    timeout: float = 9.0
    """Seconds for a check: the snapshot is two rounds of calls."""
    name: str = "kubernetes"
    recent: Lists = field(default_factory=Lists)
    _taken: WeakValueDictionary[tuple[str, datetime], Once] = field(default_factory=WeakValueDictionary)
    """Snapshots of investigations that are under way: each lives as long as somebody holds its checks."""

    def checks(self, inquiry: Inquiry) -> Sequence[Check]:
        """Every check, sharing one snapshot; in a second look that of the first, with more logs."""
        key = inquiry.scope.namespace, inquiry.window.end
        first = self._taken.get(key)
        if inquiry.focus and first is not None:
            return checks.bound(Once(partial(look_closer, self.client, first, inquiry)), self.timeout)
        once = self._taken[key] = Once(partial(collect, self.client, inquiry, self.recent))
        return checks.bound(once, self.timeout)

    def tools(self) -> Sequence[Tool]:
        """The read-only queries the persona may call."""
        return Tools(self.client).all()

    async def subjects(self, scope: Scope) -> Sequence[Subject]:
        """Workloads, services and nodes of the scope."""
        found: list[Subject] = []

        async def names(plural: str, kind: str) -> None:
            listing = await listed_names(self.client, BY_PLURAL[plural], scope.namespace, self.recent)
            found.extend(Subject(kind=kind, namespace=o.namespace(one), name=o.name(one)) for one in listing.items)

        async with anyio.create_task_group() as group:
            for plural, kind in {**WORKLOADS, "services": "Service", "nodes": "Node"}.items():
                group.start_soon(_quiet, names, plural, kind)
        return found

    async def load(self) -> None:
        """Import the SDK: seconds that no incident should wait for."""
        await self.client.load()

    async def dependencies(self) -> Sequence[tuple[Subject, Subject]]:
        """Who calls whom and what runs on which node, in every namespace that may be read. Raises `ConnectorError`."""
        snapshot = Snapshot(datetime.now(UTC))
        failures: list[ConnectorError] = []

        async def read(plural: str) -> None:
            try:
                snapshot.objects[plural] = list((await self.client.list(BY_PLURAL[plural])).items)
            except ConnectorError as error:
                failures.append(error)

        async with anyio.create_task_group() as group:
            for plural in (*WORKLOADS, "services", "pods"):
                group.start_soon(read, plural)
        if not snapshot.objects:
            raise failures[0]
        return await anyio.to_thread.run_sync(dependencies, View(snapshot))

    async def health(self) -> Sequence[Health]:
        """Whether the API answers and what the account may read."""
        return await health(self.client)

    async def aclose(self) -> None:
        """Close the connections."""
        await self.client.aclose()


async def _quiet(names: Callable[[str, str], Awaitable[None]], plural: str, kind: str) -> None:
    """A kind that cannot be read has no names; the checks report why."""
    try:
        await names(plural, kind)
    except ConnectorError:
        return
