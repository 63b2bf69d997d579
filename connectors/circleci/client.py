"""How is CircleCI asked? Pipelines of a project and their workflows (API v2), and what the answers look like."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import quote

from connectors import moments
from connectors.contract import Health
from connectors.http import HttpApi

PUBLIC = "https://circleci.com"


class Pipeline(NamedTuple):
    """A run of a project's configuration; its workflows say how it ended. `errors` are those of the configuration."""

    id: str
    number: int
    at: datetime
    branch: str
    revision: str
    subject: str
    by: str
    errors: tuple[str, ...]


class Workflow(NamedTuple):
    """A workflow of a pipeline; `ended` is None while it runs or waits for an approval."""

    id: str
    name: str
    status: str
    ended: datetime | None


class CircleCI:
    """Read-only calls. All raise `ConnectorError`."""

    def __init__(self, api: HttpApi, projects: tuple[str, ...]) -> None:
        self._api = api
        self.projects = projects

    async def pipelines(self, project: str) -> tuple[list[Pipeline], str]:
        """The latest pipelines of a project (a page: about twenty), the newest first."""
        return await self._api.read(
            f"{_of(project)}/pipeline", {}, lambda found: [_pipeline(x) for x in found["items"]]
        )

    async def workflows(self, pipeline: str) -> tuple[list[Workflow], str]:
        """The workflows of a pipeline, those run again included."""
        path = f"/api/v2/pipeline/{quote(pipeline, safe='')}/workflow"
        return await self._api.read(path, {}, lambda found: [_workflow(x) for x in found["items"]])

    def link(self, project: str, number: int) -> str:
        """Where people see a pipeline."""
        return f"https://app.circleci.com/pipelines/{project}/{number}"

    async def health(self) -> list[Health]:
        """Whether each project may be read."""
        setting = "CHATOPS_CONNECTORS__CIRCLECI__API_TOKEN"
        return [await self._api.health(f"circleci {name}", f"{_of(name)}/pipeline", setting) for name in self.projects]

    async def aclose(self) -> None:
        """Close the connections."""
        await self._api.aclose()


def _of(project: str) -> str:
    return f"/api/v2/project/{quote(project)}"


def _pipeline(row: Mapping[str, Any]) -> Pipeline:
    source = row.get("vcs") or {}
    trigger = row.get("trigger") or {}
    return Pipeline(
        str(row["id"]),
        int(row["number"]),
        moments.read(row["created_at"]),
        str(source.get("branch") or source.get("tag") or ""),
        str(source.get("revision") or ""),
        str((source.get("commit") or {}).get("subject") or ""),
        str((trigger.get("actor") or {}).get("login") or ""),
        tuple(str(one.get("message") or one.get("type") or "") for one in row.get("errors") or ()),
    )


def _workflow(row: Mapping[str, Any]) -> Workflow:
    ended = row.get("stopped_at")
    return Workflow(str(row["id"]), str(row["name"]), str(row["status"]), moments.read(ended) if ended else None)
