"""Whose logs are worth a call? A few: those in trouble, those the question is about, those configured wrongly.

One pod speaks for its workload. When nothing is in trouble, the callers of databases and of many services speak:
they are the ones that log what their dependencies refuse.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple

from connectors.contract import Inquiry, Scope
from connectors.evidence import Subject
from connectors.kubernetes import objects as o
from connectors.kubernetes import stores
from connectors.kubernetes.objects import Json
from connectors.kubernetes.view import View


class Suspect(NamedTuple):
    """A container's log, of the present or the previous run."""

    namespace: str
    pod: str
    container: str
    previous: bool


PRESSING = 2.0
"""From this score on a log is read at once; of the others some calls are kept for what other sources point to."""
FEW = 3
_LATER = timedelta(minutes=2)
KEPT = 2
"""One call in so many is kept for the second look, which knows whom the first logs complain of."""
_A_MOMENT = 3.0
"""Minutes since a restart of which a container may still be in trouble although it is ready."""
_OF_TROUBLED = 1.5
_A_WORD = 6
_NOBODY = -10.0
_FEW_STORES = 3
"""Of more databases than these each has few callers, which tell more than it does."""
COMPLAINS = re.compile(
    r"\b(?:error|exception|fail\w*|refused|timed? ?out|unavailable|unable|no servers available|not found|5\d\d)\b"
    r"|\b(?:could not|cannot|denied|reset)\b|Exception\b|UnknownHost",
    re.IGNORECASE,
)
"""Words of a line that speaks of something that fails."""


def suspects(view: View, scope: Scope, limit: int) -> list[Suspect]:
    """At most `limit` logs, the most telling first; fewer where not all fit and what is left only might tell."""
    needed = _stores_of_troubled(view)
    scored = _ranked(
        view, lambda workload, pod: _score(view, scope, workload, pod) + _OF_TROUBLED * (workload in needed)
    )
    if len(scored) > limit:
        pressing = sum(score >= PRESSING for score, _, _ in scored)
        limit = min(limit, max(pressing, limit - limit // KEPT))
    return [one for _, _, one in scored[: max(limit, 0)]]


def closer_suspects(view: View, inquiry: Inquiry, limit: int, *, pointed_at: bool = False) -> list[Suspect]:
    """At most `limit` logs that were not read yet: of the focus, of what it calls, then as in the first look.

    With `pointed_at` only of those whom the focus or a log that was read points at.
    """
    meant = {workload for workload in view.pods_by_workload if any(_is(view, workload, one) for one in inquiry.focus)}
    called = {(call.namespace, call.service) for workload in meant for _, call in view.calls_of.get(workload, [])}
    accused = complained_of(view)

    def score(workload: Subject, pod: Json) -> float:
        near = any((o.namespace(one), o.name(one)) in called for one in view.services_of.get(workload, []))
        pointed = 10 * (workload in meant) + 4 * (workload in accused) + 2 * near
        if pointed_at and not pointed:
            return _NOBODY
        return _score(view, inquiry.scope, workload, pod) + pointed

    known = {*view.snapshot.logs, *view.snapshot.log_failures}
    unknown = (one for points, _, one in _ranked(view, score) if points > _NOBODY / 2 and tuple(one) not in known)
    return list(islice(unknown, max(limit, 0)))


def complained_of(view: View) -> dict[Subject, set[Subject]]:
    """Workloads that lines of others' logs name where they speak of something that fails, with these others."""
    named = {
        name.lower(): view.workload_of(pods[0])
        for one in view.all("services")
        if (pods := view.selected_pods(one))
        for name in (o.name(one), _in_a_path(view, o.name(one)))
        if name
    }
    if not named:
        return {}
    anyone = re.compile(rf"(?<![\w.-])(?:{'|'.join(map(re.escape, sorted(named, key=len, reverse=True)))})(?![\w-])")
    found: dict[Subject, set[Subject]] = defaultdict(set)
    for workload, pods in view.pods_by_workload.items():
        for pod in pods:
            for _, line in view.log(pod):
                if COMPLAINS.search(line.text):
                    for one in {named[name] for name in anyone.findall(line.text.lower())} - {workload}:
                        found[one].add(workload)
    return dict(found)


def _in_a_path(view: View, service: str) -> str:
    """A service as paths of requests have it: in one word, without the first word that most services share."""
    first, _, rest = service.partition("-")
    names = view.service_names
    shared = 2 * sum(name.startswith(first + "-") for name in names) > len(names)
    word = (rest if shared else service).replace("-", "")
    return word if len(word) >= _A_WORD else ""


def _stores_of_troubled(view: View) -> set[Subject]:
    """The databases of the few workloads that are not ready: they log whom they refuse, and why."""
    troubled = [one for one, pods in view.pods_by_workload.items() if not any(map(o.ready, pods))]
    used = (stores.used_by(view, one, [_configuration(view.pods_by_workload[one][0])]) for one in troubled[:FEW])
    return {target for one in used if one is not None and (target := stores.workload_behind(view, one))}


def unread(view: View) -> int:
    """How many workloads have a log of which nothing was read."""
    return sum(1 for pods in view.pods_by_workload.values() if _has_log(view, pods) and not _heard(view, pods))


def _has_log(view: View, pods: list[Json]) -> bool:
    return any(True for pod in pods for _ in _logs(view, pod))


def _heard(view: View, pods: list[Json]) -> bool:
    return any((o.namespace(pod), o.name(pod)) in view.logged for pod in pods)


def _ranked(view: View, score: Callable[[Subject, Json], float]) -> list[tuple[float, int, Suspect]]:
    """Every log with its score, the most telling first. One pod speaks for its workload."""
    scored: list[tuple[float, int, Suspect]] = []
    new = _started_last(view)
    for workload, pods in view.pods_by_workload.items():
        # Who was evicted has no log any more: another pod speaks then.
        pod = min(pods, key=lambda one: (not _has_log(view, [one]), o.ready(one)))
        points = score(workload, pod) + 1.5 * (workload in new)
        scored += [(points - order / 10, order, one) for order, one in enumerate(_logs(view, pod))]
    return sorted(scored, key=lambda one: (-one[0], one[1], one[2]))


def _started_last(view: View) -> set[Subject]:
    """The few workloads that were started after most others: what is configured anew is started anew."""
    at = {
        workload: max(times)
        for workload, pods in view.pods_by_workload.items()
        if (times := [one for pod in pods if (one := o.created(pod)) is not None])
    }
    if not at:
        return set()
    usual = sorted(at.values())[len(at) // 2] + _LATER
    late = [one for one in at if at[one] > usual and view.recent(at[one], 60)]
    return set(sorted(late, key=lambda one: at[one], reverse=True)[:FEW])


def _is(view: View, workload: Subject, meant: Subject) -> bool:
    """Whether somebody else's name for a thing means this workload: its own, a service's, a pod's."""
    if meant.namespace not in ("", workload.namespace) or meant.kind == "Node":
        return False
    names = {workload.name, *(o.name(one) for one in view.services_of.get(workload, []))}
    pods = {o.name(pod) for pod in view.pods_by_workload.get(workload, [])}
    return meant.name in names or meant.name in pods


def _score(view: View, scope: Scope, workload: Subject, pod: Json) -> float:
    score = 0.0
    if not o.ready(pod):
        score += 4
    if _restarted(view, pod, 60):
        # What restarts again and again has done so a moment ago; what did once may have waited for others at its start.
        score += 3 if not o.ready(pod) or _restarted(view, pod, _A_MOMENT) else 0.3
    if workload.name in (scope.workload, scope.service) or o.name(pod) == scope.pod:
        score += 3
    calls = [meant for _, meant in view.calls_of.get(workload, [])]
    # Of a namespace that is not looked at no service is missing: nothing is known of it.
    seen = [meant for meant in calls if view.snapshot.covers(meant.namespace)]
    if any(view.find("services", meant.namespace, meant.service) is None for meant in seen):
        score += 2.5
    if o.spec(pod).get("dnsPolicy") in ("None", "Default") and not o.spec(pod).get("hostNetwork"):
        score += 2.5
    services = view.services_of.get(workload, [])
    if any(stores.is_store(one) for one in services):
        # A database says itself that it is full or read-only, but its callers say more.
        return score + (0.6 if _few_stores(view) else 0.1)
    score += 0.15 * bool(services)
    if any((o.namespace(one), o.name(one)) in view.entrances for one in services):
        score += 1  # whatever fails behind it, an entrance has seen it fail
    if stores.families(_configuration(pod)):
        score += 0.4
    return score + min(len(calls), 8) / 8


def _restarted(view: View, pod: Json, minutes: float) -> bool:
    return any(one.get("restartCount") and view.recent(_ended(one), minutes) for one in o.container_statuses(pod))


def _configuration(pod: Json) -> str:
    """Names of variables, and of what they come from: their values may be secret, their names say what is used."""
    words: list[str] = []
    for container in o.containers(o.spec(pod)):
        words += [str(one.get("name")) for one in container.get("env") or []]
        words += [str((one.get(kind) or {}).get("name")) for one in container.get("envFrom") or []
                  for kind in ("secretRef", "configMapRef")]  # fmt: skip
    return " ".join(words)


def _few_stores(view: View) -> bool:
    seen = (one for one in view.all("services") if stores.is_store(one))
    return next(islice(seen, _FEW_STORES, None), None) is None


def _logs(view: View, pod: Json) -> Iterator[Suspect]:
    """The logs of a pod that may exist: the container in trouble, its previous run; otherwise the first container."""
    namespace, name = o.namespace(pod), o.name(pod)
    statuses = [*(o.status(pod).get("initContainerStatuses") or []), *o.container_statuses(pod)]
    started = [one for one in statuses if (one.get("state") or {}).get("running") or o.terminated(one)]
    troubled = [one for one in started if one.get("restartCount") or not (one.get("ready") or _completed(one))]
    well = [one for one in troubled if one.get("ready") and not view.recent(_ended(one), _A_MOMENT)]
    if len(well) == len(troubled):
        troubled = []  # it has got over that: the present run tells of the present
    for one in troubled[:2]:
        # While a container waits for its next start the kubelet gives the last words of the run before.
        yield Suspect(namespace, name, str(one.get("name")), previous=False)
        if one.get("restartCount") and (one.get("state") or {}).get("running"):
            yield Suspect(namespace, name, str(one.get("name")), previous=True)
    if not troubled and started:
        containers = [str(one.get("name")) for one in o.containers(o.spec(pod))]
        first = next((one for one in containers if any(one == status.get("name") for status in started)), None)
        if first:
            yield Suspect(namespace, name, first, previous=False)


def _ended(status: Json) -> datetime | None:
    return o.when(o.terminated(status).get("finishedAt"))


def _completed(status: Json) -> bool:
    return bool(o.at(status, "state", "terminated")) and o.terminated(status).get("exitCode") == 0
