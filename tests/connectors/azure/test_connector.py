from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.azure.access import Identity, tokens
from connectors.azure.connector import AzureConnector
from connectors.azure.metrics import METRICS, subject_of, type_of
from connectors.causes import BY_CODE
from connectors.contract import ConnectorError, FiringAlert
from connectors.evidence import Change, ResourceState, Role
from tests.connectors import optional as o
from tests.connectors.http_server import HttpStandIn, Request

SUBSCRIPTION = "11111111-2222-3333-4444-555555555555"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/shop"
DATABASE = f"{GROUP}/providers/Microsoft.Sql/servers/s1/databases/orders"
SITE = f"{GROUP}/providers/Microsoft.Web/sites/cart"


def activity(
    identity: str, minutes: float, operation: str, status: str, resource: str = SITE, message: str = ""
) -> dict[str, Any]:
    return {
        "eventDataId": identity, "eventTimestamp": o.at(minutes).replace("Z", ".1234567Z"),
        "caller": "ops@acme.example",
        "category": {"value": "Administrative"}, "operationName": {"value": operation, "localizedValue": operation},
        "resourceId": resource, "status": {"value": status}, "correlationId": f"c-{operation}-{resource}",
        "properties": {"statusMessage": message},
    }  # fmt: skip


DEPLOY = f"{GROUP}/providers/Microsoft.Resources/deployments/main"
ACTIVITIES = [
    activity("1", -6, "Microsoft.Web/sites/config/write", "Started"),
    activity("2", -5, "Microsoft.Web/sites/config/write", "Succeeded"),
    activity("3", -5, "Microsoft.Web/sites/config/list/action", "Succeeded"),
    activity("4", -4, "Microsoft.Storage/storageAccounts/listKeys/action", "Succeeded"),
    activity("5", -3, "Microsoft.Resources/deployments/write", "Failed", DEPLOY, "SkuNotAvailable"),
]
VM = f"{GROUP}/providers/Microsoft.Compute/virtualMachines/vm1"
HEALTH = [
    {"id": f"{DATABASE}/providers/Microsoft.ResourceHealth/availabilityStatuses/current", "properties": {
        "availabilityState": "Unavailable", "title": "We're sorry, your database isn't available", "summary": "looking",
        "reasonType": "Unplanned", "occuredTime": o.at(-1)}},
    {"id": f"{VM}/providers/Microsoft.ResourceHealth/x", "properties": {
        "availabilityState": "Unavailable", "title": "Stopped by user", "reasonType": "UserInitiated"}},
    {"id": f"{SITE}/providers/Microsoft.ResourceHealth/x", "properties": {"availabilityState": "Available"}},
]  # fmt: skip
LEVELS = {"cpu_percent": (20.0, 99.0), "storage_percent": (50.0, 51.0), "Http5xx": (0.0, 40.0)}


def metric(name: str, how: str) -> dict[str, Any]:
    before, after = LEVELS.get(name, (1.0, 1.0))
    data: list[dict[str, Any]] = [
        {"timeStamp": o.at(n), how.lower(): before if n < 0 else after} for n in range(-25, 20)
    ]
    data.append({"timeStamp": o.at(20)})
    return {"name": {"value": name}, "unit": "Percent", "timeseries": [{"data": data}]}


def answer(request: Request) -> Any:
    path, params = request.path, request.params
    if path == f"/subscriptions/{SUBSCRIPTION}":
        return {"state": "Enabled"}
    if path.endswith("/eventtypes/management/values"):
        start, end = (params["$filter"].partition(f"eventTimestamp {sign} '")[2][:19] for sign in ("ge", "le"))
        found = [one for one in ACTIVITIES if start <= one["eventTimestamp"][:19] <= end]
        if "$skipToken" in params:
            return {"value": found[2:]} if params["$skipToken"] == "a b" else None
        return {"value": found[:2], "nextLink": f"https://elsewhere.example{path}?$skipToken=a%20b"}
    if path.endswith("/availabilityStatuses"):
        if "$skipToken" in params:
            return {"value": HEALTH[1:]}
        return {"value": HEALTH[:1], "nextLink": f"https://elsewhere.example{path}?api-version=1&$skiptoken=2"}
    if path.endswith("/providers/Microsoft.Insights/metrics"):
        return {"value": [metric(params["metricnames"], params["aggregation"])]}
    return None


@pytest.fixture
async def connector(server: HttpStandIn) -> AsyncIterator[AzureConnector]:
    options = {
        "url": server.url, "token": "t", "subscription": SUBSCRIPTION.upper(), "resources": [DATABASE], "timeout": 2.0,
    }  # fmt: skip
    async with o.opened("azure", options) as found:
        yield found


async def test_changes_are_told_once_and_reading_is_none(connector: AzureConnector, server: HttpStandIn) -> None:
    found = await o.run(connector, "activity_log")
    assert [item.key for item in found.evidence] == ["azure/activity_log/2", "azure/activity_log/5"]
    body = found.evidence[0].body
    assert isinstance(body, Change)
    assert (body.by, "succeeded" in body.what) == ("ops@acme.example", True)
    assert found.evidence[0].link == f"https://portal.azure.com/#resource{SITE}"
    (finding,) = found.findings
    assert (finding.cause, finding.subject.name) == ("CloudDeploymentFailed", "main")
    assert "SkuNotAvailable" in finding.statement
    assert len(server.requests) == 2, "the second page, asked of the same host"


async def test_what_azure_calls_unavailable_on_every_page(connector: AzureConnector, server: HttpStandIn) -> None:
    found = await o.run(connector, "resource_health")
    assert len(found.evidence) == 2
    assert len(server.requests) == 2
    assert [(one.cause, one.subject.name) for one in found.findings] == [("CloudInstanceImpaired", "orders")]


async def test_metrics_of_the_resources_of_settings_and_alerts(connector: AzureConnector) -> None:
    alert = FiringAlert(name="Http5xx", annotations={"target": f"see {SITE}/"})
    found = await o.run(connector, "metrics", o.CART.model_copy(update={"alerts": (alert,)}))
    assert [(one.cause, one.subject.name, one.role) for one in found.findings] == [
        ("DatabaseCPUSaturated", "orders", Role.CAUSE),
        ("ErrorRateIncrease", "cart", Role.SYMPTOM),
    ]


async def test_without_a_known_resource_no_metric_is_asked(server: HttpStandIn) -> None:
    async with o.opened("azure", {"url": server.url, "token": "t", "subscription": SUBSCRIPTION}) as connector:
        assert "neither" in (await o.run(connector, "metrics")).skipped
    assert server.requests == []


async def test_nothing_says_what_was_searched(connector: AzureConnector) -> None:
    assert "nothing was changed" in (await o.run(connector, "activity_log", o.NOWHERE)).searched


async def test_queries_of_the_persona(connector: AzureConnector, server: HttpStandIn) -> None:
    log = (await o.ask(connector, "azure_activity_log", resource_group="shop")).evidence[0].body
    assert isinstance(log, ResourceState)
    assert len(log.rows) == 4
    assert "and resourceGroupName eq 'shop'" in server.requests[0].params["$filter"]
    found = await o.ask(connector, "azure_metric", resource=DATABASE, metric="cpu_percent", aggregation="Maximum")
    assert "last 99" in found.evidence[0].summary


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("azure_activity_log", {"resource_group": "x' or 1 eq 1"}),
        ("azure_metric", {"resource": "/subscriptions/other", "metric": "cpu"}),
        ("azure_metric", {"resource": DATABASE.replace("1111", "9999"), "metric": "cpu"}),
        ("azure_metric", {"resource": f"{DATABASE}/../../x?api-version=1", "metric": "cpu"}),
    ],
)
async def test_what_leads_elsewhere_is_refused(
    connector: AzureConnector, server: HttpStandIn, tool: str, arguments: dict[str, Any]
) -> None:
    with pytest.raises(ConnectorError, match="rejected"):
        await o.ask(connector, tool, **arguments)
    assert server.requests == []


def test_az_activity_log_is_answered(connector: AzureConnector) -> None:
    argv = connector.tools()[0].argv
    assert argv is not None
    assert argv(["az", "monitor", "activity-log", "list"]) == {}
    assert argv(["az", "monitor", "activity-log", "list", "-g", "shop"]) == {"resource_group": "shop"}
    assert argv(["az", "monitor", "activity-log", "list", "--caller", "x"]) is None
    assert argv(["az", "vm", "list"]) is None


async def test_failures_are_told(connector: AzureConnector, server: HttpStandIn) -> None:
    await o.fails_well(connector, server)


def issue(request: Request) -> Any:
    """Entra ID and the metadata service, as far as tokens go."""
    if request.path == "/metadata/identity/oauth2/token":
        return {"access_token": "machine", "expires_in": "3600"} if request.headers.get("Metadata") else None
    if request.path != "/tenant/oauth2/v2.0/token":
        return None
    form = request.body
    if form["scope"] != "https://management.azure.com/.default" or form["client_id"] != "app":
        return None
    return {"access_token": form.get("client_secret") or form["client_assertion"], "expires_in": 3600}


@pytest.fixture
def issuer() -> Iterator[HttpStandIn]:
    stand_in = HttpStandIn(issue)
    yield stand_in
    stand_in.close()


async def header(options: dict[str, Any], environ: dict[str, str]) -> str:
    found = tokens(options, environ)
    assert found is not None
    return (await found())["Authorization"]


async def test_every_way_to_a_token(issuer: HttpStandIn, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("federated")
    who = {"AZURE_TENANT_ID": "tenant", "AZURE_CLIENT_ID": "app", "AZURE_AUTHORITY_HOST": f"{issuer.url}/"}
    assert await header({"client_secret": "secret"}, who) == "Bearer secret"
    assert await header({}, {**who, "AZURE_FEDERATED_TOKEN_FILE": str(tmp_path / "token")}) == "Bearer federated"
    assert await header({"imds": issuer.url, "client_id": "app"}, {}) == "Bearer machine"
    assert issuer.requests[-1].params["client_id"] == "app"
    assert tokens({"token": "given"}, {}) is None


async def test_a_refused_token_is_told_without_the_secret(issuer: HttpStandIn) -> None:
    options = {"tenant": "wrong", "client_id": "app", "client_secret": "hunter2", "authority": issuer.url}
    with pytest.raises(ConnectorError) as caught:
        await header(options, {})
    assert "hunter2" not in str(caught.value)
    assert "hunter2" not in repr(Identity.read(options, {}))
    with pytest.raises(ConnectorError):
        await header({**options, "client_secret": "", "federated_token_file": "/nowhere/token"}, {})


def test_types_and_subjects_of_ids() -> None:
    assert type_of(DATABASE) == "microsoft.sql/servers/databases"
    assert type_of("orders") == ""
    assert str(subject_of(DATABASE)) == "databases shop/orders"
    assert {row.cause for row in METRICS} <= BY_CODE.keys()


def test_settings() -> None:
    o.silent("azure")
    o.refused("azure", {"subscription": "prod"}, "subscription id")
    o.refused("azure", {"subscription": SUBSCRIPTION, "resources": ["orders"]}, "full resource id")
    o.refused("azure", {"subscription": SUBSCRIPTION, "resource_group": "x'y"}, "resource_group")
