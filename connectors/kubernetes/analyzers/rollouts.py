"""What changed, when, and did the change finish? Revisions of workloads, GitOps and Helm objects, certificates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

from connectors.evidence import Change, Evidence, Role, Subject
from connectors.kubernetes import objects as o
from connectors.kubernetes.client import kubectl
from connectors.kubernetes.objects import Json
from connectors.kubernetes.reporting import SOURCE, Case, case, observed, workload_state
from connectors.kubernetes.view import View

CHECK = "rollouts"
_REVISION = "deployment.kubernetes.io/revision"
_CAUSE = "kubernetes.io/change-cause"
_NEAR = 60.0
"""Minutes around the onset (or before now) in which a change is worth telling."""


def changed(view: View) -> Iterator[Evidence]:
    """Rollouts near the onset, with what differs between the two revisions."""
    for subject, change in sorted(_changes(view), key=lambda one: one[1].at, reverse=True):
        yield _evidence(subject, change)


def _evidence(subject: Subject, change: Change) -> Evidence:
    return Evidence(
        key=f"{SOURCE}/Change/{subject.namespace}/{subject.kind}/{subject.name}/{change.at.isoformat()}",
        source=SOURCE,
        check=CHECK,
        title=f"Rollout of {subject.spoken}",
        summary=o.short(f"{change.what} at {change.at:%H:%M:%S}" + (f" by {change.by}" if change.by else "")),
        subject=subject,
        onset=change.at,
        query=kubectl("rollout", "history", f"{subject.kind.lower()}/{subject.name}", "-n", subject.namespace),
        body=change,
        untrusted=True,
    )


def _changes(view: View) -> Iterator[tuple[Subject, Change]]:
    """The latest change of every Deployment that has one near the onset."""
    for owner, (before, after) in _latest(view).items():
        at = o.created(after)
        if at is not None and _near(view, at):
            yield owner, change(before, after, at)


def _latest(view: View) -> dict[Subject, tuple[Json, Json]]:
    """The last two revisions of every Deployment that has two."""
    sets: dict[Subject, list[Json]] = {}
    for one in view.all("replicasets"):
        owner = view.owner_of("ReplicaSet", o.namespace(one), o.name(one))
        sets.setdefault(owner, []).append(one)
    pairs = {owner: list(pairwise(sorted(found, key=revision)))[-1:] for owner, found in sets.items()}
    return {owner: found[0] for owner, found in pairs.items() if found}


def changed_paths(view: View, workload: Subject) -> list[str]:
    """What the latest revision of a Deployment changed in its pods' spec: paths as `affinity.podAntiAffinity…`."""
    pair = _latest(view).get(workload)
    return [path for path, _, _ in differences(o.template(pair[0]), o.template(pair[1]))] if pair else []


def revision(replicaset: Json) -> int:
    """The number of a ReplicaSet's revision."""
    number = o.annotated(replicaset).get(_REVISION, "0")
    return int(number) if number.isdigit() else 0


def _near(view: View, at: datetime) -> bool:
    if view.onset is None:
        return view.recent(at, _NEAR)
    return -_NEAR * 60 <= (at - view.onset).total_seconds() <= 15 * 60 or view.recent(at, 15)


def change(before: Json, after: Json, at: datetime) -> Change:
    """What a revision changed against the one before it."""
    differing = differences(o.template(before), o.template(after))
    what = (
        "; ".join(f"{path}: {old or 'none'} → {new or 'none'}" for path, old, new in differing[:6])
        or "the pod template"
    )
    number = o.annotated(after).get(_REVISION, "?")
    by = o.annotated(after).get(_CAUSE, "")
    first = differing[0] if differing else ("", "", "")
    return Change(at=at, what=f"Revision {number}: {what}", by=by, before=first[1], after=first[2])


def differences(before: Json, after: Json) -> list[tuple[str, str, str]]:
    """What differs between two pod specs: path, old value, new value; values of the environment by name."""
    left, right = dict(_flat(before)), dict(_flat(after))
    keys = [key for key in {**left, **right} if left.get(key) != right.get(key)]
    return [
        (key, o.short(left.get(key, ""), 120), o.short(right.get(key, ""), 120)) for key in sorted(keys, key=_weight)
    ]


def _weight(path: str) -> tuple[int, str]:
    order = ("image", "env", "Probe", "resources", "command", "args")
    return next((n for n, word in enumerate(order) if word in path), len(order)), path


def _flat(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            name = inner.get("name", number) if isinstance(inner, dict) else number
            yield from _flat(inner, f"{path}[{name}]")
    elif value is not None:
        yield path, str(value)


def stuck(view: View) -> Iterator[Case]:
    """Rollouts past their deadline."""
    for workload, spec in view.workloads.items():
        progressing = o.conditions(spec).get("Progressing") or {}
        if progressing.get("reason") == "ProgressDeadlineExceeded":
            words = f"The rollout of {workload.name} has passed its deadline: {progressing.get('message')}"
            yield case("rollout stuck", "RolloutStuck", workload, words, 0.53, [workload_state(CHECK, view, workload)],
                       onset=o.when(progressing.get("lastTransitionTime")), explains=[workload])  # fmt: skip


def releases(view: View, workload: Subject) -> Iterator[Evidence]:
    """The rollout of a workload near the onset, where there is one."""
    return (_evidence(subject, change) for subject, change in _changes(view) if subject == workload)


def released(view: View) -> Iterator[Case]:
    """A rollout near the onset of a workload that is in trouble now: the cause where nothing is more exact."""
    for subject, change in _changes(view):
        pods = view.pods_by_workload.get(subject, [])
        if pods and all(o.ready(pod) for pod in pods) and not any(_restarting(view, pod) for pod in pods):
            continue
        words = f"{subject.name} was changed at {change.at:%H:%M:%S} ({change.what}) and is not well since"
        yield case("released and unwell", "BadRelease", subject, words, 0.5, [_evidence(subject, change)],
                   onset=change.at, role=Role.CAUSE, explains=[subject])  # fmt: skip


def _restarting(view: View, pod: Json) -> bool:
    return any(view.recent(o.when(o.terminated(one).get("finishedAt")), 30) for one in o.container_statuses(pod))


_CONTROLLED = (
    ("applications", "GitOpsSyncFailed", "Application"),
    ("kustomizations", "GitOpsSyncFailed", "Kustomization"),
    ("helmreleases", "HelmReleaseFailed", "HelmRelease"),
    ("certificates", "CertificateExpired", "Certificate"),
)


def delivered(view: View) -> Iterator[Case]:
    """GitOps, Helm and certificate objects that report failure."""
    for plural, cause, kind in _CONTROLLED:
        for one in view.all(plural):
            said = _failure(one)
            if said is None:
                continue
            subject = Subject(kind=kind, namespace=o.namespace(one), name=o.name(one))
            words = f"{kind} {subject.name}: {said}"
            proof = observed(CHECK, subject, f"{kind} {subject.name}", words, [("status", o.short(said))])
            yield case("delivery failed", cause, subject, words, 0.6, [proof])


def _failure(one: Json) -> str | None:
    phase = o.at(one, "status", "operationState", "phase")
    if phase in ("Failed", "Error"):
        return f"the last sync has failed: {o.at(one, 'status', 'operationState', 'message')}"
    ready = o.conditions(one).get("Ready") or {}
    if ready.get("status") == "False":
        return f"not ready: {ready.get('reason')}: {ready.get('message')}"
    return None


RULES = (stuck, released, delivered)
LOOKS = (changed,)
DECIDES = ("BadRelease", "RolloutStuck", "GitOpsSyncFailed", "HelmReleaseFailed")
