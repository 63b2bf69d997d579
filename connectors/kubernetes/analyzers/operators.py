"""Do operators say that what they look after is not as it should be?

Nearly every operator writes conditions (`Ready`, `Synced`, `Available` …) or a phase into its objects' status. What is
read here is that convention and not one operator: External Secrets, Vault, Argo Rollouts, Flagger, KEDA, VPA, Flux's
sources, Crossplane, Config Connector, Azure Service Operator, Cluster API, Tekton, Velero and those we never heard of.
A condition that fails since the onset may be the cause; one that failed long before is told as context.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from connectors.evidence import Change, Evidence, Role, Subject
from connectors.kubernetes import discovery
from connectors.kubernetes import objects as o
from connectors.kubernetes.objects import Json
from connectors.kubernetes.reporting import SOURCE, Case, case, get, observed
from connectors.kubernetes.resources import Resource
from connectors.kubernetes.view import View

CHECK = "operators"
_SHOULD_BE_TRUE = frozenset(
    {
        "Ready", "Synced", "Available", "Healthy", "Succeeded", "Reconciled", "Programmed", "Accepted", "ResolvedRefs",
        "SecretSynced", "Valid", "Promoted", "RecommendationProvided", "InfrastructureReady", "ControlPlaneReady",
        "Installed", "Serving",
    }
)  # fmt: skip
_SHOULD_BE_FALSE = frozenset({
    "Stalled", "Degraded", "Failed", "Failing", "Error", "InvalidSpec", "Fallback", "ConfigUnsupported",
    "NoPodsMatched", "ResolutionFailed", "CatalogSourcesUnhealthy",
})  # fmt: skip
_FAILED_PHASES = frozenset({
    "Failed", "Error", "Degraded", "PartiallyFailed", "FailedValidation", "Aborted", "UpgradeFailed",
    "TRANSIENT_FAILURE",
})  # fmt: skip
_UNDER_WAY = re.compile(
    r"progress|creating|pending|provision|reconciling|waiting|initiali|updating|running", re.IGNORECASE
)
_PATIENCE = timedelta(minutes=5)
"""So long a condition may say that its object is under way."""
_BEFORE, _AFTER = timedelta(minutes=60), timedelta(minutes=15)

_CAUSES: dict[str, str] = {
    **dict.fromkeys(
        ("ExternalSecret", "ClusterExternalSecret", "SecretStore", "VaultStaticSecret", "VaultDynamicSecret",
         "VaultPKISecret", "VaultAuth", "VaultConnection", "SealedSecret", "InfisicalSecret", "OnePasswordItem",
         "AzureKeyVaultSecret"),
        "SecretSyncFailed",
    ),
    **dict.fromkeys(("Rollout", "Canary", "AnalysisRun", "Experiment"), "CanaryFailed"),
    **dict.fromkeys(("PipelineRun", "TaskRun", "Workflow"), "PipelineFailed"),
    **dict.fromkeys(("GitRepository", "HelmRepository", "OCIRepository", "HelmChart", "Bucket", "ApplicationSet"),
                    "GitOpsSyncFailed"),
    **dict.fromkeys(("ScaledObject", "ScaledJob"), "AutoscalerMetricsUnavailable"),
    "VerticalPodAutoscaler": "AutoscalerTargetInvalid",
    **dict.fromkeys(("Backup", "Restore", "BackupRun"), "JobFailed"),
}  # fmt: skip
"""What a failure of these kinds is called; of every other kind it is a failed reconciliation."""
_SURE = {"CanaryFailed": 0.6, "SecretSyncFailed": 0.4, "AutoscalerMetricsUnavailable": 0.45, "GitOpsSyncFailed": 0.45}
_SURE_OF_OTHERS = 0.35
_SURE_IF_ASKED = 0.62
"""What somebody asks about by its kind, and what says itself that it is not well."""
_SURE_WITH_USER = 0.65
"""A secret that cannot be brought, and a workload in trouble that needs it."""
_ENDS = frozenset({"PipelineFailed", "JobFailed"})
"""Runs that end: one that failed changed nothing that runs now, and one of yesterday is no news."""


class Complaint(NamedTuple):
    """What an object says is wrong: the condition or phase, its reason and message, since when."""

    what: str
    message: str
    since: datetime | None
    under_way: bool = False


def failing(view: View) -> Iterator[Case]:
    """Objects that say they are not as they should be."""
    for row in view.snapshot.operated:
        for one in view.all(row.full):
            found = complaint(one)
            if found is not None and not _still_young(view, one, found) and not _over(view, one, found):
                yield _case(view, row, one, found)


def complaint(one: Json) -> Complaint | None:
    """The worst that an object's status says; None where it says nothing bad."""
    status = o.status(one)
    conditions = [*_list(status.get("conditions"))]
    for parent in _list(status.get("parents")):  # the Gateway API says it for each parent
        conditions += _list(parent.get("conditions"))
    bad = [found for condition in conditions if (found := _bad(condition))]
    if bad:
        return min(bad, key=lambda found: (found.under_way, not found.message))
    phase = status.get("phase") or status.get("state") or o.at(status, "connectionState", "lastObservedState")
    if isinstance(phase, str) and phase in _FAILED_PHASES:
        message = str(status.get("message") or status.get("failureReason") or "")
        times = (status.get(key) for key in ("finishedAt", "completionTimestamp", "lastTransitionTime", "lastUpdated"))
        since = o.when(next(filter(None, times), None))
        return Complaint(f"phase {phase}", message, since)
    return None


def _list(value: object) -> list[Json]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _bad(condition: Json) -> Complaint | None:
    kind, status = str(condition.get("type")), str(condition.get("status"))
    wrong = (status == "False" and kind in _SHOULD_BE_TRUE) or (status == "True" and kind in _SHOULD_BE_FALSE)
    wrong |= kind == "Progressing" and condition.get("reason") in ("Retrying", "Blocked")
    if not wrong or condition.get("severity") == "Info":
        return None
    reason, message = str(condition.get("reason") or ""), str(condition.get("message") or "")
    what = f"{kind} is {status}" + (f" ({reason})" if reason and reason != kind else "")
    return Complaint(what, message, o.when(condition.get("lastTransitionTime")), bool(_UNDER_WAY.search(reason)))


def _still_young(view: View, one: Json, found: Complaint) -> bool:
    since = found.since or o.created(one)
    return found.under_way and since is not None and view.now - since < _PATIENCE


def _over(view: View, one: Json, found: Complaint) -> bool:
    return _CAUSES.get(str(one.get("kind"))) in _ENDS and not _near(view, found.since or o.created(one))


def _case(view: View, row: Resource, one: Json, found: Complaint) -> Case:
    subject = Subject(kind=str(one.get("kind")), namespace=o.namespace(one), name=o.name(one))
    since = found.since or _first_warning(view, subject)
    cause = _CAUSES.get(subject.kind, "ReconcileFailed")
    users = _users(view, one, subject)
    troubled = [user for user in users if _troubled(view, user)]
    new = _near(view, since)
    words = f"{subject.kind} {subject.name}: {found.what}" + (f": {found.message}" if found.message else "")
    if since is not None:
        words += f", since {since:%Y-%m-%d %H:%M:%S}" + ("" if new else ", long before this began")
    rows = [("says", found.what), ("message", o.short(found.message)), ("since", str(since or "")),
            ("used by", ", ".join(user.name for user in users))]  # fmt: skip
    proof = observed(CHECK, subject, f"{subject.kind} {subject.name} is not as it should be", words, rows,
                     onset=since, query=get(subject), untrusted=True)  # fmt: skip
    certain = _SURE_WITH_USER if troubled and cause == "SecretSyncFailed" else _SURE.get(cause, _SURE_OF_OTHERS)
    asked = discovery.asked_for(row, view.snapshot.asked)
    certain = max(certain, _SURE_IF_ASKED) if asked else certain
    role = Role.CAUSE if (new or troubled or asked) and cause not in _ENDS else Role.CONTEXT
    return case("operator complains", cause, subject, words, certain, [proof], role=role, onset=since,
                explains=troubled or users)  # fmt: skip


def _first_warning(view: View, subject: Subject) -> datetime | None:
    """Not every operator dates its conditions; its warnings are dated."""
    firsts = [event.first for event in view.events_of(subject.kind, subject.namespace, subject.name) if event.first]
    return min(firsts, default=None)


def _near(view: View, since: datetime | None) -> bool:
    if since is None:
        return False
    began = view.onset or view.now
    return began - _BEFORE <= since <= max(began + _AFTER, view.now)


def _users(view: View, one: Json, subject: Subject) -> list[Subject]:
    """The workloads that need what this object makes, or that it looks after."""
    reference = o.spec(one).get("scaleTargetRef") or o.spec(one).get("targetRef") or o.spec(one).get("workloadRef")
    if isinstance(reference, dict) and reference.get("name"):
        kind = str(reference.get("kind") or "Deployment")
        return [Subject(kind=kind, namespace=subject.namespace, name=str(reference["name"]))]
    if subject.kind == "Rollout":
        return [subject]
    if _CAUSES.get(subject.kind) != "SecretSyncFailed":
        return []
    made = str(o.at(one, "spec", "target", "name") or o.at(one, "spec", "destination", "name") or subject.name)
    return [
        workload
        for workload, found in view.workloads.items()
        if workload.namespace == subject.namespace and made in secrets_of(o.template(found))
    ]


def secrets_of(pod_spec: Json) -> set[str]:
    """Names of the secrets that a pod needs: environment, volumes, pulling its images."""
    found: set[object] = {one.get("name") for one in _list(pod_spec.get("imagePullSecrets"))}
    for container in o.containers(pod_spec, init=True):
        found |= {o.at(one, "secretRef", "name") for one in _list(container.get("envFrom"))}
        found |= {o.at(one, "valueFrom", "secretKeyRef", "name") for one in _list(container.get("env"))}
    for volume in _list(pod_spec.get("volumes")):
        found.add(o.at(volume, "secret", "secretName"))
        projected = _list(o.at(volume, "projected", "sources"))
        found |= {o.at(one, "secret", "name") for one in projected}
    return {str(one) for one in found if one}


def _troubled(view: View, workload: Subject) -> bool:
    pods = view.pods_by_workload.get(workload, [])
    return any(not o.ready(pod) for pod in pods)


def delivered(view: View) -> Iterator[Evidence]:
    """What GitOps brought near the onset: the revision, and when."""
    found = [*_of_argo_cd(view), *_of_flux(view)]
    near = [(subject, change) for subject, change in found if _near(view, change.at)]
    for subject, change in sorted(near, key=lambda one: one[1].at, reverse=True):
        yield Evidence(
            key=f"{SOURCE}/Delivery/{subject.namespace}/{subject.kind}/{subject.name}/{change.at.isoformat()}",
            source=SOURCE,
            check=CHECK,
            title=f"{subject.kind} {subject.name} was delivered",
            summary=o.short(
                f"{change.what} at {change.at:%Y-%m-%d %H:%M:%S}" + (f" by {change.by}" if change.by else "")
            ),
            subject=subject,
            onset=change.at,
            query=get(subject),
            body=change,
            untrusted=True,
        )


def _of_argo_cd(view: View) -> Iterator[tuple[Subject, Change]]:
    for one in view.all("applications"):
        history = _list(o.status(one).get("history"))
        if not history or (at := o.when(history[-1].get("deployedAt"))) is None:
            continue
        before = str(history[-2].get("revision") or "") if len(history) > 1 else ""
        after = str(history[-1].get("revision") or "")
        by = str(o.at(history[-1], "initiatedBy", "username") or "")
        yield _change(one, at, before, after, by)


def _of_flux(view: View) -> Iterator[tuple[Subject, Change]]:
    for plural in ("kustomizations", "helmreleases"):
        for one in view.all(plural):
            ready = o.conditions(one).get("Ready") or {}
            history = _list(o.status(one).get("history"))
            at = o.when(o.at(history[0], "lastDeployed") if history else ready.get("lastTransitionTime"))
            if at is None or ready.get("status") != "True":
                continue
            after = str(o.status(one).get("lastAppliedRevision") or o.status(one).get("lastAttemptedRevision") or "")
            yield _change(one, at, str(o.at(history[1], "chartVersion") or "") if len(history) > 1 else "", after, "")


def _change(one: Json, at: datetime, before: str, after: str, by: str) -> tuple[Subject, Change]:
    subject = Subject(kind=str(one.get("kind")), namespace=o.namespace(one), name=o.name(one))
    what = f"{subject.kind} {subject.name}: revision {after[:40] or 'unknown'}" + (
        f" after {before[:40]}" if before else ""
    )
    return subject, Change(at=at, what=what, by=by, before=before, after=after)


RULES = (failing,)
LOOKS = (delivered,)
DECIDES = ("SecretSyncFailed", "CanaryFailed", "ReconcileFailed")
