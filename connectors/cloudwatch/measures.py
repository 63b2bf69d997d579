"""What is told about a service of AWS, and about one of its metrics? The shapes of the rows in `services`."""

from __future__ import annotations

from typing import Literal, NamedTuple

Role = Literal["traffic", "errors", "latency", "saturation", "state"]


class Metric(NamedTuple):
    """`worse` is the direction that hurts: up, down, or neither (traffic)."""

    name: str
    stat: str
    unit: str
    role: Role
    worse: Literal["up", "down", ""] = "up"


class Service(NamedTuple):
    """`dimensions` name one resource, the first one in the words of people; `group` dimensions only widen it."""

    key: str
    namespace: str
    kind: str
    """The kind of the subject."""
    dimensions: tuple[str, ...]
    metrics: tuple[Metric, ...]
    labels: tuple[str, ...] = ()
    """Lower-case label and annotation names that carry the resource's name, besides the dimensions' own names."""
    region: str = ""
    """Where its metrics live if not in its own region."""
    telltale: str = ""
    """A metric that each of its resources has and that lists them, where people name them at all."""
