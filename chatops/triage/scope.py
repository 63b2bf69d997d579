"""Where to look: environment, scope and window from alert labels, the service catalogue and the words of a question."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chatops.domain.alert import Alert
from chatops.settings import Route, Service, Settings
from connectors.contract import Scope, Window
from connectors.evidence import Subject

_LABELS: dict[str, tuple[str, ...]] = {
    "cluster": ("cluster", "kubernetes_cluster", "k8s_cluster_name"),
    "namespace": (
        "exported_namespace",
        "namespace",
        "kubernetes_namespace",
        "k8s_namespace_name",
        "kube_namespace",
        "pod_namespace",
        "destination_workload_namespace",
        "destination_service_namespace",
        "service_namespace",
    ),
    "workload": (
        "workload",
        "deployment",
        "statefulset",
        "daemonset",
        "k8s_deployment_name",
        "k8s_statefulset_name",
        "k8s_daemonset_name",
        "kube_deployment",
        "kube_stateful_set",
        "kube_daemon_set",
        "destination_workload",
        "horizontalpodautoscaler",
        "rollout",
        "job_name",
        "cronjob",
        "created_by_name",
    ),
    "pod": ("exported_pod", "pod", "pod_name", "k8s_pod_name"),
    "node": ("exported_node", "node", "nodename", "kubernetes_node", "k8s_node_name"),
    "service": (
        "exported_service",
        "service",
        "service_name",
        "destination_service_name",
        "app",
        "app_kubernetes_io_name",
        "component",
    ),
    "account": ("account", "account_id", "aws_account", "AWSAccountId"),
    "region": ("region", "aws_region", "Region"),
}
"""Field of the scope → labels that carry it, the most telling first.

`exported_…` is what a target itself says where Prometheus has set the label of the target (`honor_labels: false`).
"""

_DIMENSION_LABELS = re.compile(
    r"^(DB(Instance|Cluster)Identifier|ClusterName|ServiceName|FunctionName|LoadBalancer|TargetGroup|TableName|QueueName"
    r"|InstanceId|CacheClusterId|ReplicationGroupId|DistributionId|ApiName|AutoScalingGroupName|BucketName|HealthCheckId)$"
)
_SCRAPERS = frozenset({"kube-state-metrics", "kube-prometheus-stack-kube-state-metrics", "node-exporter", "prometheus"})
"""`service` labels that name who measured, not what is broken."""

_PLACES = frozenset({"Namespace", "Cluster"})
_POD_HASH = re.compile(r"-[0-9a-f]{6,10}-[0-9a-z]{5}$|-[bcdfghjklmnpqrstvwxz2456789]{5}$|-[0-9]+$")
"""Of a Deployment, of a DaemonSet or a Job (Kubernetes draws from letters that make no words), of a StatefulSet."""
_WORD = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*", re.IGNORECASE)
_NAMED = re.compile(r"\b(?:in|namespace|ns)\s+(?:namespace\s+)?[`'\"]?([a-z0-9][a-z0-9-]*)[`'\"]?", re.IGNORECASE)
_LENGTH = r"([0-9]{1,18})\s*(m|min|minutes?|h|hours?|d|days?)"
_SPAN = re.compile(_LENGTH, re.IGNORECASE)
_SINCE = re.compile(rf"\b(?:since|for|last|past)\s+(?:the\s+last\s+)?{_LENGTH}\b", re.IGNORECASE)


@dataclass(frozen=True)
class Placement:
    """Where an incident belongs: which environment is asked, which channel is told, by which persona."""

    environment: str
    channel: str
    persona: str = ""
    muted: bool = False
    until: datetime | None = None
    """When that ends; None where it never does, or nothing is muted."""


def matches(wanted: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Whether every matcher holds; a matcher's value is a regular expression for the whole label."""
    return all(re.fullmatch(value, labels.get(label, "")) for label, value in wanted.items())


def place(settings: Settings, labels: Mapping[str, str], channel: str, now: datetime) -> Placement:
    """Return the placement by the first matching route, then by the environments' labels and channels."""
    route = next((route for route in settings.routes if labels and matches(route.match, labels)), Route())
    environment = route.environment or _environment(settings, labels, channel)
    told = channel or route.channel or _own_channel(settings, labels) or settings.slack.channel
    muted = any(_within(times, now) for times in route.mute)
    return Placement(environment, told, route.persona, muted, _end(route.mute, now) if muted else None)


def _own_channel(settings: Settings, labels: Mapping[str, str]) -> str:
    """The channel of the catalogue's service that a label names."""
    named = {labels.get(label, "").lower() for label in (*_LABELS["service"], *_LABELS["workload"])} - {""}
    for name, service in settings.services.items():
        if service.channel and named & {name.lower(), service.workload.lower(), *map(str.lower, service.aliases)}:
            return service.channel
    return ""


def _environment(settings: Settings, labels: Mapping[str, str], channel: str) -> str:
    names = list(settings.environments)
    for name, environment in settings.environments.items():
        if environment.match and matches(environment.match, labels):
            return name
    for name, environment in settings.environments.items():
        if channel and channel.lstrip("#") in {one.lstrip("#") for one in environment.channels}:
            return name
    return "default" if "default" in settings.environment_options() else names[0]


def _within(times: str, now: datetime) -> bool:
    begin, _, end = times.partition("-")
    at = now.strftime("%H:%M")
    return begin <= at < end if begin <= end else at >= begin or at < end


def _end(mute: Sequence[str], now: datetime) -> datetime | None:
    """When no time of the list holds any more, where each begins where another one ends; None where that is never."""
    at = now
    for _ in range(len(mute) + 1):
        holding = next((times for times in mute if _within(times, at)), None)
        if holding is None:
            return at
        hour, _, minute = holding.partition("-")[2].partition(":")
        end = at.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(hours=int(hour), minutes=int(minute))
        at = end if end > at else end + timedelta(days=1)
    return None


def from_alerts(settings: Settings, alerts: Sequence[Alert]) -> Scope:
    """Return what all the alerts' labels agree on, completed by the catalogue's row for the service."""
    fields: dict[str, str] = {}
    for field, labels in _LABELS.items():
        values = {value for alert in alerts if (value := _labelled(field, labels, alert.labels))}
        if len(values) == 1:
            fields[field] = values.pop()
    dimensions: dict[str, str] = {}
    for alert in alerts:
        dimensions |= {label: value for label, value in alert.labels.items() if _DIMENSION_LABELS.match(label)}
    if "workload" not in fields and "pod" in fields:
        fields["workload"] = _POD_HASH.sub("", fields["pod"])
    scope = Scope(**fields, dimensions=dimensions)
    return complete(scope, settings.services, [scope.service, scope.workload])


def _labelled(field: str, labels: tuple[str, ...], have: Mapping[str, str]) -> str:
    value = next((have[label] for label in labels if have.get(label)), "")
    return "" if field == "service" and value in _SCRAPERS else value


def complete(scope: Scope, services: Mapping[str, Service], names: Iterable[str]) -> Scope:
    """Fill the scope's empty fields from the first service of the catalogue that one of the names means."""
    wanted = {name.lower() for name in names if name}
    for name, service in services.items():
        if wanted & {name.lower(), service.workload.lower(), *(alias.lower() for alias in service.aliases)} - {""}:
            return scope.model_copy(
                update={
                    "environment": scope.environment or service.environment,
                    "namespace": scope.namespace or service.namespace,
                    "workload": scope.workload or service.workload,
                    "service": scope.service or name,
                    "selectors": {**service.selectors, **scope.selectors},
                    "log_groups": scope.log_groups or service.log_groups,
                    "dimensions": {**service.dimensions, **scope.dimensions},
                }
            )
    return scope


def from_question(settings: Settings, question: str, scope: Scope) -> Scope:
    """Return the scope with what the question names in words the settings know, or says outright (`in shop`)."""
    words = [word.lower() for word in _WORD.findall(question)]
    pairs = [joint.join(pair) for pair in itertools.pairwise(words) for joint in "- "]
    return complete(scope, settings.services, [*words, *pairs])


def among(question: str, subjects: Sequence[Subject], scope: Scope) -> Scope:
    """Return the scope with the one workload, node, namespace or cluster among `subjects` that the question names.

    A name matches whole, or without the suffixes people leave out (`orders` for `ordersservice`,
    `orders-api`) where that is unambiguous. What is ambiguous is left open: wrong scope hides the cause.
    """
    words = {word.lower() for word in _WORD.findall(question)}
    said = {match.lower() for match in _NAMED.findall(question)}
    namespaces = {subject.namespace for subject in subjects} | {s.name for s in subjects if s.kind == "Namespace"}
    update: dict[str, str] = {}
    clusters = {s.name for s in subjects if s.kind == "Cluster" and s.name.lower() in words}
    if not scope.cluster and len(clusters) == 1:
        update["cluster"] = clusters.pop()
        subjects = [one for one in subjects if one.cluster in ("", update["cluster"])]
    named = {namespace for namespace in namespaces if namespace in (said or words)}
    if not scope.namespace and len(named) == 1:
        update["namespace"] = named.pop()
    for kind, field in (("Node", "node"), ("", "workload")):
        pool = [s for s in subjects if (s.kind == "Node") == (kind == "Node") and s.kind not in _PLACES]
        found = _named(words, pool)
        if found and not getattr(scope, field):
            update[field] = found.name
            if found.namespace and not scope.namespace:
                update["namespace"] = found.namespace
    return scope.model_copy(update=update) if update else scope


def _named(words: set[str], pool: Sequence[Subject]) -> Subject | None:
    exact = {(s.namespace, s.name): s for s in pool if s.name.lower() in words}
    if not exact:
        stems = {word for word in words if len(word) >= 4}
        exact = {(s.namespace, s.name): s for s in pool if _stem(s.name.lower()) in stems}
    return next(iter(exact.values())) if len(exact) == 1 else None


def _stem(name: str) -> str:
    return re.sub(r"[-_]?(service|svc|server|api|app|deployment|worker)$", "", name)


def since(question: str, default: timedelta = timedelta(hours=1)) -> timedelta:
    """Return how far back the question says to look (`since 30m`, `for 2 hours`), between 10 minutes and 7 days."""
    found = _SINCE.search(question)
    return _back(found[1], found[2]) if found else default


def back(text: str) -> timedelta | None:
    """Return how far `30m`, `2 hours` or `1d` reaches back, within the same bounds; None where it is none of these."""
    found = _SPAN.fullmatch(text.strip())
    return _back(found[1], found[2]) if found else None


def _back(count: str, unit_word: str) -> timedelta:
    unit = {"m": "minutes", "h": "hours", "d": "days"}[unit_word[0].lower()]
    return min(max(timedelta(**{unit: min(int(count), 10_000)}), timedelta(minutes=10)), timedelta(days=7))


def window(alerts: Sequence[Alert], now: datetime, back: timedelta = timedelta(hours=1)) -> Window:
    """Return the window that ends now and reaches well before the first alert began."""
    starts = [alert.starts_at for alert in alerts if alert.starts_at <= now]
    onset = min(starts, default=None)
    if onset is not None and now - onset > timedelta(days=2):
        onset = None  # an alert that has fired for days says nothing of what happened today
    return Window.ending(now, back, onset)
