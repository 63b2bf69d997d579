"""Synthetic AWS: resources whose metrics are functions of time, told to a stand-in account.

Each test says only what differs from a calm hour; noise is a fixed sequence, so runs are equal.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import boto3
import pytest

from connectors.calls import Caller
from connectors.cloudwatch.client import Aws, AwsOptions, explain
from connectors.cloudwatch.connector import CloudWatch
from connectors.cloudwatch.measures import Service
from connectors.cloudwatch.readings import Reading, Readings
from connectors.cloudwatch.services import BY_KEY
from connectors.cloudwatch.targets import Target
from connectors.contract import ConnectorError, FiringAlert, Inquiry, Scope, Window
from connectors.evidence import Coverage, Evidence, Finding, Observation
from tests.connectors.cloudwatch.standin import Account, Refused, serving

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
ONSET = NOW - timedelta(minutes=20)
Curve = Callable[[float], float]
"""Minutes since the onset → value."""


def calm(level: float, noise: float = 0.04) -> Curve:
    """Steady with a little noise."""
    return lambda m: level * (1 + noise * math.sin(m * 1.7) + noise * math.sin(m * 0.61))


def jump(before: float, after: float, at: float = 0.0, until: float = math.inf) -> Curve:
    """One level, then another, both noisy."""
    low, high = calm(before), calm(after)
    return lambda m: high(m) if at <= m < until else low(m)


def ramp(before: float, after: float, minutes: float = 15.0) -> Curve:
    """From one level to another over some minutes, from the onset on."""
    return lambda m: before + (after - before) * max(0.0, min(1.0, m / minutes))


@dataclass
class World:
    """Curves by (dimension value, metric), and everything else AWS answers."""

    curves: dict[tuple[str, str], Curve] = field(default_factory=dict)
    account: Account = field(default_factory=Account)

    def __post_init__(self) -> None:
        self.account.answers |= {
            ("cloudwatch", "GetMetricData"): self._data,
            ("cloudwatch", "DescribeAlarms"): {"MetricAlarms": [], "CompositeAlarms": []},
            ("cloudwatch", "DescribeAlarmHistory"): {"AlarmHistoryItems": []},
            ("cloudwatch", "ListMetrics"): {"Metrics": []},
        }

    def metrics(self, resource: str, **curves: Curve) -> World:
        for name, curve in curves.items():
            self.curves[(resource, name)] = curve
        return self

    def answers(self, service: str, operation: str, value: Any) -> World:
        self.account.answers[(service, operation)] = value
        return self

    def _data(self, params: Mapping[str, Any]) -> Mapping[str, Any]:
        start, end = float(params["StartTime"]), float(params["EndTime"])
        results = []
        for query in params["MetricDataQueries"]:
            metric = query["MetricStat"]["Metric"]
            values = [d["Value"] for d in metric.get("Dimensions") or ()]
            curve = next(
                (self.curves[(v, metric["MetricName"])] for v in values if (v, metric["MetricName"]) in self.curves),
                None,
            )
            period = query["MetricStat"]["Period"]
            times = [start + i * period for i in range(int((end - start) // period))] if curve else []
            results.append(
                {
                    "Id": query["Id"],
                    "Timestamps": [datetime.fromtimestamp(t, UTC) for t in times],
                    "Values": [curve((t - ONSET.timestamp()) / 60) for t in times] if curve else [],
                }
            )
        return {"MetricDataResults": results}


def database(name: str, **changes: Any) -> dict[str, Any]:
    """What RDS says of a calm database."""
    return {
        "DBInstanceIdentifier": name,
        "DBInstanceStatus": "available",
        "Engine": "postgres",
        "DBInstanceClass": "db.m6g.xlarge",
        "AllocatedStorage": 100,
        "DbiResourceId": f"db-{name}",
        "PerformanceInsightsEnabled": False,
        **changes,
    }


def described(*rows: Mapping[str, Any]) -> Callable[[Mapping[str, Any]], Mapping[str, Any]]:
    """DescribeDBInstances over these rows."""

    def answer(params: Mapping[str, Any]) -> Mapping[str, Any]:
        found = [row for row in rows if row["DBInstanceIdentifier"] == params.get("DBInstanceIdentifier")]
        if not found:
            raise Refused("DBInstanceNotFound", 404)
        return {"DBInstances": found}

    return answer


def inquiry(dimensions: Mapping[str, str] | None = None, **fields: Any) -> Inquiry:
    """An inquiry about these dimensions, over the last hour, with the onset twenty minutes ago."""
    window = Window.ending(NOW, onset=ONSET)
    alerts: Sequence[FiringAlert] = fields.pop("alerts", ())
    question = fields.pop("question", "")
    scope = Scope(dimensions=dimensions or {}, **fields)
    return Inquiry(scope=scope, window=window, alerts=tuple(alerts), question=question)


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials that are none, and no file or address of the machine to look for others."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": "/nonexistent",
        "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)


async def no_sleep(_: float) -> None:
    return None


@cache
def _session() -> Any:
    """One session for all tests: it has read the service models once."""
    return boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="eu-west-1")


def client(url: str, timeout: float = 5.0, session: Any = None) -> Aws:
    """A client of the stand-in."""
    options = AwsOptions(region="eu-west-1", endpoint_url=url, timeout=timeout)
    return Aws(options, lambda service: Caller(f"aws {service}", explain, sleep=no_sleep), session or _session())


@contextmanager
def connected(world: World, timeout: float = 5.0) -> Iterator[CloudWatch]:
    """A connector to a served world."""
    with serving(world.account) as account:
        aws = client(account.url, timeout)
        yield CloudWatch(aws, clock=lambda: NOW)
        aws.close()


@dataclass
class Outcome:
    """What all checks of an inquiry brought; a check that raised is in `errors`."""

    observations: dict[str, Observation] = field(default_factory=dict)
    errors: dict[str, ConnectorError] = field(default_factory=dict)
    coverage: tuple[Coverage, ...] = ()

    @property
    def findings(self) -> list[Finding]:
        found = [f for one in self.observations.values() for f in one.findings]
        return sorted(found, key=lambda f: -f.confidence)

    @property
    def evidence(self) -> dict[str, Evidence]:
        return {e.key: e for one in self.observations.values() for e in one.evidence}

    @property
    def causes(self) -> list[str]:
        """Causes at one half or more, the surest first."""
        return list(dict.fromkeys(f.cause for f in self.findings if f.confidence >= 0.5 and f.role == "cause"))


async def investigate(connector: CloudWatch, asked: Inquiry) -> Outcome:
    """Run every check, as the gatherer would, one after the other."""
    outcome = Outcome()
    for check in connector.checks(asked):
        try:
            outcome.observations[check.name] = await check.run()
        except ConnectorError as error:
            outcome.errors[check.name] = error
    keys = outcome.evidence.keys()
    for finding in outcome.findings:
        assert set(finding.rests_on) <= keys, f"{finding.rule} rests on evidence that nobody brings"
    return outcome


async def seen(world: World, **dimensions: str) -> Outcome:
    """Every check about these dimensions of a served world."""
    with connected(world) as connector:
        return await investigate(connector, inquiry(dimensions))


def target(service: str, *values: str) -> Target:
    """A target by the values of its dimensions."""
    row: Service = BY_KEY[service]
    return Target(row, tuple(zip(row.dimensions, values, strict=True)))


def readings(about: Target, **curves: Curve) -> Readings:
    """Readings of a resource, an hour of them by the minute."""
    known = {metric.name: metric for metric in about.service.metrics}
    made = {}
    for name, curve in curves.items():
        points = tuple((ONSET.timestamp() + 60 * m, curve(m)) for m in range(-40, 20))
        made[name] = Reading(about, known[name], points, 60, ONSET.timestamp())
    return Readings(about, made)
