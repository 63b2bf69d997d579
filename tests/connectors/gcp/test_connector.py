from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from connectors.evidence import Change, LogPatterns, Role
from connectors.gcp.connector import GcpConnector
from tests.connectors import optional as o
from tests.connectors.http_server import HttpStandIn, Request

PROJECT = "acme-shop"


def audit(identity: str, minutes: float, method: str, resource: str, code: int = 0) -> dict[str, Any]:
    said: dict[str, Any] = {
        "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
        "serviceName": "run.googleapis.com", "methodName": method, "resourceName": resource,
        "authenticationInfo": {"principalEmail": "ci@acme.example"}, "status": {},
    }  # fmt: skip
    if code:
        said["status"] = {"code": code, "message": "image not found"}
    return {"insertId": identity, "timestamp": o.at(minutes).replace("Z", ".123456789Z"), "protoPayload": said}


AUDIT = [
    audit("a1", -3, "google.cloud.run.v2.Services.UpdateService", "projects/acme-shop/locations/x/services/cart", 5),
    audit("a2", -40, "v1.compute.firewalls.patch", "projects/acme-shop/global/firewalls/deny-db"),
]
LINES = [(-12, "db: connection refused"), *((n, "db: connection refused") for n in range(1, 10))]


def entry(minutes: float, text: str) -> dict[str, Any]:
    labels = {"namespace_name": "shop", "pod_name": "cart-7d4b9c6f5-abcde", "container_name": "cart"}
    return {
        "insertId": str(minutes),
        "timestamp": o.at(minutes),
        "jsonPayload": {"message": text},
        "resource": {"labels": labels},
    }


def series(kind: str, label: str, name: str, before: float, after: float) -> dict[str, Any]:
    values = [(n, before if n < 0 else after) for n in range(-25, 20)]
    points = [{"interval": {"endTime": o.at(n)}, "value": {"doubleValue": value}} for n, value in reversed(values)]
    resource = {"type": "x", "labels": {label: name, "project_id": PROJECT}}
    return {"metric": {"type": kind, "labels": {}}, "resource": resource, "points": points}


SERIES = {
    "cloudsql.googleapis.com/database/cpu/utilization": ("database_id", "acme-shop:orders", 0.3, 0.99),
    "cloudsql.googleapis.com/database/disk/utilization": ("database_id", "acme-shop:orders", 0.5, 0.51),
    "run.googleapis.com/request_count": ("service_name", "cart", 0.0, 4.0),
}
ALERT = {
    "name": "projects/acme-shop/alerts/1", "state": "OPEN", "openTime": o.at(1),
    "policy": {"displayName": "Orders CPU", "severity": "CRITICAL"},
    "resource": {"type": "cloudsql_database", "labels": {"database_id": "orders"}}, "metric": {"type": "cpu"},
}  # fmt: skip


def answer(request: Request) -> Any:
    if request.path == f"/v2/projects/{PROJECT}/logs":
        return {"logNames": []}
    if request.path == f"/v3/projects/{PROJECT}/alerts":
        return {"alerts": [ALERT]}
    if request.path == f"/v3/projects/{PROJECT}/timeSeries":
        kind = request.params["filter"].partition('metric.type="')[2].partition('"')[0]
        return {"timeSeries": [series(kind, *SERIES[kind])]} if kind in SERIES else None
    if request.path != "/v2/entries:list":
        return None
    words = request.body["filter"]
    start, end = (words.partition(f'timestamp{sign}"')[2][:20] for sign in (">=", "<="))
    rows = AUDIT if "cloudaudit" in words else [entry(*one) for one in LINES]
    found = [one for one in rows if start[:19] <= one["timestamp"][:19] <= end[:19]]
    return {"entries": found} if found else {}


@pytest.fixture
async def connector(server: HttpStandIn) -> AsyncIterator[GcpConnector]:
    options = {"url": server.url, "token": "ya29", "project": PROJECT, "timeout": 2.0}
    async with o.opened("gcp", options) as found:
        yield found


async def test_what_was_changed_and_what_failed_of_it(connector: GcpConnector, server: HttpStandIn) -> None:
    found = await o.run(connector, "admin_activity")
    assert [item.key for item in found.evidence] == ["gcp/admin_activity/a2", "gcp/admin_activity/a1"]
    body = found.evidence[1].body
    assert isinstance(body, Change)
    assert body.by == "ci@acme.example"
    assert "failed: image not found" in body.what
    assert [(one.cause, one.subject.name) for one in found.findings] == [("CloudDeploymentFailed", "cart")]
    assert 'protoPayload.serviceName!="k8s.io"' in server.requests[0].body["filter"]
    assert found.evidence[0].query.startswith("gcloud logging read ")


async def test_alerts_that_are_open(connector: GcpConnector) -> None:
    (item,) = (await o.run(connector, "open_alerts")).evidence
    assert "Orders CPU since" in item.summary
    assert "database_id=orders" in item.summary


async def test_metrics_over_their_limit_since_the_onset(connector: GcpConnector) -> None:
    found = await o.run(connector, "metrics")
    assert [(one.cause, one.subject.name, one.role) for one in found.findings] == [
        ("DatabaseCPUSaturated", "acme-shop:orders", Role.CAUSE),
        ("ErrorRateIncrease", "cart", Role.SYMPTOM),
    ]
    assert "went from 0.3 to 0.99" in found.findings[0].statement
    assert found.partial == "", "metrics of services that the project does not use are no failures"


async def test_error_lines_of_the_workload(connector: GcpConnector, server: HttpStandIn) -> None:
    found = await o.run(connector, "log_errors")
    body = found.evidence[0].body
    assert isinstance(body, LogPatterns)
    assert (body.patterns[0].before, body.patterns[0].after) == (1, 9)
    words = server.requests[0].body["filter"]
    assert 'resource.labels.namespace_name="shop"' in words
    assert 'resource.labels.pod_name=~"^cart-' in words


async def test_nothing_says_what_was_searched(connector: GcpConnector) -> None:
    assert "nothing was changed" in (await o.run(connector, "admin_activity", o.NOWHERE)).searched
    assert "no line" in (await o.run(connector, "log_errors", o.NOWHERE)).searched


async def test_queries_of_the_persona(connector: GcpConnector, server: HttpStandIn) -> None:
    found = await o.ask(connector, "gcp_logs", filter='severity>=ERROR OR textPayload:"x"')
    assert found.evidence
    assert server.requests[-1].body["filter"].startswith('(severity>=ERROR OR textPayload:"x") AND timestamp>=')
    words = 'metric.type="run.googleapis.com/request_count"'
    assert "1 series" in (await o.ask(connector, "gcp_metric", filter=words, aligner="ALIGN_RATE")).evidence[0].summary


def test_gcloud_logging_read_is_answered_of_this_project_only(connector: GcpConnector) -> None:
    argv = connector.tools()[0].argv
    assert argv is not None
    read = ["gcloud", "logging", "read", "severity>=ERROR"]
    assert argv([*read, f"--project={PROJECT}", "--limit", "50"]) == {"filter": "severity>=ERROR"}
    assert argv([*read, "--project", "other"]) is None
    assert argv([*read, "--impersonate-service-account=x"]) is None
    assert argv(["gcloud", "logging", "read", "--limit=5"]) is None
    assert argv(["gcloud", "logging", "delete", "x"]) is None


async def test_failures_are_told(connector: GcpConnector, server: HttpStandIn) -> None:
    await o.fails_well(connector, server)


def test_settings() -> None:
    o.silent("gcp")
    o.refused("gcp", {"project": "Acme Shop"}, "project id")
