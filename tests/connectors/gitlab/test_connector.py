from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from connectors.contract import ConnectorError
from connectors.evidence import Role
from connectors.gitlab.connector import GitLabConnector
from tests.connectors import optional as o
from tests.connectors.http_server import HttpStandIn, Request

PROJECT = "acme/shop/cart"
DEPLOYMENTS: list[dict[str, Any]] = [
    {
        "id": 41, "ref": "main", "sha": "c" * 40, "status": "success", "created_at": o.at(-6), "updated_at": o.at(-5),
        "environment": {"name": "production"}, "user": {"username": "lab"},
        "deployable": {"web_url": "https://gitlab.example/jobs/4"},
    },
    {
        "id": 40, "ref": "main", "sha": "b" * 40, "status": "failed", "created_at": o.at(-60), "updated_at": o.at(-59),
        "environment": {"name": "production"}, "user": None, "deployable": None,
    },
]  # fmt: skip
PIPELINES: list[dict[str, Any]] = [
    {
        "id": 8, "ref": "main", "sha": "b" * 40, "status": "failed", "source": "push", "updated_at": o.at(-59),
        "created_at": o.at(-70), "web_url": "https://gitlab.example/pipelines/8",
    },
    {"id": 9, "ref": "main", "sha": "c" * 40, "status": "success", "updated_at": o.at(-5), "created_at": o.at(-9)},
]  # fmt: skip


def answer(request: Request) -> Any:
    rows = {f"/api/v4/projects/{PROJECT}/deployments": DEPLOYMENTS, f"/api/v4/projects/{PROJECT}/pipelines": PIPELINES}
    found = rows.get(request.path)
    if found is None:
        return None
    after, before = request.params.get("updated_after", ""), request.params.get("updated_before", "9")
    wanted = request.params.get("status")
    return [one for one in found if after <= one["updated_at"] <= before and wanted in (None, one["status"])]


@pytest.fixture
async def connector(server: HttpStandIn) -> AsyncIterator[GitLabConnector]:
    options = {"url": server.url, "token": "glpat", "projects": PROJECT, "timeout": 2.0}
    async with o.opened("gitlab", options) as found:
        yield found


async def test_deployments_are_changes(connector: GitLabConnector, server: HttpStandIn) -> None:
    found = await o.run(connector, "deployments")
    assert [item.link for item in found.evidence] == ["", "https://gitlab.example/jobs/4"]
    assert "to production: failed" in found.evidence[0].summary
    assert "by lab" in found.evidence[1].summary
    assert server.requests[0].headers["Authorization"] == "Bearer glpat"


async def test_failed_pipelines_are_context(connector: GitLabConnector) -> None:
    found = await o.run(connector, "pipelines")
    assert [(one.cause, one.role) for one in found.findings] == [("PipelineFailed", Role.CONTEXT)]
    assert found.evidence[0].link == "https://gitlab.example/pipelines/8"


async def test_nothing_says_what_was_searched(connector: GitLabConnector) -> None:
    assert "nothing was changed" in (await o.run(connector, "deployments", o.NOWHERE)).searched
    assert "no pipeline failed" in (await o.run(connector, "pipelines", o.NOWHERE)).searched
    assert "no pipelines" in (await o.ask(connector, "gitlab_pipelines", o.NOWHERE, project=PROJECT)).searched


async def test_the_persona_asks_for_pipelines_of_known_projects(connector: GitLabConnector) -> None:
    assert "2 pipelines" in (await o.ask(connector, "gitlab_pipelines", project=PROJECT)).evidence[0].title
    with pytest.raises(ConnectorError, match="configured projects"):
        await o.ask(connector, "gitlab_pipelines", project="other/one")


async def test_failures_are_told(connector: GitLabConnector, server: HttpStandIn) -> None:
    await o.fails_well(connector, server)


def test_settings() -> None:
    o.silent("gitlab")
    o.refused("gitlab", {"projects": "cart"}, "GROUP/PROJECT")
    o.refused("gitlab", {"projects": ["a/b?x=1"]}, "GROUP/PROJECT")
