"""The GitHub connector: which deployments came before the onset, which runs failed, and what a version brought."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from connectors import noted
from connectors.address import COMMON
from connectors.contract import Check, ConnectorError, ConnectorSettings, Health, Inquiry, Scope, Tool, reads
from connectors.evidence import Evidence, Observation, ResourceState, Subject
from connectors.github.client import HEADERS, PUBLIC, Deployment, GitHub, Run
from connectors.http import open_api
from connectors.noted import Failure, Noted
from connectors.together import every

_REPOSITORY = re.compile(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+")
_COMMIT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./-]{0,200}")
_FAILED = frozenset({"failure", "timed_out", "startup_failure"})
_OUTCOMES = 6
"""Of so many deployments, the nearest to the onset, it is asked how they ended."""
_SHOWN = 30


class GitHubConnector:
    """A few repositories of one GitHub in one environment."""

    name = "github"

    def __init__(self, client: GitHub) -> None:
        self._client = client

    def checks(self, inquiry: Inquiry) -> Sequence[Check]:
        """Deployments, and failed runs."""
        return (
            Check("deployments", "What was deployed around the onset?", partial(self._deployments, inquiry)),
            Check("workflow_runs", "Which workflow runs failed around the onset?", partial(self._runs, inquiry),
                  decides=("PipelineFailed",)),
        )  # fmt: skip

    def tools(self) -> Sequence[Tool]:
        """Runs, and what lies between two versions."""
        repository = {"type": "string", "enum": list(self._client.repositories)}
        commit = {"type": "string", "maxLength": 200}
        return (
            Tool(
                "github_runs",
                "Workflow runs of a repository in the incident's window and two hours before, with their outcome.",
                {"type": "object", "properties": {"repository": repository}, "required": ["repository"],
                 "additionalProperties": False},
                self._list_runs, self._gh_run_list,
            ),
            Tool(
                "github_compare",
                "What a version of a repository has that another has not: commits and changed files.",
                {"type": "object", "properties": {"repository": repository, "base": commit, "head": commit},
                 "required": ["repository", "base", "head"], "additionalProperties": False},
                self._compare,
            ),
        )  # fmt: skip

    async def subjects(self, scope: Scope) -> Sequence[Subject]:
        """Nothing: repositories are no part of the scope."""
        return ()

    async def health(self) -> Sequence[Health]:
        """Whether each repository may be read."""
        return await self._client.health()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _deployments(self, inquiry: Inquiry) -> Observation:
        parts = await every([partial(self._deployed, name, inquiry) for name in self._client.repositories])
        rows = [row for found, _ in parts for row in found]
        return noted.told(self.name, "deployments", rows, inquiry, parts[0][1])

    async def _deployed(self, repository: str, inquiry: Inquiry) -> tuple[list[Noted], str]:
        found, query = await self._client.deployments(repository)
        start, end = noted.span(inquiry)
        near = [one for one in found if start <= one.at <= end][:_OUTCOMES]
        outcomes = await every([partial(self._client.outcome, repository, one.id) for one in near])
        before = {one.id: _before(one, found) for one in near}
        rows = [_row(repository, one, how, before[one.id]) for one, how in zip(near, outcomes, strict=True)]
        return rows, query

    async def _runs(self, inquiry: Inquiry) -> Observation:
        start, end = noted.span(inquiry)
        parts = await every([partial(self._client.runs, name, start, end) for name in self._client.repositories])
        pairs = zip(self._client.repositories, parts, strict=True)
        failed = [(name, run) for name, (runs, _) in pairs for run in runs if run.conclusion in _FAILED]
        if not failed:
            count = sum(len(runs) for runs, _ in parts)
            return Observation(searched=f"none of {count} workflow runs failed: {parts[0][1]}")
        told = [_failed_run(name, run) for name, run in failed[:_SHOWN]]
        return noted.failures(self.name, "workflow_runs", "workflow run failed", told, parts[0][1])

    async def _list_runs(self, inquiry: Inquiry, arguments: Mapping[str, Any]) -> Observation:
        repository = self._known(str(arguments["repository"]))
        runs, query = await self._client.runs(repository, *noted.span(inquiry))
        if not runs:
            return Observation(searched=f"no runs: {query}")
        rows = tuple(
            (f"{run.at:%Y-%m-%d %H:%M:%S}", run.name, run.branch, run.conclusion or "running", run.title[:120], run.by)
            for run in runs[:_SHOWN]
        )
        body = ResourceState(
            columns=("at", "workflow", "branch", "outcome", "title", "by"), rows=rows, omitted=len(runs) - len(rows)
        )
        return self._one(f"runs/{repository}", f"{len(runs)} workflow runs of {repository}", rows, query, body)

    async def _compare(self, inquiry: Inquiry, arguments: Mapping[str, Any]) -> Observation:
        repository = self._known(str(arguments["repository"]))
        base, head = (_commit(str(arguments[name])) for name in ("base", "head"))
        found, query = await self._client.compare(repository, base, head)
        rows = tuple(("commit", *one) for one in found.commits)
        rows += tuple(("file", name, how, f"{lines} lines") for name, how, lines in found.files[:_SHOWN])
        body = ResourceState(
            columns=("kind", "id", "what", "more"), rows=rows, omitted=found.total - len(found.commits)
        )
        title = f"{found.total} commits and {len(found.files)} files from {base[:10]} to {head[:10]}"
        return self._one(f"compare/{repository}/{base}/{head}", title, rows, query, body, found.link)

    def _one(
        self, key: str, title: str, rows: Sequence[Sequence[str]], query: str, body: ResourceState, link: str = ""
    ) -> Observation:
        summary = "; ".join(" ".join(filter(None, row))[:120] for row in rows[:4])
        item = Evidence(
            key=f"{self.name}/{key}",
            source=self.name,
            check="query",
            title=title,
            summary=summary or "nothing between them",
            query=query,
            link=link,
            body=body,
            untrusted=True,
        )
        return Observation(evidence=(item,))

    def _known(self, repository: str) -> str:
        if repository not in self._client.repositories:
            known = ", ".join(self._client.repositories)
            raise ConnectorError("rejected", repository, f"not one of the configured repositories: {known}")
        return repository

    def _gh_run_list(self, argv: Sequence[str]) -> Mapping[str, Any] | None:
        """`gh run list --repo OWNER/NAME` as arguments; without a repository where only one is configured."""
        if list(argv[:3]) != ["gh", "run", "list"]:
            return None
        rest = list(argv[3:])
        if not rest and len(self._client.repositories) == 1:
            return {"repository": self._client.repositories[0]}
        if len(rest) == 2 and rest[0] in ("--repo", "-R") and rest[1] in self._client.repositories:
            return {"repository": rest[1]}
        return None


def _commit(text: str) -> str:
    if not _COMMIT.fullmatch(text) or ".." in text:
        raise ConnectorError("rejected", text, "not a commit, branch or tag")
    return text


def _before(one: Deployment, found: Sequence[Deployment]) -> str:
    """The commit that was deployed to the same environment before."""
    earlier = [other for other in found if other.environment == one.environment and other.at < one.at]
    return max(earlier, key=lambda other: other.at).sha if earlier else ""


def _row(repository: str, one: Deployment, outcome: str, before: str) -> Noted:
    what = f"{repository} {one.ref} ({one.sha[:10]}) to {one.environment}: {outcome or 'no status'}"
    subject = Subject(kind="Repository", name=repository)
    return Noted(f"{repository}/{one.id}", one.at, what, one.by, "", subject, before, one.sha)


def _failed_run(repository: str, run: Run) -> Failure:
    words = f"{run.name} failed on {run.branch} at {run.ended:%H:%M:%S} ({run.title[:120]}, {run.sha[:10]})"
    title = f"Workflow {run.name} of {repository}: {run.conclusion}"
    subject = Subject(kind="Workflow", namespace=repository, name=run.name)
    by = f" by {run.by}" if run.by else ""
    return Failure(f"{repository}/{run.id}", run.ended, subject, words, title, by, run.link)


@reads(*COMMON, "repositories")
def open_connector(settings: ConnectorSettings) -> GitHubConnector | None:
    """The connector of these settings; None without `repositories`.

    Options: those of `connectors.http` (`url` only for GitHub Enterprise Server: `https://HOST/api/v3`; `token` is
    fine-grained, with read access to actions, deployments and contents), and `repositories`: `OWNER/NAME`, at most ten.
    """
    given = settings.options.get("repositories") or ()
    repositories = tuple(map(str, given.split(",") if isinstance(given, str) else given))
    if not repositories:
        return None
    wrong = [name for name in repositories if not _REPOSITORY.fullmatch(name)]
    if wrong or len(repositories) > 10:
        raise ValueError(f"repositories: at most ten of the form OWNER/NAME, not {wrong or len(repositories)}")
    api = open_api(GitHubConnector.name, settings, keep=("repositories",), url=PUBLIC, headers=HEADERS)
    return GitHubConnector(GitHub(api, repositories)) if api else None
