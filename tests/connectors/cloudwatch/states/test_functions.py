"""Functions, tables and queues; a function's environment is never kept."""

from connectors.evidence import Role
from tests.connectors.cloudwatch.world import World, seen


async def test_a_function_that_takes_no_calls_and_keeps_its_secrets() -> None:
    config = {
        "FunctionName": "pay",
        "State": "Active",
        "LastUpdateStatus": "Successful",
        "Timeout": 3,
        "LastModified": "2026-05-04T11:38:00.000+0000",
        "Environment": {"Variables": {"DB_PASSWORD": "hunter2"}},
    }
    world = World().answers("lambda", "GetFunctionConfiguration", config)
    world.answers("lambda", "GetFunctionConcurrency", {"ReservedConcurrentExecutions": 0})
    outcome = await seen(world, FunctionName="pay")
    assert outcome.causes == ["FunctionThrottled"]
    assert ("BadRelease", Role.CONTEXT) in [(one.cause, one.role) for one in outcome.findings]
    assert "hunter2" not in str(outcome)


async def test_tables_and_queues() -> None:
    table = {"TableStatus": "INACCESSIBLE_ENCRYPTION_CREDENTIALS", "ProvisionedThroughput": {"ReadCapacityUnits": 5}}
    world = World().answers("dynamodb", "DescribeTable", {"Table": table})
    world.answers("sqs", "GetQueueUrl", {"QueueUrl": "http://q/jobs"})
    world.answers("sqs", "GetQueueAttributes", {"Attributes": {"VisibilityTimeout": "30"}})
    outcome = await seen(world, TableName="carts", QueueName="jobs")
    assert outcome.causes == ["DependencyUnavailable"]
    assert "VisibilityTimeout 30" in outcome.evidence["cloudwatch/functions/Queue//jobs"].summary
