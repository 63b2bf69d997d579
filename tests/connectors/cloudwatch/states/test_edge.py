"""Health checks and distributions."""

from connectors.evidence import Role
from tests.connectors.cloudwatch.world import World, seen


async def test_the_edge() -> None:
    checkers = [
        {"Region": f"r{i}", "StatusReport": {"Status": "Failure: timeout" if i < 9 else "Success"}} for i in range(12)
    ]
    world = World().answers("route53", "GetHealthCheckStatus", {"HealthCheckObservations": checkers})
    config = {"Enabled": False, "Origins": {"Quantity": 1, "Items": [{"Id": "o", "DomainName": "origin.example.com"}]}}
    world.answers(
        "route53", "GetHealthCheck",
        {"HealthCheck": {"Id": "h1", "HealthCheckConfig": {"FullyQualifiedDomainName": "WWW.example.com"}}},
    )  # fmt: skip
    world.answers(
        "cloudfront",
        "GetDistribution",
        {"Distribution": {"Id": "E1", "Status": "Deployed", "DistributionConfig": config}},
    )
    outcome = await seen(world, HealthCheckId="h1", DistributionId="E1")
    assert {(one.cause, one.role) for one in outcome.findings} == {
        ("TargetDown", Role.CAUSE), ("ConfigChange", Role.CAUSE),
    }  # fmt: skip
    known = outcome.observations["edge"].topology
    assert known is not None
    assert {host for _, host in known.reaches} == {"www.example.com", "origin.example.com"}
