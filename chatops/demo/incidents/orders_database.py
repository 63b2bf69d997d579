"""A nightly export holds its connections to the orders database open: nobody else gets one."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from chatops.demo.incidents.shop import Incident, Scene, chatter, error_rule, healthy, world
from chatops.demo.kubernetes.cluster import MINUTE, NAMESPACE, Cluster, stamp
from chatops.demo.metrics import Phase, Traffic
from chatops.demo.shapes import Shift, gauge
from chatops.demo.world import Alarm, Cloud, Line, LogGroup, Metric, PodLog, World

BEGAN = 18 * MINUTE
DATABASE = "orders-db"
FULL = "FATAL: remaining connection slots are reserved for roles with the SUPERUSER attribute"


def build(now: float) -> World:
    """The world at the moment the alert fires."""
    cluster = healthy(now)
    onset = now - BEGAN + 4 * MINUTE
    scene = Scene(cluster, onset, logs=_logs(cluster, onset), cloud=_cloud(now, onset))
    rows = dict(scene.traffic)
    rows["orders"] = Traffic("orders", 5.0, latency=0.08, phases=(Phase(onset, 4.9, 0.38, 1.6),))
    rows["checkout"] = Traffic("checkout", 6.5, latency=0.12, phases=(Phase(onset, 6.2, 0.21, 1.4),))
    labels = {"namespace": NAMESPACE, "service": "orders", "dbinstance_identifier": DATABASE, "region": "eu-west-1"}
    return world(replace(scene, traffic=rows), error_rule("orders"), labels)


def _logs(cluster: Cluster, onset: float) -> tuple[PodLog, ...]:
    usual = ('level=info msg="order stored" status=201', 'level=info msg="order read" status=200')
    broken = (f'level=error msg="cannot open a connection" host={DATABASE} error="{FULL}"', *usual)
    lines = (*chatter(cluster.now - 3600, onset, 12, usual), *chatter(onset, cluster.now + 7200, 6, broken))
    return tuple(PodLog(NAMESPACE, p["metadata"]["name"], "orders", lines) for p in cluster.pods("orders"))


def _metric(name: str, base: float, *shifts: Shift, unit: str = "Count", noise: float = 0.04) -> Metric:
    return Metric("AWS/RDS", name, {"DBInstanceIdentifier": DATABASE}, gauge(base, *shifts, noise=noise), unit)


def _cloud(now: float, onset: float) -> Cloud:
    started = now - BEGAN
    connections = _metric("DatabaseConnections", 41.0, Shift(started, 197.0, 4 * MINUTE), noise=0.012)
    metrics = (
        connections,
        _metric("CPUUtilization", 22.0, Shift(onset, 31.0), unit="Percent"),
        _metric("FreeableMemory", 3.1e9, Shift(onset, 2.2e9, 240), unit="Bytes"),
        _metric("FreeStorageSpace", 4.4e10, unit="Bytes", noise=0.001),
        _metric("ReadLatency", 0.0021, Shift(onset, 0.0024), unit="Seconds"),
        _metric("WriteLatency", 0.0034, Shift(onset, 0.0036), unit="Seconds"),
        _metric("DiskQueueDepth", 0.4),
    )
    text = "The orders database has fewer than 20 connections left (max_connections is 200)."
    alarms = (
        Alarm("orders-db-connections", connections, 180.0, description=text, since=onset + 60),
        Alarm("orders-db-storage", metrics[3], 5e9, "LessThanThreshold", description="Less than 5 GB free."),
        Alarm("orders-db-cpu", metrics[1], 85.0, description="CPU above 85%."),
    )
    groups = (
        LogGroup(f"/aws/rds/instance/{DATABASE}/postgresql", {DATABASE: _database_log(now, onset)}),
        LogGroup("/aws/lambda/orders-export", {"2026/[$LATEST]a1": _export_log(started, now)}),
    )
    return Cloud(
        metrics=metrics,
        alarms=alarms,
        log_groups=groups,
        databases=(_instance(),),
        functions=(_function(now),),
        trail=_trail(now),
    )


def _database_log(now: float, onset: float) -> tuple[Line, ...]:
    usual = (
        "LOG:  checkpoint complete: wrote 312 buffers (1.9%)",
        'LOG:  automatic vacuum of table "orders.public.items"',
    )
    refused = (f"10.42.1.14(51022):orders@orders:[8211]:{FULL}", f"10.42.0.12(40112):orders@orders:[8214]:{FULL}")
    return (*chatter(now - 3 * 3600, onset, 60, usual), *chatter(onset, now + 7200, 4, refused))


def _export_log(started: float, now: float) -> tuple[Line, ...]:
    lines = (
        "INFO export: opening 150 database sessions for parallel read",
        "INFO export: sessions kept open until the run ends",
    )
    return (
        *chatter(started, started + 20, 10, lines),
        *chatter(started + 60, now + 7200, 60, ("INFO export: 1 chunk done",)),
    )


def _instance() -> dict[str, Any]:
    return {
        "DBInstanceIdentifier": DATABASE,
        "DBInstanceClass": "db.m7g.large",
        "Engine": "postgres",
        "EngineVersion": "16.9",
        "DBInstanceStatus": "available",
        "AllocatedStorage": "100",
        "MultiAZ": "true",
        "AvailabilityZone": "eu-west-1a",
        "DBInstanceArn": f"arn:aws:rds:eu-west-1:123456789012:db:{DATABASE}",
        "Endpoint": {"Address": "orders-db.example.internal", "Port": "5432"},
    }


def _function(now: float) -> dict[str, Any]:
    return {
        "FunctionName": "orders-export",
        "FunctionArn": "arn:aws:lambda:eu-west-1:123456789012:function:orders-export",
        "Runtime": "python3.13",
        "LastModified": stamp(now - 40 * MINUTE),
        "Version": "$LATEST",
        "Timeout": 900,
        "MemorySize": 1024,
    }


def _trail(now: float) -> tuple[dict[str, Any], ...]:
    request = {"functionName": "orders-export", "environment": {"EXPORT_SESSIONS": "150"}}
    event = {
        "EventId": "5f1c1a52-7f0e-4f7e-9c53-2f4f6d7c1a10",
        "EventName": "UpdateFunctionConfiguration20150331v2",
        "EventSource": "lambda.amazonaws.com",
        "EventTime": now - 40 * MINUTE,
        "Username": "deploy-pipeline",
        "ReadOnly": "false",
        "Resources": [{"ResourceType": "AWS::Lambda::Function", "ResourceName": "orders-export"}],
        "CloudTrailEvent": json.dumps({"requestParameters": request}),
    }
    return (event,)


INCIDENT = Incident(
    name="orders-database",
    title="Orders cannot reach their database",
    story="Since its last change an export opens 150 database sessions and keeps them; no connection is left.",
    question="placing an order fails, is it the database?",
    cause="DatabaseConnectionsExhausted",
    build=build,
)
