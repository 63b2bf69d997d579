"""How a rule says what it found: a finding together with the evidence that it rests on.

Evidence of the same object has the same key whichever rule quotes it, so that it is shown once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from connectors.evidence import Evidence, Finding, LogPatterns, ResourceState, Role, Subject
from connectors.kubernetes import objects as o
from connectors.kubernetes.client import kubectl
from connectors.kubernetes.events import Event
from connectors.kubernetes.objects import Json
from connectors.kubernetes.snapshot import LogLine
from connectors.kubernetes.view import View
from connectors.patterns import both_ends, patterns

SOURCE = "kubernetes"
_ROWS = 30


@dataclass(frozen=True)
class Case:
    """What a rule concludes, with its evidence."""

    finding: Finding
    evidence: tuple[Evidence, ...]


def case(
    rule: str,
    cause: str,
    subject: Subject,
    statement: str,
    confidence: float,
    evidence: Iterable[Evidence | None],
    *,
    role: Role = Role.CAUSE,
    onset: datetime | None = None,
    explains: Iterable[Subject] = (),
    mechanism: str = "",
    commands: Iterable[tuple[str, ...]] = (),
) -> Case:
    """A finding that rests on all of this evidence."""
    rests = tuple({one.key: one for one in evidence if one is not None}.values())
    finding = Finding(
        rule=rule,
        cause=cause,
        subject=subject,
        statement=o.short(statement, 420),
        role=role,
        rests_on=tuple(one.key for one in rests),
        confidence=confidence,
        onset=onset,
        explains=tuple(dict.fromkeys(explains)),
        mechanism=mechanism,
        commands=tuple(commands) or (_describe(subject),),
    )
    return Case(finding, rests)


def _describe(subject: Subject) -> tuple[str, ...]:
    """The command that shows most about a thing."""
    if subject.kind == "Namespace":
        return ("kubectl", "get", "resourcequota", *("-n", subject.name))
    return ("kubectl", "describe", subject.kind.lower(), subject.name, *namespaced(subject))


def observed(
    check: str,
    subject: Subject,
    title: str,
    summary: str,
    rows: Iterable[tuple[str, str]] = (),
    *,
    onset: datetime | None = None,
    query: str = "",
    part: str = "",
    untrusted: bool = False,
) -> Evidence:
    """The state of an object; `part` tells several pieces about one object apart."""
    table = tuple((name, value) for name, value in rows if value != "")
    return Evidence(
        key=f"{SOURCE}/{subject.kind}/{subject.namespace}/{subject.name}" + (f"#{part}" if part else ""),
        source=SOURCE,
        check=check,
        title=title,
        summary=o.short(summary, 600),
        subject=subject,
        onset=onset,
        query=query or get(subject),
        body=ResourceState(columns=("field", "value"), rows=table[:_ROWS], omitted=max(0, len(table) - _ROWS))
        if table
        else None,
        untrusted=untrusted,
    )


def get(subject: Subject, output: str = "yaml") -> str:
    """The command that shows the object."""
    return kubectl("get", subject.kind.lower(), subject.name, *namespaced(subject), "-o", output)


def namespaced(subject: Subject) -> tuple[str, ...]:
    """kubectl's namespace option for this object."""
    return ("-n", subject.namespace) if subject.namespace else ()


def pod_state(check: str, pod: Json) -> Evidence:
    """A pod: phase, readiness, what its containers wait for or died of; one that is well is so since the last death."""
    subject = Subject(kind="Pod", namespace=o.namespace(pod), name=o.name(pod))
    rows = [("phase", str(o.status(pod).get("phase") or "")), ("node", str(o.spec(pod).get("nodeName") or "none"))]
    statuses = [*(o.status(pod).get("initContainerStatuses") or []), *o.container_statuses(pod)]
    rows += [(f"container {one.get('name')}", container_words(one)) for one in statuses]
    scheduled = o.conditions(pod).get("PodScheduled") or {}
    if scheduled.get("status") == "False":
        rows.append(("not scheduled", str(scheduled.get("message") or scheduled.get("reason") or "no reason given")))
    words = "; ".join(f"{name}: {value}" for name, value in rows)
    title = f"Pod {subject.name} is {'ready' if o.ready(pod) else 'not ready'}"
    deaths = [at for one in statuses if (at := o.when(o.terminated(one).get("finishedAt")))]
    return observed(
        check, subject, title, words, rows, onset=max(deaths, default=None) if o.ready(pod) else o.created(pod)
    )


def container_words(status: Json) -> str:
    """A container's state in a line: waiting why, restarts, how it ended last."""
    reason, message = o.waiting(status)
    words = [f"waiting: {reason}" if reason else "ready" if status.get("ready") else "not ready"]
    if message:
        words.append(o.short(message, 200))
    if status.get("restartCount"):
        words.append(f"{status['restartCount']} restarts")
    if ended := o.terminated(status):
        words.append(f"last ended {ended.get('reason') or ''} with exit code {ended.get('exitCode')}")
    return ", ".join(words)


def told(check: str, event: Event) -> Evidence:
    """A warning event, quoted."""
    subject = Subject(kind=event.kind, namespace=event.namespace, name=event.object)
    digest = hashlib.sha256(event.message.encode()).hexdigest()[:8]
    selector = f"involvedObject.name={event.object},reason={event.reason}"
    last = f", last at {event.last:%H:%M:%S}" if event.last else ""
    often = f" ({event.times} times{last})" if event.times > 1 else ""
    return Evidence(
        key=f"{SOURCE}/Event/{event.namespace}/{event.kind}/{event.object}/{event.reason}/{digest}",
        source=SOURCE,
        check=check,
        title=f"{event.reason} on {event.kind} {event.object}",
        summary=f"{o.short(event.message, 500)}{often}",
        subject=subject,
        onset=event.first,
        query=kubectl("get", "events", *(("-n", event.namespace) if event.namespace else ("-A",)),
                      "--field-selector", selector),
        untrusted=True,
    )  # fmt: skip


def workload_state(check: str, view: View, subject: Subject) -> Evidence | None:
    """Desired and ready replicas of a workload with its conditions, those that are not met first."""
    found = view.workloads.get(subject)
    if found is None:
        return None
    desired, ready = replicas(found)
    rows = sorted(
        ((kind, o.condition_words(one)) for kind, one in o.conditions(found).items()),
        key=lambda row: row[1].startswith("True") is not row[0].endswith("Failure"),
    )
    rows += [("created", str(o.metadata(found).get("creationTimestamp") or ""))]
    title = f"{subject.spoken}: {ready} of {desired} ready"
    return observed(check, subject, title, "; ".join(": ".join(row) for row in rows if row[1]), rows)


def replicas(workload: Json) -> tuple[int, int]:
    """Desired and ready replicas."""
    status = o.status(workload)
    if workload.get("kind") == "DaemonSet":
        return int(status.get("desiredNumberScheduled") or 0), int(status.get("numberReady") or 0)
    desired = o.spec(workload).get("replicas")
    return (1 if desired is None else int(desired)), int(status.get("readyReplicas") or 0)


def log_lines(
    check: str, pod: Json, container: str, lines: list[LogLine], *, previous: bool = False, part: str = "log"
) -> Evidence | None:
    """Log lines of a container as patterns, the first of them quoted."""
    if not lines:
        return None
    subject = Subject(kind="Pod", namespace=o.namespace(pod), name=o.name(pod))
    body: LogPatterns = patterns([(line.at, line.text) for line in lines], onset=None)
    quoted = body.patterns[0].example if body.patterns else lines[-1].text
    words = f"{len(lines)} lines, for example: {both_ends(quoted, 350)}"
    return Evidence(
        key=f"{SOURCE}/Log/{subject.namespace}/{subject.name}/{container}{'/previous' if previous else ''}#{part}",
        source=SOURCE,
        check=check,
        title=f"Log of {subject.name} ({container}{', previous run' if previous else ''})",
        summary=words,
        subject=subject,
        onset=next((line.at for line in lines if line.at), None),
        query=kubectl("logs", subject.name, "-n", subject.namespace, "-c", container, "--previous" if previous else ""),
        body=body,
        untrusted=True,
    )
