"""A connector that reads only the namespaces within a channel's reach, whoever asks: checks, a person, the persona.

Stands before the connector itself, so that no way to it leads around. Fails closed: a query that cannot be limited
to a namespace (an account's metrics, all logs) is refused. What belongs to no namespace (nodes, volumes) is read.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chatops.policy.reach import Reach
from connectors.contract import Check, Connector, ConnectorError, Health, Inquiry, Scope, Tool
from connectors.evidence import Observation, Subject


@dataclass
class Limited:
    """Implements `connectors.contract.Connector` over another one."""

    connector: Connector
    reach: Reach
    name: str

    def checks(self, inquiry: Inquiry) -> Sequence[Check]:
        """The connector's checks, without what they find elsewhere."""
        inquiry = inquiry.model_copy(update={"within": self.reach.namespaces})
        return [replace(check, run=self._check(check.run)) for check in self.connector.checks(inquiry)]

    def tools(self) -> Sequence[Tool]:
        """The connector's tools, refusing what is out of reach."""
        return [replace(tool, run=self._tool(tool)) for tool in self.connector.tools()]

    async def subjects(self, scope: Scope) -> Sequence[Subject]:
        """What exists within reach."""
        return [one for one in await self.connector.subjects(scope) if self._within(one)]

    async def health(self) -> Sequence[Health]:
        """The connector's own."""
        return await self.connector.health()

    async def aclose(self) -> None:
        """Whoever opened the connector closes it."""

    def _within(self, subject: Subject | None) -> bool:
        return subject is None or not subject.namespace or self.reach.has(subject.namespace)

    def _check(self, run: Callable[[], Awaitable[Observation]]) -> Callable[[], Awaitable[Observation]]:
        async def limited() -> Observation:
            return self._only(await run())

        return limited

    def _tool(self, tool: Tool) -> Callable[[Inquiry, Mapping[str, Any]], Awaitable[Observation]]:
        async def limited(inquiry: Inquiry, arguments: Mapping[str, Any]) -> Observation:
            if refused := self._refused(tool, inquiry, arguments):
                raise ConnectorError("rejected", f"{tool.name} {dict(arguments)}", refused)
            return self._only(await tool.run(inquiry, arguments))

        return limited

    def _refused(self, tool: Tool, inquiry: Inquiry, arguments: Mapping[str, Any]) -> str:
        may = ", ".join(self.reach.namespaces)
        scoped = {"namespace", "expression"} & set(tool.schema.get("properties", {}))
        if not scoped or arguments.get("anywhere") or (tool.confined and not tool.confined(arguments)):
            return f"this channel may ask about {may} only, and this query cannot be limited to a namespace"
        namespace = str(arguments.get("namespace") or inquiry.scope.namespace)
        if not namespace or not self.reach.has(namespace):
            return f"this channel may ask about {may} only, not {namespace or 'all namespaces'}"
        return ""

    def _only(self, seen: Observation) -> Observation:
        evidence = tuple(one for one in seen.evidence if self._within(one.subject))
        keys = {one.key for one in seen.evidence} - {one.key for one in evidence}
        findings = tuple(one for one in seen.findings if self._within(one.subject) and not keys & set(one.rests_on))
        if len(evidence) == len(seen.evidence) and len(findings) == len(seen.findings):
            return seen
        return seen.model_copy(update={"evidence": evidence, "findings": findings})


def limited(connectors: Mapping[str, Connector | None], reach: Reach) -> Mapping[str, Connector | None]:
    """The connectors as a channel may use them."""
    if not reach.namespaces:
        return connectors
    return {name: None if one is None else Limited(one, reach, one.name) for name, one in connectors.items()}
