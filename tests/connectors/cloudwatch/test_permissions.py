"""`doctor` names what is refused, and the IAM action that would allow it."""

from typing import Any

from connectors.cloudwatch.permissions import PROBES, health
from tests.connectors.cloudwatch.standin import Account, Refused, serving
from tests.connectors.cloudwatch.world import NOW, World, client, connected

WHO = {"Account": "123456789012", "Arn": "arn:aws:sts::123456789012:assumed-role/reader/x"}


async def test_every_permission_has_a_line() -> None:
    def missing(_: Any) -> Any:
        raise Refused("ResourceNotFoundException", 404)

    def refuse(_: Any) -> Any:
        raise Refused("AccessDenied", 403)

    world = World().answers("sts", "GetCallerIdentity", WHO)
    for probe in PROBES:
        if probe.service != "cloudwatch":
            world.answers(probe.service, probe.operation, missing)
    world.answers("cloudtrail", "LookupEvents", refuse)
    with connected(world) as connector:
        lines = await connector.health()
    assert len(lines) == len(PROBES) + 1
    assert "123456789012" in lines[0].detail
    bad = [line for line in lines if not line.ok]
    assert [(line.name, line.remedy) for line in bad] == [
        ("cloudtrail:LookupEvents", "allow cloudtrail:LookupEvents in the policy of the role that is used")
    ]


async def test_where_nothing_answers_there_is_one_line() -> None:
    with serving(Account()) as account:
        url = account.url
    aws = client(url)
    lines = await health(aws, NOW)
    aws.close()
    assert [line.ok for line in lines] == [False]
    assert lines[0].remedy


async def test_wrong_credentials_are_told_from_missing_permissions() -> None:
    def expired(_: Any) -> Any:
        raise Refused("ExpiredToken", 403, "The security token included in the request is expired")

    with connected(World().answers("sts", "GetCallerIdentity", expired)) as connector:
        lines = await connector.health()
    assert "expired" in lines[0].detail
    assert lines[0].remedy.startswith("check the credentials")
