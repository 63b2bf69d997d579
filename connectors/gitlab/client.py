"""How is GitLab asked? Deployments and pipelines of a project, and what the answers look like."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import quote

from connectors import moments
from connectors.contract import Health
from connectors.http import HttpApi

PUBLIC = "https://gitlab.com"
_MANY = 50


class Deployment(NamedTuple):
    """A deployment of a commit to an environment."""

    id: int
    at: datetime
    environment: str
    ref: str
    sha: str
    status: str
    by: str
    link: str


class Pipeline(NamedTuple):
    """A pipeline."""

    id: int
    at: datetime
    ref: str
    sha: str
    status: str
    source: str
    link: str


class GitLab:
    """Read-only calls. All raise `ConnectorError`."""

    def __init__(self, api: HttpApi, projects: tuple[str, ...]) -> None:
        self._api = api
        self.projects = projects

    async def deployments(self, project: str, since: datetime, until: datetime) -> tuple[list[Deployment], str]:
        """Deployments that were updated in this range, the newest first."""
        params: dict[str, str | int] = {
            "updated_after": moments.written(since),
            "updated_before": moments.written(until),
            "order_by": "updated_at",
            "sort": "desc",
            "per_page": _MANY,
        }
        return await self._api.read(
            f"{_of(project)}/deployments", params, lambda rows: [_deployment(row) for row in rows]
        )

    async def pipelines(
        self, project: str, since: datetime, until: datetime, status: str = ""
    ) -> tuple[list[Pipeline], str]:
        """Pipelines that were updated in this range, of one status where one is given."""
        params: dict[str, str | int] = {
            "updated_after": moments.written(since),
            "updated_before": moments.written(until),
            "per_page": _MANY,
        }
        if status:
            params["status"] = status
        return await self._api.read(f"{_of(project)}/pipelines", params, lambda rows: [_pipeline(row) for row in rows])

    async def health(self) -> list[Health]:
        """Whether deployments of each project may be read."""
        setting = "CHATOPS_CONNECTORS__GITLAB__TOKEN"
        return [
            await self._api.health(f"gitlab {name}", f"{_of(name)}/deployments", setting, {"per_page": 1})
            for name in self.projects
        ]

    async def aclose(self) -> None:
        """Close the connections."""
        await self._api.aclose()


def _of(project: str) -> str:
    return f"/api/v4/projects/{quote(project, safe='')}"


def _deployment(row: Mapping[str, Any]) -> Deployment:
    job = row.get("deployable") or {}
    return Deployment(
        int(row["id"]),
        moments.read(row.get("updated_at") or row["created_at"]),
        str(row["environment"]["name"]),
        str(row["ref"]),
        str(row["sha"]),
        str(row["status"]),
        str((row.get("user") or {}).get("username") or ""),
        str(job.get("web_url") or (job.get("pipeline") or {}).get("web_url") or ""),
    )


def _pipeline(row: Mapping[str, Any]) -> Pipeline:
    return Pipeline(
        int(row["id"]),
        moments.read(row.get("updated_at") or row["created_at"]),
        str(row["ref"]),
        str(row["sha"]),
        str(row["status"]),
        str(row.get("source") or ""),
        str(row.get("web_url") or ""),
    )
