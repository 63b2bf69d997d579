"""Which levels of a metric are a state by themselves? One row per bound, for every service but databases.

A row holds where its bound has been crossed for as many samples as it says and still is. Bounds are
those at which the resource refuses, drops or queues (AWS' own limits and recommended alarms), not
those at which somebody may want to be told.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from connectors.cloudwatch.rules.finding import AS_BEFORE, Facts, as_before, finding, onset_of, recovered
from connectors.cloudwatch.wording import amount, clock
from connectors.evidence import Finding, Role


class Level(NamedTuple):
    """`what` completes the sentence "<resource> …"; `{now}` is the level in its unit."""

    services: tuple[str, ...]
    metric: str
    test: Callable[[float], bool]
    cause: str
    confidence: float
    what: str
    samples: int = 3
    role: Role = Role.CAUSE


def _from(bound: float) -> Callable[[float], bool]:
    return lambda value: value >= bound


def _under(bound: float) -> Callable[[float], bool]:
    return lambda value: value <= bound


LEVELS: tuple[Level, ...] = (
    Level(("ec2",), "StatusCheckFailed_System", _from(1), "CloudInstanceImpaired", 0.88,
          "fails its system status check: the host or its network is impaired", 2),
    Level(("ec2",), "StatusCheckFailed_Instance", _from(1), "CloudInstanceImpaired", 0.84,
          "fails its instance status check: its own network or kernel does not answer", 2),
    Level(("ec2",), "StatusCheckFailed_AttachedEBS", _from(1), "CloudInstanceImpaired", 0.84,
          "cannot reach an attached volume", 2),
    Level(("ec2",), "CPUCreditBalance", _under(0.5), "NodeCPUSaturated", 0.6, "has used up its CPU credits", 5),
    Level(("ec2",), "CPUUtilization", _from(95), "NodeCPUSaturated", 0.62, "is at {now} CPU", 5),
    Level(("ebs",), "VolumeStalledIOCheck", _from(1), "CloudInstanceImpaired", 0.85, "has stalled I/O", 2),
    Level(("ebs",), "BurstBalance", _under(3), "VolumeIOSaturated", 0.8, "has used up its burst credits", 3),
    Level(("ebs",), "VolumeIOPSExceededCheck", _from(1), "VolumeIOSaturated", 0.72, "wants more IOPS than it has", 5),
    Level(("lambda",), "Throttles", _from(1), "FunctionThrottled", 0.82, "is throttled: {now} calls refused a period"),
    Level(("lambda",), "DeadLetterErrors", _from(1), "CloudAccessDenied", 0.5, "cannot write to its dead-letter queue"),
    Level(("alb_target", "nlb_target"), "HealthyHostCount", _under(0), "LoadBalancerTargetsUnhealthy", 0.8,
          "has no healthy target", 2),
    Level(("alb_target", "nlb_target"), "UnHealthyHostCount", _from(1), "LoadBalancerTargetsUnhealthy", 0.6,
          "has {now} unhealthy targets"),
    Level(("alb",), "RejectedConnectionCount", _from(1), "TrafficSurge", 0.6, "rejects connections at its limit"),
    Level(("alb",), "TargetConnectionErrorCount", _from(5), "TargetDown", 0.5, "cannot connect to its targets", 3,
          Role.SYMPTOM),
    Level(("nlb",), "PortAllocationErrorCount", _from(1), "NATPortsExhausted", 0.8, "has no free source ports"),
    Level(("nat",), "ErrorPortAllocation", _from(1), "NATPortsExhausted", 0.86,
          "has no free source ports for a destination: {now} connections refused a period"),
    Level(("dynamodb",), "WriteThrottleEvents", _from(1), "TableThrottled", 0.82, "throttles writes: {now} a period"),
    Level(("dynamodb",), "ReadThrottleEvents", _from(1), "TableThrottled", 0.82, "throttles reads: {now} a period"),
    Level(("dynamodb",), "ThrottledRequests", _from(1), "TableThrottled", 0.78, "throttles {now} requests a period"),
    Level(("dynamodb",), "SystemErrors", _from(1), "DependencyUnavailable", 0.6, "answers with errors of AWS' own", 3),
    Level(("elasticache",), "EngineCPUUtilization", _from(90), "CPUOverload", 0.72, "is at {now} of its one CPU", 5),
    Level(("elasticache",), "DatabaseMemoryUsagePercentage", _from(98), "CacheEvictions", 0.6,
          "has used {now} of its memory", 5),
    Level(("ecs",), "CPUUtilization", _from(92), "CPUOverload", 0.62, "is at {now} of the CPU it reserves", 5),
    Level(("ecs",), "MemoryUtilization", _from(96), "MemoryPressure", 0.66, "is at {now} of its memory", 5),
    Level(("eks",), "cluster_failed_node_count", _from(1), "NodeNotReady", 0.6, "has {now} failed nodes"),
    Level(("eks",), "node_cpu_utilization", _from(95), "NodeCPUSaturated", 0.6, "has a node at {now} CPU", 5),
    Level(("eks",), "node_memory_utilization", _from(95), "NodeMemoryPressure", 0.62, "has a node at {now} memory", 5),
    Level(("eks",), "node_filesystem_utilization", _from(95), "NodeDiskPressure", 0.66, "has a node at {now} disk", 5),
    Level(("eks_pod",), "pod_memory_utilization_over_pod_limit", _from(97), "MemoryPressure", 0.62,
          "is at {now} of its memory limit", 5),
    Level(("eks_pod",), "pod_cpu_utilization_over_pod_limit", _from(97), "CPUOverload", 0.6,
          "is at {now} of its CPU limit", 5),
    Level(("kinesis",), "WriteProvisionedThroughputExceeded", _from(1), "StreamThrottled", 0.82,
          "refuses writes: {now} a period are more than its shards take", 5),
    Level(("kinesis",), "ReadProvisionedThroughputExceeded", _from(1), "StreamThrottled", 0.7,
          "refuses reads: {now} a period are more than its shards give", 5),
    Level(("firehose",), "ThrottledRecords", _from(1), "StreamThrottled", 0.78, "refuses {now} records a period", 5),
    Level(("opensearch",), "ClusterStatus.red", _from(1), "SearchClusterUnhealthy", 0.8,
          "is red: a primary shard is on no node"),
    Level(("opensearch",), "MasterReachableFromNode", _under(0), "SearchClusterUnhealthy", 0.8, "has no master node"),
    Level(("opensearch",), "ClusterIndexWritesBlocked", _from(1), "DatabaseStorageExhausted", 0.62,
          "blocks writes, for want of storage or of memory"),
    Level(("opensearch",), "FreeStorageSpace", _under(2048), "DatabaseStorageExhausted", 0.84,
          "has a node with {now} of free storage"),
    Level(("opensearch",), "JVMMemoryPressure", _from(95), "DatabaseMemoryExhausted", 0.78,
          "has a node with {now} of its heap used: it refuses requests", 5),
    Level(("opensearch",), "CPUUtilization", _from(95), "DatabaseCPUSaturated", 0.64, "is at {now} CPU", 5),
    Level(("opensearch",), "KMSKeyInaccessible", _from(1), "CloudAccessDenied", 0.84, "may not use its key", 2),
    Level(("redshift",), "PercentageDiskSpaceUsed", _from(97), "DatabaseStorageExhausted", 0.8,
          "has used {now} of its disks"),
    Level(("redshift",), "CPUUtilization", _from(95), "DatabaseCPUSaturated", 0.62, "is at {now} CPU", 10),
    Level(("redshift",), "HealthStatus", _under(0), "CloudInstanceImpaired", 0.75, "is not healthy"),
    Level(("msk_broker",), "KafkaDataLogsDiskUsed", _from(95), "DatabaseStorageExhausted", 0.84,
          "has used {now} of its disk"),
    Level(("msk_broker",), "CpuUser", _from(85), "CPUOverload", 0.62, "is at {now} CPU", 5),
    Level(("msk_broker",), "UnderReplicatedPartitions", _from(1), "BrokerUnavailable", 0.4,
          "has {now} partitions with too few replicas", 5, Role.SYMPTOM),
    Level(("msk",), "OfflinePartitionsCount", _from(1), "BrokerUnavailable", 0.8,
          "has {now} partitions without a leader: they can be neither written nor read", 2),
    Level(("states",), "ExecutionThrottled", _from(1), "CloudQuotaExceeded", 0.62, "is throttled", 5),
    Level(("events",), "ThrottledRules", _from(1), "CloudQuotaExceeded", 0.62, "is throttled", 5),
    Level(("efs",), "BurstCreditBalance", _under(1e9), "VolumeIOSaturated", 0.8, "has used up its burst credits"),
    Level(("efs",), "PercentIOLimit", _from(98), "VolumeIOSaturated", 0.74, "is at {now} of its I/O limit", 5),
    Level(("acm",), "DaysToExpiry", _under(0), "CertificateExpired", 0.85, "has expired", 1),
    Level(("s3",), "5xxErrors", _from(1), "RateLimited", 0.55, "answers {now} requests a period with 5xx", 5),
    Level(("cloudfront",), "5xxErrorRate", _from(2), "ErrorRateIncrease", 0.4, "answers {now} of requests with 5xx", 3,
          Role.SYMPTOM),
    Level(("route53",), "HealthCheckStatus", _under(0), "TargetDown", 0.5, "fails its health check", 2, Role.SYMPTOM),
    Level(("docdb",), "CPUUtilization", _from(90), "DatabaseCPUSaturated", 0.74, "is at {now} CPU", 5),
    Level(("docdb",), "LowMemThrottleQueueDepth", _from(1), "DatabaseMemoryExhausted", 0.8,
          "holds {now} operations back for want of memory"),
    Level(("docdb",), "FreeLocalStorage", _under(1024**3), "DatabaseStorageExhausted", 0.74,
          "has {now} left for its temporary files"),
    Level(("docdb",), "DBInstanceReplicaLag", _from(10_000), "DatabaseReplicationLag", 0.74, "lags by {now}"),
    Level(("mq",), "CpuUtilization", _from(90), "CPUOverload", 0.64, "is at {now} CPU", 5),
    Level(("mq",), "SystemCpuUtilization", _from(90), "CPUOverload", 0.64, "is at {now} CPU", 5),
    Level(("mq",), "HeapUsage", _from(95), "MemoryPressure", 0.72, "has used {now} of its heap"),
    Level(("mq",), "StorePercentUsage", _from(98), "DatabaseStorageExhausted", 0.82,
          "has used {now} of its store: producers are held back"),
    Level(("aurora",), "ACUUtilization", _from(98), "DatabaseCPUSaturated", 0.7, "is at its maximum capacity", 5),
    Level(("aurora",), "AuroraVolumeBytesLeftTotal", _under(10 * 1024**3), "DatabaseStorageExhausted", 0.85,
          "has {now} left of its volume"),
)  # fmt: skip


class Limited(NamedTuple):
    """A metric whose bound is another metric of the same resource."""

    services: tuple[str, ...]
    metric: str
    limit: str
    of: Callable[[float], Callable[[float], bool]]
    cause: str
    confidence: float
    what: str


LIMITED: tuple[Limited, ...] = (
    Limited(("docdb",), "DatabaseConnections", "DatabaseConnectionsLimit", lambda most: _from(0.95 * most),
            "DatabaseConnectionsExhausted", 0.82, "has {now} connections, nearly all of {limit}"),
    Limited(("mq",), "RabbitMQMemUsed", "RabbitMQMemLimit", lambda most: _from(0.98 * most), "MemoryPressure", 0.78,
            "uses {now} of memory, of {limit} at which it blocks whoever publishes"),
    Limited(("mq",), "RabbitMQDiskFree", "RabbitMQDiskFreeLimit", _under, "DatabaseStorageExhausted", 0.82,
            "has {now} of disk left, under {limit} at which it blocks whoever publishes"),
)  # fmt: skip


def _limited(facts: Facts) -> list[Level]:
    """The bounds that this resource's own metrics tell."""
    return [
        Level(row.services, row.metric, row.of(limit.now), row.cause, row.confidence,
              row.what.replace("{limit}", amount(limit.now, limit.metric.unit)))
        for row in LIMITED
        if (limit := facts.readings.get(row.limit)) and limit.now > 0
    ]  # fmt: skip


def levels(facts: Facts) -> list[Finding]:
    """What the bounds say about this resource: one finding per cause, its surest; what recovered is context."""
    rows = [level for level in (*LEVELS, *_limited(facts)) if facts.target.service.key in level.services]
    found = [one for level in rows for one in _judged(facts, level)]
    best: dict[tuple[str, Role], Finding] = {}
    for one in sorted(found, key=lambda one: -one.confidence):
        best.setdefault((one.cause, one.role), one)
    return list(best.values())


def _judged(facts: Facts, level: Level) -> list[Finding]:
    reading = facts.readings.get(level.metric)
    stretch = reading.beyond(level.test, level.samples) if reading else None
    if reading is None or stretch is None:
        return []
    what = level.what.replace("{now}", amount(reading.now if stretch.holds else stretch.worst, reading.metric.unit))
    if not stretch.holds:
        return [recovered(facts, level.cause, what, stretch, reading)]
    text = f"{facts.target.spoken} {what}, since {clock(stretch.onset)}"
    # Refusals that always come are how it is; a resource that is full or broken for long still is.
    usual = reading.metric.role == "errors" and as_before(reading, stretch)
    text += ", as much as long before the onset" if usual else ""
    return [
        finding(
            facts,
            level.cause,
            text,
            min(level.confidence, AS_BEFORE) if usual else level.confidence,
            rests=[reading],
            onset=onset_of(stretch, reading),
            role=level.role,
            rule=f"level.{level.metric}",
        )
    ]
