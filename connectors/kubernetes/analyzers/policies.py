"""Do network policies block traffic that the configuration shows to be needed?

A caller is known by its addresses, a callee by its service. What a policy of long ago blocks was blocked before,
so the age of the policy against the onset decides how much it is worth.
"""

from __future__ import annotations

from collections.abc import Iterator

from connectors.evidence import Evidence, Subject
from connectors.kubernetes import objects as o
from connectors.kubernetes.objects import Json
from connectors.kubernetes.reporting import Case, case, observed
from connectors.kubernetes.view import View

CHECK = "network policies"
_DNS = 53


def blocked(view: View) -> Iterator[Case]:
    """Calls that the policies of the callee or of the caller do not let through."""
    seen: set[tuple[Subject, str]] = set()
    for caller, reference, meant in view.calls:
        service = view.find("services", meant.namespace, meant.service)
        pods = view.selected_pods(service) if service else []
        callers = view.pods_by_workload.get(caller) or []
        if not pods or not callers or service is None:
            continue
        policy, callee = _refusing(view, callers[0], pods[0], "Ingress"), view.workload_of(pods[0])
        chosen = callee if policy else caller
        policy = policy or _refusing(view, callers[0], pods[0], "Egress")
        if policy is None or (chosen, o.name(policy)) in seen:
            continue
        seen.add((chosen, o.name(policy)))
        yield _case(view, policy, chosen, (caller, callee), reference.value)


def no_names(view: View) -> Iterator[Case]:
    """Policies for egress that leave no way to the cluster's DNS."""
    for policy in view.all("networkpolicies"):
        if "Egress" not in (o.spec(policy).get("policyTypes") or []):
            continue
        rules = o.spec(policy).get("egress") or []
        if any(
            not rule.get("ports") or any(port.get("port") in (_DNS, "dns") for port in rule["ports"]) for rule in rules
        ):
            continue
        pods = [
            pod
            for pod in view.pods
            if o.namespace(pod) == o.namespace(policy) and o.selected(o.spec(policy).get("podSelector"), o.labels(pod))
        ]
        if pods and not _allowed_elsewhere(view, policy, pods[0]):
            workload = view.workload_of(pods[0])
            words = f"Network policy {o.name(policy)} lets no DNS out of {workload.name}"
            yield case("policy blocks DNS", "NetworkPolicyBlocked", workload, words, 0.8 if _new(view, policy) else 0.3,
                       [_state(policy)], onset=o.created(policy), explains=[workload])  # fmt: skip


def _allowed_elsewhere(view: View, policy: Json, pod: Json) -> bool:
    for other in _selecting(view, pod, "Egress"):
        if other is policy:
            continue
        for rule in o.spec(other).get("egress") or []:
            if not rule.get("ports") or any(port.get("port") == _DNS for port in rule["ports"]):
                return True
    return False


def _case(view: View, policy: Json, chosen: Subject, call: tuple[Subject, Subject], address: str) -> Case:
    """About the workload that the policy chooses: the callee for ingress, the caller for egress."""
    new, (caller, callee) = _new(view, policy), call
    words = f"Network policy {o.name(policy)} does not let {caller.name} through to {callee.name} ({address})"
    return case("policy blocks a call", "NetworkPolicyBlocked", chosen, words, 0.88 if new else 0.35, [_state(policy)],
                onset=o.created(policy), explains=[callee, caller])  # fmt: skip


def _new(view: View, policy: Json) -> bool:
    created = o.created(policy)
    return view.recent(created, 90) or bool(
        created and view.onset and abs((created - view.onset).total_seconds()) < 1800
    )


def _selecting(view: View, pod: Json, direction: str) -> list[Json]:
    return [
        one for one in view.all("networkpolicies")
        if o.namespace(one) == o.namespace(pod)
        and direction in (o.spec(one).get("policyTypes") or ["Ingress"])
        and o.selected(o.spec(one).get("podSelector"), o.labels(pod))
    ]  # fmt: skip


def _refusing(view: View, caller: Json, callee: Json, direction: str) -> Json | None:
    """The policy that keeps them apart: some select the pod and none of them lets the other through."""
    this, other = (callee, caller) if direction == "Ingress" else (caller, callee)
    policies = _selecting(view, this, direction)
    if not policies or any(_lets(one, direction, other) for one in policies):
        return None
    return max(policies, key=lambda one: str(o.metadata(one).get("creationTimestamp")))


def _lets(policy: Json, direction: str, other: Json) -> bool:
    key, side = ("ingress", "from") if direction == "Ingress" else ("egress", "to")
    for rule in o.spec(policy).get(key) or []:
        peers = rule.get(side)
        if not peers or any(_peer(policy, peer, other) for peer in peers):
            return True
    return False


def _peer(policy: Json, peer: Json, other: Json) -> bool:
    if "ipBlock" in peer:
        return True  # addresses are not followed: in doubt it is let through
    if "namespaceSelector" in peer:
        return o.selected(peer.get("podSelector"), o.labels(other))
    return o.namespace(policy) == o.namespace(other) and o.selected(peer.get("podSelector"), o.labels(other))


def _state(policy: Json) -> Evidence:
    subject = Subject(kind="NetworkPolicy", namespace=o.namespace(policy), name=o.name(policy))
    keys = ("podSelector", "policyTypes", "ingress", "egress")
    rows = [(key, o.short(str(o.spec(policy).get(key)), 200)) for key in keys if key in o.spec(policy)]
    words = "; ".join(": ".join(row) for row in rows)
    return observed(CHECK, subject, f"Network policy {subject.name}", words, rows, onset=o.created(policy))


RULES = (blocked, no_names)
DECIDES = ("NetworkPolicyBlocked",)
