"""Which AWS resource answers under this host name? By how AWS names its endpoints, else by a resource's own name.

A name of the account's own (`orders.db.example.com`) tells nothing of AWS; a database or cache that is active and
named exactly as its first label is taken for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from connectors.cloudwatch.services import BY_KEY
from connectors.cloudwatch.targets import Target, from_dimensions

_STORES = ("rds", "aurora", "elasticache")


class Form(NamedTuple):
    """How the endpoints of a service are named; the groups of the pattern are its dimensions' values, in order."""

    service: str
    pattern: re.Pattern[str]


def _form(service: str, pattern: str) -> Form:
    return Form(service, re.compile(pattern))


FORMS: tuple[Form, ...] = (
    _form("s3", r"([a-z0-9][a-z0-9.-]+)\.s3(?:[.-][a-z0-9-]+)?\.amazonaws\.com(?:\.cn)?"),
    _form("aurora", r"([a-z0-9-]+)\.cluster-(?:ro-|custom-)?[a-z0-9]+\.[a-z0-9-]+\.rds\.amazonaws\.com(?:\.cn)?"),
    # A proxy's name is its own, not a database's.
    _form("rds", r"([a-z0-9-]+)\.(?!cluster-|proxy-)[a-z0-9]+\.[a-z0-9-]+\.rds\.amazonaws\.com(?:\.cn)?"),
    _form("elasticache", r"(?:[a-z0-9-]+)\.([a-z0-9-]+-\d{3})\.[a-z0-9]+\.[a-z0-9]+\.cache\.amazonaws\.com(?:\.cn)?"),
    _form("elasticache", r"([a-z0-9-]+-\d{3})\.[a-z0-9-]+\.[a-z0-9]+\.[a-z0-9]+\.cache\.amazonaws\.com(?:\.cn)?"),
    _form("elasticache", r"(?!master\.|clustercfg\.|replica\.)([a-z0-9-]+)\.[a-z0-9]+(?:\.\d{4}|\.cfg)\.[a-z0-9]+"
                         r"\.cache\.amazonaws\.com(?:\.cn)?"),
)  # fmt: skip
"""Buckets, RDS instances and clusters, nodes of ElastiCache, clusters of one node."""
_GROUP = re.compile(r"(?:master|clustercfg|replica)\.([a-z0-9-]+)\.[a-z0-9]+\.[a-z0-9]+\.cache\.amazonaws\.com(?:\.cn)?"
                    r"|([a-z0-9-]+)\.[a-z0-9]+\.ng\.\d{4}\.[a-z0-9]+\.cache\.amazonaws\.com(?:\.cn)?")  # fmt: skip
"""A replication group: its nodes are named after it, `NAME-001` or `NAME-0001-001`."""
_BALANCER = re.compile(
    r"(?:internal-|dualstack\.)*([a-z0-9-]+)-[a-z0-9]+\.(?:[a-z0-9-]+\.elb|elb\.[a-z0-9-]+)\.amazonaws\.com"
)
"""A load balancer, by its name and a number."""
_AWS = re.compile(r"\.amazonaws\.com(\.cn)?$")


def named(host: str) -> Target | None:
    """The resource that the host name itself tells."""
    for service, pattern in FORMS:
        if found := pattern.fullmatch(host):
            return next(iter(from_dimensions({BY_KEY[service].dimensions[0]: found[1]}, BY_KEY[service].namespace)))
    return None


def among(host: str, active: Iterable[Target]) -> Target | None:
    """What a host means that does not name it: a balancer, a node of a group, the store that its first label names."""
    if balancer := _BALANCER.fullmatch(host):
        return next((one for one in active if one.service.kind == "LoadBalancer" and one.name == balancer[1]), None)
    group = _GROUP.fullmatch(host)
    wanted = re.escape((group[1] or group[2]) if group else host.partition(".")[0])
    pattern = re.compile(wanted + (r"(-\d{4})?-\d{3}" if group else ""))
    stores = [one for one in active if one.service.key in (("elasticache",) if group else _STORES)]
    return min((one for one in stores if pattern.fullmatch(one.name.lower())), key=str, default=None)


def may_be(host: str) -> bool:
    """Whether an active resource may answer under a host that does not name it: not under another name of AWS' own."""
    if "/" in host:  # an image
        return False
    return bool(_GROUP.fullmatch(host) or _BALANCER.fullmatch(host)) or not _AWS.search(host)
