"""Search domains, file systems and certificates, as AWS describes them."""

from datetime import timedelta
from typing import Any

import pytest

from tests.connectors.cloudwatch.world import NOW, World, calm, jump, ramp, seen

CERTIFICATE = "arn:aws:acm:eu-west-1:1:certificate/5c1e-44"


@pytest.mark.parametrize(
    ("status", "days", "causes"),
    [("ISSUED", 40, []), ("EXPIRED", -1, ["CertificateExpired"]), ("ISSUED", -0.01, ["CertificateExpired"]),
     ("REVOKED", 40, ["CertificateExpired"])],
)  # fmt: skip
async def test_a_certificate(status: str, days: float, causes: list[str]) -> None:
    told = {"DomainName": "shop.example.com", "Status": status, "NotAfter": NOW + timedelta(days=days),
            "InUseBy": ["arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/shop/1"]}  # fmt: skip
    world = World().answers("acm", "DescribeCertificate", {"Certificate": told})
    outcome = await seen(world, CertificateArn=CERTIFICATE)
    assert outcome.causes == causes
    assert "shop.example.com" in outcome.evidence["cloudwatch/stores/Certificate//5c1e-44"].summary


def on(minute: float) -> float:
    """A flag that is set since the onset."""
    return float(minute >= 0)


@pytest.mark.parametrize(
    ("curves", "causes"),
    [
        ({"ClusterStatus.red": on, "Nodes": jump(3, 2)}, ["SearchClusterUnhealthy"]),
        (
            {"ClusterIndexWritesBlocked": on, "FreeStorageSpace": jump(9e4, 900)},
            ["DatabaseStorageExhausted"],
        ),
        ({"JVMMemoryPressure": ramp(60, 98, 2), "ClusterStatus.red": on}, ["DatabaseMemoryExhausted"]),
        ({"KMSKeyInaccessible": on}, ["CloudAccessDenied"]),
        ({"ClusterStatus.yellow": calm(1, 0), "JVMMemoryPressure": calm(60), "5xx": calm(0)}, []),
    ],
)
async def test_a_search_domain(curves: dict[str, Any], causes: list[str]) -> None:
    world = World().metrics("logs", **curves).answers("opensearch", "DescribeDomain", {"DomainStatus": {
        "DomainName": "logs", "Processing": True, "EngineVersion": "OpenSearch_2.11",
        "ClusterConfig": {"InstanceType": "r6g.large.search", "InstanceCount": 3}}})  # fmt: skip
    outcome = await seen(world, DomainName="logs", ClientId="1")
    assert outcome.causes == causes
    assert "being changed" in outcome.evidence["cloudwatch/stores/SearchDomain//logs"].title


async def test_a_file_system_without_burst_credits() -> None:
    world = World().metrics("fs-1", BurstCreditBalance=jump(9e11, 0))
    world.answers("efs", "DescribeFileSystems", {"FileSystems": [{
        "FileSystemId": "fs-1", "LifeCycleState": "available", "ThroughputMode": "bursting",
        "SizeInBytes": {"Value": 1024**3}}]})  # fmt: skip
    outcome = await seen(world, FileSystemId="fs-1")
    assert outcome.causes == ["VolumeIOSaturated"]
    assert "throughput bursting" in outcome.evidence["cloudwatch/stores/FileSystem//fs-1"].summary


async def test_what_is_gone_is_unavailable() -> None:
    world = World().answers("opensearch", "DescribeDomain", {"DomainStatus": {"DomainName": "logs", "Deleted": True}})
    assert (await seen(world, DomainName="logs", ClientId="1")).causes == ["DependencyUnavailable"]
