import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from chatops.demo.aws import api as aws_api
from chatops.demo.incidents import orders_database
from chatops.demo.serving import listen, serving
from chatops.demo.world import Stage
from connectors.calls import Caller
from connectors.cloudwatch import permissions
from connectors.cloudwatch.client import Aws, AwsOptions, explain
from tests.demo.conftest import NOW

END = datetime.fromtimestamp(NOW, UTC)
START = END - timedelta(hours=1)
Ask = Callable[..., Any]


@pytest.fixture
async def ask() -> AsyncIterator[Ask]:
    """Calls boto3 against the stand-in: `ask("rds", "describe_events", …)`."""
    stage = Stage(orders_database.build(NOW))
    async with serving(aws_api.application(stage, lambda: NOW), listen("127.0.0.1", 0)) as url:
        session = boto3.Session(aws_access_key_id="DEMO", aws_secret_access_key="x" * 8, region_name="eu-west-1")

        def call(service: str, operation: str, **params: Any) -> Any:
            made = session.client(service, endpoint_url=url)
            try:
                return getattr(made, operation)(**params)
            finally:
                made.close()

        async def run(service: str, operation: str, **params: Any) -> Any:
            return await asyncio.to_thread(call, service, operation, **params)

        yield run


async def test_cloudwatch_speaks_cbor(ask: Ask) -> None:
    (alarm,) = (await ask("cloudwatch", "describe_alarms", StateValue="ALARM"))["MetricAlarms"]
    assert alarm["StateUpdatedTimestamp"].timestamp() == NOW - 13 * 60
    dimensions = [{"Name": "DBInstanceIdentifier", "Value": "orders-db"}]
    found = await ask(
        "cloudwatch",
        "get_metric_statistics",
        Namespace="AWS/RDS",
        MetricName="CPUUtilization",
        Dimensions=dimensions,
        StartTime=START,
        EndTime=END,
        Period=300,
        Statistics=["Average"],
    )
    assert len(found["Datapoints"]) >= 12


async def test_rds_and_sts_speak_the_query_protocol(ask: Ask) -> None:
    (database,) = (await ask("rds", "describe_db_instances"))["DBInstances"]
    assert database["Endpoint"]["Port"] == 5432
    assert database["MultiAZ"] is True
    assert (await ask("rds", "describe_events", SourceType="db-instance", Duration=60))["Events"] == []
    filters = [{"Name": "db-instance-id", "Values": ["a", "b"]}]
    assert await ask("rds", "describe_db_instances", Filters=filters)
    assert "assumed-role" in (await ask("sts", "get_caller_identity"))["Arn"]
    assert (await ask("cloudformation", "describe_stacks"))["Stacks"] == []


async def test_logs_cloudtrail_lambda_ecs_and_xray_speak_json(ask: Ask) -> None:
    assert len((await ask("logs", "describe_log_groups"))["logGroups"]) == 2
    (event,) = (await ask("cloudtrail", "lookup_events", StartTime=START, EndTime=END))["Events"]
    assert event["EventTime"].timestamp() == NOW - 40 * 60
    function = await ask("lambda", "get_function_configuration", FunctionName="orders-export")
    assert function["Runtime"] == "python3.13"
    assert (await ask("ecs", "list_clusters"))["clusterArns"] == []
    assert (await ask("xray", "get_service_graph", StartTime=START, EndTime=END))["Services"] == []


@pytest.mark.parametrize(
    ("service", "operation", "params", "code"),
    [
        ("sqs", "list_queues", {}, "AccessDeniedException"),
        ("rds", "delete_db_instance", {"DBInstanceIdentifier": "orders-db"}, "AccessDenied"),
        ("rds", "describe_db_instances", {"DBInstanceIdentifier": "x"}, "DBInstanceNotFound"),
        ("cloudwatch", "delete_alarms", {"AlarmNames": ["x"]}, "AccessDeniedException"),
        ("logs", "filter_log_events", {"logGroupName": "x"}, "ResourceNotFoundException"),
        ("lambda", "get_function_configuration", {"FunctionName": "x"}, "ResourceNotFoundException"),
        ("eks", "describe_cluster", {"name": "x"}, "ResourceNotFoundException"),
        ("eks", "list_nodegroups", {"clusterName": "x"}, "AccessDeniedException"),
    ],
)
async def test_refusals_reach_boto3_as_its_errors(
    ask: Ask, service: str, operation: str, params: dict[str, Any], code: str
) -> None:
    with pytest.raises(ClientError) as caught:
        await ask(service, operation, **params)
    assert caught.value.response["Error"]["Code"] == code


async def test_every_read_that_the_doctor_tries_is_allowed() -> None:
    stage = Stage(orders_database.build(NOW))
    async with serving(aws_api.application(stage, lambda: NOW), listen("127.0.0.1", 0)) as url:
        session = boto3.Session(aws_access_key_id="DEMO", aws_secret_access_key="x" * 8, region_name="eu-west-1")
        reach = AwsOptions(region="eu-west-1", endpoint_url=url, timeout=30.0)
        aws = Aws(reach, lambda service: Caller(f"aws {service}", explain, limit=16), base=session)
        lines = await permissions.health(aws, END)
        assert [(line.name, line.detail) for line in lines if not line.ok] == []
