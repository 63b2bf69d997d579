"""How the snapshot is taken: a round of lists all at once, then what only some incidents need, within a budget.

Every kind is one list call and fails by itself: a forbidden kind is missing from the snapshot and the reason is
kept. The number of calls depends on none of the cluster's sizes, except for further pages of thousands of objects.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice

import anyio

from connectors.contract import ConnectorError, Inquiry
from connectors.kubernetes import beyond, discovery, needing, routers, stores, webhooks
from connectors.kubernetes import objects as o
from connectors.kubernetes.analyzers import node_groups
from connectors.kubernetes.client import KubeClient, Listing
from connectors.kubernetes.objects import Json
from connectors.kubernetes.resources import BY_PLURAL, CORE, CUSTOM, Resource
from connectors.kubernetes.snapshot import SYSTEM_NAMESPACES, LogKey, LogLine, Snapshot
from connectors.kubernetes.suspects import Suspect, closer_suspects, suspects, unread
from connectors.kubernetes.view import View
from connectors.recent import Recent

CALLS = 30
"""Calls for one investigation, further pages not counted."""
CUSTOM_KINDS = 3
OPERATED_KINDS = 4
FOR_LOGS = 8
"""Calls that kinds of operators must leave for logs: in most incidents a log tells more."""
FEW_PODS = 10
"""With no more pods than these there are fewer logs than calls, and the nodes' events are read whatever is wrong."""
STEPS = 4
"""So long a chain of callers and callees is followed from log to log; each step is a round trip."""
CONFIGS = 2
"""Config maps of which the content is read: those that hold routes of proxies or options of databases, no others."""
WEBHOOKS = 2
"""Services of webhooks outside the scope that are looked at, where pods cannot be created."""
_AUTOSCALER = re.compile(r"cluster.?autoscaler|scale.?up|node.?(group|pool)", re.IGNORECASE)
_CONFIG = "content of "
LOG_TAIL = 400

Job = tuple[str, Callable[[], Awaitable[Listing]]]
Lists = Recent[Listing]
"""Lists that were read for the names, by kind and namespace."""


async def collect(client: KubeClient, inquiry: Inquiry, recent: Lists | None = None) -> Snapshot:
    """Read the scope, but for what was listed just now. Raises `ConnectorError` only where nothing could be read."""
    window = inquiry.window
    snapshot = Snapshot(window.end, inquiry.scope.namespace, window.onset, asked=_asked(inquiry))
    first = _first_round(client, inquiry.scope.namespace, recent or Recent())
    await _run(snapshot, first)
    if not snapshot.objects:
        raise next(iter(snapshot.failures.values()))
    _leave_out_system(snapshot)
    view = View(snapshot)
    second = _second_round(client, view, len(first))
    kept = WEBHOOKS if any(key in webhooks.KINDS for key, _ in second) else 0
    chosen = suspects(view, inquiry.scope, CALLS - len(first) - len(second) - kept)
    left = CALLS - len(first) - len(second) - len(chosen) - kept
    if "cronjobs" not in dict(second) and left > 1 + unread(view) - len(chosen):
        # What did not run leaves no trace elsewhere, and costs no log here, now or in a second look.
        rare = BY_PLURAL["cronjobs"]._replace(fallback="")
        second.append((rare.plural, _lister(client, rare, snapshot.namespace)))
    snapshot.calls = len(first) + len(second) + len(chosen)
    async with anyio.create_task_group() as group:
        group.start_soon(_run, snapshot, second)
        for suspect in chosen:
            group.start_soon(_read_log, client, snapshot, suspect)
    third = _behind_webhooks(client, snapshot)
    snapshot.calls += len(third)
    await _run(snapshot, third)
    _add_events(snapshot)
    await _look_beyond(client, snapshot, inquiry)
    read = [key for key in snapshot.objects if key.startswith(_CONFIG)]
    snapshot.objects["mounted_configs"] = [one for key in read for one in snapshot.objects.pop(key)]
    return snapshot


async def _look_beyond(client: KubeClient, snapshot: Snapshot, inquiry: Inquiry) -> None:
    """Read what the scope's logs blame in other namespaces, and what that blames, into the same picture."""
    names = BY_PLURAL["namespaces"]
    for _ in range(beyond.STEPS if snapshot.namespace else 0):
        view = View(snapshot)
        if "namespaces" not in snapshot.objects and snapshot.calls < CALLS and beyond.unsure(view):
            snapshot.calls += 1
            await _run(snapshot, [(names.plural, partial(client.list, names))])
            view = View(snapshot)
        blamed = beyond.blamed(view, inquiry)
        async with anyio.create_task_group() as group:
            for namespace in blamed:
                group.start_soon(_read_beyond, client, snapshot, namespace)
        chosen = beyond.suspects(View(snapshot), inquiry) if snapshot.beyond else []
        if not blamed and not chosen:
            return
        async with anyio.create_task_group() as group:
            for suspect in chosen:
                group.start_soon(_read_log, client, snapshot, suspect)


async def _read_beyond(client: KubeClient, snapshot: Snapshot, namespace: str) -> None:
    part = Snapshot(snapshot.taken, namespace, snapshot.onset, objects={"nodes": snapshot.objects.get("nodes", [])})

    def lists(names: Iterable[str]) -> list[Job]:
        return [(name, _lister(client, BY_PLURAL[name], namespace, warnings=name == "events")) for name in names]

    accounts = ["serviceaccounts"] if "serviceaccounts" in snapshot.objects else []
    await _run(part, lists([*beyond.KINDS, *accounts]))
    # What belongs to no namespace was read already, or is read now for all.
    known = {name for name in snapshot.objects if name in BY_PLURAL and not BY_PLURAL[name].namespaced}
    await _run(part, lists(name for name in needing.kinds(View(part)) if name not in known | part.objects.keys()))
    beyond.join(snapshot, part)


async def look_closer(client: KubeClient, first: Callable[[], Awaitable[View]], inquiry: Inquiry) -> Snapshot:
    """The same picture with the logs of the inquiry's focus, as many as the first look left calls for."""
    view = await first()
    known = view.snapshot
    closer = replace(known, logs=dict(known.logs), log_failures=dict(known.log_failures))
    if known.log_failures and not known.logs:
        return closer  # logs may not be read here
    for step in range(STEPS):
        view, left, last = View(closer), CALLS - closer.calls, step + 1 == STEPS
        # Half of what is left: whom these complain of is among the other half.
        limit = left if last else -(-left // 2)
        pointed = [] if last else closer_suspects(view, inquiry, limit, pointed_at=True)
        await _read_logs(client, closer, pointed or closer_suspects(view, inquiry, limit))
    return closer


async def _read_logs(client: KubeClient, snapshot: Snapshot, chosen: Sequence[Suspect]) -> None:
    snapshot.calls += len(chosen)
    async with anyio.create_task_group() as group:
        for suspect in chosen:
            group.start_soon(_read_log, client, snapshot, suspect)


def _asked(inquiry: Inquiry) -> str:
    texts = [text for alert in inquiry.alerts for text in (*alert.labels.values(), *alert.annotations.values())]
    return "\n".join([inquiry.question, inquiry.scope.workload, *texts])


def _behind_webhooks(client: KubeClient, snapshot: Snapshot) -> list[Job]:
    """Endpoints of the services outside the scope that webhooks ask: whether anybody is there."""
    wanted = webhooks.unread(View(snapshot), snapshot.namespace)[: max(0, min(WEBHOOKS, CALLS - snapshot.calls))]
    endpoints = BY_PLURAL["endpoints"]
    return [
        (f"{webhooks.ENDPOINTS}{namespace}/{name}", partial(_one, client, endpoints, namespace, name))
        for namespace, name in wanted
    ]


async def _one(client: KubeClient, row: Resource, namespace: str, name: str) -> Listing:
    return Listing((await client.one(row, namespace, name),))


def _add_events(snapshot: Snapshot) -> None:
    """Events of nodes and of single pods join the others; without the others they are no picture of the namespace."""
    for key in [key for key in snapshot.objects if key == "node_events" or key.startswith("events of ")]:
        more = snapshot.objects.pop(key)
        if "events" in snapshot.objects:
            snapshot.objects["events"] = snapshot.objects["events"] + more


def _first_round(client: KubeClient, namespace: str, recent: Lists) -> list[Job]:
    jobs: list[Job] = [
        (row.plural, partial(_once, client, row, namespace, recent)) for row in CORE if row.plural != "events"
    ]
    events = BY_PLURAL["events"]
    jobs.append(("events", _lister(client, events, namespace, warnings=True)))
    if namespace:
        pods = BY_PLURAL["pods"]
        jobs.append(("system_pods", lambda: client.list(pods, "kube-system", pages=2)))

    async def groups() -> Listing:
        return Listing(discovery.groups_of(await client.get("/apis", accept=discovery.ACCEPT)))

    return [*jobs, ("groups", groups)]


def _second_round(client: KubeClient, view: View, first: int) -> list[Job]:
    snapshot = view.snapshot
    known = {str(group.get("name")) for group in snapshot.objects.get("groups", [])}
    custom = [row for row in CUSTOM if row.api.partition("/")[0] in known]
    jobs: list[Job] = [(row.plural, _lister(client, row, snapshot.namespace)) for row in custom[:CUSTOM_KINDS]]
    if "events" in snapshot.truncated:
        jobs += [(f"events of {o.name(pod)}", _events_of(client, pod)) for pod in _troubled(snapshot)]
    jobs += [(plural, _lister(client, BY_PLURAL[plural], snapshot.namespace)) for plural in needing.kinds(view)]
    jobs += [*_of_the_cluster(client, snapshot), *_of_the_autoscaler(client, snapshot)]
    mounted = dict.fromkeys([*routers.configurations(view), *stores.configurations(view, CONFIGS)])
    wanted = islice(mounted, CONFIGS)
    jobs += [(f"{_CONFIG}{name}", partial(_config_map, client, namespace, name)) for namespace, name in wanted]
    left = min(OPERATED_KINDS, CALLS - first - len(jobs) - FOR_LOGS)
    events = snapshot.objects.get("events", [])
    snapshot.operated = tuple(
        discovery.worth_reading(snapshot.objects.get("groups", []), events, max(0, left), snapshot.asked)
    )
    return jobs + [(row.full, _lister(client, row, snapshot.namespace)) for row in snapshot.operated]


def _of_the_cluster(client: KubeClient, snapshot: Snapshot) -> list[Job]:
    """What lies outside the namespace: events of nodes and everybody's pods, where pods are in trouble."""
    if not snapshot.namespace:
        return []
    jobs: list[Job] = []
    of_nodes = "involvedObject.kind=Node,type!=Normal"
    events, pods = BY_PLURAL["events"], BY_PLURAL["pods"]
    few = "events" in snapshot.objects and len(snapshot.objects.get("pods", [])) <= FEW_PODS
    if few or _troubled(snapshot) or not all(o.ready(node) for node in snapshot.objects.get("nodes", [])):
        jobs.append(("node_events", lambda: client.list(events, "", fields=of_nodes, cached=False, page=2000, pages=2)))
    if any(needing.unscheduled(pod) for pod in snapshot.objects.get("pods", [])):
        jobs.append(("all_pods", lambda: client.list(pods, "", fields="status.phase=Running")))
    return jobs


def _of_the_autoscaler(client: KubeClient, snapshot: Snapshot) -> list[Job]:
    """What the cluster autoscaler says, where pods find no node or somebody asks about it."""
    waiting = any(needing.unscheduled(pod) for pod in snapshot.objects.get("pods", []))
    if not waiting and not _AUTOSCALER.search(snapshot.asked):
        return []
    return [(node_groups.KIND, partial(_config_map, client, *node_groups.STATUS))]


def _troubled(snapshot: Snapshot, limit: int = 4) -> list[Json]:
    return [pod for pod in snapshot.objects.get("pods", []) if not o.ready(pod) and not o.finished(pod)][:limit]


def _events_of(client: KubeClient, pod: Json) -> Callable[[], Awaitable[Listing]]:
    """Events of one pod: when there are too many to read all, those of pods in trouble are still read."""
    about = f"involvedObject.name={o.name(pod)},type!=Normal"
    return lambda: client.list(BY_PLURAL["events"], o.namespace(pod), fields=about, cached=False, pages=1)


async def _config_map(client: KubeClient, namespace: str, name: str) -> Listing:
    """One config map with its content."""
    return Listing((await client.get(BY_PLURAL["configmaps"].path(namespace, name)),))


async def names(client: KubeClient, row: Resource, namespace: str, recent: Lists) -> Listing:
    """A list that is read for its names, and kept for the snapshot."""
    return await recent.first(_key(row, namespace), _lister(client, row, namespace))


async def _once(client: KubeClient, row: Resource, namespace: str, recent: Lists) -> Listing:
    """The list that was or is being read for the names, of all namespaces too; it was a call and counts as one."""
    known = await recent.take(_key(row, namespace))
    if known is None and namespace and (whole := await recent.take(_key(row, ""))) and not whole.truncated:
        known = Listing(tuple(one for one in whole.items if o.namespace(one) == namespace or not row.namespaced))
    return known if known is not None else await _lister(client, row, namespace)()


def _key(row: Resource, namespace: str) -> tuple[str, str]:
    return row.plural, namespace if row.namespaced else ""


def _lister(
    client: KubeClient, row: Resource, namespace: str, *, warnings: bool = False
) -> Callable[[], Awaitable[Listing]]:
    if warnings:
        # Events live outside the watch cache and are many: only warnings, and only so many pages.
        return lambda: client.list(row, namespace, fields="type!=Normal", cached=False, page=5000, pages=12)
    # Leases of nodes live in kube-node-lease, those of the control plane in kube-system.
    within = "" if row.plural == "leases" else namespace
    return lambda: client.list(row, within)


async def _run(snapshot: Snapshot, jobs: list[Job]) -> None:
    async def one(key: str, job: Callable[[], Awaitable[Listing]]) -> None:
        try:
            listing = await job()
        except ConnectorError as error:
            if error.kind == "not_found":
                # A kind that this server does not have is empty, not unread.
                snapshot.objects[key] = []
            else:
                snapshot.failures[key] = error
            return
        snapshot.objects[key] = list(listing.items)
        if listing.truncated:
            snapshot.truncated.add(key)

    async with anyio.create_task_group() as group:
        for key, job in jobs:
            group.start_soon(one, key, job)


def _leave_out_system(snapshot: Snapshot) -> None:
    """Split what was listed without a namespace: the system's pods are looked at by the control plane's rules only."""
    if snapshot.namespace:
        return
    pods = snapshot.objects.get("pods", [])
    snapshot.objects["all_pods"] = pods
    snapshot.objects["system_pods"] = [pod for pod in pods if o.namespace(pod) == "kube-system"]
    for row in CORE:
        if row.namespaced and row.plural not in ("leases", "events") and row.plural in snapshot.objects:
            kept = [one for one in snapshot.objects[row.plural] if o.namespace(one) not in SYSTEM_NAMESPACES]
            snapshot.objects[row.plural] = kept


async def _read_log(client: KubeClient, snapshot: Snapshot, suspect: Suspect) -> None:
    key: LogKey = (suspect.namespace, suspect.pod, suspect.container, suspect.previous)
    try:
        text = await client.log(*key[:3], previous=suspect.previous, tail=LOG_TAIL)
    except ConnectorError as error:
        snapshot.log_failures[key] = error
        return
    snapshot.logs[key] = [log_line(line) for line in text.splitlines() if line.strip()]


def log_line(line: str) -> LogLine:
    """A line that begins with the kubelet's time, as the API sends it with `timestamps`."""
    stamp, _, text = line.partition(" ")
    at = o.when(stamp[:26].rstrip("Z") + "Z" if len(stamp) > 26 and stamp.endswith("Z") else stamp)
    return LogLine(at, text) if at else LogLine(None, line)
