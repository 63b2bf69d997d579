"""CloudTrail: changes are context, calls that are denied since are a cause, and a policy change says why."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from connectors.evidence import Role
from tests.connectors.cloudwatch.standin import Refused
from tests.connectors.cloudwatch.world import ONSET, World, calm, jump, seen


async def test_changes_of_the_scope_near_the_onset_are_context() -> None:
    def event(name: str, resource: str) -> dict[str, Any]:
        return {"EventId": name, "EventName": name, "EventTime": ONSET - timedelta(minutes=2), "Username": "deployer",
                "Resources": [{"ResourceType": "AWS::RDS::DBInstance", "ResourceName": resource}]}  # fmt: skip

    rows = {"Events": [event("ModifyDBInstance", "orders"), event("DeleteBucket", "unrelated")]}
    outcome = await seen(World().answers("cloudtrail", "LookupEvents", rows), DBInstanceIdentifier="orders")
    changes = outcome.observations["changes"]
    assert ["ModifyDBInstance" in one.summary for one in changes.evidence] == [True]
    assert [(one.role, "deployer" in one.statement) for one in changes.findings] == [(Role.CONTEXT, True)]


async def test_the_last_change_before_errors_rose_is_a_cause() -> None:
    def event(name: str, minutes: float) -> dict[str, Any]:
        return {"EventId": name, "EventName": name, "EventTime": ONSET + timedelta(minutes=minutes), "Username": "ci",
                "Resources": [{"ResourceType": "AWS::ECS::Service", "ResourceName": "archiver"}]}  # fmt: skip

    rows = {"Events": [event("UpdateService", -3), event("TagResource", -8), event("DeleteAlarms", 6)]}
    world = World().answers("cloudtrail", "LookupEvents", rows)
    failing = world.metrics("archiver", Invocations=calm(900), Errors=jump(1, 400))
    found = (await seen(failing, FunctionName="archiver")).observations["changes"].findings
    assert [(one.cause, one.confidence) for one in found if one.role is Role.CAUSE] == [("BadRelease", 0.55)]
    well = (
        World().answers("cloudtrail", "LookupEvents", rows).metrics("archiver", Invocations=calm(900), Errors=calm(1))
    )
    found = (await seen(well, FunctionName="archiver")).observations["changes"].findings
    assert {one.role for one in found} == {Role.CONTEXT}


def change(name: str, role: str, minutes: float = -2) -> dict[str, Any]:
    return {"EventId": name, "EventName": name, "EventTime": ONSET + timedelta(minutes=minutes), "Username": "alice",
            "Resources": [{"ResourceType": "AWS::IAM::Role", "ResourceName": role}]}  # fmt: skip


def denied(by: str, minutes: Sequence[float]) -> list[dict[str, Any]]:
    detail = {"errorCode": "AccessDenied", "errorMessage": f"User: {by} is not authorized to perform: sqs:SendMessage",
              "userIdentity": {"arn": f"arn:aws:sts::1:assumed-role/{by}-role/{by}"}}  # fmt: skip
    return [
        {"EventId": f"d{m}", "EventName": "CreateQueue", "EventTime": ONSET + timedelta(minutes=m), "Username": by,
         "Resources": [], "CloudTrailEvent": json.dumps(detail)}
        for m in minutes
    ]  # fmt: skip


async def told(*events: dict[str, Any]) -> list[tuple[str, str, float, str]]:
    world = World().answers("cloudtrail", "LookupEvents", {"Events": list(events)})
    outcome = await seen(world.metrics("archiver", Invocations=calm(50)), FunctionName="archiver")
    found = outcome.observations["changes"].findings
    return [(one.cause, one.subject.name, one.confidence, one.statement) for one in found if one.role is Role.CAUSE]


async def test_calls_that_are_denied_since_a_policy_was_changed() -> None:
    ((cause, name, confidence, statement),) = await told(
        change("DeleteRolePolicy", "archiver-role"), *denied("archiver", range(1, 10))
    )
    assert (cause, name) == ("CloudAccessDenied", "archiver")
    assert confidence > 0.8
    assert "after DeleteRolePolicy on archiver-role by alice" in statement


async def test_calls_that_are_denied_without_a_change_are_less_sure() -> None:
    ((cause, _, confidence, _),) = await told(*denied("archiver", range(1, 10)))
    assert (cause, confidence < 0.8) == ("CloudAccessDenied", True)


async def test_calls_that_were_always_denied_or_are_others_are_no_cause() -> None:
    assert await told(*denied("archiver", range(-29, 10))) == []
    assert await told(*denied("somebody", range(1, 10))) == []
    assert await told(change("PutRolePolicy", "archiver-role")) == []


async def test_changes_of_iam_are_read_in_the_region_that_keeps_them() -> None:
    def events(params: Mapping[str, Any]) -> Mapping[str, Any]:
        of_iam = params["LookupAttributes"][0]["AttributeValue"] == "iam.amazonaws.com"
        kept = [change("DeleteRolePolicy", "archiver-role"), change("GetRole", "archiver-role") | {"ReadOnly": "true"}]
        return {"Events": kept if of_iam else denied("archiver", range(1, 10))}

    world = World().answers("cloudtrail", "LookupEvents", events).metrics("archiver", Invocations=calm(50))
    changes = (await seen(world, FunctionName="archiver")).observations["changes"]
    (cause,) = [one for one in changes.findings if one.role is Role.CAUSE]
    assert "after DeleteRolePolicy on archiver-role by alice" in cause.statement
    (asked,) = [one.query for one in changes.evidence if "DeleteRolePolicy" in one.summary]
    assert "--region us-east-1" in asked
    assert not any("GetRole" in one.summary for one in changes.evidence)


async def test_what_cannot_be_read_of_iam_is_said() -> None:
    def events(params: Mapping[str, Any]) -> Mapping[str, Any]:
        if params["LookupAttributes"][0]["AttributeKey"] == "EventSource":
            raise Refused("AccessDeniedException", 403)
        return {"Events": denied("archiver", range(1, 10))}

    world = World().answers("cloudtrail", "LookupEvents", events).metrics("archiver", Invocations=calm(50))
    changes = (await seen(world, FunctionName="archiver")).observations["changes"]
    assert "changes of IAM in us-east-1" in changes.partial
    assert [one.cause for one in changes.findings if one.role is Role.CAUSE] == ["CloudAccessDenied"]
