"""Can the autoscalers scale, and may pods leave a node? Conditions, targets, limits, disruption budgets."""

from __future__ import annotations

import re
from collections.abc import Iterator

from connectors.evidence import Evidence, Subject
from connectors.kubernetes import objects as o
from connectors.kubernetes.objects import Json
from connectors.kubernetes.reporting import Case, case, observed
from connectors.kubernetes.view import WORKLOADS, View

CHECK = "autoscaling"
DRAINS = re.compile(r"\bdrain|evict|disruption|budget", re.IGNORECASE)
"""In words of who waits for pods to leave."""
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
    able = conditions.get("AbleToScale") or {}
    if able.get("status") == "False" and able.get("reason") in ("FailedGetScale", "FailedUpdateScale"):
        return "AutoscalerTargetInvalid", f"Autoscaler {name} cannot scale {target.name}: {able.get('message')}", 0.6
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


def budgets(view: View) -> Iterator[Case]:
    """Budgets that allow nobody to leave though everybody is well, with pods on a node that is being emptied."""
    emptied = {o.name(node) for node in view.all("nodes") if o.spec(node).get("unschedulable")}
    for one in view.all("poddisruptionbudgets"):
        status = o.status(one)
        expected, healthy = int(status.get("expectedPods") or 0), int(status.get("currentHealthy") or 0)
        wanted = int(status.get("desiredHealthy") or 0)
        never = 0 < expected < wanted
        if status.get("disruptionsAllowed") != 0 or not (never or 0 < expected <= healthy):
            continue
        staying = [pod for pod in view.pods if _protects(one, pod) and o.spec(pod).get("nodeName") in emptied]
        asked = never and DRAINS.search(view.snapshot.asked)
        if staying or asked:
            subject = Subject(kind="PodDisruptionBudget", namespace=o.namespace(one), name=o.name(one))
            nodes = sorted({str(o.spec(pod).get("nodeName")) for pod in staying})
            why = f"it wants {wanted} healthy and there are {expected} at best" if never else "though all are well"
            words = f"Budget {subject.name} allows none of its {expected} pods to be evicted, {why}"
            words += f"; {len(staying)} stay on {', '.join(nodes)}, which is cordoned" if staying else ""
            rows = [(key, str(value)) for key, value in sorted(o.spec(one).items()) if key != "selector"]
            proof = observed(CHECK, subject, f"Disruption budget {subject.name}", words, rows)
            yield case("budget", "PodDisruptionBudgetBlocking", subject, words, 0.75 if never else 0.55, [proof],
                       explains=[Subject(kind="Node", name=name) for name in nodes])  # fmt: skip


def _protects(budget: Json, pod: Json) -> bool:
    return o.namespace(pod) == o.namespace(budget) and o.selected(o.spec(budget).get("selector"), o.labels(pod))


RULES = (horizontal, budgets)
DECIDES = (
    "AutoscalerLimited", "AutoscalerMetricsUnavailable", "AutoscalerTargetInvalid", "PodDisruptionBudgetBlocking",
)  # fmt: skip
