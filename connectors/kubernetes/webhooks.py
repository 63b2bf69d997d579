"""Which admission webhooks can only refuse? Those that must be asked (`failurePolicy: Fail`) and whose service has
nobody behind it. The state decides, so that it is found where events may not be read, and said of what else is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from connectors.evidence import Subject
from connectors.kubernetes import objects as o
from connectors.kubernetes.objects import Json
from connectors.kubernetes.view import View

KINDS = {
    "validatingwebhookconfigurations": "ValidatingWebhookConfiguration",
    "mutatingwebhookconfigurations": "MutatingWebhookConfiguration",
}
ENDPOINTS = "endpoints of "
"""Before `namespace/name`: where the endpoints of a webhook's service outside the scope stand in the snapshot."""


class Webhook(NamedTuple):
    """One webhook that must be asked before pods are created, and the service that answers for it."""

    owner: Subject
    name: str
    namespace: str
    service: str


def required(view: View, namespace: str) -> Iterator[Webhook]:
    """The webhooks without whose answer no pod of a namespace is created."""
    for plural, kind in KINDS.items():
        for one in view.all(plural):
            for hook in one.get("webhooks") or []:
                service = o.at(hook, "clientConfig", "service") or {}
                must = hook.get("failurePolicy", "Fail") == "Fail"
                if must and service and _asks_for_pods(hook) and _concerns(view, hook, namespace):
                    owner = Subject(kind=kind, name=o.name(one))
                    name, within = str(service.get("name")), str(service.get("namespace"))
                    yield Webhook(owner, str(hook.get("name")), within, name)


def _asks_for_pods(hook: Json) -> bool:
    return any(
        {"pods", "*", "*/*"} & set(rule.get("resources") or [])
        and {"CREATE", "*"} & set(rule.get("operations") or [])
        and {"", "*"} & set(rule.get("apiGroups") or [])
        for rule in hook.get("rules") or []
    )


def _concerns(view: View, hook: Json, namespace: str) -> bool:
    """Whether its selector may choose the namespace; of whose labels, which are not read, all have their name."""
    having = {"kubernetes.io/metadata.name": namespace}
    selector = hook.get("namespaceSelector") or {}
    wanted = selector.get("matchLabels") or {}
    terms = [one for one in selector.get("matchExpressions") or [] if one.get("key") in having]
    named = all(having[key] == value for key, value in wanted.items() if key in having)
    return named and all(o.expression(term, having) for term in terms)


def unread(view: View, namespace: str) -> list[tuple[str, str]]:
    """Namespace and name of services behind webhooks that lie outside what was read."""
    read = {o.namespace(one) for one in view.all("services")}
    found = ((hook.namespace, hook.service) for hook in required(view, namespace))
    return [key for key in dict.fromkeys(found) if key[0] not in read]


def nobody_behind(view: View, hook: Webhook) -> str:
    """Why its service cannot answer; empty where it can, or where that is not known."""
    outside = f"{ENDPOINTS}{hook.namespace}/{hook.service}"
    if view.read(outside):
        found = view.all(outside)
        if not found:
            return "does not exist"
        ready = any(subset.get("addresses") for one in found for subset in one.get("subsets") or [])
        return "" if ready else "has no ready pods"
    if hook.namespace not in {o.namespace(one) for one in view.all("services")}:
        return ""
    service = view.find("services", hook.namespace, hook.service)
    if service is None:
        return "does not exist"
    if not o.spec(service).get("selector") or any(o.ready(pod) for pod in view.selected_pods(service)):
        return ""
    return "has no ready pods"
