"""EKS' own reports about nodes and add-ons become causes."""

import pytest

from tests.connectors.cloudwatch.world import World, seen


def eks(issues: list[dict[str, str]], addon: str = "ACTIVE") -> World:
    world = World().answers(
        "eks", "DescribeCluster", {"cluster": {"name": "prod", "status": "ACTIVE", "version": "1.35"}}
    )
    world.answers("eks", "ListNodegroups", {"nodegroups": ["workers"]})
    group = {"nodegroupName": "workers", "status": "DEGRADED" if issues else "ACTIVE", "health": {"issues": issues}}
    world.answers("eks", "DescribeNodegroup", {"nodegroup": group})
    world.answers("eks", "ListAddons", {"addons": ["coredns"]})
    return world.answers("eks", "DescribeAddon", {"addon": {"addonName": "coredns", "status": addon}})


@pytest.mark.parametrize(
    ("world", "causes"),
    [
        (eks([]), []),
        (eks([{"code": "InsufficientFreeAddresses", "message": "subnet-1 is full"}]), ["InsufficientPods"]),
        (eks([{"code": "InstanceLimitExceeded", "message": "m6i"}]), ["CloudQuotaExceeded"]),
        (eks([{"code": "SomethingNew", "message": "?"}]), ["CloudDeploymentFailed"]),
        (eks([], "DEGRADED"), ["ClusterDNSUnavailable"]),
        (eks([], "UPDATING"), []),
    ],
)
async def test_clusters(world: World, causes: list[str]) -> None:
    assert (await seen(world, ClusterName="prod")).causes == causes
