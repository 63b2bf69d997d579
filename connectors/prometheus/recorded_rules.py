"""What a team's own recording rules mean, read from their names and not from a list of them.

A rule named `level:metric:operations` (the usual form) says in its first part what it is about and in the
second what it measures, in a few words every team uses. What a team records, it watches: such series
are asked first.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from connectors.prometheus.families import Entity

_ABOUT: tuple[tuple[Entity, frozenset[str]], ...] = (
    (
        "workload",
        frozenset(
            {
                "service",
                "workload",
                "deployment",
                "app",
                "application",
                "namespace_workload",
                "namespace_service",
                "namespace_app",
                "job",
                "namespace_job",
            }
        ),
    ),
    ("node", frozenset({"node", "instance", "host", "machine"})),
)


class Meaning(NamedTuple):
    """What a recorded series says: `inverted` where a high value is good (a success ratio)."""

    entity: Entity
    signal: str
    unit: str
    floor: float
    inverted: bool = False


_MEASURES: tuple[tuple[str, str, str, float], ...] = (
    (r"throttl", "throttling", "s/s", 0.02),
    (r"retrans", "retransmits", "segments/s", 0.1),
    (r"(success|availability).*(ratio|rate|percent)", "errors", "ratio", 0.005),
    (r"(error|failure|fail|5xx).*(ratio|rate|percent|per_second)", "errors", "ratio", 0.005),
    (r"(latency|duration|response_time)", "latency", "", 1.0),
    (
        r"(request|req|call|rpc|http|grpc|query|transaction)s?.*(per_second|rate|rps|qps)|\brps\b|\bqps\b",
        "traffic",
        "req/s",
        0.1,
    ),
    (r"(network|net).*(receive|rx|in)\w*packet|(network|net).*receive", "received", "packets/s", 1.0),
    (r"(network|net).*(transmit|tx|out)", "transmitted", "packets/s", 1.0),
    (r"(packet|network|net).*(drop|err|loss|lost)", "packet_errors", "packets/s", 0.5),
    (r"cpu", "cpu", "cores", 0.01),
    (r"mem", "memory", "bytes", 2.0**20),
    (r"(disk|filesystem|fs).*(util|usage|used)", "disk", "ratio", 0.02),
)
_UNITS: tuple[tuple[str, str, float], ...] = (
    (r"millisecond|_ms\b", "milliseconds", 1.0),
    (r"second", "seconds", 0.001),
    (r"percent|pct", "percent", 2.0),
    (r"ratio|utili[sz]ation", "ratio", 0.02),
    (r"bytes", "bytes", 2.0**20),
    (r"cores", "cores", 0.01),
)
_UNIT_FROM_NAME = frozenset({"latency", "cpu", "memory", "disk"})
_QUANTILE = re.compile(r"p(50|9[059])(?![0-9])")


def meaning(name: str, quantile: str = "") -> Meaning | None:
    """What the series of this name says; None where the name is no recording rule's or says nothing known."""
    level, colon, rest = name.partition(":")
    entity = next((entity for entity, words in _ABOUT if level in words), None) if colon else None
    if entity is None:
        return None
    for pattern, signal, unit, floor in _MEASURES:
        if re.search(pattern, rest):
            if signal in _UNIT_FROM_NAME:
                unit, floor = next(((u, f) for p, u, f in _UNITS if re.search(p, rest)), (unit or "seconds", floor))
            inverted = signal == "errors" and bool(re.search("success|availab", rest))
            return Meaning(entity, _quantiled(signal, rest, quantile), unit, floor, inverted)
    return None


def _quantiled(signal: str, rest: str, quantile: str) -> str:
    """Latency by its quantile, from the label or the name: the median, else the tail."""
    if signal != "latency":
        return signal
    named = _QUANTILE.search(rest)
    share = float(quantile) if quantile else float(f"0.{named[1]}") if named else 0.95
    return "latency_p50" if share <= 0.6 else "latency_p95"
