"""What are these databases: state, size, relations, connection limit? From RDS, as far as it may be read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from connectors.cloudwatch.client import Aws
from connectors.contract import ConnectorError
from connectors.together import outcomes

GIB = 1024**3
_PER_CPU = {"t": 0, "m": 4, "r": 8, "x": 16, "z": 8, "c": 2}
"""GiB of memory per virtual CPU, by the letter of the instance family."""
_SMALL = {"micro": 1, "small": 2, "medium": 4}
_BURSTABLE = {**_SMALL, "large": 8, "xlarge": 16, "2xlarge": 32}
_DIVISORS = {"postgres": 9531392, "aurora-postgresql": 9531392, "mysql": 12582880, "mariadb": 12582880}
"""Bytes of memory per allowed connection, by AWS' default parameter groups."""


class Instance(NamedTuple):
    """A database instance as RDS describes it."""

    name: str
    status: str = ""
    engine: str = ""
    size: str = ""
    storage_gib: int = 0
    resource_id: str = ""
    insights: bool = False
    replicas: tuple[str, ...] = ()
    source: str = ""
    cluster: str = ""
    parameter_group: str = ""
    query: str = ""

    @property
    def memory(self) -> float | None:
        """Bytes of memory of its class, None where the class is not known."""
        gib = memory_gib(self.size)
        return gib * GIB if gib else None


class Limit(NamedTuple):
    """How many connections a database takes, and how sure that is."""

    value: float
    source: str
    exact: bool


def vcpus(size: str) -> int:
    """Virtual CPUs of an instance class such as `db.r6g.2xlarge`."""
    word = size.rsplit(".", 1)[-1]
    many = re.fullmatch(r"(\d+)xlarge", word)
    if many:
        return 4 * int(many.group(1))
    return {"xlarge": 4, "large": 2, "medium": 2, "small": 2, "micro": 2}.get(word, 0)


def memory_gib(size: str) -> float:
    """GiB of memory of an instance class, by the rule that all but few follow; 0 where it is not known."""
    parts = size.split(".")
    if len(parts) != 3:
        return 0
    family, word = parts[1], parts[2]
    if family.startswith("t"):
        return _BURSTABLE.get(word, 0)
    return _PER_CPU.get(family[0], 0) * vcpus(size)


async def describe(aws: Aws, names: Sequence[str]) -> dict[str, Instance]:
    """The instances of these names and their replicas and sources; raises where not one could be read."""
    calls = [partial(_one, aws, name) for name in dict.fromkeys(names)]
    results = await outcomes(calls)
    found = {one.name: one for result in results if not isinstance(result, ConnectorError) for one in result}
    errors = [result for result in results if isinstance(result, ConnectorError)]
    if errors and not found:
        raise errors[0]
    return found


async def _one(aws: Aws, name: str) -> list[Instance]:
    query = aws.query("rds", "DescribeDBInstances", {"DBInstanceIdentifier": name})
    try:
        answer = await aws.call("rds", "DescribeDBInstances", DBInstanceIdentifier=name)
    except ConnectorError as error:
        if error.kind == "not_found":
            return []
        raise
    return [_instance(raw, query) for raw in answer.get("DBInstances") or ()]


def _instance(raw: Mapping[str, Any], query: str) -> Instance:
    groups = [group.get("DBParameterGroupName", "") for group in raw.get("DBParameterGroups") or ()]
    return Instance(
        name=str(raw.get("DBInstanceIdentifier")),
        status=str(raw.get("DBInstanceStatus") or ""),
        engine=str(raw.get("Engine") or ""),
        size=str(raw.get("DBInstanceClass") or ""),
        storage_gib=int(raw.get("AllocatedStorage") or 0),
        resource_id=str(raw.get("DbiResourceId") or ""),
        insights=bool(raw.get("PerformanceInsightsEnabled")),
        replicas=tuple(raw.get("ReadReplicaDBInstanceIdentifiers") or ()),
        source=str(raw.get("ReadReplicaSourceDBInstanceIdentifier") or ""),
        cluster=str(raw.get("DBClusterIdentifier") or ""),
        parameter_group=next(iter(groups), ""),
        query=query,
    )


async def members(aws: Aws, cluster: str) -> tuple[str, ...]:
    """The instances of a cluster, the writer first."""
    answer = await aws.call("rds", "DescribeDBClusters", DBClusterIdentifier=cluster)
    rows = [m for c in answer.get("DBClusters") or () for m in c.get("DBClusterMembers") or ()]
    rows.sort(key=lambda row: not row.get("IsClusterWriter"))
    return tuple(str(row.get("DBInstanceIdentifier")) for row in rows)


async def connection_limit(aws: Aws, instance: Instance) -> Limit | None:
    """The limit that the parameter group sets, else the one its engine derives from the memory."""
    value = ""
    if instance.parameter_group and not instance.parameter_group.startswith("default."):
        pages = await aws.pages(
            "rds", "DescribeDBParameters", "Parameters", most=3,
            DBParameterGroupName=instance.parameter_group, Source="user",
        )  # fmt: skip
        rows = {str(row.get("ParameterName")): str(row.get("ParameterValue") or "") for row in pages.items}
        value = rows.get("max_connections", "")
    if value.isdigit():
        return Limit(float(value), f"max_connections of {instance.parameter_group}", exact=True)
    return derived_limit(instance)


def derived_limit(instance: Instance) -> Limit | None:
    """The default limit of the engine for this memory: an estimate, the parameter may be set otherwise."""
    divisor = _DIVISORS.get(instance.engine)
    if not divisor or instance.memory is None:
        return None
    value = min(instance.memory / divisor, 5000) if "postgres" in instance.engine else instance.memory / divisor
    return Limit(float(int(value)), f"the default of {instance.engine} on {instance.size}", exact=False)
