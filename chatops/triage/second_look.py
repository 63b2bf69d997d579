"""Is a second look worth its second, and at whom? It is where the first left something unread and told nothing sure.

A source that cannot read everything chooses by what it knows itself. Once all sources have spoken there is more to
go by: who fails or is slow, who restarts, whose probes fail.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chatops.domain.diagnosis import Hypothesis
from chatops.triage.verdicts import IDENTIFIED
from connectors.contract import Inquiry
from connectors.evidence import Coverage, Finding, Role, Subject

MOST = 8
"""So many suspects: more would be no focus."""
_TELLING = {Role.SYMPTOM: 0, Role.CAUSE: 1, Role.CONTEXT: 2}
"""Who suffers speaks before weak causes, and these before what is only worth telling."""
_NO_LOGS = frozenset({"Node", "Namespace", "Cluster"})


def focus(
    findings: Sequence[Finding], coverage: Sequence[Coverage], hypotheses: Sequence[Hypothesis], inquiry: Inquiry
) -> tuple[Subject, ...]:
    """Whom to look at again, the most suspect first; nobody where the first look is sure or left nothing out."""
    sure = any(one.confidence >= IDENTIFIED for one in hypotheses)
    if sure or inquiry.focus or not any(row.unread for row in coverage):
        return ()
    suspects = tuple(dict.fromkeys(_suspects(findings)))[:MOST]
    # Nobody is suspect: then what was left out comes next in the order of the first look.
    return suspects or (Subject(kind="Namespace", name=inquiry.scope.namespace),)


def _suspects(findings: Sequence[Finding]) -> Iterator[Subject]:
    for one in sorted(findings, key=lambda one: (_TELLING[one.role], -one.confidence)):
        if one.subject.kind not in _NO_LOGS:
            yield one.subject
