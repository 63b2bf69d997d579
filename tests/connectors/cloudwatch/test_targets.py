"""Resources are found by dimensions, labels of exporters, alarms' names and what is called alike."""

import pytest

from connectors.cloudwatch.targets import Target, discovered, from_alerts, from_dimensions, of_inquiry, wanted_names
from connectors.contract import FiringAlert
from tests.connectors.cloudwatch.world import inquiry, target


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
