"""Which AWS resources is this about? From the scope, the alerts, the alarms, and what is named like them.

A target is one resource: a service's row and the dimensions that name it. Dimensions that are known
come first; only when none are does the connector look through the active metrics for resources whose
name matches the scope's or is said in the question.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from connectors.cloudwatch.client import Aws
from connectors.cloudwatch.measures import Service
from connectors.cloudwatch.services import SERVICES
from connectors.contract import ConnectorError, FiringAlert, Inquiry
from connectors.evidence import Subject
from connectors.together import outcomes

ACTIVE = "PT3H"
"""As CloudWatch lists what is alive: resources that have had metrics in the last three hours."""
LIMIT = 12
"""Targets of one investigation: each costs about twenty metrics of one batch."""

_CLUSTERS = ("ClusterName", "Cluster Name")
"""How services call the cluster that a resource is in."""
_ALSO = ("docdb",)
"""Services that are named by another one's dimensions: only their namespace tells them."""
_SELDOM = frozenset({"eks", "alb_target", "asg", "sns"})
"""Services whose resources people seldom name, and that alarms point to: of large accounts they are listed last."""
NOT_LISTED = "of this large account EKS clusters, target groups, Auto Scaling groups and topics were not looked through"
_SPLIT = re.compile(r"[^a-z0-9]+")
_EXPORTER_PREFIX = "dimension_"
"""YACE, the usual exporter, writes dimensions as `dimension_DBInstanceIdentifier`."""
_TOO_COMMON = frozenset(
    word
    for line in (
        "a an all api app aws db prod production staging stage dev test main primary default service services server",
        "cluster the is are was and or of in on for to with why what how slow down error errors failing broken rds ecs",
        "eks ec2 lambda sqs s3 elb alb nlb cpu high low us eu ap east west north south central",
    )
    for word in line.split()
)


class Target(NamedTuple):
    """One resource of a service."""

    service: Service
    dimensions: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        """The resource's own name; a load balancer's without the `app/` and the id around it, an ARN's last part."""
        value = dict(self.dimensions)[self.service.dimensions[0]]
        if value.startswith("arn:"):
            return re.split("[:/]", value)[-1]
        parts = value.split("/")
        return parts[1] if len(parts) == 3 else value

    @property
    def key(self) -> str:
        """Unique among targets, stable between runs."""
        return f"{self.service.key}/{'/'.join(value for _, value in self.dimensions)}"

    @property
    def subject(self) -> Subject:
        """The resource as findings name it; the cluster stands where Kubernetes has the namespace."""
        values = dict(self.dimensions)
        inside = next((values[name] for name in self.service.dimensions[1:] if name in _CLUSTERS), "")
        return Subject(kind=self.service.kind, namespace=inside, name=self.name)

    @property
    def spoken(self) -> str:
        """The resource as a sentence says it."""
        return self.subject.spoken


def from_dimensions(dimensions: Mapping[str, str], namespace: str = "") -> list[Target]:
    """The resources these dimensions name; a cluster's own metrics only where nothing inside it is named."""
    have = {name: value for name, value in dimensions.items() if value}
    if "DistributionId" in have:
        have.setdefault("Region", "Global")
    if "BucketName" in have:
        have.setdefault("FilterId", "EntireBucket")
    fitting = [
        service
        for service in SERVICES
        if set(service.dimensions) <= have.keys()
        and (service.namespace == namespace if namespace else service.key not in _ALSO)
    ]
    return [_target(service, have) for service in fitting]


def _target(service: Service, values: Mapping[str, str]) -> Target:
    return Target(service, tuple((name, values[name]) for name in service.dimensions))


def from_alerts(alerts: Sequence[FiringAlert]) -> list[Target]:
    """Resources that labels or annotations name, under the dimensions' own names or the usual ones of exporters."""
    return [
        target
        for alert in alerts
        for texts in (alert.labels, alert.annotations)
        for target in (*from_dimensions(_own_names(texts)), *_by_label(texts))
    ]


def _own_names(texts: Mapping[str, str]) -> dict[str, str]:
    return {name.removeprefix(_EXPORTER_PREFIX): value for name, value in texts.items()}


def _by_label(texts: Mapping[str, str]) -> Iterable[Target]:
    low = {name.lower(): value for name, value in texts.items() if value}
    for service in SERVICES:
        for label in service.labels:
            # Services that need two dimensions cannot be named by one label, except through an alarm.
            if label in low and len(service.dimensions) == 1 and " " not in low[label]:
                yield Target(service, ((service.dimensions[0], low[label]),))


def of_inquiry(inquiry: Inquiry) -> list[Target]:
    """What scope and alerts name outright, without asking AWS."""
    return unique([*from_dimensions(inquiry.scope.dimensions), *from_alerts(inquiry.alerts)])


def wanted_names(inquiry: Inquiry) -> tuple[str, ...]:
    """Names to look for among active resources: workload, service and pod of the scope, and the question's words."""
    scope = inquiry.scope
    said = [word for word in re.findall(r"[A-Za-z0-9][\w.-]+", inquiry.question) if len(word) > 2]
    names = [scope.workload, scope.service, scope.cluster, *said]
    return tuple(dict.fromkeys(n.lower() for n in names if n and n.lower() not in _TOO_COMMON))


def discovered(metrics: Iterable[Mapping[str, object]], names: Sequence[str]) -> list[Target]:
    """Resources among listed metrics that are named like one of `names`: equal, or with its words in a row."""
    found = resources(metrics)
    return [target for target in found if any(alike(name, target.name) for name in names)]


class Active(NamedTuple):
    """The active metrics that were listed."""

    metrics: Sequence[Mapping[str, object]]
    whole: bool = True
    """Whether these are all; of a larger account services that people seldom name lack, until they are asked for."""


async def listed(aws: Aws) -> Active:
    """The active metrics: all of a small account; of a larger one, one metric per service that every resource has.

    Pages come one after the other, and the first thousands of a large account may be one service's alone. Services
    whose telling metrics are called alike are one call; where that has too many, each is asked for by itself.
    """
    first = await aws.pages("cloudwatch", "ListMetrics", "Metrics", most=1, RecentlyActive=ACTIVE)
    if not first.more:
        return Active(first.items)
    return Active([*first.items, *await _of(aws, seldom=False)], whole=False)


async def seldom_named(aws: Aws) -> list[Mapping[str, object]]:
    """What `listed` leaves out of a large account."""
    return await _of(aws, seldom=True)


async def _of(aws: Aws, *, seldom: bool) -> list[Mapping[str, object]]:
    spaces: dict[str, set[str]] = {}
    for service in SERVICES:
        if service.telltale and (service.key in _SELDOM) is seldom:
            spaces.setdefault(service.telltale, set()).add(service.namespace)
    ask = partial(aws.pages, "cloudwatch", "ListMetrics", "Metrics", most=2, RecentlyActive=ACTIVE)
    calls = [
        partial(ask, MetricName=metric, **({"Namespace": min(among)} if len(among) == 1 else {}))
        for metric, among in spaces.items()
    ]
    found = await outcomes(calls)
    apart = [
        partial(ask, MetricName=metric, Namespace=space)
        for (metric, among), pages in zip(spaces.items(), found, strict=True)
        if len(among) > 1 and not isinstance(pages, ConnectorError) and pages.more
        for space in sorted(among)
    ]
    found += await outcomes(apart)
    return [item for pages in found if not isinstance(pages, ConnectorError) for item in pages.items]


def resources(metrics: Iterable[Mapping[str, object]]) -> list[Target]:
    """Every resource that the listed metrics belong to; metrics with further dimensions are not one resource's."""
    targets: dict[Target, None] = {}
    for metric in metrics:
        pairs = metric.get("Dimensions")
        given = {str(d["Name"]): str(d["Value"]) for d in pairs} if isinstance(pairs, list) else {}
        for service in SERVICES:
            if service.namespace == metric.get("Namespace") and given.keys() == set(service.dimensions):
                targets[_target(service, given)] = None
    return list(targets)


def alike(name: str, resource: str) -> bool:
    """Whether a resource is called like a name: equal, or with its words in a row."""
    wanted = [word for word in _SPLIT.split(name.lower()) if word]
    have = [word for word in _SPLIT.split(resource.lower()) if word]
    spans = [have[i : i + len(wanted)] for i in range(len(have) - len(wanted) + 1)]
    return bool(wanted) and wanted in spans


def unique(targets: Iterable[Target]) -> list[Target]:
    """Without repetition, in order, and not more than `LIMIT`."""
    return list(dict.fromkeys(targets))[:LIMIT]
