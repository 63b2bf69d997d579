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


class Session:
    """A session that says which services it has made clients of."""

    def __init__(self, session: Any) -> None:
        self.session = session
        self.made: set[str] = set()

    def client(self, service: str, **options: Any) -> Any:
        self.made.add(service)
        return self.session.client(service, **options)


async def test_clients_are_made_before_the_time_of_the_first_question_begins() -> None:
    """They are made one after the other, which takes seconds: what is asked last must not look like nobody answers."""
    seen: list[set[str]] = []

    def alarms(_: Any) -> Any:
        seen.append(set(session.made))
        return {"MetricAlarms": []}

    world = World().answers("sts", "GetCallerIdentity", WHO).answers("cloudwatch", "DescribeAlarms", alarms)
    with serving(world.account) as account:
        aws = client(account.url)
        aws.session = session = Session(aws.session)
        await health(aws, NOW)
        aws.close()
    assert seen == [{"sts", *(probe.service for probe in PROBES)}]


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
