"""Which hosts outside is it worth following into another source? Those of the workloads in question, of whom one
source has read that they use them, and of whom another says that its resources answer there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from chatops.telemetry import log
from connectors.contract import ConnectorError, Follows, Inquiry
from connectors.evidence import Finding, Role, Subject, Topology

MOST = 6
"""Hosts of one investigation: a namespace may use dozens."""


def hosts(topology: Topology, findings: Iterable[Finding], inquiry: Inquiry) -> list[str]:
    """The hosts to ask about: of the workload in question and whom it calls, then of whom findings are about.

    Where no workload is in question, everybody's, those in trouble first.
    """
    scope = inquiry.scope
    asked = {name for name in (scope.workload, scope.service) if name}
    called = {callee for caller, callee in topology.calls if caller in asked}
    troubled = {one.subject.name for one in findings if one.role is not Role.CONTEXT}

    def nearness(workload: Subject) -> int:
        ranks = [at for at, names in enumerate((asked, troubled, called)) if workload.name in names]
        return min(ranks, default=3)

    ranked = sorted(topology.reaches, key=lambda pair: nearness(pair[0]))
    near = [host for workload, host in ranked if not asked or nearness(workload) < 3]
    return list(dict.fromkeys(near))[:MOST]


async def behind(
    connectors: Mapping[str, object], inquiry: Inquiry, wanted: Sequence[str]
) -> dict[str, Mapping[str, Subject]]:
    """By source: what answers under these hosts. A source that cannot tell is left out."""
    found: dict[str, Mapping[str, Subject]] = {}
    for source, connector in connectors.items():
        if wanted and isinstance(connector, Follows):
            try:
                found[source] = await connector.behind(inquiry, wanted)
            except ConnectorError as error:
                log.info("hosts not followed", source=source, kind=error.kind)
    return {source: known for source, known in found.items() if known}
