"""Which kinds, beside those that are always listed, does a snapshot need? Those of which something is seen in it."""

from __future__ import annotations

import re

from connectors.kubernetes import fitting, wanting, webhooks
from connectors.kubernetes import objects as o
from connectors.kubernetes.analyzers import autoscaling, entrances
from connectors.kubernetes.objects import Json
from connectors.kubernetes.view import View

_JOBS = re.compile(r"\b(cron ?)?jobs?\b|backup|migrat|batch|nightly|scheduled", re.IGNORECASE)
"""In words of who may wait for a job that has no pods."""


def kinds(view: View) -> list[str]:
    """Kinds that matter only where something of the kind is seen: every call saved is a log that can be read."""
    lacking = any(_empty(one) for plural in ("replicasets", "statefulsets") for one in view.all(plural))
    unbound = [one for one in view.all("persistentvolumeclaims") if o.status(one).get("phase") != "Bound"]
    namespaces = {o.namespace(one) for one in view.all("services")}
    missing = bool(view.unserved)
    missing |= any(wanting.services(view, one) or wanting.claims(view, one) for one in namespaces)
    owners = {kind for pod in view.all("pods") if (owner := o.owner(pod)) for kind in owner[:1]}
    # Who has not got beyond its init containers may wait for a job, which may be suspended and so own no pod.
    held = any(_held(pod) for pod in view.pods)
    jobs = "Job" in owners or held or _JOBS.search(view.snapshot.asked) is not None
    wanted = {
        "serviceaccounts": lacking,
        "resourcequotas": lacking or missing,
        "persistentvolumes": bool(unbound) or any(unscheduled(pod) for pod in view.pods),
        "storageclasses": bool(unbound),
        # Nodes of the control plane are often cordoned for good: nobody has to leave them.
        "poddisruptionbudgets": any(
            o.spec(node).get("unschedulable") and not fitting.control_plane(node) for node in view.all("nodes")
        )
        or autoscaling.DRAINS.search(view.snapshot.asked) is not None,
        "jobs": jobs,
        "cronjobs": jobs,
        # An ingress that has an address is served, whatever its class.
        "ingressclasses": any(entrances.unserved(one) for one in view.all("ingresses")),
        **dict.fromkeys(webhooks.KINDS, lacking),
    }
    return [plural for plural, matters in wanted.items() if matters]


def _empty(replicaset: Json) -> bool:
    """Whether a set has none of the pods that it wants."""
    return bool(o.spec(replicaset).get("replicas")) and not o.status(replicaset).get("replicas")


def unscheduled(pod: Json) -> bool:
    """Whether a pod waits for a node."""
    return o.status(pod).get("phase") == "Pending" and not o.spec(pod).get("nodeName")


def _held(pod: Json) -> bool:
    statuses = o.status(pod).get("initContainerStatuses") or []
    return any("running" in (one.get("state") or {}) and not one.get("ready") for one in statuses)
