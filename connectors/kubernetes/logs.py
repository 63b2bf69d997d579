"""What does the log say that somebody asks for: a pod's, a workload's most troubled one's, those that labels select?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from connectors.contract import ConnectorError
from connectors.evidence import Evidence, Observation, Subject
from connectors.kubernetes import objects as o
from connectors.kubernetes.client import KubeClient, kubectl
from connectors.kubernetes.collecting import log_line
from connectors.kubernetes.objects import Json
from connectors.kubernetes.reporting import SOURCE
from connectors.kubernetes.resources import BY_PLURAL, named
from connectors.patterns import patterns
from connectors.together import outcomes

PODS = 5
"""As many as `kubectl logs -l` reads at once."""


async def read(client: KubeClient, namespace: str, onset: datetime | None, arguments: Mapping[str, Any]) -> Observation:
    """A container's log as patterns and its last lines, for each pod asked for, those that are not ready first.

    ConnectorError where no pod is meant, or where none has a log to read.
    """
    pods = sorted(await _pods(client, namespace, arguments), key=o.ready)
    told = await outcomes([partial(_log, client, pod, onset, arguments) for pod in pods[:PODS]])
    found = [one for one in told if isinstance(one, Evidence)]
    failed = [one for one in told if isinstance(one, ConnectorError)]
    if not found:
        raise failed[0]
    left = len(pods) - len(found)
    unread = f"the logs of {left} of {len(pods)} pods were not read" if left else ""
    if failed:
        unread += f": {failed[0]}"
    return Observation(evidence=tuple(found), searched=found[0].query, partial=unread)


async def _log(client: KubeClient, pod: Json, onset: datetime | None, arguments: Mapping[str, Any]) -> Evidence:
    container = str(arguments.get("container") or _container(pod))
    previous, tail = bool(arguments.get("previous")), int(arguments.get("tail") or 300)
    since = int(arguments.get("since") or 0)
    text = await client.log(
        o.namespace(pod), o.name(pod), container, previous=previous, tail=min(tail, 2000), since=since
    )
    lines = [log_line(line) for line in text.splitlines() if line.strip()]
    query = kubectl("logs", o.name(pod), "-n", o.namespace(pod), "-c", container, f"--tail={tail}",
                    f"--since={since}s" if since else "", "--previous" if previous else "")  # fmt: skip
    last = "\n".join(o.short(line.text, 300) for line in lines[-15:])
    return Evidence(
        key=f"{SOURCE}/tool/logs/{query}",
        source=SOURCE,
        check="logs",
        title=f"Log of {o.name(pod)}",
        summary=f"{len(lines)} lines; the last ones:\n{last}",
        query=query,
        body=patterns([(line.at, line.text) for line in lines], onset),
        subject=Subject(kind="Pod", namespace=o.namespace(pod), name=o.name(pod)),
        untrusted=True,
    )


async def _pods(client: KubeClient, namespace: str, arguments: Mapping[str, Any]) -> Sequence[Json]:
    """The pods that labels select; the pod itself; or a workload's first that is not ready, or its first."""
    if labels := str(arguments.get("labels") or ""):
        return await _selected(client, namespace, labels, kubectl("logs", "-l", labels))
    row, name = named(str(arguments.get("kind") or "pod")), str(arguments["name"])
    if row is None or row.plural == "pods":
        return [await client.get(BY_PLURAL["pods"].path(namespace, name))]
    workload = await client.get(row.path(namespace, name))
    selector = o.at(workload, "spec", "selector", "matchLabels") or {}
    labels = ",".join(f"{key}={value}" for key, value in selector.items())
    pods = await _selected(client, namespace, labels, kubectl("logs", f"{row.kind.lower()}/{name}"))
    return [min(pods, key=o.ready)]


async def _selected(client: KubeClient, namespace: str, labels: str, query: str) -> Sequence[Json]:
    found = await client.list(BY_PLURAL["pods"], namespace, labels=labels, pages=1) if labels else None
    if found is None or not found.items:
        raise ConnectorError("not_found", query, "it has no pods")
    return found.items


def _container(pod: Json) -> str:
    """The container in trouble, or the first."""
    broken = next((str(one.get("name")) for one in o.container_statuses(pod) if not one.get("ready")), "")
    containers = o.containers(o.spec(pod))
    return broken or str(containers[0].get("name") if containers else "")
