"""What is a demo world made of? The state of a small shop's systems at the moment its alert fires.

A world is a value: the stand-ins read it and never change it. Times are unix seconds, so that ages
grow while somebody looks and metrics go on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from chatops.demo.prometheus.samples import Sampled
from chatops.demo.shapes import Shape

Line = tuple[float, str]
"""A log line and when it was written."""


@dataclass(frozen=True)
class PodLog:
    """What a container wrote; `previous` is the log of the run before the last restart."""

    namespace: str
    pod: str
    container: str
    lines: tuple[Line, ...]
    previous: bool = False


@dataclass(frozen=True)
class Rule:
    """An alerting rule. It fires where its expression holds; `firing_since` where that is known."""

    name: str
    expr: str
    group: str = "shop"
    hold: float = 60.0
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    firing_since: float | None = None


@dataclass(frozen=True)
class Target:
    """A scrape target; `error` says why it is down."""

    job: str
    instance: str
    labels: Mapping[str, str] = field(default_factory=dict)
    error: str = ""


@dataclass(frozen=True)
class Metric:
    """A CloudWatch metric: the average of a period is the shape's value, its unit as AWS writes it."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    shape: Shape
    unit: str = "Count"


@dataclass(frozen=True)
class Alarm:
    """A CloudWatch alarm on one metric."""

    name: str
    metric: Metric
    threshold: float
    comparison: str = "GreaterThanThreshold"
    statistic: str = "Average"
    description: str = ""
    period: int = 60
    since: float | None = None
    """Since when it is in ALARM; None is OK."""


@dataclass(frozen=True)
class LogGroup:
    """A CloudWatch log group: stream → lines."""

    name: str
    streams: Mapping[str, tuple[Line, ...]]


@dataclass(frozen=True)
class Cloud:
    """The AWS account: what is watched, and the resources as their services describe them."""

    account: str = "123456789012"
    region: str = "eu-west-1"
    metrics: tuple[Metric, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    log_groups: tuple[LogGroup, ...] = ()
    databases: tuple[Mapping[str, Any], ...] = ()
    database_events: tuple[Mapping[str, Any], ...] = ()
    services: tuple[Mapping[str, Any], ...] = ()
    """ECS services."""
    functions: tuple[Mapping[str, Any], ...] = ()
    """Lambda functions."""
    trail: tuple[Mapping[str, Any], ...] = ()
    """CloudTrail events."""


@dataclass(frozen=True)
class Trigger:
    """How the incident reaches the app: the webhook it comes by and its body."""

    path: Literal["/webhooks/alertmanager", "/webhooks/sns"]
    body: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class World:
    """Everything the stand-ins answer from. `objects` has lists by `group/version/plural` (`v1/pods`)."""

    began: float
    """The moment the alert fires."""
    objects: Mapping[str, Sequence[Mapping[str, Any]]]
    logs: tuple[PodLog, ...] = ()
    series: tuple[Sampled, ...] = ()
    rules: tuple[Rule, ...] = ()
    targets: tuple[Target, ...] = ()
    cloud: Cloud = Cloud()
    trigger: Trigger | None = None


@dataclass
class Stage:
    """The world that is on now: the stand-ins ask it, firing another incident replaces it."""

    world: World
