"""What `chatops doctor` says of a Prometheus."""

from __future__ import annotations

import pytest

from connectors.address import Options
from connectors.prometheus.client import Prometheus
from connectors.prometheus.health import health, seconds
from tests.connectors.prometheus.server import PrometheusStandIn


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1h30m", 5_400), ("15d", 1_296_000), ("500ms", 0.5), (" 1m ", 60), ("x5m", 0), ("", 0), ("0", 0)],
)
def test_a_duration_as_prometheus_writes_it(text: str, expected: float) -> None:
    assert seconds(text) == expected


async def test_one_that_is_well_has_only_good_lines(client: Prometheus, server: PrometheusStandIn) -> None:
    found = {one.name: one for one in await health(client, "5m")}
    assert all(one.ok for one in found.values()), found
    assert found["prometheus version"].detail == "version 2.99.0"
    assert found["prometheus retention"].detail == "keeps 15d"


async def test_one_that_is_away_has_one_line_that_says_what_to_do() -> None:
    gone = Prometheus(Options(url="http://127.0.0.1:9", timeout=0.4))
    [found] = await health(gone, "5m")
    gone.close()
    assert not found.ok
    assert "CHATOPS_PROMETHEUS__URL" in found.remedy
