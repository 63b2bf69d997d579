"""The table of metrics holds together: what it says of one row fits what it says of the others."""

from __future__ import annotations

from collections import Counter

import pytest

from connectors.cloudwatch.measures import Service
from connectors.cloudwatch.services import BY_KEY, SERVICES

STATISTICS = {"Average", "Sum", "Minimum", "Maximum", "SampleCount"}


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.key)
def test_a_row_can_be_asked_for(service: Service) -> None:
    assert BY_KEY[service.key] is service, "keys are unique"
    assert service.dimensions
    names = [metric.name for metric in service.metrics]
    assert [name for name, count in Counter(names).items() if count > 1] == []
    for metric in service.metrics:
        assert metric.stat in STATISTICS or metric.stat.startswith("p"), metric
    assert not service.telltale or service.telltale in names
    assert all(label == label.lower() for label in service.labels)


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.key)
def test_what_runs_low_is_read_at_its_lowest_and_what_runs_full_not_so(service: Service) -> None:
    for metric in service.metrics:
        if metric.role == "saturation":
            assert (metric.stat == "Minimum") <= (metric.worse == "down"), metric


def test_traffic_alone_hurts_in_no_direction() -> None:
    assert [m for s in SERVICES for m in s.metrics if m.role == "traffic" and m.worse == "up"] == []
