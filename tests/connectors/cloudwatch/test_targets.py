"""Resources are found by dimensions, labels of exporters, alarms' names and what is called alike."""

from collections.abc import Mapping
from typing import Any

import pytest

from connectors.cloudwatch.services import SERVICES
from connectors.cloudwatch.targets import Target, discovered, from_alerts, from_dimensions, of_inquiry, wanted_names
from connectors.contract import FiringAlert
from tests.connectors.cloudwatch.world import ONSET, World, connected, inquiry, investigate, target


def alert(labels: dict[str, str] | None = None, annotations: dict[str, str] | None = None) -> FiringAlert:
    return FiringAlert(name="a", labels=labels or {}, annotations=annotations or {})


@pytest.mark.parametrize(
    ("dimensions", "keys"),
    [
        ({"DBInstanceIdentifier": "orders"}, ["rds/orders"]),
        ({"ServiceName": "web", "ClusterName": "prod"}, ["ecs/web/prod", "ecs_insights/web/prod", "eks/prod"]),
        ({"DistributionId": "E1"}, ["cloudfront/E1/Global"]),
        ({"Unknown": "x"}, []),
        ({"TableName": ""}, []),
    ],
)
def test_dimensions_name_resources(dimensions: dict[str, str], keys: list[str]) -> None:
    assert [one.key for one in from_dimensions(dimensions)] == keys


@pytest.mark.parametrize(
    "labels",
    [
        {"DBInstanceIdentifier": "orders"},
        {"dimension_DBInstanceIdentifier": "orders"},
        {"dbinstance_identifier": "orders"},
        {"db_instance_identifier": "orders"},
    ],
)
def test_labels_and_annotations_name_resources(labels: dict[str, str]) -> None:
    assert from_alerts([alert(labels)]) == [target("rds", "orders")]
    assert from_alerts([alert(annotations=labels)]) == [target("rds", "orders")]


def test_a_sentence_names_nothing() -> None:
    assert from_alerts([alert(annotations={"queue": "the queue is too long"})]) == []


def test_scope_and_alerts_are_joined_without_repetition() -> None:
    asked = inquiry({"QueueName": "jobs"}, alerts=[alert({"queue_name": "jobs", "function_name": "pay"})])
    assert of_inquiry(asked) == [target("sqs", "jobs"), target("lambda", "pay")]


def listed(namespace: str, **dimensions: str) -> dict[str, object]:
    return {"Namespace": namespace, "Dimensions": [{"Name": n, "Value": v} for n, v in dimensions.items()]}


METRICS = [
    listed("AWS/SQS", QueueName="checkout-jobs"),
    listed("AWS/Lambda", FunctionName="checkout"),
    listed("AWS/Lambda", FunctionName="checkoutx"),
    listed("AWS/Lambda", FunctionName="checkout", Resource="checkout:live"),
    listed("AWS/RDS", DBInstanceIdentifier="prod-checkout-db"),
    listed("Custom", Service="checkout"),
]


def test_what_is_called_alike_is_found_by_whole_words() -> None:
    found: list[Target] = discovered(METRICS, ["checkout"])
    assert [one.name for one in found] == ["checkout-jobs", "checkout", "prod-checkout-db"]


def test_common_words_of_a_question_name_nothing() -> None:
    asked = inquiry(question="why is the checkout service slow in prod?")
    assert wanted_names(asked) == ("checkout",)


def test_names_are_what_people_call_them() -> None:
    assert target("alb", "app/web/50dc6c495c0c9188").name == "web"
    assert str(target("ecs", "web", "prod").subject) == "ECSService prod/web"
    assert str(target("eks", "prod").subject) == "EKSCluster prod"


def large(*found: Mapping[str, Any], flood: str = "") -> World:
    """An account with more than a page of metrics, some of them these; `flood` has more than is read of it."""

    def answer(params: Mapping[str, Any]) -> Mapping[str, Any]:
        metric, space = params.get("MetricName"), params.get("Namespace")
        if metric is None or (metric == flood and not space):
            token = f"{params.get('NextToken', '')}x"
            return {"Metrics": [listed("AWS/EC2", InstanceId=f"i-{i}") for i in range(500)], "NextToken": token}
        mine = [one for one in found if one["MetricName"] == metric and space in (None, one["Namespace"])]
        return {"Metrics": mine}

    return World().answers("cloudwatch", "ListMetrics", answer)


def named(metric: str, namespace: str, **dimensions: str) -> Mapping[str, Any]:
    return {**listed(namespace, **dimensions), "MetricName": metric}


LARGE = (
    named("CPUUtilization", "AWS/RDS", DBInstanceIdentifier="checkout-db"),
    named("CPUUtilization", "AWS/RDS", DBClusterIdentifier="checkout-aurora"),
    named("ExecutionsStarted", "AWS/States", StateMachineArn="arn:aws:states:eu-west-1:1:stateMachine:fulfil"),
    named("NumberOfMessagesPublished", "AWS/SNS", TopicName="parcels"),
)


async def test_a_large_account_is_asked_for_one_metric_per_service_and_databases_and_containers_share_one() -> None:
    world = large(*LARGE)
    with connected(world) as connector:
        outcome = await investigate(connector, inquiry(workload="checkout"))
    metrics = outcome.observations["metrics"]
    assert "DBInstance checkout-db" in metrics.searched
    assert "DBCluster checkout-aurora" in metrics.searched
    assert "were not looked through" in metrics.partial
    assert len(world.account.asked("ListMetrics")) == 11


async def test_services_that_people_seldom_name_are_listed_where_nothing_else_is_called_so() -> None:
    world = large(*LARGE)
    with connected(world) as connector:
        outcome = await investigate(connector, inquiry(workload="parcels"))
    assert "Topic parcels" in outcome.observations["metrics"].searched
    assert "looked through" not in outcome.observations["metrics"].partial
    assert len(world.account.asked("ListMetrics")) == 15


async def test_a_metric_that_too_many_instances_share_is_asked_for_by_service() -> None:
    world = large(*LARGE, flood="CPUUtilization")
    with connected(world) as connector:
        outcome = await investigate(connector, inquiry(workload="checkout"))
    assert "DBInstance checkout-db" in outcome.observations["metrics"].searched
    spaces = [one.get("Namespace") for one in world.account.asked("ListMetrics")]
    assert {"AWS/RDS", "AWS/ECS", "AWS/ElastiCache", "AWS/DocDB", "AWS/ES"} <= set(spaces)


async def test_a_question_names_what_no_alarm_watches() -> None:
    alarm = {"AlarmName": "web-5xx", "StateValue": "ALARM", "StateTransitionedTimestamp": ONSET,
             "Namespace": "AWS/ApplicationELB", "MetricName": "HTTPCode_ELB_5XX_Count",
             "Dimensions": [{"Name": "LoadBalancer", "Value": "app/web/1"}]}  # fmt: skip
    world = World().answers("cloudwatch", "DescribeAlarms", {"MetricAlarms": [alarm]})
    world.answers("cloudwatch", "ListMetrics", {"Metrics": [listed("AWS/ECS", ServiceName="web", ClusterName="p")]})
    with connected(world) as connector:
        outcome = await investigate(connector, inquiry(question="web does not get its new tasks"))
    searched = outcome.observations["metrics"].searched
    assert "LoadBalancer web" in searched
    assert "ECSService p/web" in searched


def test_every_telltale_is_a_metric_of_its_service() -> None:
    assert all(not one.telltale or one.telltale in {metric.name for metric in one.metrics} for one in SERVICES)


def test_a_service_that_shares_dimensions_is_told_by_its_namespace_alone() -> None:
    named = {"DBInstanceIdentifier": "orders"}
    assert [one.service.key for one in from_dimensions(named)] == ["rds"]
    assert [one.service.key for one in from_dimensions(named, "AWS/DocDB")] == ["docdb"]
