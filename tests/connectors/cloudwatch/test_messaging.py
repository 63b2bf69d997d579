"""Streams, topics, rules, workflows and brokers: metrics to causes, and what is as it always was."""

import pytest

from connectors.cloudwatch.cause_checks import judged
from connectors.cloudwatch.messaging import MESSAGING
from connectors.cloudwatch.rules.finding import Facts
from connectors.evidence import Role
from tests.connectors.cloudwatch.world import Curve, calm, jump, ramp, readings, target

ARN = "arn:aws:states:eu-west-1:1:stateMachine:fulfil"
AGE = "GetRecords.IteratorAgeMilliseconds"


@pytest.mark.parametrize(
    ("service", "values", "curves", "cause"),
    [
        ("kinesis", ["clicks"], {"WriteProvisionedThroughputExceeded": jump(0, 900), "IncomingRecords": calm(9000)},
         "StreamThrottled"),
        ("kinesis", ["clicks"], {AGE: ramp(300, 900_000), "IncomingRecords": calm(9000)}, "QueueBacklog"),
        ("msk_lag", ["settler", "bids", "core"],
         {"SumOffsetLag": ramp(300, 900_000), "EstimatedMaxTimeLag": ramp(1, 900)}, "QueueBacklog"),
        ("msk", ["core"], {"OfflinePartitionsCount": jump(0, 14)}, "BrokerUnavailable"),
        ("msk_broker", ["2", "core"], {"KafkaDataLogsDiskUsed": ramp(70, 99)}, "DatabaseStorageExhausted"),
        ("states", [ARN], {"ExecutionsFailed": jump(0.3, 38), "ExecutionsStarted": calm(40)}, "WorkflowFailed"),
        ("sns", ["orders"], {"NumberOfNotificationsFailed": jump(0, 200), "NumberOfMessagesPublished": calm(200)},
         "DeliveryFailed"),
        ("events", ["due"], {"FailedInvocations": jump(0, 30), "TriggeredRules": calm(30)}, "DeliveryFailed"),
    ],
)  # fmt: skip
def test_what_is_passed_on_and_is_not(service: str, values: list[str], curves: dict[str, Curve], cause: str) -> None:
    about = target(service, *values)
    found = [one for one in judged(Facts(about, readings(about, **curves))) if one.role is Role.CAUSE]
    assert [one.cause for one in found if one.confidence >= 0.5] == [cause]


@pytest.mark.parametrize(
    ("service", "values", "curves"),
    [
        ("kinesis", ["gps"], {"WriteProvisionedThroughputExceeded": lambda m: 14.0 * (m % 11 == 0)}),
        ("kinesis", ["gps"], {"WriteProvisionedThroughputExceeded": calm(40), "IncomingRecords": calm(9000)}),
        ("kinesis", ["gps"], {AGE: calm(90_000)}),
        ("sns", ["news"], {"NumberOfNotificationsFailed": calm(9), "NumberOfMessagesPublished": calm(100)}),
        ("states", [ARN], {"ExecutionsFailed": lambda m: 1.0 + m % 2, "ExecutionsStarted": calm(100)}),
        ("msk_broker", ["1", "core"], {"UnderReplicatedPartitions": jump(0, 22, 0, 6)}),
    ],
)
def test_what_always_was_so_or_is_over_is_no_cause(service: str, values: list[str], curves: dict[str, Curve]) -> None:
    about = target(service, *values)
    found = judged(Facts(about, readings(about, **curves)))
    assert [one for one in found if one.confidence >= 0.5 and one.role is Role.CAUSE] == []


def test_refusals_as_long_before_the_onset_say_so() -> None:
    about = target("kinesis", "gps")
    [found] = judged(Facts(about, readings(about, WriteProvisionedThroughputExceeded=calm(40))))
    assert "as much as long before the onset" in found.statement


def test_each_is_read_by_what_it_refuses_or_keeps_waiting() -> None:
    for service in MESSAGING:
        assert {metric.role for metric in service.metrics} & {"errors", "saturation", "state"}, service.key
