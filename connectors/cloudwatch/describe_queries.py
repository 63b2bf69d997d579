"""What is the state of one named resource, and what happened to it? The tools beside metrics and logs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.cloudwatch import databases, db_events, describing, events
from connectors.cloudwatch.client import Aws
from connectors.cloudwatch.measures import Service
from connectors.cloudwatch.queries import rejected, times
from connectors.cloudwatch.services import BY_KEY
from connectors.cloudwatch.states import (
    balancers,
    caches,
    clusters,
    containers,
    edge,
    functions,
    instances,
    messaging,
    stacks,
    stores,
    trail,
)
from connectors.cloudwatch.states.state import evidence
from connectors.cloudwatch.targets import Target
from connectors.contract import Inquiry, Window
from connectors.evidence import Observation, Subject

Asker = Callable[[Aws, Target, Window], Awaitable[Observation]]


def _plain(ask: Callable[[Aws, Target], Awaitable[Observation]]) -> Asker:
    async def asked(aws: Aws, target: Target, _: Window) -> Observation:
        return await ask(aws, target)

    return asked


async def _database(aws: Aws, target: Target, _: Window) -> Observation:
    found = await databases.describe(aws, [target.name])
    rows = [
        describing.instance(one, Target(BY_KEY["rds"], (("DBInstanceIdentifier", name),)))
        for name, one in found.items()
    ]
    return Observation(evidence=tuple(rows), searched=f"RDS knows no database {target.name}")


KINDS: Mapping[str, tuple[str, Asker]] = {
    "database": ("rds", _database),
    "ecs-service": ("ecs", containers.service),
    "eks-cluster": ("eks", _plain(clusters.cluster)),
    "function": ("lambda", functions.function),
    "table": ("dynamodb", _plain(functions.table)),
    "queue": ("sqs", _plain(functions.queue)),
    "instance": ("ec2", _plain(instances.instance)),
    "volume": ("ebs", _plain(instances.volume)),
    "nat-gateway": ("nat", _plain(instances.nat_gateway)),
    "health-check": ("route53", _plain(edge.health_check)),
    "distribution": ("cloudfront", _plain(edge.distribution)),
    "stream": ("kinesis", _plain(messaging.stream)),
    "kafka-cluster": ("msk", _plain(messaging.kafka)),
    "rule": ("events", _plain(messaging.rule)),
    "workflow": ("states", messaging.workflow),
    "search-domain": ("opensearch", _plain(stores.search_domain)),
    "file-system": ("efs", _plain(stores.file_system)),
    "certificate": ("acm", stores.certificate),
    "target-group": ("alb_target", _plain(balancers.of_target_group)),
    "load-balancer": ("alb", _plain(balancers.of_load_balancer)),
}
"""What can be described: our service and the function that asks."""
SOURCES = ("rds", "rds-cluster", "elasticache", "cloudformation", "autoscaling", "cloudtrail")


@dataclass(frozen=True)
class Descriptions:
    """The tool calls about named resources."""

    aws: Aws

    async def describe(self, inquiry: Inquiry, asked: Mapping[str, Any]) -> Observation:
        """The state of one resource, by kind and name."""
        kind, name = str(asked.get("kind") or ""), str(asked.get("name") or "")
        if kind not in KINDS or not name:
            raise rejected("aws_describe", f"kind must be one of {', '.join(KINDS)}, and a name is needed")
        service, ask = KINDS[kind]
        return await ask(self.aws, _named(service, name, str(asked.get("cluster") or "")), inquiry.window)

    async def events(self, inquiry: Inquiry, asked: Mapping[str, Any]) -> Observation:
        """Events of one resource: a database, a cache, a stack, a scaling group, or write calls that name it."""
        source, name = str(asked.get("source") or ""), str(asked.get("name") or "")
        if source not in SOURCES or not name:
            raise rejected("aws_events", f"source must be one of {', '.join(SOURCES)}, and a name is needed")
        start, end = times(asked, inquiry)
        window = inquiry.window.model_copy(update={"start": start, "end": end})
        if source in ("rds", "rds-cluster"):
            return await self._database_events(BY_KEY["rds" if source == "rds" else "aurora"], name, window)
        if source == "elasticache":
            cache = Target(BY_KEY["elasticache"], (("CacheClusterId", name),))
            return await caches.events_of(self.aws, [cache], window)
        if source == "autoscaling":
            group = Target(BY_KEY["asg"], (("AutoScalingGroupName", name),))
            return await stacks.scaling(self.aws, [group], window)
        if source == "cloudformation":
            return await self._stack_events(name)
        return await trail.trail(self.aws, [], [name.lower()], window)

    async def _database_events(self, service: Service, name: str, window: Window) -> Observation:
        target = Target(service, ((service.dimensions[0], name),))
        found = events.newest(await db_events.read(self.aws, [target], window), 20)
        return Observation(
            evidence=tuple(events.evidence(one, "database events") for one in found), searched=f"RDS events of {name}"
        )

    async def _stack_events(self, name: str) -> Observation:
        pages = await self.aws.pages("cloudformation", "DescribeStackEvents", "StackEvents", most=2, StackName=name)
        rows = [
            (str(one.get("Timestamp")), str(one.get("LogicalResourceId")), str(one.get("ResourceStatus")),
             str(one.get("ResourceStatusReason") or ""))
            for one in pages.items
        ]  # fmt: skip
        summary = f"{len(rows)} events of stack {name}; newest: {' '.join(rows[0][1:]) if rows else ''}"
        subject, columns = Subject(kind="Stack", name=name), ("at", "resource", "status", "reason")
        about = evidence("aws_events", subject, f"Events of stack {name}", summary, pages.query, rows, columns)
        return Observation(evidence=(about,) if rows else (), searched=pages.query)


def _named(service: str, name: str, cluster: str) -> Target:
    """A target by its bare name; target groups and load balancers are written as their metrics write them."""
    row = BY_KEY[service]
    if service == "alb_target":
        given = name.split(":")[-1]
        name = given if given.startswith("targetgroup/") else f"targetgroup/{name}/-"
    values = {
        row.dimensions[0]: name,
        "Region": "Global",
        "ClusterName": cluster or name,
        "LoadBalancer": name,
        "TargetGroup": name,
        "ClientId": "",
    }
    return Target(row, tuple((dimension, values[dimension]) for dimension in row.dimensions))
