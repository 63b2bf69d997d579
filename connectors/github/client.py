"""How is GitHub asked? Deployments, workflow runs and comparisons of a repository, and what the answers look like."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from connectors import moments
from connectors.contract import Health
from connectors.http import HttpApi

PUBLIC = "https://api.github.com"
HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
_MANY = 30


class Deployment(NamedTuple):
    """A deployment of a commit to an environment."""

    id: int
    at: datetime
    environment: str
    ref: str
    sha: str
    by: str
    what: str


class Run(NamedTuple):
    """A run of a workflow; `conclusion` is empty while it runs."""

    id: int
    at: datetime
    ended: datetime
    name: str
    title: str
    branch: str
    sha: str
    event: str
    conclusion: str
    by: str
    link: str


class Difference(NamedTuple):
    """What lies between two commits: subjects of commits with their authors, and files with their changed lines."""

    commits: tuple[tuple[str, str, str], ...]
    files: tuple[tuple[str, str, int], ...]
    link: str
    total: int


class GitHub:
    """Read-only calls. All raise `ConnectorError`."""

    def __init__(self, api: HttpApi, repositories: tuple[str, ...]) -> None:
        self._api = api
        self.repositories = repositories

    async def deployments(self, repository: str) -> tuple[list[Deployment], str]:
        """The latest deployments, the newest first."""
        path = f"/repos/{repository}/deployments"
        return await self._api.read(path, {"per_page": _MANY}, lambda rows: [_deployment(row) for row in rows])

    async def outcome(self, repository: str, deployment: int) -> str:
        """What became of a deployment: the state of its latest status, empty where it has none."""
        path = f"/repos/{repository}/deployments/{deployment}/statuses"
        states, _ = await self._api.read(path, {"per_page": 1}, lambda rows: [str(row["state"]) for row in rows])
        return states[0] if states else ""

    async def runs(self, repository: str, since: datetime, until: datetime) -> tuple[list[Run], str]:
        """Workflow runs that were created in this range, the newest first."""
        created = f"{moments.written(since)}..{moments.written(until)}"
        path = f"/repos/{repository}/actions/runs"
        return await self._api.read(
            path, {"created": created, "per_page": 100}, lambda found: [_run(row) for row in found["workflow_runs"]]
        )

    async def compare(self, repository: str, base: str, head: str) -> tuple[Difference, str]:
        """What `head` has that `base` has not."""
        path = f"/repos/{repository}/compare/{base}...{head}"
        return await self._api.read(path, {"per_page": 50}, _difference)

    async def health(self) -> list[Health]:
        """Whether deployments of each repository may be read."""
        setting = "CHATOPS_CONNECTORS__GITHUB__TOKEN"
        return [
            await self._api.health(f"github {name}", f"/repos/{name}/deployments", setting, {"per_page": 1})
            for name in self.repositories
        ]

    async def aclose(self) -> None:
        """Close the connections."""
        await self._api.aclose()


def _deployment(row: Mapping[str, Any]) -> Deployment:
    what = str(row.get("description") or row.get("task") or "deploy")
    by = str((row.get("creator") or {}).get("login") or "")
    return Deployment(
        int(row["id"]),
        moments.read(row["created_at"]),
        str(row["environment"]),
        str(row["ref"]),
        str(row["sha"]),
        by,
        what,
    )


def _run(row: Mapping[str, Any]) -> Run:
    by = str((row.get("actor") or {}).get("login") or "")
    return Run(
        int(row["id"]),
        moments.read(row.get("run_started_at") or row["created_at"]),
        moments.read(row.get("updated_at") or row["created_at"]),
        str(row.get("name") or ""),
        str(row.get("display_title") or ""),
        str(row.get("head_branch") or ""),
        str(row["head_sha"]),
        str(row.get("event") or ""),
        str(row.get("conclusion") or ""),
        by,
        str(row.get("html_url") or ""),
    )


def _difference(found: Mapping[str, Any]) -> Difference:
    commits = tuple(
        (
            str(one["sha"])[:10],
            str(one["commit"]["message"]).partition("\n")[0],
            str((one["commit"].get("author") or {}).get("name") or ""),
        )
        for one in found["commits"]
    )
    files = tuple((str(one["filename"]), str(one["status"]), int(one["changes"])) for one in found.get("files") or ())
    return Difference(commits, files, str(found.get("html_url") or ""), int(found.get("total_commits") or len(commits)))
