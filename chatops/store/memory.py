"""By what an incident is recognised again: alert, cause and subject; never words a model wrote."""

from __future__ import annotations

from hashlib import sha256

from chatops.domain.diagnosis import Diagnosis
from chatops.domain.incident import Incident


def signatures(incident: Incident, diagnosis: Diagnosis) -> list[str]:
    """Return the incident's signatures, the most specific first.

    The subject's name is part of all of them: the same cause in another service is another story.
    """
    causes = [(h.cause, h.subject.kind, h.subject.namespace, h.subject.name) for h in diagnosis.hypotheses[:1]]
    alerts = sorted({alert.name for alert in incident.alerts})
    found: list[tuple[str, ...]] = [("alert+cause", alert, *cause) for cause in causes for alert in alerts]
    found += [("cause", *cause) for cause in causes]
    scope = incident.scope
    if scope.workload or scope.service:
        found += [("alert", alert, scope.namespace, scope.workload or scope.service) for alert in alerts]
    return [sha256("\0".join(parts).encode()).hexdigest()[:24] for parts in found]
