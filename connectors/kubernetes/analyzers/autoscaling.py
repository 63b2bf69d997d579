"""Can the autoscalers scale? Their conditions, targets and limits."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.evidence import Evidence, Subject
from connectors.kubernetes import objects as o
from connectors.kubernetes.objects import Json
from connectors.kubernetes.reporting import Case, case, observed
from connectors.kubernetes.view import WORKLOADS, View

CHECK = "autoscaling"
_PLURALS = {kind: plural for plural, kind in WORKLOADS.items()}


def horizontal(view: View) -> Iterator[Case]:
    """Horizontal autoscalers that are at their end, blind, or point to nothing."""
    for one in view.all("horizontalpodautoscalers"):
        found = _judge(view, one)
        if found is not None:
            cause, words, confidence = found
            target = _target(one)
            yield case("autoscaler", cause, target, words, confidence, [_state(one)], explains=[target])


def _judge(view: View, one: Json) -> tuple[str, str, float] | None:
    name, target, conditions = o.name(one), _target(one), o.conditions(one)
    if target.kind in _PLURALS and view.read(_PLURALS[target.kind]) and target not in view.workloads:
        return (
            "AutoscalerTargetInvalid",
            f"Autoscaler {name} points to {target.kind} {target.name}, which does not exist",
            0.7,
        )
    active = conditions.get("ScalingActive") or {}
    if active.get("status") == "False" and active.get("reason") != "ScalingDisabled":
        invalid = "missing request" in str(active.get("message"))
        cause = "AutoscalerTargetInvalid" if invalid else "AutoscalerMetricsUnavailable"
        return (
            cause,
            f"Autoscaler {name} cannot scale {target.name}: {active.get('reason')}: {active.get('message')}",
            0.55,
        )
    limited = conditions.get("ScalingLimited") or {}
    most = o.spec(one).get("maxReplicas")
    if limited.get("status") == "True" and limited.get("reason") == "TooManyReplicas":
        return "AutoscalerLimited", f"Autoscaler {name} wants more than its maximum of {most} for {target.name}", 0.6
    return None


def _target(one: Json) -> Subject:
    reference = o.spec(one).get("scaleTargetRef") or {}
    return Subject(kind=str(reference.get("kind")), namespace=o.namespace(one), name=str(reference.get("name")))


def _state(one: Json) -> Evidence:
    subject = Subject(kind="HorizontalPodAutoscaler", namespace=o.namespace(one), name=o.name(one))
    status = o.status(one)
    least, most = o.spec(one).get("minReplicas") or 1, o.spec(one).get("maxReplicas")
    rows = [
        ("replicas", f"{status.get('currentReplicas')} of {least}–{most}"),
        ("desired", str(status.get("desiredReplicas"))),
    ]  # fmt: skip
    rows += [
        (kind, f"{c.get('status')} {c.get('reason')}: {c.get('message')}") for kind, c in o.conditions(one).items()
    ]
    return observed(CHECK, subject, f"Autoscaler {subject.name}", "; ".join(": ".join(row) for row in rows), rows)


RULES = (horizontal,)
DECIDES = ("AutoscalerLimited", "AutoscalerMetricsUnavailable", "AutoscalerTargetInvalid")
