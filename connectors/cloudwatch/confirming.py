"""Which commands would confirm a finding? What read the evidence it rests on, then what shows its subject.

Each is a read-only `aws` command with names that were read, so that a person can paste it; `argv` says which of
them are answered here by a click. A rule that knows better commands gives its own.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping

from connectors.evidence import Evidence, Finding, Observation, Subject

_AGAIN = 2
"""Of what was read, only what decides most is worth reading again."""
_BY_KIND: Mapping[str, tuple[str, ...]] = {
    "DBInstance": (
        "rds describe-db-instances --db-instance-identifier {name}",
        "rds describe-events --source-identifier {name} --source-type db-instance --duration 180",
    ),
    "DBCluster": ("rds describe-events --source-identifier {name} --source-type db-cluster --duration 180",),
    "ECSService": ("ecs describe-services --cluster {cluster} --services {name}",),
    "EKSCluster": ("eks describe-cluster --name {name}",),
    "Function": ("lambda get-function-configuration --function-name {name}",),
    "TargetGroup": ("elbv2 describe-target-groups --names {name}",),
    "LoadBalancer": ("elbv2 describe-load-balancers --names {name}",),
    "Table": ("dynamodb describe-table --table-name {name}",),
    "Queue": ("sqs get-queue-url --queue-name {name}",),
    "Instance": ("ec2 describe-instance-status --instance-ids {name} --include-all-instances",),
    "Volume": ("ec2 describe-volume-status --volume-ids {name}",),
    "NatGateway": ("ec2 describe-nat-gateways --nat-gateway-ids {name}",),
    "AutoScalingGroup": ("autoscaling describe-scaling-activities --auto-scaling-group-name {name}",),
    "CacheCluster": (
        "elasticache describe-events --source-identifier {name} --source-type cache-cluster --duration 180",
    ),
    "Distribution": ("cloudfront get-distribution --id {name}",),
    "HealthCheck": ("route53 get-health-check-status --health-check-id {name}",),
    "Stream": ("kinesis describe-stream-summary --stream-name {name}",),
    "KafkaCluster": ("kafka list-clusters-v2 --cluster-name-filter {name}",),
    "EventRule": ("events describe-rule --name {name}",),
    "SearchDomain": ("opensearch describe-domain --domain-name {name}",),
    "FileSystem": ("efs describe-file-systems --file-system-id {name}",),
    "Stack": ("cloudformation describe-stack-events --stack-name {name}",),
}
"""By the kind of the subject: what shows its state and what happened to it."""


def confirmed_by(found: Observation, region: str) -> Observation:
    """The observation, its findings with commands."""
    known = {one.key: one for one in found.evidence}
    return found.model_copy(update={"findings": tuple(_with(one, known, region) for one in found.findings)})


def _with(finding: Finding, known: Mapping[str, Evidence], region: str) -> Finding:
    if finding.commands:
        return finding
    again = [argv for key in finding.rests_on if key in known and (argv := repeating(known[key], region))]
    commands = list(dict.fromkeys(again))[:_AGAIN]
    for argv in shown(finding.subject, region):
        if not any(one[:3] == argv[:3] and finding.subject.name in one for one in commands):
            commands.append(argv)
    return finding.model_copy(update={"commands": tuple(commands)})


def repeating(evidence: Evidence, region: str) -> tuple[str, ...]:
    """The command that reads the evidence again; none for a table of many metrics. Of a log its last hour, as the
    filter that found the lines is longer than anybody reads."""
    argv = shlex.split(evidence.query)
    if argv[:3] == ["aws", "logs", "filter-log-events"] and "--log-group-name" in argv:
        group = argv[argv.index("--log-group-name") + 1]
        return ("aws", "logs", "tail", group, "--since", "1h", *_in(region))
    return tuple(argv) if argv[:1] == ["aws"] else ()


def shown(subject: Subject, region: str) -> Iterator[tuple[str, ...]]:
    """The commands that show a resource."""
    for line in _BY_KIND.get(subject.kind, ()):
        if "{cluster}" in line and not subject.namespace:
            continue
        words = [word.format(name=subject.name, cluster=subject.namespace) for word in line.split()]
        yield ("aws", *words, *_in(region))


def _in(region: str) -> tuple[str, ...]:
    return ("--region", region) if region else ()
