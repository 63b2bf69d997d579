"""Which other namespaces do those in the scope blame? What fails is often called from another team's namespace.

A namespace counts as blamed where a line that complains names a host in it, or where who cannot reach a store has
the address of one there. What is found there explains those in the scope who complain, if they call it, over others
or not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from fnmatch import fnmatchcase

from connectors.contract import Inquiry
from connectors.evidence import Finding, Subject
from connectors.kubernetes import objects as o
from connectors.kubernetes import stores
from connectors.kubernetes.snapshot import SYSTEM_NAMESPACES, Snapshot
from connectors.kubernetes.suspects import COMPLAINS
from connectors.kubernetes.view import View

KINDS = ("pods", "services", "events", "deployments", "replicasets", "statefulsets", "persistentvolumeclaims",
         "networkpolicies", "horizontalpodautoscalers")  # fmt: skip
"""What is listed of another namespace, beside what is needed there."""
STEPS = 3
"""So many namespaces one after the other are followed; each step is two round trips."""
AT_ONCE = 2
"""Namespaces that are read in one step, those first of which most is said."""
LOGS = 4
"""Logs that are read in a step."""
_HOST = re.compile(
    r"(?:(?<=//)|(?<=@)|(?<![\w./-]))([a-z0-9-]+)\.([a-z0-9-]+)(?=\.svc\b|[:/\s\"'),\]]|\.?$)", re.IGNORECASE
)


def any_blamed(view: View) -> bool:
    """Whether a complaint names anything that may lie in another namespace: without it their names are not read."""
    return any(True for _ in _named(view))


def blamed(view: View, inquiry: Inquiry) -> list[str]:
    """The namespaces to read next, those first of which most workloads complain; within what may be asked about."""
    exists = {o.name(one) for one in view.all("namespaces")} - SYSTEM_NAMESPACES
    within = [one for one in exists if not inquiry.within or any(fnmatchcase(one, ok) for ok in inquiry.within)]
    known = {view.snapshot.namespace, *view.snapshot.beyond, *view.snapshot.unread_beyond}
    said = Counter(name for _, name in set(_named(view)) if name in within and name not in known)
    return [name for name, _ in sorted(said.items(), key=lambda one: (-one[1], one[0]))[:AT_ONCE]]


def _named(view: View) -> Iterator[tuple[Subject, str]]:
    """Workload, and what may be a namespace in a line of it that complains."""
    for workload, pods in view.pods_by_workload.items():
        texts = [line.text for pod in pods for _, line in view.log(pod) if COMPLAINS.search(line.text)]
        found = {name.lower() for text in texts for _, name in _HOST.findall(text)} - {workload.namespace}
        store = stores.elsewhere(view, workload, texts) if texts else None
        yield from ((workload, name) for name in (*found, *([store.namespace] if store else [])))


def join(snapshot: Snapshot, part: Snapshot) -> None:
    """Add what was read of another namespace; where its pods could not be read, only that this is so."""
    where = part.namespace
    if failed := part.failures.get("pods"):
        snapshot.unread_beyond[where] = failed
        return
    snapshot.beyond += (where,)
    for plural, items in part.objects.items():
        if plural != "nodes":
            snapshot.objects[plural] = snapshot.objects.get(plural, []) + items
    snapshot.truncated |= part.truncated


def tied(view: View, finding: Finding) -> Finding:
    """The finding; one in another namespace explains also who complains of that in the scope, over others or not."""
    if finding.subject.namespace not in view.snapshot.beyond:
        return finding
    suffer = {workload for workload, name in _named(view) if workload.namespace == view.snapshot.namespace}
    reached, left = set(finding.explains), [finding.subject, *finding.explains]
    while left:
        one = left.pop()
        own = [(one.namespace, one.name)] if one.kind == "Service" else []
        keys = own + [(o.namespace(service), o.name(service)) for service in view.services_of.get(one, [])]
        new = {caller for key in keys for caller in view.callers.get(key, [])} - reached
        reached |= new
        left += new
    explains = dict.fromkeys((*finding.explains, *sorted(reached & suffer, key=str)))
    return finding.model_copy(update={"explains": tuple(explains)})
