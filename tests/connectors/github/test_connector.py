from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from connectors.contract import ConnectorError
from connectors.evidence import Change, ResourceState, Role
from connectors.github.connector import GitHubConnector
from tests.connectors import optional as o
from tests.connectors.http_server import HttpStandIn, Request

REPOSITORY = "acme/cart"


def deployment(number: int, minutes: float, sha: str, environment: str = "production") -> dict[str, Any]:
    return {
        "id": number, "sha": sha, "ref": "main", "task": "deploy", "environment": environment, "description": None,
        "creator": {"login": "mona"}, "created_at": o.at(minutes), "updated_at": o.at(minutes + 1),
    }  # fmt: skip


def workflow(number: int, minutes: float, conclusion: str | None) -> dict[str, Any]:
    return {
        "id": number, "name": "Deploy", "display_title": "Raise pool size", "head_branch": "main", "head_sha": "b" * 40,
        "event": "push", "status": "completed" if conclusion else "in_progress", "conclusion": conclusion,
        "actor": {"login": "mona"}, "html_url": f"https://github.example/runs/{number}", "created_at": o.at(minutes),
        "run_started_at": o.at(minutes), "updated_at": o.at(minutes + 4),
    }  # fmt: skip


DEPLOYMENTS = [
    deployment(3, -4, "c" * 40),
    deployment(9, -30, "d" * 40, "staging"),
    deployment(2, -2000, "b" * 40),
    deployment(1, -4000, "a" * 40),
]
RUNS = [workflow(7, -20, "failure"), workflow(6, -50, "success"), workflow(5, -2, None)]
COMPARED = {
    "html_url": "https://github.example/compare", "total_commits": 1,
    "commits": [{"sha": "c" * 40, "commit": {"message": "Raise pool size\n\nwhy", "author": {"name": "Mona"}}}],
    "files": [{"filename": "config/pool.yaml", "status": "modified", "changes": 2}],
}  # fmt: skip


def answer(request: Request) -> Any:
    path = request.path.removeprefix(f"/repos/{REPOSITORY}")
    if path == "/deployments":
        return DEPLOYMENTS
    if path == "/deployments/3/statuses":
        return [{"state": "success"}]
    if path.endswith("/statuses"):
        return []
    if path == "/actions/runs":
        since, _, until = request.params["created"].partition("..")
        return {"total_count": 3, "workflow_runs": [run for run in RUNS if since <= run["created_at"] <= until]}
    return COMPARED if path.startswith("/compare/") else None


@pytest.fixture
async def connector(server: HttpStandIn) -> AsyncIterator[GitHubConnector]:
    options = {"url": server.url, "token": "ghp_secret", "repositories": [REPOSITORY], "timeout": 2.0}
    async with o.opened("github", options) as found:
        yield found


async def test_deployments_near_the_onset_are_changes(connector: GitHubConnector, server: HttpStandIn) -> None:
    found = await o.run(connector, "deployments")
    assert [item.key for item in found.evidence] == [
        "github/deployments/acme/cart/9",
        "github/deployments/acme/cart/3",
    ]
    body = found.evidence[1].body
    assert isinstance(body, Change)
    assert (body.before, body.after, body.by) == ("b" * 40, "c" * 40, "mona"), (
        "before: the last of the same environment"
    )
    assert "to production: success" in body.what
    assert "to staging: no status" in found.evidence[0].summary
    assert server.requests[0].headers["Authorization"] == "Bearer ghp_secret"
    assert server.requests[0].headers["Accept"] == "application/vnd.github+json"


async def test_a_failed_run_is_told_and_blamed_for_nothing(connector: GitHubConnector) -> None:
    found = await o.run(connector, "workflow_runs")
    assert [item.link for item in found.evidence] == ["https://github.example/runs/7"]
    assert [(one.cause, one.role) for one in found.findings] == [("PipelineFailed", Role.CONTEXT)]


async def test_nothing_says_what_was_searched(connector: GitHubConnector) -> None:
    assert "nothing was changed" in (await o.run(connector, "deployments", o.NOWHERE)).searched
    assert "none of 0 workflow runs failed" in (await o.run(connector, "workflow_runs", o.NOWHERE)).searched


async def test_the_persona_asks_for_runs_and_for_what_a_version_brought(connector: GitHubConnector) -> None:
    runs = (await o.ask(connector, "github_runs", repository=REPOSITORY)).evidence[0].body
    assert isinstance(runs, ResourceState)
    assert [row[3] for row in runs.rows] == ["failure", "success", "running"]
    compared = await o.ask(connector, "github_compare", repository=REPOSITORY, base="v1", head="v2")
    assert "Raise pool size" in compared.evidence[0].summary
    assert "config/pool.yaml" in compared.evidence[0].summary


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("github_runs", {"repository": "other/private"}),
        ("github_compare", {"repository": REPOSITORY, "base": "../../user", "head": "x"}),
        ("github_compare", {"repository": REPOSITORY, "base": "a b", "head": "x"}),
    ],
)
async def test_what_leads_elsewhere_is_refused(
    connector: GitHubConnector, server: HttpStandIn, tool: str, arguments: dict[str, Any]
) -> None:
    with pytest.raises(ConnectorError, match="rejected"):
        await o.ask(connector, tool, **arguments)
    assert server.requests == []


def test_gh_run_list_is_answered_of_known_repositories_only(connector: GitHubConnector) -> None:
    argv = connector.tools()[0].argv
    assert argv is not None
    assert argv(["gh", "run", "list"]) == {"repository": REPOSITORY}
    assert argv(["gh", "run", "list", "-R", REPOSITORY]) == {"repository": REPOSITORY}
    assert argv(["gh", "run", "list", "-R", "other/one"]) is None
    assert argv(["gh", "run", "view", "7"]) is None
    assert argv(["gh", "run", "list", "--branch", "main"]) is None


async def test_failures_are_told(connector: GitHubConnector, server: HttpStandIn) -> None:
    await o.fails_well(connector, server)


def test_settings() -> None:
    o.silent("github")
    o.refused("github", {"repositories": ["cart"]}, "OWNER/NAME")
    o.refused("github", {"repositories": [f"acme/{number}" for number in range(11)]}, "at most ten")
