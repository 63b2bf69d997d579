"""The CircleCI connector: which workflows ended well before the onset, which failed, which wait for an approval."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from connectors import noted
from connectors.address import COMMON, plain
from connectors.circleci.client import PUBLIC, CircleCI, Pipeline, Workflow
from connectors.contract import Check, ConnectorSettings, Health, Inquiry, Scope, Tool, reads
from connectors.evidence import Observation, Subject
from connectors.http import open_api
from connectors.noted import Failure, Noted
from connectors.together import Once, every

_PROJECT = re.compile(r"[a-z]+/[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+")
_FAILED = frozenset({"failed", "error", "unauthorized"})
_PIPELINES = 10
"""Pipelines of a project whose workflows are read: a call each."""
_SHOWN = 20


class Run(NamedTuple):
    """A workflow with its pipeline and project."""

    project: str
    pipeline: Pipeline
    workflow: Workflow


Found = tuple[list[Run], str, str]
"""Runs of the span, the query, what was left out."""


class CircleCIConnector:
    """A few projects of CircleCI in one environment."""

    name = "circleci"

    def __init__(self, client: CircleCI) -> None:
        self._client = client

    def checks(self, inquiry: Inquiry) -> Sequence[Check]:
        """Deliveries and failures."""
        shared = Once(partial(self._runs, inquiry))
        return (
            Check("workflows", "What did pipelines deliver around the onset?",
                  partial(self._delivered, inquiry, shared)),
            Check("failed_workflows", "Which workflows failed around the onset?", partial(self._failed, shared),
                  decides=("PipelineFailed",)),
        )  # fmt: skip

    def tools(self) -> Sequence[Tool]:
        """None: the checks read all there is."""
        return ()

    async def subjects(self, scope: Scope) -> Sequence[Subject]:
        """Nothing: projects are no part of the scope."""
        return ()

    async def health(self) -> Sequence[Health]:
        """Whether each project may be read."""
        return await self._client.health()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _runs(self, inquiry: Inquiry) -> Found:
        start, end = noted.span(inquiry)
        projects = self._client.projects
        pages = await every([partial(self._client.pipelines, name) for name in projects])
        near = [(name, one) for name, (found, _) in zip(projects, pages, strict=True)
                for one in [each for each in found if start <= each.at <= end][:_PIPELINES]]  # fmt: skip
        left = sum(start <= one.at <= end for found, _ in pages for one in found) - len(near)
        asked = await every([partial(self._client.workflows, one.id) for _, one in near])
        runs = [
            Run(name, pipeline, one)
            for (name, pipeline), (found, _) in zip(near, asked, strict=True)
            for one in (found or _refused(pipeline))
        ]
        return runs, pages[0][1], f"{left} more pipelines were not looked into" if left else ""

    async def _delivered(self, inquiry: Inquiry, runs: Once[Found]) -> Observation:
        found, query, left = await runs()
        rows = [_row(self._client, one) for one in found if one.workflow.status in ("success", "on_hold")]
        told = noted.told(self.name, "workflows", rows, inquiry, query)
        return told.model_copy(update={"partial": "; ".join(filter(None, (told.partial, left)))})

    async def _failed(self, runs: Once[Found]) -> Observation:
        found, query, left = await runs()
        failed = [one for one in found if one.workflow.status in _FAILED]
        if not failed:
            return Observation(searched=f"no workflow of {len(found)} failed: {query}", partial=left)
        told = [_failure(self._client, one) for one in failed[:_SHOWN]]
        return noted.failures(self.name, "failed_workflows", "pipeline failed", told, query)


def _refused(pipeline: Pipeline) -> list[Workflow]:
    """A pipeline without workflows whose configuration was refused, as one that failed."""
    return [Workflow(pipeline.id, "configuration", "error", pipeline.at)] if pipeline.errors else []


def _row(client: CircleCI, one: Run) -> Noted:
    pipeline, flow = one.pipeline, one.workflow
    ended = "waits for an approval" if flow.status == "on_hold" else "succeeded"
    what = f"{one.project} {flow.name} #{pipeline.number} on {pipeline.branch} ({pipeline.revision[:10]}) {ended}"
    what += f": {pipeline.subject}" if pipeline.subject else ""
    subject = Subject(kind="Project", name=one.project)
    link = client.link(one.project, pipeline.number)
    return Noted(flow.id, flow.ended or pipeline.at, what, pipeline.by, link, subject, "", pipeline.revision)


def _failure(client: CircleCI, one: Run) -> Failure:
    pipeline, flow = one.pipeline, one.workflow
    at = flow.ended or pipeline.at
    words = f"Workflow {flow.name} of {one.project} #{pipeline.number} ended {flow.status} on {pipeline.branch}"
    subject = Subject(kind="Pipeline", namespace=one.project, name=flow.name)
    why = f" at {at:%H:%M:%S}" + (f": {pipeline.errors[0][:200]}" if pipeline.errors else "")
    return Failure(flow.id, at, subject, words, words[:120], why, client.link(one.project, pipeline.number))


@reads(*COMMON, "api_token", "projects")
def open_connector(settings: ConnectorSettings) -> CircleCIConnector | None:
    """The connector of these settings; None without `projects`.

    Options: `api_token` (a personal token; CircleCI has none that only reads), `projects`: slugs (`gh/acme/cart`, as in
    the address of the project's page), at most ten, and those of `connectors.http`.
    """
    given = settings.options.get("projects") or ()
    projects = tuple(one.strip() for one in (given.split(",") if isinstance(given, str) else map(str, given)))
    if not projects:
        return None
    wrong = [name for name in projects if not _PROJECT.fullmatch(name)]
    if wrong or len(projects) > 10:
        raise ValueError(f"projects: at most ten of the form gh/OWNER/NAME, not {wrong or len(projects)}")
    key = plain(settings.options.get("api_token"))
    headers = {"Circle-Token": key} if key else {}
    api = open_api(CircleCIConnector.name, settings, keep=("projects",), url=PUBLIC, headers=headers)
    return CircleCIConnector(CircleCI(api, projects)) if api else None
