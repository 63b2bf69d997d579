"""The GitLab connector: which deployments came before the onset, and which pipelines failed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from connectors import noted
from connectors.address import COMMON
from connectors.contract import Check, ConnectorError, ConnectorSettings, Health, Inquiry, Scope, Tool, reads
from connectors.evidence import Evidence, Observation, ResourceState, Subject
from connectors.gitlab.client import PUBLIC, Deployment, GitLab, Pipeline
from connectors.http import open_api
from connectors.noted import Failure, Noted
from connectors.together import every

_PROJECT = re.compile(r"\d+|[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)+")
_SHOWN = 30


class GitLabConnector:
    """A few projects of one GitLab in one environment."""

    name = "gitlab"

    def __init__(self, client: GitLab) -> None:
        self._client = client

    def checks(self, inquiry: Inquiry) -> Sequence[Check]:
        """Deployments, and failed pipelines."""
        return (
            Check("deployments", "What was deployed around the onset?", partial(self._deployments, inquiry)),
            Check("pipelines", "Which pipelines failed around the onset?", partial(self._failed, inquiry),
                  decides=("PipelineFailed",)),
        )  # fmt: skip

    def tools(self) -> Sequence[Tool]:
        """Pipelines of a project."""
        project = {"type": "string", "enum": list(self._client.projects)}
        return (
            Tool(
                "gitlab_pipelines",
                "Pipelines of a project in the incident's window and two hours before, with their status.",
                {"type": "object", "properties": {"project": project}, "required": ["project"],
                 "additionalProperties": False},
                self._pipelines,
            ),
        )  # fmt: skip

    async def subjects(self, scope: Scope) -> Sequence[Subject]:
        """Nothing: projects are no part of the scope."""
        return ()

    async def health(self) -> Sequence[Health]:
        """Whether each project may be read."""
        return await self._client.health()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _deployments(self, inquiry: Inquiry) -> Observation:
        start, end = noted.span(inquiry)
        parts = await every([partial(self._client.deployments, name, start, end) for name in self._client.projects])
        pairs = zip(self._client.projects, parts, strict=True)
        rows = [_row(name, one) for name, (found, _) in pairs for one in found]
        return noted.told(self.name, "deployments", rows, inquiry, parts[0][1])

    async def _failed(self, inquiry: Inquiry) -> Observation:
        start, end = noted.span(inquiry)
        projects = self._client.projects
        parts = await every([partial(self._client.pipelines, name, start, end, "failed") for name in projects])
        failed = [(name, one) for name, (found, _) in zip(projects, parts, strict=True) for one in found]
        if not failed:
            return Observation(searched=f"no pipeline failed: {parts[0][1]}")
        told = [_failed_pipeline(name, one) for name, one in failed[:_SHOWN]]
        return noted.failures(self.name, "pipelines", "pipeline failed", told, parts[0][1])

    async def _pipelines(self, inquiry: Inquiry, arguments: Mapping[str, Any]) -> Observation:
        project = str(arguments["project"])
        if project not in self._client.projects:
            known = ", ".join(self._client.projects)
            raise ConnectorError("rejected", project, f"not one of the configured projects: {known}")
        found, query = await self._client.pipelines(project, *noted.span(inquiry))
        if not found:
            return Observation(searched=f"no pipelines: {query}")
        rows = tuple(
            (f"{one.at:%Y-%m-%d %H:%M:%S}", one.ref, one.sha[:10], one.status, one.source) for one in found[:_SHOWN]
        )
        item = Evidence(
            key=f"{self.name}/pipelines/{project}",
            source=self.name,
            check="query",
            title=f"{len(found)} pipelines of {project}",
            summary="; ".join(" ".join(row) for row in rows[:4]),
            query=query,
            body=ResourceState(columns=("at", "ref", "commit", "status", "source"), rows=rows,
                               omitted=len(found) - len(rows)),
            untrusted=True,
        )  # fmt: skip
        return Observation(evidence=(item,))


def _row(project: str, one: Deployment) -> Noted:
    what = f"{project} {one.ref} ({one.sha[:10]}) to {one.environment}: {one.status}"
    return Noted(
        f"{project}/{one.id}", one.at, what, one.by, one.link, Subject(kind="Project", name=project), "", one.sha
    )


def _failed_pipeline(project: str, one: Pipeline) -> Failure:
    words = f"Pipeline {one.id} of {project} failed on {one.ref} ({one.sha[:10]}) at {one.at:%H:%M:%S}"
    subject = Subject(kind="Pipeline", namespace=project, name=one.ref)
    by = f", started by {one.source}" if one.source else ""
    return Failure(f"{project}/{one.id}", one.at, subject, words, words[:120], by, one.link)


@reads(*COMMON, "projects")
def open_connector(settings: ConnectorSettings) -> GitLabConnector | None:
    """The connector of these settings; None without `projects`.

    Options: those of `connectors.http` (`url` only for a GitLab of your own; `token` with the scope `read_api`), and
    `projects`: paths (`GROUP/PROJECT`) or numbers, at most ten.
    """
    given = settings.options.get("projects") or ()
    projects = tuple(map(str, given.split(",") if isinstance(given, str) else given))
    if not projects:
        return None
    wrong = [name for name in projects if not _PROJECT.fullmatch(name)]
    if wrong or len(projects) > 10:
        raise ValueError(f"projects: at most ten of the form GROUP/PROJECT or numbers, not {wrong or len(projects)}")
    api = open_api(GitLabConnector.name, settings, keep=("projects",), url=PUBLIC)
    return GitLabConnector(GitLab(api, projects)) if api else None
