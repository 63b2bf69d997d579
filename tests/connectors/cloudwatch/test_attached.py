"""What reads a queue, what a rule, topic or workflow calls: looked at with it."""

import json

from connectors.cloudwatch.attached import of_arns
from tests.connectors.cloudwatch.standin import Refused
from tests.connectors.cloudwatch.world import World, calm, jump, seen

FUNCTION = "arn:aws:lambda:eu-west-1:1:function:loader"
MACHINE = "arn:aws:states:eu-west-1:1:stateMachine:fulfil"


def failing(world: World) -> World:
    """With a function called loader that fails since the onset."""
    world.answers("lambda", "GetFunctionConfiguration", {"FunctionName": "loader", "State": "Active"})
    return world.metrics("loader", Errors=jump(0, 290), Invocations=calm(300))


def test_arns_name_resources() -> None:
    text = json.dumps({
        "a": f"{FUNCTION}:$LATEST", "b": MACHINE, "c": "arn:aws:sqs:eu-west-1:1:jobs",
        "d": "arn:aws:dynamodb:eu-west-1:1:table/carts/stream/2026", "e": "arn:aws:kafka:eu-west-1:1:cluster/core/ab-1",
        "f": "arn:aws:states:::lambda:invoke", "g": "arn:aws:s3:::bucket",
    })  # fmt: skip
    found = [(one.service.key, one.name) for one in of_arns(text)]
    assert found == [("lambda", "loader"), ("states", "fulfil"), ("sqs", "jobs"), ("dynamodb", "carts"),
                     ("msk", "core")]  # fmt: skip


async def test_the_function_that_reads_a_stream_and_fails_is_why_records_wait() -> None:
    world = failing(World()).metrics("taps", **{"GetRecords.IteratorAgeMilliseconds": lambda m: max(300, m * 60_000)})
    rows = [{"EventSourceArn": "arn:aws:kinesis:eu-west-1:1:stream/taps", "FunctionArn": FUNCTION, "State": "Enabled"},
            {"EventSourceArn": "arn:aws:sqs:eu-west-1:1:other", "FunctionArn": FUNCTION + "2"}]  # fmt: skip
    world.answers("lambda", "ListEventSourceMappings", {"EventSourceMappings": rows})
    outcome = await seen(world, StreamName="taps")
    assert outcome.causes[0] == "FunctionErrors"
    waits = next(one for one in outcome.findings if one.cause == "QueueBacklog")
    assert waits.confidence < 0.5
    assert "follows from FunctionErrors" in waits.statement


async def test_a_rule_a_topic_and_a_workflow_lead_to_what_they_call() -> None:
    world = failing(World()).answers("events", "ListTargetsByRule", {"Targets": [{"Id": "1", "Arn": FUNCTION}]})
    assert "FunctionErrors" in (await seen(world, RuleName="due")).causes
    world = failing(World()).answers("sts", "GetCallerIdentity", {"Account": "7", "Arn": "arn:aws-cn:sts::7:role/x"})
    world.answers("sns", "ListSubscriptionsByTopic", {"Subscriptions": [{"Protocol": "lambda", "Endpoint": FUNCTION}]})
    assert "FunctionErrors" in (await seen(world, TopicName="orders")).causes
    [asked] = world.account.asked("ListSubscriptionsByTopic")
    assert asked["TopicArn"] == "arn:aws-cn:sns:eu-west-1:7:orders"
    world = failing(World()).answers(
        "stepfunctions", "DescribeStateMachine", {"definition": f'{{"Resource":"{FUNCTION}"}}'}
    )
    assert "FunctionErrors" in (await seen(world, StateMachineArn=MACHINE)).causes


async def test_what_is_refused_is_not_followed_and_the_rest_is_read() -> None:
    def refused(_: object) -> dict[str, object]:
        raise Refused("AccessDeniedException", 403)

    world = World().metrics("due", FailedInvocations=jump(0, 30), TriggeredRules=calm(30))
    world.answers("events", "ListTargetsByRule", refused)
    assert (await seen(world, RuleName="due")).causes == ["DeliveryFailed"]


async def test_a_database_beside_a_queue_keeps_nobody_from_looking_behind_the_queue() -> None:
    row = {"EventSourceArn": "arn:aws:sqs:eu-west-1:1:jobs", "FunctionArn": FUNCTION, "State": "Enabled"}
    world = failing(World()).answers("lambda", "ListEventSourceMappings", {"EventSourceMappings": [row]})
    assert "FunctionErrors" in (await seen(world, QueueName="jobs", DBInstanceIdentifier="orders")).causes
