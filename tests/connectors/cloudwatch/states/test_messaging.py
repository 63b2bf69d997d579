"""Readers of queues, streams, Kafka clusters, rules, and the errors of workflows."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from connectors.evidence import Role
from tests.connectors.cloudwatch.world import ONSET, World, calm, jump, seen

MACHINE = "arn:aws:states:eu-west-1:1:stateMachine:fulfil"
DENIED = "User: role/fulfil is not authorized to perform: lambda:InvokeFunction"
BROKEN = "The JSONPath '$.card.id' could not be found in the input"


def runs(world: World, minutes: list[float], error: str, cause: str, **more: Any) -> World:
    """Executions that failed at these minutes, newest first, all for one reason."""
    ended = [ONSET + timedelta(minutes=m) for m in minutes]
    rows = [{"executionArn": f"{MACHINE}:{i}", "stateMachineArn": MACHINE, "name": str(i), "status": "FAILED",
             "startDate": at, "stopDate": at} for i, at in enumerate(ended)]  # fmt: skip
    world.answers("stepfunctions", "ListExecutions", {"executions": rows, **more})
    return world.answers(
        "stepfunctions", "DescribeExecution",
        lambda asked: {"executionArn": asked["executionArn"], "status": "FAILED", "error": error, "cause": cause},
    )  # fmt: skip


@pytest.mark.parametrize(("cause", "code"), [(DENIED, "CloudAccessDenied"), (BROKEN, "WorkflowFailed")])
async def test_what_the_last_executions_say(cause: str, code: str) -> None:
    world = runs(World(), [19, 15, 9, 3, 1], "States.TaskFailed", cause)
    world.metrics(MACHINE, ExecutionsFailed=jump(0.2, 38), ExecutionsStarted=calm(40))
    outcome = await seen(world, StateMachineArn=MACHINE)
    assert outcome.causes[0] == code
    told = outcome.evidence["cloudwatch/messaging/StateMachine//fulfil"]
    assert told.untrusted
    assert cause[:40] in told.summary


async def test_executions_that_began_to_fail_without_metrics() -> None:
    world = runs(World(), [19, 15, 9, 3, 1], "States.Runtime", BROKEN)
    assert (await seen(world, StateMachineArn=MACHINE)).causes == ["WorkflowFailed"]


@pytest.mark.parametrize(
    ("minutes", "more"),
    [([19 - 4.0 * i for i in range(30)], {}), ([19 - 0.1 * i for i in range(100)], {"nextToken": "older"})],
)
async def test_executions_that_fail_now_and_then_are_no_cause(minutes: list[float], more: Mapping[str, Any]) -> None:
    world = runs(World(), minutes, "States.TaskFailed", DENIED, **more)
    world.metrics(MACHINE, ExecutionsFailed=calm(1), ExecutionsStarted=calm(100))
    assert (await seen(world, StateMachineArn=MACHINE)).causes == []


@pytest.mark.parametrize(
    ("state", "minutes", "causes"),
    [("Disabled", -5, ["ConfigChange"]), ("Disabled", -9000, []), ("Enabled", -5, [])],
)
async def test_a_mapping_that_was_switched_off_reads_nothing(state: str, minutes: int, causes: list[str]) -> None:
    row = {"EventSourceArn": "arn:aws:sqs:eu-west-1:1:jobs", "FunctionArn": "arn:aws:lambda:eu-west-1:1:function:work",
           "State": state, "LastModified": ONSET + timedelta(minutes=minutes)}  # fmt: skip
    world = World().answers("lambda", "ListEventSourceMappings", {"EventSourceMappings": [row]})
    outcome = await seen(world, QueueName="jobs")
    assert outcome.causes == causes
    assert "work reads jobs" in outcome.evidence["cloudwatch/messaging/Queue//jobs/readers"].summary


@pytest.mark.parametrize(("state", "causes"), [("ACTIVE", []), ("HEALING", ["BrokerUnavailable"])])
async def test_the_state_of_a_kafka_cluster(state: str, causes: list[str]) -> None:
    world = World().answers("kafka", "ListClustersV2", {"ClusterInfoList": [
        {"ClusterName": "core-old", "State": "FAILED"}, {"ClusterName": "core", "State": state}]})  # fmt: skip
    outcome = await seen(world, **{"Cluster Name": "core"})
    assert outcome.causes == causes
    assert outcome.evidence["cloudwatch/messaging/KafkaCluster//core"].query == (
        "aws kafka list-clusters-v2 --cluster-name-filter core --region eu-west-1"
    )


async def test_a_stream_and_a_rule_are_told() -> None:
    world = World().answers("kinesis", "DescribeStreamSummary", {"StreamDescriptionSummary": {
        "StreamName": "clicks", "StreamStatus": "DELETING", "OpenShardCount": 2}})  # fmt: skip
    world.answers("events", "DescribeRule", {"State": "DISABLED", "ScheduleExpression": "rate(5 minutes)"})
    outcome = await seen(world, StreamName="clicks", RuleName="due")
    assert [(one.cause, one.role) for one in outcome.findings] == [("DependencyUnavailable", Role.CAUSE)]
    assert "DISABLED, triggered by rate(5 minutes)" in outcome.evidence["cloudwatch/messaging/EventRule//due"].summary


async def test_that_readers_may_not_be_seen_is_told_and_fails_nothing() -> None:
    world = World().answers("sqs", "GetQueueUrl", {"QueueUrl": "https://sqs/jobs"})
    world.answers("sqs", "GetQueueAttributes", {"Attributes": {"VisibilityTimeout": "30"}})
    outcome = await seen(world, QueueName="jobs")
    assert "lambda:ListEventSourceMappings" in outcome.observations["functions"].partial
