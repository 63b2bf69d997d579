"""Opening, and the whole connector against moto: another implementation of AWS' APIs than our own stand-in."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from connectors.cloudwatch.connector import CloudWatch, configured, open_connector
from connectors.contract import ConnectorSettings, Inquiry, Scope, Window
from tests.connectors.cloudwatch.world import World, calm, connected, inquiry, investigate


@pytest.mark.parametrize(
    ("options", "environ", "expected"),
    [
        ({}, {}, False),
        ({"log_groups": ["/g"], "timeout": 3}, {}, False),
        ({"region": "eu-west-1"}, {}, True),
        ({"endpoint_url": "http://127.0.0.1:1"}, {}, True),
        ({"enabled": False}, {"AWS_REGION": "eu-west-1"}, False),
        ({}, {"AWS_REGION": "eu-west-1"}, True),
        ({}, {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, True),
        ({}, {"AWS_ACCESS_KEY_ID": "x"}, True),
    ],
)
def test_what_counts_as_configured(
    options: dict[str, Any], environ: dict[str, str], expected: bool, tmp_path: Path
) -> None:
    assert configured(options, environ, tmp_path) is expected


def test_a_profile_file_counts(tmp_path: Path) -> None:
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text("[default]\nregion = eu-west-1\n")
    assert configured({}, {}, tmp_path)


def test_opening_touches_neither_network_nor_sdk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    connector = open_connector(ConnectorSettings(options={"log_groups": ["/g"], "timeout": 3}))
    assert connector is not None
    assert (connector.aws.options.endpoint_url, connector.aws.options.region) == ("http://127.0.0.1:9", "us-east-1")
    assert (connector.aws.options.timeout, connector.log_groups) == (3.0, ("/g",))
    assert connector.aws.session is None
    assert all(check.timeout > connector.aws.options.timeout for check in connector.checks(asked("x")))


def asked(database: str) -> Inquiry:
    end = datetime.now(UTC)
    window = Window.ending(end, onset=end - timedelta(minutes=20))
    return Inquiry(scope=Scope(dimensions={"DBInstanceIdentifier": database}), window=window)


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def account(moto: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[CloudWatch]:
    """An account with one database, an hour of its CPU, and an alarm."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto)
    make = {"endpoint_url": moto, "region_name": "eu-west-1"}
    cloudwatch = boto3.client("cloudwatch", **make)
    end = datetime.now(UTC).replace(second=0, microsecond=0)
    dimensions = [{"Name": "DBInstanceIdentifier", "Value": "orders"}]
    rows = [
        {
            "MetricName": "CPUUtilization",
            "Dimensions": dimensions,
            "Value": 96.0 if minute < 20 else 20.0 + minute % 3,
            "Timestamp": end - timedelta(minutes=minute + 1),
        }
        for minute in range(60)
    ]
    cloudwatch.put_metric_data(Namespace="AWS/RDS", MetricData=rows)
    boto3.client("rds", **make).create_db_instance(
        DBInstanceIdentifier="orders", Engine="postgres", DBInstanceClass="db.m6g.xlarge", AllocatedStorage=100
    )
    connector = open_connector(ConnectorSettings(options={"region": "eu-west-1"}))
    assert connector is not None
    yield connector
    connector.aws.close()
    cloudwatch.close()


async def test_against_moto(account: CloudWatch) -> None:
    outcome = await investigate(account, asked("orders"))
    assert outcome.causes == ["DatabaseCPUSaturated"]
    assert "cloudwatch/state/rds/orders" in outcome.evidence
    # moto answers 500 where it knows no operation: rows of their own, and nothing else is lost.
    assert {error.kind for error in outcome.errors.values()} <= {"unreachable", "garbage", "rejected", "not_found"}
    subjects = await account.subjects(Scope())
    assert "DBInstance orders" in {str(subject) for subject in subjects}
    assert (await account.health())[0].ok


async def test_the_active_metrics_that_names_were_read_from_are_not_listed_again() -> None:
    world = World().metrics("orders", CPUUtilization=calm(30))
    listed = {"Namespace": "AWS/RDS", "MetricName": "CPUUtilization",
              "Dimensions": [{"Name": "DBInstanceIdentifier", "Value": "orders"}]}  # fmt: skip
    world.answers("cloudwatch", "ListMetrics", {"Metrics": [listed]})
    with connected(world) as connector:
        assert [str(one) for one in await connector.subjects(Scope())] == ["DBInstance orders"]
        await investigate(connector, inquiry(question="are the orders slow?"))
    assert len(world.account.asked("ListMetrics")) == 1
    assert world.account.asked("GetMetricData")
