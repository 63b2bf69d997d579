"""The checklist of what a deterministic analyzer should know, run through the product's own path.

A row is a small cluster, a question that does not name the cause, and what the diagnosis has to say first: the cause
code and its subject, claimed with at least 0.5; `NONE` where the thing is hygiene or normal and nothing may be claimed;
`SUFFERS` where nothing tells the cause and the symptom has to be named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import timedelta
from typing import Any, NamedTuple

from chatops.domain.diagnosis import Diagnosis
from chatops.policy.redaction import Redactor
from chatops.triage.gather import Gatherer
from chatops.triage.investigate import Case, Investigator
from connectors.contract import Scope, Window
from connectors.evidence import Role
from connectors.kubernetes.objects import Json
from connectors.kubernetes.resources import CUSTOM, ON_DEMAND
from tests import factories
from tests.connectors.kubernetes.cluster import NOW, NS, Cluster, ago
from tests.connectors.kubernetes.kube_server import Api, connector_for, serving
from tests.triage.test_service import LIBRARY, NoTools

NONE = "no cause"
SUFFERS = "suffers"
_CLAIMED = 0.5
_REDACTOR = Redactor(key=b"k")


class Row(NamedTuple):
    """One line of the checklist."""

    name: str
    question: str
    says: str
    build: Callable[[Cluster], None]


ROWS: list[Row] = []


def row(name: str, question: str, says: str) -> Callable[[Callable[[Cluster], None]], Callable[[Cluster], None]]:
    """A row whose function breaks a healthy cluster of two nodes."""

    def kept(build: Callable[[Cluster], None]) -> Callable[[Cluster], None]:
        ROWS.append(Row(name, question, says, build))
        return build

    return kept


def served(cluster: Cluster) -> Api:
    """The API server that has these objects and logs."""
    objects = deepcopy(cluster.objects)
    objects["pods"] += objects.pop("system_pods")
    for full, kind in cluster.kinds.items():
        objects[kind.plural] = objects.pop(full)
    for resource in ON_DEMAND:
        objects.setdefault(resource.plural, [])
    account = {"kind": "ServiceAccount", "metadata": {"name": "default", "namespace": NS}}
    objects["serviceaccounts"].append(account)
    groups = sorted({resource.group for resource in CUSTOM if objects.get(resource.plural)})
    return Api(objects=objects, logs=_logs(cluster), groups=groups, operated=list(cluster.kinds.values()))


def _logs(cluster: Cluster) -> dict[str, str]:
    """As a kubelet gives them: nothing of what has not started, the last run's of what waits for its next start."""
    texts: dict[str, str] = {}
    for pod in [*cluster.objects["pods"], *cluster.objects["system_pods"]]:
        statuses = [*pod["status"].get("initContainerStatuses", []), *pod["status"].get("containerStatuses", [])]
        for one in statuses:
            if "running" in one["state"] or "terminated" in one["state"] or one.get("lastState"):
                texts[f"{pod['metadata']['name']}/{one['name']}"] = ""
    for (_, pod_name, container, previous), lines in cluster.logs.items():
        text = "".join(f"{line.at.isoformat()[:19]}Z {line.text}\n" for line in lines if line.at)
        texts[f"{pod_name}/{container}" + ("/previous" if previous else "")] = text
        if previous and not texts.get(f"{pod_name}/{container}"):
            texts[f"{pod_name}/{container}"] = text
    return texts


async def diagnosed(one: Row) -> Case:
    """What the product says of a row, with Kubernetes as the only source."""
    cluster = Cluster()
    one.build(cluster)
    with serving(served(cluster)) as address:
        connector = connector_for(address)
        sources = {"kubernetes": connector, "prometheus": None, "cloudwatch": None}
        gatherer = Gatherer(sources, lambda _: _REDACTOR, patience=3.0)
        investigator = Investigator({"default": gatherer}, LIBRARY, lambda _: None, lambda *_: NoTools())
        incident = factories.incident().model_copy(
            update={
                "question": one.question,
                "alerts": (),
                "scope": Scope(namespace=NS),
                "window": Window.ending(NOW, timedelta(hours=1)),
            }
        )
        case, _ = await investigator.facts(incident)
        await connector.aclose()
    return case


def said(case: Case) -> str:
    """The first claim as `Cause subject`, else what stands in its place."""
    for top in case.diagnosis.hypotheses[:1]:
        if top.confidence >= _CLAIMED:
            return f"{top.cause} {top.subject.name}"
    return SUFFERS if any(one.role is Role.SYMPTOM for one in case.findings) else NONE


def account(diagnosis: Diagnosis) -> str:
    """All hypotheses in a line, for whoever reads a failure."""
    return "; ".join(f"{one.cause} {one.subject.name} {one.confidence}" for one in diagnosis.hypotheses) or "nothing"


# --- parts that many rows need


def waiting(reason: str, message: str = "") -> Json:
    """The status of a container that has not started."""
    told = {"reason": reason, "message": message} if message else {"reason": reason}
    return {"ready": False, "state": {"waiting": told}}


def refused(cluster: Cluster, message: str, **app: Any) -> None:
    """An app whose ReplicaSet may not create its pods."""
    cluster.app("web", pods=0, **app)
    failure = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": message}
    cluster.objects["replicasets"][-1]["status"]["conditions"] = [failure]


def unplaced(cluster: Cluster, message: str, **app: Any) -> None:
    """An app whose pod no node will have."""
    cluster.app("web", ready=False, node=None, **app)
    cluster.pod("web")["status"]["conditions"][0]["message"] = message
    cluster.pod_event("web", "FailedScheduling", message)


def claim(cluster: Cluster, phase: str, volume: str = "", storage_class: str = "std") -> Json:
    """A claim that the app db mounts."""
    spec = {"storageClassName": storage_class, "volumeName": volume, "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "10Gi"}}}  # fmt: skip
    mounts = {"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]}
    bound = phase == "Bound"
    cluster.app("db", 5432, ready=bound, node="n1" if bound else None, pod_spec=mounts)
    kept = {key: value for key, value in spec.items() if value}
    return cluster.add("persistentvolumeclaims", "PersistentVolumeClaim", "data", spec=kept, status={"phase": phase})


def unready(cluster: Cluster, app: str, message: str, reason: str = "Unhealthy") -> None:
    """An app's pod that runs and is not ready, with the event that says so."""
    pod = cluster.pod(app)
    pod["status"]["phase"] = "Running"
    pod["status"]["conditions"] = [{"type": "Ready", "status": "False", "reason": "ContainersNotReady"}]
    pod["status"]["containerStatuses"][0]["ready"] = False
    cluster.pod_event(app, reason, message)


def since(minutes: float) -> str:
    """A time of the API so many minutes ago."""
    return ago(60 * minutes)


def rows() -> Iterator[Row]:
    """Every row."""
    from tests.triage.checklist import network, oncall, operators, platform, storage, workloads  # noqa: F401

    yield from ROWS
