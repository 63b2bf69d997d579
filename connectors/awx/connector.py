"""The AWX connector: which playbooks ran around the onset, and which failed.

`GET /api/v2/jobs/`, as AWX, Ansible Tower and the controller of the Ansible Automation Platform have it; behind the
platform's gateway (2.5 and later) it is `/api/controller/v2/jobs/`, with `/api/controller` in the `url`. A playbook
that failed may have changed half of its hosts: it is told as a failed delivery.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from connectors import moments, noted
from connectors.address import COMMON
from connectors.contract import Check, ConnectorSettings, Health, Inquiry, Scope, Tool, reads
from connectors.evidence import Observation, Subject
from connectors.http import HttpApi, open_api
from connectors.noted import Failure, Noted

_PATH = "/api/v2/jobs/"
_MANY = 100
_SHOWN = 30
_FAILED = frozenset({"failed", "error"})


class Job(NamedTuple):
    """A run of a playbook that has ended."""

    id: int
    at: datetime
    name: str
    status: str
    playbook: str
    by: str
    why: str


class AwxConnector:
    """One AWX in one environment."""

    name = "awx"

    def __init__(self, api: HttpApi) -> None:
        self._api = api
        self._path = "/v2/jobs/" if api.options.url.endswith("/api/controller") else _PATH

    def checks(self, inquiry: Inquiry) -> Sequence[Check]:
        """Playbooks that ran, and that failed."""
        return (
            Check("playbooks", "Which playbooks ran around the onset?", partial(self._ran, inquiry)),
            Check("failed_playbooks", "Which playbooks failed around the onset?", partial(self._failed, inquiry),
                  decides=("PipelineFailed",)),
        )  # fmt: skip

    def tools(self) -> Sequence[Tool]:
        """None: the checks read what matters."""
        return ()

    async def subjects(self, scope: Scope) -> Sequence[Subject]:
        """Nothing: templates are no part of the scope."""
        return ()

    async def health(self) -> Sequence[Health]:
        """Whether jobs may be read."""
        return [await self._api.health(self.name, self._path, "CHATOPS_CONNECTORS__AWX__TOKEN", {"page_size": 1})]

    async def aclose(self) -> None:
        """Close the connections."""
        await self._api.aclose()

    async def _ran(self, inquiry: Inquiry) -> Observation:
        jobs, query = await self._jobs(inquiry)
        rows = [
            Noted(str(one.id), one.at, f"{one.name} ran {one.playbook}: {one.status}", one.by, "", _subject(one))
            for one in jobs if one.status not in _FAILED
        ]  # fmt: skip
        return noted.told(self.name, "playbooks", rows, inquiry, query)

    async def _failed(self, inquiry: Inquiry) -> Observation:
        jobs, query = await self._jobs(inquiry)
        failed = [one for one in jobs if one.status in _FAILED]
        if not failed:
            return Observation(searched=f"no playbook failed: {query}")
        return noted.failures(self.name, "failed_playbooks", "playbook failed", [*map(_told, failed[:_SHOWN])], query)

    async def _jobs(self, inquiry: Inquiry) -> tuple[list[Job], str]:
        start, end = noted.span(inquiry)
        params: dict[str, str | int] = {
            "finished__gte": moments.written(start),
            "finished__lte": moments.written(end),
            "order_by": "-finished",
            "page_size": _MANY,
        }
        return await self._api.read(self._path, params, lambda answer: [_job(row) for row in answer["results"]])


def _subject(one: Job) -> Subject:
    return Subject(kind="Playbook", name=one.playbook or one.name)


def _told(one: Job) -> Failure:
    words = f"Job {one.id} of {one.name} ({one.playbook}) failed at {one.at:%H:%M:%S}"
    more = f": {one.why[:200]}" if one.why else f", started by {one.by}" if one.by else ""
    return Failure(str(one.id), one.at, _subject(one), words, words[:120], more)


def _job(row: Mapping[str, Any]) -> Job:
    by = ((row.get("summary_fields") or {}).get("created_by") or {}).get("username")
    return Job(
        int(row["id"]),
        moments.read(str(row["finished"])),
        str(row.get("name") or ""),
        str(row["status"]),
        str(row.get("playbook") or ""),
        str(by or row.get("launch_type") or ""),
        str(row.get("job_explanation") or ""),
    )


@reads(*COMMON)
def open_connector(settings: ConnectorSettings) -> AwxConnector | None:
    """The connector of these settings; None without a `url`.

    Options: those of `connectors.http` (`url` ends with `/api/controller` where a gateway stands before it).
    """
    api = open_api(AwxConnector.name, settings)
    return AwxConnector(api) if api else None
