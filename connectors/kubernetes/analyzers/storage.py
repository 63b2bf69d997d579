"""Which claims are not bound, and what keeps every volume from binding to them?

Each volume is held against the claim: class, selector, modes, size, and whether it already belongs to another
claim. The volume that comes nearest tells what is wrong. The subject is the workload that mounts the claim.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from connectors.evidence import Evidence, Subject
from connectors.kubernetes import objects as o
from connectors.kubernetes.events import Event
from connectors.kubernetes.objects import Json
from connectors.kubernetes.reporting import Case, case, observed, told, workload_state
from connectors.kubernetes.view import View

CHECK = "storage"
_REASONS = ("ProvisioningFailed", "FailedBinding", "VolumeMismatch", "ClaimLost", "ClaimMisbound", "FailedMount")
_WORDS = {
    "PVCStorageClassMismatch": "storage class",
    "PVCSelectorMismatch": "selector",
    "PVCAccessModeMismatch": "access mode",
    "PVCCapacityMismatch": "size",
    "PVBindingOccupied": "claim it is bound to",
}
_PROVISIONING: tuple[tuple[re.Pattern[str], str, float], ...] = (
    (re.compile(r"storageclass\S* \"?[\w.-]+\"? not found", re.IGNORECASE), "PVCStorageClassMismatch", 0.95),
    (re.compile(r"no storage class is set"), "PVCStorageClassMismatch", 0.9),
    (re.compile(r"exceeded quota"), "NamespaceStorageQuotaExceeded", 0.9),
    (re.compile(r"already bound to a different claim|bound to another claim|already bound", re.IGNORECASE),
     "PVBindingOccupied", 0.92),
    (re.compile(r"selector", re.IGNORECASE), "PVCSelectorMismatch", 0.8),
    (re.compile(r"access ?mode|NodePath only supports|only support \w+ access", re.IGNORECASE),
     "PVCAccessModeMismatch", 0.85),
    (re.compile(r"too small|not enough|insufficient.*(space|capacity)|exceeds", re.IGNORECASE),
     "PVCCapacityMismatch", 0.85),
    (re.compile(r"storageClassName does not match", re.IGNORECASE), "PVCStorageClassMismatch", 0.9),
)  # fmt: skip


def unbound(view: View) -> Iterator[Case]:
    """Claims that are mounted (or wait) and are not bound."""
    for claim in view.all("persistentvolumeclaims"):
        phase = o.status(claim).get("phase")
        if phase == "Bound" or _waits_for_consumer(view, claim):
            continue
        users = _users(view, claim)
        subject = Subject(kind="PersistentVolumeClaim", namespace=o.namespace(claim), name=o.name(claim))
        events = view.events_of(subject.kind, subject.namespace, subject.name, *_REASONS)
        if phase == "Lost":
            gone = o.spec(claim).get("volumeName") or "its volume"
            cause, words, confidence = "VolumeMountFailed", f"volume {gone}, which it was bound to, is gone", 0.85
        else:
            cause, words, confidence = _why(view, claim, events)
        workload = users[0] if users else subject
        proof = [_claim_state(claim), *(told(CHECK, event) for event in events[:2]), _volumes(view, claim)]
        proof += [workload_state(CHECK, view, workload)]
        statement = f"Claim {subject.name}, mounted by {workload.name}, is {str(phase).lower()}: {words}"
        yield case(
            "claim not bound", cause, workload, statement, confidence if users else confidence * 0.6, proof,
            onset=_since(claim), explains=[*users, subject],
            commands=[("kubectl", "describe", "pvc", subject.name, "-n", subject.namespace)],
        )  # fmt: skip


def _users(view: View, claim: Json) -> list[Subject]:
    """Workloads that mount a claim, by their templates or their pods (a StatefulSet's claims carry its pods' names)."""
    namespace, name = o.namespace(claim), o.name(claim)
    templates = ((one, o.template(spec)) for one, spec in view.workloads.items())
    pods = ((one, o.spec(pod)) for one, found in view.pods_by_workload.items() for pod in found)
    users = (one for one, spec in (*templates, *pods) if one.namespace == namespace and name in view.claims_of(spec))
    return list(dict.fromkeys(users))


def missing(view: View) -> Iterator[Case]:
    """Claims that a waiting pod mounts and that do not exist."""
    if not view.read("persistentvolumeclaims"):
        return
    for workload, pods in view.pods_by_workload.items():
        # What has run once has had its volumes.
        pod = next((one for one in pods if not o.ready(one) and not any(map(_ran, o.container_statuses(one)))), None)
        if pod is None:
            continue
        for name in view.claims_of(o.spec(pod)):
            if view.find("persistentvolumeclaims", o.namespace(pod), name) is None:
                words = f"{workload.name} mounts claim {name}, which does not exist"
                proof = [workload_state(CHECK, view, workload)]
                yield case("claim missing", "PVCNotFound", workload, words, 0.93, proof, explains=[workload])


def _ran(status: Json) -> bool:
    return bool((status.get("state") or {}).get("running") or o.terminated(status))


def _waits_for_consumer(view: View, claim: Json) -> bool:
    """Whether nothing is wrong with the claim itself: its class binds when a pod is placed."""
    chosen = view.find("storageclasses", "", _class(claim)) if _class(claim) else None
    late = bool(chosen) and (chosen or {}).get("volumeBindingMode") == "WaitForFirstConsumer"
    provisions = bool(chosen) and not str((chosen or {}).get("provisioner")).endswith("no-provisioner")
    name, namespace = o.name(claim), o.namespace(claim)
    troubled = view.events_of("PersistentVolumeClaim", namespace, name, "ProvisioningFailed", "FailedBinding")
    return late and provisions and not troubled


def _why(view: View, claim: Json, events: list[Event]) -> tuple[str, str, float]:
    for pattern, cause, confidence in _PROVISIONING[:4]:
        if event := next((one for one in events if pattern.search(one.message)), None):
            return cause, event.message, confidence
    for volume in view.all("persistentvolumes"):
        status = o.status(volume)
        if o.name(volume) == o.spec(claim).get("volumeName") and status.get("phase") == "Failed":
            told = ": ".join(filter(None, (status.get("reason"), status.get("message"))))
            return "VolumeProvisioningFailed", f"volume {o.name(volume)}, which it names, has failed: {told}", 0.88
    wanted = _class(claim)
    known = {o.name(one) for one in view.all("storageclasses")}
    nearest = _nearest(view, claim)
    if wanted and view.read("storageclasses") and wanted not in known and not _offers(view, wanted):
        return "PVCStorageClassMismatch", f"storage class {wanted} does not exist and no volume has it", 0.93
    if nearest is not None:
        cause, words = nearest
        return cause, words, 0.9
    for pattern, cause, confidence in _PROVISIONING[4:]:
        if event := next((one for one in events if pattern.search(one.message)), None):
            return cause, event.message, confidence
    if wanted and view.read("storageclasses") and wanted not in known:
        return "PVCStorageClassMismatch", f"storage class {wanted} does not exist", 0.85
    if events:
        return "VolumeProvisioningFailed", events[0].message, 0.7
    return "VolumeProvisioningFailed", "nothing says why", 0.5


def _offers(view: View, storage_class: str) -> bool:
    return any(o.spec(one).get("storageClassName") == storage_class for one in view.all("persistentvolumes"))


def _class(claim: Json) -> str:
    return str(
        o.spec(claim).get("storageClassName") or o.annotated(claim).get("volume.beta.kubernetes.io/storage-class") or ""
    )


def _nearest(view: View, claim: Json) -> tuple[str, str] | None:
    """The one thing that keeps the nearest volume away; None where volumes cannot tell."""
    named = o.spec(claim).get("volumeName")
    best: tuple[int, int, str, str] | None = None
    for volume in view.all("persistentvolumes"):
        against = differences(claim, volume)
        if not against:
            continue
        occupied = "PVBindingOccupied" in against
        # A volume that belongs to somebody else is only telling if it is otherwise the very one that is wanted.
        rank = (0 if o.name(volume) == named else 1, len(against) + (2 if occupied and len(against) > 1 else 0))
        cause = next(iter(against))
        words = f"volume {o.name(volume)} differs in its {_WORDS[cause]} ({against[cause]})"
        if best is None or rank < best[:2]:
            best = (*rank, cause, words)
    return (best[2], best[3]) if best and (best[1] == 1 or best[0] == 0) else None


def differences(claim: Json, volume: Json) -> dict[str, str]:
    """What keeps a volume from binding to a claim: code → the two sides in words, the most telling first."""
    wants, has = o.spec(claim), o.spec(volume)
    found: dict[str, str] = {}
    if held := _held(claim, volume):
        found["PVBindingOccupied"] = held
    if not o.selected(wants.get("selector"), o.labels(volume)):
        found["PVCSelectorMismatch"] = f"asked for {_selector(wants['selector'])}, labels are {o.labels(volume)}"
    if _class(claim) != str(has.get("storageClassName") or ""):
        found["PVCStorageClassMismatch"] = (
            f"asked for {_class(claim) or 'none'}, has {has.get('storageClassName') or 'none'}"
        )
    modes, offered = wants.get("accessModes") or [], has.get("accessModes") or []
    if not set(modes) <= set(offered):
        found["PVCAccessModeMismatch"] = f"asked for {', '.join(modes)}, has {', '.join(offered)}"
    size, room = o.at(wants, "resources", "requests", "storage"), o.at(has, "capacity", "storage")
    if o.quantity(size) > o.quantity(room):
        found["PVCCapacityMismatch"] = f"asked for {size}, has {room}"
    return found


def _held(claim: Json, volume: Json) -> str:
    """By whom a volume is held, where it is not by this claim; a released volume is held by the claim that was."""
    other = o.spec(volume).get("claimRef") or {}
    mine = (other.get("name"), other.get("namespace")) == (o.name(claim), o.namespace(claim))
    same = other.get("uid") in (None, "", o.metadata(claim).get("uid"))
    if not other or (mine and same and o.status(volume).get("phase") != "Released"):
        return ""
    return f"{o.status(volume).get('phase') or 'held'} by {other.get('namespace')}/{other.get('name')}"


def _selector(selector: Json) -> str:
    return ", ".join(f"{key}={value}" for key, value in (selector.get("matchLabels") or {}).items()) or str(selector)


def _claim_state(claim: Json) -> Evidence:
    subject = Subject(kind="PersistentVolumeClaim", namespace=o.namespace(claim), name=o.name(claim))
    wants = o.spec(claim)
    rows = [
        ("phase", str(o.status(claim).get("phase"))), ("class", _class(claim)),
        ("modes", ", ".join(wants.get("accessModes") or [])), ("volume", str(wants.get("volumeName") or "")),
        ("size", str(o.at(wants, "resources", "requests", "storage") or "")),
        ("selector", _selector(wants["selector"]) if wants.get("selector") else ""),
    ]  # fmt: skip
    words = "; ".join(f"{name}: {value}" for name, value in rows if value)
    return observed(CHECK, subject, f"Claim {subject.name} is {rows[0][1]}", words, rows, onset=o.created(claim))


def _volumes(view: View, claim: Json) -> Evidence | None:
    volumes = view.all("persistentvolumes")
    if not volumes:
        return None
    subject = Subject(kind="PersistentVolumeClaim", namespace=o.namespace(claim), name=o.name(claim))
    rows = [
        (
            o.name(one),
            "; ".join(f"{_WORDS[code]}: {words}" for code, words in differences(claim, one).items()) or "fits",
        )
        for one in volumes
    ]
    words = "; ".join(": ".join(row) for row in rows[:4])
    return observed(
        CHECK,
        subject,
        f"Volumes held against claim {subject.name}",
        words,
        rows,
        query="kubectl get pv -o yaml",
        part="volumes",
    )


def _since(claim: Json) -> datetime | None:
    return o.created(claim)


RULES = (unbound, missing)
DECIDES = (
    "PVCSelectorMismatch", "PVCStorageClassMismatch", "PVCAccessModeMismatch", "PVCCapacityMismatch",
    "PVBindingOccupied", "PVCNotFound",
)  # fmt: skip
