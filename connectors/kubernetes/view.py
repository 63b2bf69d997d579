"""The snapshot as analyzers ask for it: pods of a workload, the workload of a pod, events of an object, log lines.

A `View` is the snapshot with indexes, computed once and on demand. It holds no opinion about what is wrong.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from connectors.evidence import Subject
from connectors.kubernetes import addresses
from connectors.kubernetes import objects as o
from connectors.kubernetes.addresses import Reference
from connectors.kubernetes.events import Event, parse_event
from connectors.kubernetes.objects import Json
from connectors.kubernetes.snapshot import LogLine, Snapshot

WORKLOADS = {"deployments": "Deployment", "statefulsets": "StatefulSet", "daemonsets": "DaemonSet"}
_HASHED = re.compile(r"^(.+)-[0-9a-z]{5,10}$")


@dataclass(frozen=True)
class View:
    """Everything that is known about the cluster in this investigation."""

    snapshot: Snapshot

    @property
    def now(self) -> datetime:
        """When the snapshot was taken."""
        return self.snapshot.taken

    @property
    def onset(self) -> datetime | None:
        """When the incident began, as far as it is known."""
        return self.snapshot.onset

    def all(self, plural: str) -> list[Json]:
        """The objects of a kind in the scope."""
        return self.snapshot.objects.get(plural, [])

    def read(self, plural: str) -> bool:
        """Whether this kind could be read."""
        return plural in self.snapshot.objects

    # --- workloads and pods

    @cached_property
    def _replicasets(self) -> dict[tuple[str, str], Json]:
        return {(o.namespace(one), o.name(one)): one for one in self.all("replicasets")}

    def owner_of(self, kind: str, namespace: str, name: str) -> Subject:
        """The workload behind an object: a ReplicaSet's Deployment, a Job's CronJob, the pod's controller."""
        if kind == "ReplicaSet":
            found = self._replicasets.get((namespace, name))
            up = o.owner(found) if found else None
            guess = _HASHED.match(name)
            if up:
                return Subject(kind=up[0], namespace=namespace, name=up[1])
            if found is None and guess:
                return Subject(kind="Deployment", namespace=namespace, name=guess[1])
        if kind == "Job":
            job = self.find("jobs", namespace, name)
            up = o.owner(job) if job else None
            if up:
                return Subject(kind=up[0], namespace=namespace, name=up[1])
        if kind == "Pod":
            pod = self.find("pods", namespace, name)
            if pod is not None:
                return self.workload_of(pod)
        return Subject(kind=kind, namespace=namespace, name=name)

    def workload_of(self, pod: Json) -> Subject:
        """The workload that a pod belongs to, the pod itself where it has no owner."""
        up = o.owner(pod)
        if up is None or up[0] == "Node":
            return Subject(kind="Pod", namespace=o.namespace(pod), name=o.name(pod))
        return self.owner_of(up[0], o.namespace(pod), up[1])

    @cached_property
    def pods(self) -> list[Json]:
        """Pods that should run."""
        return o.running(self.all("pods"))

    @cached_property
    def pods_by_workload(self) -> dict[Subject, list[Json]]:
        """Pods of every workload."""
        found: dict[Subject, list[Json]] = defaultdict(list)
        for pod in self.pods:
            found[self.workload_of(pod)].append(pod)
        return dict(found)

    @cached_property
    def workloads(self) -> dict[Subject, Json]:
        """Deployments, StatefulSets and DaemonSets."""
        return {
            Subject(kind=kind, namespace=o.namespace(one), name=o.name(one)): one
            for plural, kind in WORKLOADS.items()
            for one in self.all(plural)
        }

    @cached_property
    def workload_named(self) -> dict[tuple[str, str], Subject]:
        """Workloads by namespace and name."""
        return {(one.namespace, one.name): one for one in self.workloads}

    def pod_spec(self, workload: Subject) -> Json:
        """The pod spec that a workload wants now: its template, or that of one of its pods."""
        found = self.workloads.get(workload)
        if found is not None:
            return o.template(found)
        pods = self.pods_by_workload.get(workload) or []
        return o.spec(pods[0]) if pods else {}

    @cached_property
    def _by_name(self) -> dict[str, dict[tuple[str, str], Json]]:
        return {
            plural: {(o.namespace(one), o.name(one)): one for one in items}
            for plural, items in self.snapshot.objects.items()
        }

    def find(self, plural: str, namespace: str, name: str) -> Json | None:
        """One object by name."""
        return self._by_name.get(plural, {}).get((namespace, name))

    # --- events

    @cached_property
    def events(self) -> dict[tuple[str, str, str], list[Event]]:
        """Warning events by the object they are about, the latest first."""
        found: dict[tuple[str, str, str], list[Event]] = defaultdict(list)
        for one in self.all("events"):
            if one.get("type") != "Normal":
                event = parse_event(one)
                found[event.subject].append(event)
        oldest = datetime.min.replace(tzinfo=self.now.tzinfo)
        for events in found.values():
            events.sort(key=lambda event: event.last or oldest, reverse=True)
        return dict(found)

    def events_of(self, kind: str, namespace: str, name: str, *reasons: str) -> list[Event]:
        """Warning events of one object, the latest first; of these reasons where some are given."""
        events = self.events.get((kind, namespace, name), [])
        return [event for event in events if not reasons or event.reason in reasons]

    def pod_events(self, pod: Json, *reasons: str) -> list[Event]:
        """Warning events of a pod that exists."""
        return self.events_of("Pod", o.namespace(pod), o.name(pod), *reasons)

    def recent(self, at: datetime | None, minutes: float = 10) -> bool:
        """Whether something happened at most so many minutes before the snapshot."""
        return at is not None and self.now - at <= timedelta(minutes=minutes)

    # --- services

    @cached_property
    def service_names(self) -> set[str]:
        """Names under which services of the scope can be called, from their own namespace."""
        return {o.name(one) for one in self.all("services")}

    def selected_pods(self, service: Json) -> list[Json]:
        """The pods that a service selects."""
        selector = o.spec(service).get("selector") or {}
        # Any one label narrows the search; the rest is compared.
        for key, value in list(selector.items())[:1]:
            bearers = self._pods_by_label.get((o.namespace(service), key, value), [])
            return [pod for pod in bearers if o.matches(selector, o.labels(pod))]
        return []

    @cached_property
    def _pods_by_label(self) -> dict[tuple[str, str, str], list[Json]]:
        found: dict[tuple[str, str, str], list[Json]] = defaultdict(list)
        for pod in self.pods:
            for key, value in o.labels(pod).items():
                found[o.namespace(pod), key, value].append(pod)
        return dict(found)

    @cached_property
    def pods_on(self) -> dict[str, list[Json]]:
        """Pods by their node."""
        found: dict[str, list[Json]] = defaultdict(list)
        for pod in self.pods:
            found[str(o.spec(pod).get("nodeName") or "")].append(pod)
        return dict(found)

    @cached_property
    def services_of(self) -> dict[Subject, list[Json]]:
        """Services that select a workload's pods (by its template's labels)."""
        bearers: dict[tuple[str, str, str], list[tuple[Subject, dict[str, str]]]] = defaultdict(list)
        for workload, spec in self.workloads.items():
            having = o.at(spec, "spec", "template", "metadata", "labels") or {}
            for key, value in having.items():
                bearers[workload.namespace, key, value].append((workload, having))
        found: dict[Subject, list[Json]] = defaultdict(list)
        for service in self.all("services"):
            selector = o.spec(service).get("selector") or {}
            for key, value in list(selector.items())[:1]:
                for workload, having in bearers.get((o.namespace(service), key, value), []):
                    if o.matches(selector, having):
                        found[workload].append(service)
        return dict(found)

    @cached_property
    def services_with_workload(self) -> set[tuple[str, str]]:
        """Namespace and name of services that some workload's template would satisfy."""
        return {(o.namespace(one), o.name(one)) for services in self.services_of.values() for one in services}

    @cached_property
    def entrances(self) -> set[tuple[str, str]]:
        """Namespace and name of services that are reached from outside: node ports, balancers, ingress backends."""
        found = {
            (o.namespace(one), o.name(one))
            for one in self.all("services")
            if o.spec(one).get("type") in ("NodePort", "LoadBalancer")
        }
        for one in self.all("ingresses"):
            paths = [path for rule in o.spec(one).get("rules") or [] for path in o.at(rule, "http", "paths") or []]
            backends = [o.spec(one).get("defaultBackend"), *(path.get("backend") for path in paths)]
            found |= {(o.namespace(one), str(name)) for way in backends if (name := o.at(way or {}, "service", "name"))}
        return found

    @cached_property
    def unserved(self) -> list[Subject]:
        """Workloads that declare a port and that no service selects, where nearly all others have a service."""
        if not self.read("services"):
            return []
        listening = [
            workload
            for workload, spec in self.workloads.items()
            if workload.kind != "DaemonSet" and any(one.get("ports") for one in o.containers(o.template(spec)))
        ]
        bare = [workload for workload in listening if workload not in self.services_of]
        return bare if len(bare) <= max(1, len(listening) // 5) and len(listening) > 2 else []

    # --- storage

    def claims_of(self, pod_spec: Json) -> list[str]:
        """Names of the claims that a pod spec mounts."""
        volumes = pod_spec.get("volumes") or []
        return [
            str(o.at(one, "persistentVolumeClaim", "claimName")) for one in volumes if "persistentVolumeClaim" in one
        ]

    def unbound_claims(self, pod: Json) -> list[Json]:
        """Claims of a pod that are not bound."""
        found = (self.find("persistentvolumeclaims", o.namespace(pod), name) for name in self.claims_of(o.spec(pod)))
        return [claim for claim in found if claim is not None and o.status(claim).get("phase") != "Bound"]

    def volumes_of(self, pod: Json) -> list[Json]:
        """Volumes that a pod's claims are bound to."""
        claims = (self.find("persistentvolumeclaims", o.namespace(pod), name) for name in self.claims_of(o.spec(pod)))
        names = [str(o.spec(claim).get("volumeName")) for claim in claims if claim]
        return [found for name in names if (found := self.find("persistentvolumes", "", name))]

    # --- who calls whom

    @cached_property
    def namespaces(self) -> set[str]:
        """Namespaces that are known to exist."""
        every = (o.name(one) for one in self.all("namespaces"))
        return {*every, *(o.namespace(one) for one in self.all("services")), self.snapshot.namespace}

    @cached_property
    def calls(self) -> list[tuple[Subject, Reference, addresses.Target]]:
        """Addresses of services inside the cluster that workloads are configured with."""
        return [
            (workload, reference, meant)
            for workload, spec in self.workloads.items()
            for reference in addresses.references(o.template(spec))
            if (meant := addresses.target(reference.host, workload.namespace, self.namespaces)) is not None
        ]

    @cached_property
    def calls_of(self) -> dict[Subject, list[tuple[Reference, addresses.Target]]]:
        """Addresses by the workload that is configured with them."""
        found: dict[Subject, list[tuple[Reference, addresses.Target]]] = defaultdict(list)
        for workload, reference, meant in self.calls:
            found[workload].append((reference, meant))
        return dict(found)

    @cached_property
    def callers(self) -> dict[tuple[str, str], list[Subject]]:
        """Workloads by the service (namespace, name) that they call."""
        found: dict[tuple[str, str], list[Subject]] = defaultdict(list)
        for workload, _, meant in self.calls:
            found[meant.namespace, meant.service].append(workload)
        return {key: list(dict.fromkeys(callers)) for key, callers in found.items()}

    # --- logs

    @cached_property
    def logged(self) -> set[tuple[str, str]]:
        """Namespace and name of pods of which a log was read."""
        return {(namespace, name) for namespace, name, _, _ in self.snapshot.logs}

    def log(self, pod: Json, *, previous: bool | None = None) -> list[tuple[str, LogLine]]:
        """Lines of a pod's containers that were read: (container, line), previous containers first."""
        if (o.namespace(pod), o.name(pod)) not in self.logged:
            return []
        wanted = (True, False) if previous is None else (previous,)
        return [
            (container, line)
            for old in wanted
            for (namespace, pod_name, container, was), lines in self.snapshot.logs.items()
            if namespace == o.namespace(pod) and pod_name == o.name(pod) and was == old
            for line in lines
        ]
