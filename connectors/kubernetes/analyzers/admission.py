"""Which pods does the API server refuse to create, and why?

The state decides: a workload that lacks pods now. The controller's message (the ReplicaFailure condition, or the
latest FailedCreate event of the set that lacks them) then says why; quotas are also computed, so that it is found
where events may not be read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from connectors.evidence import Evidence, Subject
from connectors.kubernetes import objects as o
from connectors.kubernetes import wanting, webhooks
from connectors.kubernetes.objects import Json
from connectors.kubernetes.reporting import Case, case, observed, replicas, told, workload_state
from connectors.kubernetes.view import View

CHECK = "quotas and admission"

_QUOTA = re.compile(
    r"exceeded quota: (?P<quota>[\w.-]+), requested: (?P<requested>\S+), used: (?P<used>\S+), limited: (?P<limited>\S+)"
)
_MUST_SPECIFY = re.compile(r"failed quota: (?P<quota>[\w.-]+): must specify (?P<requested>.+)$")
_BY_RESOURCE: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(^|\.|/)(storage|persistentvolumeclaims)$|storageclass"), "NamespaceStorageQuotaExceeded"),
    (re.compile(r"(^|\.)cpu$"), "NamespaceCPUQuotaExceeded"),
    (re.compile(r"(^|\.)memory$"), "NamespaceMemoryQuotaExceeded"),
    (re.compile(r"^(count/)?pods$"), "NamespacePodQuotaExceeded"),
    (re.compile(r"^(count/)?services(\.|$)"), "NamespaceServiceQuotaExceeded"),
)
REFUSALS: tuple[tuple[re.Pattern[str], str, float], ...] = (
    (re.compile(r"because it is being terminated"), "DeletionBlocked", 0.9),
    (re.compile(r"serviceaccount \"(?P<name>[^\"]+)\" not found"), "MissingServiceAccount", 0.95),
    (re.compile(r"violates PodSecurity"), "PodSecurityViolation", 0.95),
    (re.compile(r"failed calling webhook|admission webhook .* denied"), "AdmissionWebhookFailure", 0.9),
    (re.compile(r"(maximum|minimum) \S+ usage per (Pod|Container)|must be less than or equal to \S+ limit"),
     "LimitRangeViolation", 0.9),
    (re.compile(r"is forbidden: User \"[^\"]+\" cannot|unable to validate against any security context constraint"),
     "RBACForbidden", 0.8),
    (re.compile(r""), "PodsNotCreated", 0.7),
)  # fmt: skip
"""What a refusal means, the last row whatever it says."""


def quota_cause(resource: str) -> str:
    """The cause code for a quota on this resource."""
    return next((code for pattern, code in _BY_RESOURCE if pattern.search(resource)), "NamespaceObjectQuotaExceeded")


def refused(view: View) -> Iterator[Case]:
    """Pods that workloads may not create."""
    for owner, message, evidence in _complaints(view):
        workload = view.owner_of(owner.kind, owner.namespace, owner.name)
        proof = [evidence, workload_state(CHECK, view, workload)]
        quota = _QUOTA.search(message) or _MUST_SPECIFY.search(message)
        if quota:
            yield _quota_case(view, workload, quota, proof)
            continue
        for pattern, cause, confidence in REFUSALS:
            if pattern.search(message):
                words = f"{workload.kind} {workload.name} cannot create its pods: {message}"
                ends = cause == "DeletionBlocked"
                subject = Subject(kind="Namespace", name=workload.namespace) if ends else workload
                yield case("refused pods", cause, subject, words, confidence, proof, explains=[workload])
                break


def _complaints(view: View) -> Iterator[tuple[Subject, str, Evidence]]:
    """Sets that lack pods now, with the latest refusal."""
    for plural in ("replicasets", "statefulsets", "daemonsets", "jobs"):
        for one in view.all(plural):
            if not _lacks_pods(one):
                continue
            kind = str(one.get("kind"))
            subject = Subject(kind=kind, namespace=o.namespace(one), name=o.name(one))
            failure = o.conditions(one).get("ReplicaFailure") or {}
            events = view.events_of(kind, subject.namespace, subject.name, "FailedCreate")
            message = str(failure.get("message") or "")
            if failure.get("status") == "True" and message:
                words = f"ReplicaFailure: {message}"
                yield subject, message, observed(CHECK, subject, f"{kind} {subject.name} cannot create pods", words)
            elif events and (view.recent(events[0].last, 30) or not view.recent(o.created(one), 24 * 60)):
                yield subject, events[0].message, told(CHECK, events[0])


def uncreated(view: View) -> Iterator[Case]:
    """Daemon sets that lack pods on nodes that they count, and nothing says why."""
    for one in view.all("daemonsets"):
        subject = Subject(kind="DaemonSet", namespace=o.namespace(one), name=o.name(one))
        said = view.events_of(subject.kind, subject.namespace, subject.name)
        if _lacks_pods(one) and not said and not view.recent(o.created(one), 5):
            status = o.status(one)
            words = (
                f"DaemonSet {subject.name} has pods on {status.get('currentNumberScheduled') or 0} of "
                f"{status.get('desiredNumberScheduled')} nodes that should have one, and nothing says why"
            )
            yield case("pods missing on nodes", "PodsNotCreated", subject, words, 0.55,
                       [workload_state(CHECK, view, subject)])  # fmt: skip


def _lacks_pods(one: Json) -> bool:
    status, kind = o.status(one), one.get("kind")
    if kind == "DaemonSet":
        return int(status.get("desiredNumberScheduled") or 0) > int(status.get("currentNumberScheduled") or 0)
    if kind == "Job":
        return not status.get("active") and not status.get("succeeded") and not status.get("completionTime")
    wanted = o.spec(one).get("replicas")
    return int(1 if wanted is None else wanted) > int(status.get("replicas") or 0)


def _quota_case(view: View, workload: Subject, quota: re.Match[str], proof: list[Evidence | None]) -> Case:
    fields = quota.groupdict()
    requested = fields["requested"].split(",")[0].split("=")[0].split(" ")[0]
    namespace = Subject(kind="Namespace", name=workload.namespace)
    state = _quota_state(view, workload.namespace, fields["quota"])
    words = (
        f"Quota {fields['quota']} of namespace {workload.namespace} refuses pods of {workload.name}: "
        f"requested {fields['requested']}"
    )
    if fields.get("used"):
        words += f", used {fields['used']} of {fields['limited']}"
    return case(
        "quota refuses pods", quota_cause(requested), namespace, words, 0.95, [*proof, state], explains=[workload],
        commands=[("kubectl", "describe", "resourcequota", fields["quota"], "-n", workload.namespace)],
    )  # fmt: skip


def _quota_state(view: View, namespace: str, name: str) -> Evidence | None:
    quota = view.find("resourcequotas", namespace, name)
    if quota is None:
        return None
    hard, used = o.status(quota).get("hard") or {}, o.status(quota).get("used") or {}
    subject = Subject(kind="ResourceQuota", namespace=namespace, name=name)
    rows = [(key, f"{used.get(key, '0')} of {value}") for key, value in hard.items()]
    return observed(CHECK, subject, f"Quota {name}", "; ".join(f"{key}: {value}" for key, value in rows), rows)


def accounts(view: View) -> Iterator[Case]:
    """Service accounts that workloads without pods name and that do not exist: found where events may not be read."""
    if not view.read("serviceaccounts"):
        return
    for workload, spec in view.workloads.items():
        wanted = str(o.template(spec).get("serviceAccountName") or "default")
        if view.pods_by_workload.get(workload) or replicas(spec)[0] == 0:
            continue
        if view.find("serviceaccounts", workload.namespace, wanted) is None:
            words = (
                f"{workload.kind} {workload.name} names service account {wanted}, which does not exist, and has no pods"
            )
            rows = [("serviceAccountName", wanted)]
            proof = observed(CHECK, workload, f"Service account of {workload.name}", words, rows, part="account")
            yield case(
                "service account missing", "MissingServiceAccount", workload, words, 0.9, [proof], explains=[workload]
            )


def exhausted(view: View) -> Iterator[Case]:
    """Quotas that leave no room for what a workload lacks, computed from the specs."""
    for quota in view.all("resourcequotas"):
        namespace, name = o.namespace(quota), o.name(quota)
        hard, used = o.status(quota).get("hard") or {}, o.status(quota).get("used") or {}
        lacking = [
            (view.owner_of("ReplicaSet", namespace, o.name(one)), o.template(one))
            for one in view.all("replicasets")
            if o.namespace(one) == namespace and _lacks_pods(one)
        ] + [
            (Subject(kind="StatefulSet", namespace=namespace, name=o.name(one)), o.template(one))
            for one in view.all("statefulsets")
            if o.namespace(one) == namespace and _lacks_pods(one)
        ]
        for resource, limit in hard.items():
            for workload, spec in lacking:
                need = _asked(spec, resource)
                free = o.quantity(limit) - o.quantity(used.get(resource))
                if need is not None and need > free:
                    words = (
                        f"Quota {name} leaves no room for {workload.name}: {resource} {used.get(resource)} of {limit} "
                        "used"
                    )
                    subject = Subject(kind="Namespace", name=namespace)
                    proof = [_quota_state(view, namespace, name), workload_state(CHECK, view, workload)]
                    yield case(
                        "quota computed", quota_cause(resource), subject, words, 0.85, proof, explains=[workload]
                    )
                    break


def _asked(spec: Json, resource: str) -> float | None:
    """What one pod adds to a quota's resource; None for resources that pods do not use."""
    if resource in ("pods", "count/pods"):
        return 1
    part, _, what = resource.partition(".")
    if resource in ("cpu", "memory"):
        part, what = "requests", resource
    if part not in ("requests", "limits") or what not in ("cpu", "memory"):
        return None
    return sum(o.quantity(o.at(one, "resources", part, what)) for one in o.containers(spec))


def full(view: View) -> Iterator[Case]:
    """Quotas on services, claims and other objects that are used up: what is missing cannot be created."""
    for quota in view.all("resourcequotas"):
        namespace, name = o.namespace(quota), o.name(quota)
        hard, used = o.status(quota).get("hard") or {}, o.status(quota).get("used") or {}
        for resource, limit in hard.items():
            if _asked({}, resource) is not None or not _leaves_nothing(view, namespace, resource, used, limit):
                continue
            cause = quota_cause(resource)
            missing, suffering = _missing(view, namespace, cause)
            words = f"Quota {name} of namespace {namespace} is used up: {resource} {used.get(resource)} of {limit}"
            if missing:
                words += f"; {', '.join(missing[:3])} is needed and does not exist"
            subject = Subject(kind="Namespace", name=namespace)
            proof = [_quota_state(view, namespace, name)]
            yield case("quota used up", cause, subject, words, 0.85 if missing else 0.5, proof, explains=suffering)


def _leaves_nothing(view: View, namespace: str, resource: str, used: Json, limit: str) -> bool:
    """Whether the quota is used up, or limits storage while a claim that is needed does not exist."""
    if o.quantity(used.get(resource)) >= o.quantity(limit):
        return True
    return quota_cause(resource) == "NamespaceStorageQuotaExceeded" and bool(wanting.claims(view, namespace))


def _missing(view: View, namespace: str, cause: str) -> tuple[list[str], list[Subject]]:
    """Services or claims that are needed and do not exist, and who suffers from it."""
    if cause == "NamespaceServiceQuotaExceeded":
        called = sorted(wanting.services(view, namespace))
        bare = [one for one in view.unserved if one.namespace == namespace and one.name not in called]
        callers = [caller for name in called for caller in view.callers.get((namespace, name), [])]
        lacking = [Subject(kind="Service", namespace=namespace, name=name) for name in called]
        lacking += [Subject(kind="Service", namespace=namespace, name=one.name) for one in bare]
        return [*(f"a service for {one.name}" for one in bare), *called], [*lacking, *bare, *callers]
    if cause == "NamespaceStorageQuotaExceeded":
        found = wanting.claims(view, namespace)
        return [name for _, name in found], [workload for workload, _ in found]
    return [], []


def unanswered(view: View) -> Iterator[Case]:
    """Webhooks that must be asked before a pod is created and have nobody behind them, where pods are lacking."""
    for owner in _lacking(view):
        for hook in webhooks.required(view, owner.namespace):
            why = webhooks.nobody_behind(view, hook)
            if not why:
                continue
            words = (
                f"Webhook {hook.name} of {hook.owner.name} must be asked before a pod is created (failurePolicy Fail), "
                f"and its service {hook.namespace}/{hook.service} {why}: {owner.name} gets no pods"
            )
            rows = [("webhook", hook.name), ("service", f"{hook.namespace}/{hook.service} {why}"), ("policy", "Fail")]
            proof = observed(CHECK, hook.owner, f"{hook.owner.kind} {hook.owner.name}", words, rows, part=hook.name)
            yield case("webhook unanswered", "AdmissionWebhookFailure", owner, words, 0.88,
                       [proof, workload_state(CHECK, view, owner)], explains=[owner],
                       commands=[("kubectl", "get", hook.owner.kind.lower(), hook.owner.name),
                                 ("kubectl", "get", "endpoints", hook.service, "-n", hook.namespace)])  # fmt: skip


def _lacking(view: View) -> list[Subject]:
    """Workloads with sets that lack all their pods now."""
    return list(
        dict.fromkeys(
            view.owner_of(str(one.get("kind")), o.namespace(one), o.name(one))
            for plural in ("replicasets", "statefulsets", "daemonsets")
            for one in view.all(plural)
            if _lacks_pods(one) and o.spec(one).get("replicas") != 0
        )
    )


RULES = (refused, unanswered, accounts, exhausted, full, uncreated)
DECIDES = (
    "NamespaceCPUQuotaExceeded", "NamespaceMemoryQuotaExceeded", "NamespacePodQuotaExceeded",
    "NamespaceServiceQuotaExceeded", "NamespaceStorageQuotaExceeded", "NamespaceObjectQuotaExceeded",
    "MissingServiceAccount", "LimitRangeViolation", "AdmissionWebhookFailure", "PodSecurityViolation",
)  # fmt: skip
