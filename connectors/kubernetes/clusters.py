"""Several clusters as one source: which of them an incident is in, and what each says, under its name.

The cluster that an alert or a person names is asked alone. Otherwise those are asked that have the incident's
namespace, and all where none is known. A cluster that does not answer is told as such and holds up no other.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any
from weakref import WeakValueDictionary

import anyio

from connectors.contract import Check, ConnectorError, Health, Inquiry, Scope, Tool
from connectors.evidence import Evidence, Observation, ResourceState, Subject
from connectors.kubernetes import objects as o
from connectors.kubernetes.connector import KubernetesConnector
from connectors.kubernetes.placing import Place, joined, without_context
from connectors.kubernetes.reporting import SOURCE, replicas
from connectors.kubernetes.resources import BY_PLURAL
from connectors.kubernetes.view import WORKLOADS
from connectors.together import Once, every, outcomes

ANSWERS_WITHIN = 3.0
"""Seconds in which a cluster has to say whether it has a namespace: one that does not is not waited for."""
_ROWS = 40
_CHECK = "clusters"


@dataclass(frozen=True)
class Member:
    """A cluster and its connector."""

    place: Place
    connector: KubernetesConnector


@dataclass(frozen=True)
class Found:
    """The clusters that an incident may be in, and those that could not be asked."""

    asked: tuple[Member, ...]
    silent: Mapping[str, ConnectorError] = field(default_factory=dict)
    """Name of a cluster → why it could not say whether it has the namespace."""


@dataclass
class ClustersConnector:
    """Read-only context from several clusters of one environment."""

    members: tuple[Member, ...]
    timeout: float = 9.0
    name: str = SOURCE
    _located: WeakValueDictionary[tuple[str, str, datetime], Once[Found]] = field(default_factory=WeakValueDictionary)
    """Which clusters an investigation that is under way is about: found once, for the second look too."""

    def checks(self, inquiry: Inquiry) -> Sequence[Check]:
        """The checks of a cluster, each answered by all that are asked; and how these differ."""
        key = inquiry.scope.cluster, inquiry.scope.namespace, inquiry.window.end
        found = self._located.get(key)
        if found is None:
            found = self._located[key] = Once(partial(self._locate, inquiry.scope))
        focus = tuple(one.model_copy(update={"cluster": ""}) for one in inquiry.focus)
        own = inquiry.model_copy(update={"focus": focus})
        bound = {one.place.name: {check.name: check for check in one.connector.checks(own)} for one in self.members}
        rows = next(iter(bound.values())).values()
        differ = Check(_CHECK, "Which clusters run it, and how do they differ?",
                       partial(self._differ, inquiry, found), self.timeout)  # fmt: skip
        return [differ, *(replace(row, run=partial(_all_run, found, bound, row.name)) for row in rows)]

    def tools(self) -> Sequence[Tool]:
        """Those of a cluster, with the cluster as one more argument; kubectl's `--context` says the same."""
        names = {"type": "string", "enum": [one.place.name for one in self.members]}
        return [self._tool(tool, names) for tool in self.members[0].connector.tools()]

    async def subjects(self, scope: Scope) -> Sequence[Subject]:
        """The clusters, and what exists in them."""
        asked = self._named(scope.cluster) or self.members
        found = await outcomes([partial(_subjects, one, scope) for one in asked])
        inside = [subject for part in found if not isinstance(part, ConnectorError) for subject in part]
        return [*(Subject(kind="Cluster", name=one.place.name) for one in self.members), *inside]

    async def load(self) -> None:
        """Import the SDK."""
        await self.members[0].connector.load()

    async def dependencies(self) -> Sequence[tuple[Subject, Subject]]:
        """Who calls whom in each of them. Raises `ConnectorError` where none can be read."""
        parts = await outcomes([one.connector.dependencies for one in self.members])
        known = [(one, part) for one, part in zip(self.members, parts, strict=True) if not _failed(part)]
        if not known:
            await every([self.members[0].connector.dependencies])
        return [
            (one.place.subject(a), one.place.subject(b))
            for one, part in known
            if not isinstance(part, ConnectorError)
            for a, b in part
        ]

    async def health(self) -> Sequence[Health]:
        """Of each, under its name."""
        lines = await every([one.connector.health for one in self.members])
        return [
            replace(line, name=f"{line.name} in {one.place.name}")
            for one, part in zip(self.members, lines, strict=True)
            for line in part
        ]

    async def aclose(self) -> None:
        """Close the connections of all."""
        for one in self.members:
            await one.connector.aclose()

    # --- which clusters

    def _named(self, cluster: str) -> tuple[Member, ...]:
        return tuple(one for one in self.members if cluster and one.place.means(cluster))

    async def _locate(self, scope: Scope) -> Found:
        """The cluster that the scope names, else those that have its namespace, else all."""
        if named := self._named(scope.cluster):
            return Found(named)
        answers = await outcomes([partial(_has, one, scope.namespace) for one in self.members])
        silent = {
            one.place.name: answer
            for one, answer in zip(self.members, answers, strict=True)
            if isinstance(answer, ConnectorError)
        }
        having = tuple(one for one, answer in zip(self.members, answers, strict=True) if answer is True)
        return Found(having or tuple(one for one in self.members if one.place.name not in silent), silent)

    async def _differ(self, inquiry: Inquiry, located: Once[Found]) -> Observation:
        """The scope's workloads side by side: replicas and images of each cluster."""
        found = await located()
        words = "; ".join(f"{name}: {error.brief}" for name, error in found.silent.items())
        if not found.asked:
            raise next(iter(found.silent.values()))
        unknown = inquiry.scope.cluster and not self._named(inquiry.scope.cluster)
        if unknown:
            known = ", ".join(one.place.name for one in self.members)
            words = "; ".join(filter(None, (f"{inquiry.scope.cluster} is none of the clusters {known}", words)))
        asked = ", ".join(one.place.name for one in found.asked)
        where = inquiry.scope.namespace or "all namespaces"
        searched = f"{where} looked for in {asked}" + (f"; not in {self._others(found)}" if self._others(found) else "")
        if len(found.asked) < 2 or not inquiry.scope.namespace:
            return Observation(searched=searched, partial=words)
        parts = await outcomes([partial(_workloads, one, inquiry.scope) for one in found.asked])
        rows = [row for part in parts if not isinstance(part, ConnectorError) for row in part]
        return Observation(evidence=_table(inquiry.scope, rows, asked), searched=searched, partial=words)

    def _others(self, found: Found) -> str:
        seen = {one.place.name for one in found.asked} | set(found.silent)
        return ", ".join(one.place.name for one in self.members if one.place.name not in seen)

    # --- tools

    def _tool(self, tool: Tool, names: Mapping[str, Any]) -> Tool:
        properties = {**tool.schema["properties"], "cluster": names}
        argv = tool.argv
        return replace(
            tool,
            schema={**tool.schema, "properties": properties},
            run=partial(self._ask, tool.name),
            argv=partial(self._arguments, argv) if argv else None,
        )

    async def _ask(self, tool: str, inquiry: Inquiry, arguments: Mapping[str, Any]) -> Observation:
        """The answers of the cluster that is named, else of those that the incident is in."""
        own = {name: value for name, value in arguments.items() if name != "cluster"}
        chosen = self._named(str(arguments.get("cluster") or "")) or (await self._locate(inquiry.scope)).asked
        parts = await outcomes([partial(_run, one, tool, inquiry, own) for one in chosen])
        return _told(parts)

    def _arguments(
        self, argv: Callable[[Sequence[str]], Mapping[str, Any] | None], words: Sequence[str]
    ) -> Mapping[str, Any] | None:
        bare, context = without_context(words)
        named = self._named(context)
        arguments = argv(bare)
        if arguments is None or (context and not named):
            return None
        return {**arguments, "cluster": named[0].place.name} if named else arguments


def _failed(part: object) -> bool:
    return isinstance(part, ConnectorError)


async def _has(member: Member, namespace: str) -> bool:
    """Whether a cluster has a namespace; where it may not say, it is taken to have it. Raises `ConnectorError`."""
    client = member.connector.client
    path = BY_PLURAL["namespaces"].path("", namespace) if namespace else "/version"
    try:
        with anyio.fail_after(ANSWERS_WITHIN):
            await client.get(path)
    except TimeoutError as late:
        raise member.place.failed(
            ConnectorError("timeout", f"GET {path}", f"no answer within {ANSWERS_WITHIN:g} s")
        ) from late
    except ConnectorError as error:
        if error.kind in ("not_found", "forbidden"):
            return error.kind == "forbidden"
        raise
    return True


async def _all_run(located: Once[Found], bound: Mapping[str, Mapping[str, Check]], name: str) -> Observation:
    """One check of every cluster that is asked."""
    found = await located()
    parts = await outcomes([partial(_placed, one.place, bound[one.place.name][name].run) for one in found.asked])
    if not parts:
        raise next(iter(found.silent.values()))
    return _told(parts, "; ".join(f"{name}: not asked, {error.kind}" for name, error in found.silent.items()))


async def _placed(place: Place, run: Callable[[], Awaitable[Observation]]) -> Observation:
    try:
        return place.told(await run())
    except ConnectorError as error:
        raise place.failed(error) from error


async def _run(member: Member, tool: str, inquiry: Inquiry, arguments: Mapping[str, Any]) -> Observation:
    found = next(one for one in member.connector.tools() if one.name == tool)
    return await _placed(member.place, partial(found.run, inquiry, arguments))


def _told(parts: Sequence[Observation | ConnectorError], silent: str = "") -> Observation:
    """What those said that answered, and why the others did not; their error where none did."""
    seen = [one for one in parts if not isinstance(one, ConnectorError)]
    errors = [one for one in parts if isinstance(one, ConnectorError)]
    if errors and not seen:
        raise errors[0]
    told = joined(seen)
    words = "; ".join(filter(None, (told.partial, *(one.brief for one in errors), silent)))
    return told.model_copy(update={"partial": words})


async def _subjects(member: Member, scope: Scope) -> list[Subject]:
    return [member.place.subject(one) for one in await member.connector.subjects(scope)]


async def _workloads(member: Member, scope: Scope) -> list[tuple[str, ...]]:
    """Rows of a cluster: cluster, workload, ready of desired, images, since when."""
    rows: list[tuple[str, ...]] = []
    for plural, kind in WORKLOADS.items():
        for one in (await member.connector.client.list(BY_PLURAL[plural], scope.namespace, pages=1)).items:
            if scope.workload in ("", o.name(one)):
                desired, ready = replicas(one)
                images = ", ".join(str(part.get("image") or "") for part in o.containers(o.template(one)))
                rows.append((member.place.name, f"{kind} {o.name(one)}", f"{ready}/{desired}", images))
    return rows


def _table(scope: Scope, rows: Sequence[tuple[str, ...]], asked: str) -> tuple[Evidence, ...]:
    """What differs between clusters, as one table; nothing where all are alike."""
    by_name: dict[str, list[tuple[str, ...]]] = {}
    for row in rows:
        by_name.setdefault(row[1], []).append(row)
    everywhere = len(asked.split(", "))
    odd = [part for part in by_name.values() if len(part) < everywhere or len({row[2:] for row in part}) > 1]
    if not odd:
        return ()
    told = [row for part in odd for row in part]
    first = "; ".join(f"{row[0]} {row[1]} {row[2]} of {row[3]}" for row in told[:4])
    item = Evidence(
        key=f"{SOURCE}/{_CHECK}/{scope.namespace}/{scope.workload}",
        source=SOURCE,
        check=_CHECK,
        title=f"{len(odd)} of {len(by_name)} workloads of {scope.namespace} differ between {asked}",
        summary=first,
        query=f"kubectl get deployments,statefulsets,daemonsets -n {scope.namespace} -o wide",
        body=ResourceState(columns=("cluster", "workload", "ready", "images"), rows=tuple(told[:_ROWS]),
                           omitted=max(0, len(told) - _ROWS)),
    )  # fmt: skip
    return (item,)
