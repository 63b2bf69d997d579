"""What is true of the row of every service."""

import pytest

from connectors.cloudwatch.measures import Service
from connectors.cloudwatch.services import SERVICES

STATISTICS = {"Average", "Sum", "Minimum", "Maximum", "p99"}


@pytest.mark.parametrize("service", SERVICES, ids=lambda one: one.key)
def test_a_row_can_be_asked_and_told(service: Service) -> None:
    names = [metric.name for metric in service.metrics]
    assert len(names) == len(set(names))
    assert {metric.stat for metric in service.metrics} <= STATISTICS
    assert not service.telltale or service.telltale in names
    assert all((metric.role == "traffic") == (metric.worse == "") for metric in service.metrics if metric.role in
               ("traffic", "errors", "latency"))  # fmt: skip


def test_no_two_rows_are_the_same_resource() -> None:
    keys = [(service.namespace, frozenset(service.dimensions)) for service in SERVICES if service.key != "ecs_insights"]
    assert len(keys) == len(set(keys))
