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
from connectors.kubernetes.suspects import COMPLAINS, Suspect, closer_suspects
from connectors.kubernetes.view import View

KINDS = ("pods", "services", "events", "deployments", "replicasets", "statefulsets", "persistentvolumeclaims",
         "networkpolicies", "horizontalpodautoscalers")  # fmt: skip
"""What is listed of another namespace, beside what is needed there."""
STEPS = 4
"""So often a namespace or a log is read because of what was read before; each step is at most two round trips."""
AT_ONCE = 2
"""Namespaces that are read in one step, those first of which most is said."""
LOGS = 4
"""Logs that are read in a step."""
_HOST = re.compile(
    r"(?:(?<=//)|(?<=@)|(?<![\w./-]))[a-z0-9-]+\.([a-z0-9-]+)(?:(\.svc)\b|(?=[:/\s\"'),\]]|\.?$))", re.IGNORECASE
)
_SERIOUS = re.compile(r"\b(?:error|fail\w*|refused|timed? ?out|unavailable|unable|not be)\b|Exception\b", re.IGNORECASE)
"""In lines of who names no host: a number like a status is not enough."""


def unsure(view: View) -> bool:
    """Whether a complaint names what may be a namespace, which only the list of their names can tell."""
    return any(not sure for _, _, sure in _named(view))


def blamed(view: View, inquiry: Inquiry) -> list[str]:
    """The namespaces to read next, those first of which most workloads complain; within what may be asked about."""
    exists = {o.name(one) for one in view.all("namespaces")}
    left_out = SYSTEM_NAMESPACES | {view.snapshot.namespace, *view.snapshot.beyond, *view.snapshot.unread_beyond}
    named = {(workload, name) for workload, name, sure in _named(view) if sure or name in exists}
    said = Counter(name for _, name in named if name not in left_out and _within(name, inquiry))
    return [name for name, _ in sorted(said.items(), key=lambda one: (-one[1], one[0]))[:AT_ONCE]]


def _within(namespace: str, inquiry: Inquiry) -> bool:
    return not inquiry.within or any(fnmatchcase(namespace, one) for one in inquiry.within)


def _named(view: View) -> Iterator[tuple[Subject, str, bool]]:
    """Workload, what may be a namespace in a line of it that complains, and whether it surely is one."""
    read = [pod for pod in view.pods if (o.namespace(pod), o.name(pod)) in view.logged]
    said: dict[Subject, list[str]] = {}
    for pod in read:
        texts = [line.text for _, line in view.log(pod) if COMPLAINS.search(line.text)]
        said.setdefault(view.workload_of(pod), []).extend(texts)
    for workload, texts in said.items():
        found = {(name.lower(), bool(svc)) for text in texts for name, svc in _HOST.findall(text)}
        serious = [text for text in texts if _SERIOUS.search(text)]
        store = stores.elsewhere(view, workload, serious) if serious else None
        found |= {(store.namespace, True)} if store else set()
        yield from ((workload, name, sure) for name, sure in found if name != workload.namespace)


def suspects(view: View, inquiry: Inquiry) -> list[Suspect]:
    """The logs to read next: of whom those that were read point at, then of others in the namespaces beyond."""
    pointed = closer_suspects(view, inquiry, LOGS, pointed_at=True)
    if pointed or any(namespace in view.snapshot.beyond for namespace, _, _, _ in view.snapshot.logs):
        return pointed
    others = closer_suspects(view, inquiry, len(view.pods))
    return [one for one in others if one.namespace in view.snapshot.beyond][:LOGS]


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
    suffer = {workload for workload, _, _ in _named(view) if workload.namespace == view.snapshot.namespace}
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
