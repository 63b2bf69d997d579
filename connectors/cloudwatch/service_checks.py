"""What is asked of the services themselves, one function per check: each may be refused without the others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import partial

from connectors.cloudwatch import graph as service_graph
from connectors.cloudwatch import logs as log_groups
from connectors.cloudwatch.client import Aws
from connectors.cloudwatch.investigation import Investigation
from connectors.cloudwatch.states import balancers
from connectors.cloudwatch.states import caches as cache_states
from connectors.cloudwatch.states import clusters as cluster_states
from connectors.cloudwatch.states import containers as container_states
from connectors.cloudwatch.states import edge as edge_states
from connectors.cloudwatch.states import functions as function_states
from connectors.cloudwatch.states import instances as instance_states
from connectors.cloudwatch.states import messaging as messaging_states
from connectors.cloudwatch.states import stacks as stack_states
from connectors.cloudwatch.states import stores as store_states
from connectors.cloudwatch.states import trail as trail_states
from connectors.cloudwatch.states.state import merged
from connectors.cloudwatch.targets import Target
from connectors.contract import ConnectorError
from connectors.evidence import Observation, Subject

Ask = Callable[[Aws, Target], Awaitable[Observation]]
"""What asks a service about one of its resources."""


async def _each(case: Investigation, asks: Mapping[str, Ask], what: str) -> Observation:
    """Ask about every target of these services, at once."""
    targets = await case.of_service(*asks)
    if not targets:
        return await case.without(what)
    calls = [partial(_known, asks[target.service.key], case.aws, target) for target in targets]
    return await merged(calls, f"{what}: {', '.join(target.name for target in targets)}")


async def _known(ask: Ask, aws: Aws, target: Target) -> Observation:
    """Ask, taking "there is no such thing" for an answer: labels of an alert may name what is not AWS' at all."""
    try:
        return await ask(aws, target)
    except ConnectorError as error:
        if error.kind != "not_found":
            raise
        return Observation(searched=f"AWS knows no {target.subject}")


async def containers(case: Investigation) -> Observation:
    """ECS services."""
    window = case.inquiry.window
    return await _each(case, {"ecs": partial(container_states.service, window=window)}, "ECS service")


async def clusters(case: Investigation) -> Observation:
    """EKS clusters."""
    return await _each(case, {"eks": cluster_states.cluster}, "EKS cluster")


async def load_balancers(case: Investigation) -> Observation:
    """Target health; of a load balancer's groups only where none of them is named itself."""
    groups: dict[str, Ask] = {"alb_target": balancers.of_target_group, "nlb_target": balancers.of_target_group}
    if await case.of_service(*groups):
        return await _each(case, groups, "target group")
    whole: dict[str, Ask] = {"alb": balancers.of_load_balancer, "nlb": balancers.of_load_balancer}
    return await _each(case, whole, "load balancer")


async def instances(case: Investigation) -> Observation:
    """EC2 instances, volumes and NAT gateways."""
    asks: dict[str, Ask] = {
        "ec2": instance_states.instance,
        "ebs": instance_states.volume,
        "nat": instance_states.nat_gateway,
    }
    return await _each(case, asks, "instance, volume or gateway")


async def edge(case: Investigation) -> Observation:
    """Route 53 health checks and CloudFront distributions."""
    asks: dict[str, Ask] = {"route53": edge_states.health_check, "cloudfront": edge_states.distribution}
    return await _each(case, asks, "health check or distribution")


async def functions(case: Investigation) -> Observation:
    """Lambda functions, DynamoDB tables, SQS queues."""
    asks: dict[str, Ask] = {
        "lambda": partial(function_states.function, window=case.inquiry.window),
        "dynamodb": function_states.table,
        "sqs": partial(_both, function_states.queue, partial(messaging_states.readers, window=case.inquiry.window)),
    }
    return await _each(case, asks, "function, table or queue")


async def messaging(case: Investigation) -> Observation:
    """Streams with their readers, Kafka clusters, rules and workflows."""
    window = case.inquiry.window

    async def workflow(aws: Aws, target: Target) -> Observation:
        return await messaging_states.workflow(aws, target, window, partial(_suffers_since, case, target))

    read = partial(messaging_states.readers, window=window)
    asks: dict[str, Ask] = {
        "kinesis": partial(_both, messaging_states.stream, read), "msk": messaging_states.kafka,
        "events": messaging_states.rule, "states": workflow,
    }  # fmt: skip
    return await _each(case, asks, "stream, rule or workflow")


async def _suffers_since(case: Investigation, target: Target) -> datetime | None:
    return next((one.suffers_since for one in await case.readings.or_none() or () if one.target == target), None)


async def _both(one: Ask, other: Ask, aws: Aws, target: Target) -> Observation:
    return await merged([partial(one, aws, target), partial(other, aws, target)], target.name)


async def stores(case: Investigation) -> Observation:
    """Search domains, file systems and certificates."""
    asks: dict[str, Ask] = {
        "opensearch": store_states.search_domain,
        "efs": store_states.file_system,
        "acm": partial(store_states.certificate, window=case.inquiry.window),
    }
    return await _each(case, asks, "search domain, file system or certificate")


async def stacks(case: Investigation) -> Observation:
    """CloudFormation stacks that changed."""
    anything = bool(await case.targets.or_none())
    if not anything and not case.inquiry.question:
        return await case.without("resource")
    # Where nothing but the words of a question is known, only a stack that it names is its business.
    return await stack_states.stacks(case.aws, case.inquiry.window, await _names(case), only_named=not anything)


async def scaling(case: Investigation) -> Observation:
    """Auto Scaling activities."""
    found = await case.of_service("asg")
    if not found:
        return await case.without("Auto Scaling group")
    return await stack_states.scaling(case.aws, found, case.inquiry.window)


async def caches(case: Investigation) -> Observation:
    """ElastiCache events."""
    found = await case.of_service("elasticache")
    if not found:
        return await case.without("cache")
    return await cache_states.events_of(case.aws, found, case.inquiry.window)


async def changes(case: Investigation) -> Observation:
    """CloudTrail's write events."""
    found = await case.targets()
    if not found:
        return await case.without("resource")
    suffers = min((at for group in await case.readings.or_none() or () if (at := group.suffers_since)), default=None)
    return await trail_states.trail(case.aws, found, case.names, case.inquiry.window, suffers)


async def graph(case: Investigation) -> Observation:
    """X-Ray's graph around the scope."""
    if not await case.targets():
        return await case.without("resource")
    return await service_graph.read(case.aws, case.inquiry.window, await _names(case))


async def logs(case: Investigation) -> Observation:
    """Error patterns of the scope's log groups."""
    scope = case.inquiry.scope
    owner = Subject(kind="Service", namespace=scope.namespace, name=scope.workload or scope.service)
    named = [*scope.log_groups, *case.log_groups]
    chosen = log_groups.groups(named, await case.targets.or_none() or (), owner if owner.name else None)
    if not chosen:
        return await case.without("usual or configured log group")
    return await log_groups.read(case.aws, chosen, case.inquiry.window)


async def _names(case: Investigation) -> tuple[str, ...]:
    """The names of the scope and of its resources."""
    return tuple(dict.fromkeys([*case.names, *(target.name.lower() for target in await case.targets.or_none() or ())]))
