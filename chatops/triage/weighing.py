"""How much does a finding count here, for where it is and when it began?

A finding's own confidence is what its rule is worth seen alone. What lies outside of the scope, or was so long before
the time in question, counts less; what is asked for by name does not, nor a state that is still so and may well be
what is complained of.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.contract import Inquiry
from connectors.evidence import Evidence, Finding, ResourceState, Role, Subject

LONG_BEFORE = 0.6
"""What is left of a cause that began long before the time in question, and that nobody asks about."""
BEFORE = 0.9
"""The same where it began shortly before, or where it is still so and may be what is complained of."""
ELSEWHERE = 0.5
"""What is left of a cause in another namespace, or in the cluster where the alarm is about a cloud's own resource."""
_BY_ITSELF = frozenset({"InstanceId", "AutoScalingGroupName", "DBInstanceIdentifier", "DBClusterIdentifier",
                        "CacheClusterId", "ReplicationGroupId", "FunctionName"})  # fmt: skip
"""Dimensions of what can be ill by itself. Queues, tables and load balancers often tell of who works behind them."""
_BEFORE, _LIVED_WITH = timedelta(hours=1), timedelta(days=1)
"""What began this much earlier is early; what has been so for longer than this, people live with."""


@dataclass(frozen=True)
class Weighing:
    """What findings are held against."""

    inquiry: Inquiry
    now: frozenset[str]
    """Keys of the evidence that tells how an object is now."""
    suffering: frozenset[Subject]
    """What has suffered only since the time in question began."""

    @classmethod
    def of(cls, inquiry: Inquiry, evidence: Iterable[Evidence], findings: Iterable[Finding]) -> Weighing:
        """From all that was gathered."""
        start = inquiry.window.start
        return cls(
            inquiry,
            frozenset(one.key for one in evidence if isinstance(one.body, ResourceState)),
            frozenset(f.subject for f in findings if f.role is Role.SYMPTOM and f.onset and f.onset >= start),
        )

    def factor(self, one: Finding, explains: AbstractSet[Subject], rests_on: Sequence[str]) -> float:
        """0–1: what is left of the confidence of a finding that explains and rests on these."""
        subjects = {one.subject, *explains}
        return self._placed(subjects) * self._timed(one.onset, subjects, still=not self.now.isdisjoint(rests_on))

    def _placed(self, subjects: AbstractSet[Subject]) -> float:
        """Less outside the namespace, beside what was asked for by name, in the cluster where a machine alarms."""
        scope = self.inquiry.scope
        inside = any(one.namespace in ("", scope.namespace) or one.name == scope.namespace for one in subjects)
        beside = bool(self._asked) and not self._is_asked_for(subjects)
        named = self._asked or scope.namespace or scope.cluster or not scope.dimensions.keys() <= _BY_ITSELF
        apart = bool(scope.dimensions) and not named and all(one.namespace for one in subjects)
        near = (inside or not scope.namespace) and (not apart or self._is_asked_for(subjects))
        return (1.0 if near else ELSEWHERE) * (0.85 if beside else 1.0)

    def _timed(self, began: datetime | None, subjects: AbstractSet[Subject], *, still: bool) -> float:
        """Less where it began before the time in question: what was broken all along is not what broke now."""
        window = self.inquiry.window
        if began is None or (self._asked and self._is_asked_for(subjects)):
            return 1.0
        if began < window.start - _BEFORE:
            # Nobody lives with it yet, and nobody says when the trouble began, or what began since follows from it.
            fresh = began >= window.start - _LIVED_WITH
            return BEFORE if still and fresh and (window.onset is None or subjects & self.suffering) else LONG_BEFORE
        late = began > window.end + timedelta(minutes=5)
        early = window.onset is not None and began < window.onset - _BEFORE
        return BEFORE if late or early else 1.0

    @property
    def _asked(self) -> set[str]:
        scope = self.inquiry.scope
        return {name for name in (scope.workload, scope.service, scope.node, scope.pod) if name}

    def _is_asked_for(self, subjects: Iterable[Subject]) -> bool:
        """Whether one of these is what the question or an alert names."""
        alerts = self.inquiry.alerts
        told = {text for alert in alerts for texts in (alert.labels, alert.annotations) for text in texts.values()}
        asked = self._asked
        names = asked | told | set(self.inquiry.scope.dimensions.values())
        return any(one.name in names or any(name.startswith(one.name + "-") for name in asked) for one in subjects)
