import pytest

from chatops.demo.aws import resources as aws_resources
from chatops.demo.aws.metrics import AwsError
from chatops.demo.incidents.orders_database import build

NOW = 1_700_000_100.0
WORLD = build(NOW)


def test_a_database_by_name_or_not_at_all() -> None:
    (row,) = aws_resources.describe_db_instances(WORLD, {"DBInstanceIdentifier": "orders-db"}, NOW)["DBInstances"]
    assert row["DBInstanceStatus"] == "available"
    with pytest.raises(AwsError, match="not found"):
        aws_resources.describe_db_instances(WORLD, {"DBInstanceIdentifier": "nope"}, NOW)


def test_changes_are_looked_up_by_time_and_attribute() -> None:
    window = {"StartTime": NOW - 3600, "EndTime": NOW}
    wanted = {"LookupAttributes": [{"AttributeKey": "ResourceName", "AttributeValue": "orders-export"}]}
    other = {"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "DeleteEverything"}]}
    assert len(aws_resources.lookup_events(WORLD, {**window, **wanted}, NOW)["Events"]) == 1
    assert aws_resources.lookup_events(WORLD, {**window, **other}, NOW)["Events"] == []
    assert aws_resources.lookup_events(WORLD, {"EndTime": NOW - 7200}, NOW)["Events"] == []


def test_a_missing_service_is_a_failure_row() -> None:
    answer = aws_resources.describe_services(WORLD, {"services": ["x"]}, NOW)
    assert answer["failures"][0]["reason"] == "MISSING"


def test_a_function_by_name() -> None:
    assert aws_resources.get_function_configuration(WORLD, {"FunctionName": "orders-export"}, NOW)["State"] == "Active"
    with pytest.raises(AwsError):
        aws_resources.get_function_configuration(WORLD, {"FunctionName": "x"}, NOW)
