"""How is Jenkins asked? Builds of a job and the queue, and what the answers look like."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar
from urllib.parse import quote

from connectors.contract import Health
from connectors.http import HttpApi, shaped

T = TypeVar("T")
_BUILD = (
    "builds[number,result,timestamp,duration,url,building,"
    "actions[causes[shortDescription],lastBuiltRevision[SHA1]]]{0,40}"
)
_QUEUE = "items[id,why,stuck,inQueueSince,task[name]]{0,200}"


class Build(NamedTuple):
    """A build; `result` is empty while it runs. `ended` is its beginning plus its duration."""

    number: int
    at: datetime
    ended: datetime
    result: str
    why: str
    revision: str
    link: str


class Waiting(NamedTuple):
    """What waits in the queue, since when, and why as Jenkins says it."""

    id: int
    job: str
    since: datetime
    why: str
    stuck: bool


class Jenkins:
    """Read-only calls. All raise `ConnectorError`."""

    def __init__(self, api: HttpApi, jobs: tuple[str, ...]) -> None:
        self._api = api
        self.jobs = jobs

    async def builds(self, job: str) -> tuple[list[Build], str]:
        """The latest builds of a job, the newest first."""
        return await self._read(
            f"{_path(job)}/api/json", _BUILD, lambda found: [_build(row) for row in found["builds"]]
        )

    async def queue(self) -> tuple[list[Waiting], str]:
        """What waits."""
        return await self._read("/queue/api/json", _QUEUE, lambda found: [_waiting(row) for row in found["items"]])

    async def health(self) -> list[Health]:
        """Whether each job may be read."""
        setting = "CHATOPS_CONNECTORS__JENKINS__USERNAME and __PASSWORD (an API token)"
        return [
            await self._api.health(f"jenkins {job}", f"{_path(job)}/api/json", setting, {"tree": "name"})
            for job in self.jobs
        ]

    async def aclose(self) -> None:
        """Close the connections."""
        await self._api.aclose()

    async def _read(self, path: str, tree: str, read: Callable[[Any], T]) -> tuple[T, str]:
        query = f"GET {path}?tree={tree}"
        answer = await self._api.get(path, {"tree": tree}, query=query)
        return shaped(answer, query, read), query


def _path(job: str) -> str:
    """`folder/deploy` is `/job/folder/job/deploy`."""
    return "".join(f"/job/{quote(part, safe='')}" for part in job.split("/"))


def _build(row: Mapping[str, Any]) -> Build:
    begun = int(row["timestamp"])
    actions = [one for one in row.get("actions") or () if one]
    causes = [str(cause.get("shortDescription") or "") for one in actions for cause in one.get("causes") or ()]
    revisions = [str((one.get("lastBuiltRevision") or {}).get("SHA1") or "") for one in actions]
    return Build(
        int(row["number"]),
        _time(begun),
        _time(begun + int(row.get("duration") or 0)),
        "" if row.get("building") else str(row.get("result") or ""),
        next(filter(None, causes), ""),
        next(filter(None, revisions), ""),
        str(row.get("url") or ""),
    )


def _waiting(row: Mapping[str, Any]) -> Waiting:
    return Waiting(
        int(row["id"]),
        str((row.get("task") or {}).get("name") or ""),
        _time(int(row["inQueueSince"])),
        str(row.get("why") or ""),
        bool(row.get("stuck")),
    )


def _time(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
