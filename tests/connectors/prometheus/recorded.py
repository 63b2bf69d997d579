"""A team's recording rules about three services, in the stand-in: one of them overloaded for ten minutes."""

from __future__ import annotations

from tests.connectors.prometheus.conftest import END
from tests.connectors.prometheus.server import PrometheusStandIn

BEGAN, ENDED = 1500, 900
"""Seconds before the end."""


def record(server: PrometheusStandIn, name: str, labels: dict[str, str], calm: float, hit: float) -> None:
    """A gauge every 15 s for an hour, at `hit` during the fault."""
    times = [END.timestamp() - 3600 + 15 * i for i in range(241)]
    points = [(t, hit if END.timestamp() - BEGAN <= t < END.timestamp() - ENDED else calm) for t in times]
    server.add(name, labels, points)


def overload(server: PrometheusStandIn) -> None:
    """Payments burns CPU and is late, orders waits for it, catalog is as ever; and so are the nodes."""
    for service, cpu, late in (
        ("payments", (0.05, 0.5), (5, 90)),
        ("orders", (0.1, 0.1), (40, 130)),
        ("catalog", (0.1, 0.1), (9, 9)),
    ):
        labels = {"namespace": "shop", "service": service}
        record(server, "service:cpu_usage_cores", labels, *cpu)
        record(server, "service:cpu_throttled_seconds_rate", labels, 0.0, 0.6 if service == "payments" else 0.0)
        record(server, "service:requests_per_second", labels, 20, 20)
        record(server, "service:request_success_ratio", labels, 1, 1)
        for quantile, times in (("0.5", 0.5), ("0.95", 1.0)):
            timed = {**labels, "quantile": quantile}
            record(
                server,
                "service:request_latency_milliseconds",
                timed,
                late[0] * times,
                late[1] * times if quantile == "0.95" else late[0] * times,
            )
    for node in ("a", "b"):
        record(server, "node:cpu_utilisation_percent", {"node": node}, 12, 14)
