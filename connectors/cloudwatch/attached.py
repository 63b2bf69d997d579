"""Which resources stand behind this one? What reads a stream or queue, what a rule, topic or workflow calls.

They are looked at together, because what waits before a consumer, or fails in a task, is theirs and not the queue's.
Of the answers only the names are kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from connectors.cloudwatch.client import Aws
from connectors.cloudwatch.services import BY_KEY
from connectors.cloudwatch.targets import Target, unique
from connectors.contract import ConnectorError
from connectors.together import outcomes

READ = ("sqs", "kinesis", "msk")
"""What functions read by an event source mapping."""
_MOST = 4
_ARN = re.compile(r"arn:[\w-]+:([a-z0-9-]+):[\w-]*:\d*:([\w:/.$-]+)")
_NAMES: Mapping[str, tuple[str, re.Pattern[str]]] = {
    "lambda": ("lambda", re.compile(r"function:([\w-]+)(?::[\w$-]+)?")),
    "sqs": ("sqs", re.compile(r"([\w.-]+)")),
    "sns": ("sns", re.compile(r"([\w.-]+)")),
    "kinesis": ("kinesis", re.compile(r"stream/([\w.-]+)(?:/.*)?")),
    "firehose": ("firehose", re.compile(r"deliverystream/([\w.-]+)")),
    "dynamodb": ("dynamodb", re.compile(r"table/([\w.-]+)(?:/.*)?")),
    "kafka": ("msk", re.compile(r"cluster/([\w-]+)/.*")),
}
"""By the service in an ARN: ours, and where the resource's name stands."""


async def behind(aws: Aws, targets: Sequence[Target]) -> list[Target]:
    """The resources behind these; what is refused is simply not followed."""
    calls = [partial(_ASKED[one.service.key], aws, one) for one in targets if one.service.key in _ASKED][:_MOST]
    read = [one for one in targets if one.service.key in READ]
    calls += [partial(_readers, aws, read)] if read else []
    results = await outcomes(calls)
    return unique(one for result in results if not isinstance(result, ConnectorError) for one in result)


def of_arns(text: str) -> Iterable[Target]:
    """The resources whose ARNs stand in a text."""
    for service, rest in _ARN.findall(text):
        if service == "states" and rest.startswith("stateMachine:"):
            arn = next(a for a in re.findall(r"arn:[^\s\"']+", text) if a.endswith(rest))
            yield Target(BY_KEY["states"], (("StateMachineArn", arn),))
        if service in _NAMES:
            key, pattern = _NAMES[service]
            if found := pattern.fullmatch(rest):
                yield Target(BY_KEY[key], ((BY_KEY[key].dimensions[0], found[1]),))


async def mappings(aws: Aws, names: Iterable[str]) -> list[Mapping[str, Any]]:
    """The event source mappings of these queues, streams and clusters; AWS lists them by ARN, or all by the hundred."""
    pages = await aws.pages("lambda", "ListEventSourceMappings", "EventSourceMappings", most=2)
    wanted = set(names)
    return [row for row in pages.items if any(t.name in wanted for t in of_arns(str(row.get("EventSourceArn"))))]


async def _readers(aws: Aws, targets: Sequence[Target]) -> list[Target]:
    rows = await mappings(aws, [target.name for target in targets])
    return [one for row in rows for one in of_arns(str(row.get("FunctionArn")))]


async def _rule(aws: Aws, target: Target) -> list[Target]:
    answer = await aws.call("events", "ListTargetsByRule", Rule=target.name)
    return [one for row in answer.get("Targets") or () for one in of_arns(str(row.get("Arn")))]


async def _topic(aws: Aws, target: Target) -> list[Target]:
    # A topic is asked for by its ARN, which metrics do not tell.
    who = await aws.call("sts", "GetCallerIdentity")
    partition, account = str(who.get("Arn") or "arn:aws").split(":")[1], who.get("Account")
    arn = f"arn:{partition}:sns:{aws.options.region}:{account}:{target.name}"
    pages = await aws.pages("sns", "ListSubscriptionsByTopic", "Subscriptions", most=1, TopicArn=arn)
    return [one for row in pages.items for one in of_arns(str(row.get("Endpoint")))]


async def _workflow(aws: Aws, target: Target) -> list[Target]:
    answer = await aws.call("stepfunctions", "DescribeStateMachine", stateMachineArn=target.dimensions[0][1])
    return list(of_arns(str(answer.get("definition") or "")))


_ASKED = {"events": _rule, "sns": _topic, "states": _workflow}
