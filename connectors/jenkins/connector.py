"""The Jenkins connector: what its jobs delivered around the onset, which builds failed, what is stuck in the queue."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

from connectors import noted
from connectors.address import COMMON
from connectors.contract import Check, ConnectorSettings, Health, Inquiry, Scope, Tool, reads
from connectors.evidence import Evidence, Observation, ResourceState, Subject
from connectors.http import open_api
from connectors.jenkins.client import Build, Jenkins
from connectors.noted import Failure, Noted
from connectors.together import Call, Once, every

_JOB = re.compile(r"[^/?#\s][^/?#]*(?:/[^/?#]+)*")
_FAILED = frozenset({"FAILURE", "UNSTABLE"})
_SHOWN = 20

Found = list[tuple[list[Build], str]]


class JenkinsConnector:
    """A few jobs of one Jenkins in one environment."""

    name = "jenkins"

    def __init__(self, client: Jenkins) -> None:
        self._client = client

    def checks(self, inquiry: Inquiry) -> Sequence[Check]:
        """Deliveries, failures, the queue."""
        calls: list[Call[tuple[list[Build], str]]] = [partial(self._client.builds, job) for job in self._client.jobs]
        shared: Once[Found] = Once(partial(every, calls))
        return (
            Check("builds", "What did the jobs deliver around the onset?", partial(self._delivered, inquiry, shared)),
            Check("failed_builds", "Which builds failed around the onset?", partial(self._failed, inquiry, shared),
                  decides=("PipelineFailed",)),
            Check("queue", "Is something stuck in the queue?", self._queue),
        )  # fmt: skip

    def tools(self) -> Sequence[Tool]:
        """None: the checks read all there is."""
        return ()

    async def subjects(self, scope: Scope) -> Sequence[Subject]:
        """Nothing: jobs are no part of the scope."""
        return ()

    async def health(self) -> Sequence[Health]:
        """Whether each job may be read."""
        return await self._client.health()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _delivered(self, inquiry: Inquiry, builds: Call[Found]) -> Observation:
        found = await builds()
        pairs = zip(self._client.jobs, found, strict=True)
        rows = [_row(job, one) for job, (rows, _) in pairs for one in rows if one.result == "SUCCESS"]
        return noted.told(self.name, "builds", rows, inquiry, found[0][1])

    async def _failed(self, inquiry: Inquiry, builds: Call[Found]) -> Observation:
        found = await builds()
        start, end = noted.span(inquiry)
        failed = [
            (job, one)
            for job, (rows, _) in zip(self._client.jobs, found, strict=True)
            for one in rows
            if one.result in _FAILED and start <= one.ended <= end
        ]
        if not failed:
            return Observation(searched=f"no build failed: {found[0][1]}")
        told = [_failed_build(job, one) for job, one in failed[:_SHOWN]]
        return noted.failures(self.name, "failed_builds", "build failed", told, found[0][1])

    async def _queue(self) -> Observation:
        waiting, query = await self._client.queue()
        stuck = [one for one in waiting if one.stuck]
        if not stuck:
            return Observation(searched=f"none of {len(waiting)} waiting builds is stuck: {query}")
        rows = tuple((one.job, f"{one.since:%Y-%m-%d %H:%M:%S}", one.why[:200]) for one in stuck[:_SHOWN])
        item = Evidence(
            key=f"{self.name}/queue",
            source=self.name,
            check="queue",
            title=f"{len(stuck)} builds are stuck in Jenkins' queue",
            summary="; ".join(f"{row[0]} since {row[1]}: {row[2]}" for row in rows[:4]),
            onset=min(one.since for one in stuck),
            query=query,
            body=ResourceState(columns=("job", "since", "why"), rows=rows, omitted=len(stuck) - len(rows)),
            untrusted=True,
        )
        return Observation(evidence=(item,))


def _row(job: str, one: Build) -> Noted:
    revision = f" of {one.revision[:10]}" if one.revision else ""
    why = f" ({one.why})" if one.why else ""
    what = f"{job} #{one.number}{revision} succeeded{why}"
    return Noted(f"{job}/{one.number}", one.ended, what, "", one.link, Subject(kind="Job", name=job))


def _failed_build(job: str, one: Build) -> Failure:
    words = f"Build {one.number} of {job} ended {one.result} at {one.ended:%H:%M:%S}"
    why = f": {one.why}" if one.why else ""
    return Failure(f"{job}/{one.number}", one.ended, Subject(kind="Job", name=job), words, words[:120], why, one.link)


@reads(*COMMON, "jobs")
def open_connector(settings: ConnectorSettings) -> JenkinsConnector | None:
    """The connector of these settings; None without a `url` and `jobs`.

    Options: those of `connectors.http` (`username`, and an API token as `password`), and `jobs`: paths through folders
    (`shop/deploy-production`), at most ten.
    """
    given = settings.options.get("jobs") or ()
    jobs = tuple(one.strip() for one in (given.split(",") if isinstance(given, str) else map(str, given)))
    if not jobs or not settings.options.get("url"):
        return None
    wrong = [job for job in jobs if not _JOB.fullmatch(job) or ".." in job.split("/")]
    if wrong or len(jobs) > 10:
        raise ValueError(f"jobs: at most ten paths of the form FOLDER/JOB, not {wrong or len(jobs)}")
    api = open_api(JenkinsConnector.name, settings, keep=("jobs",))
    return JenkinsConnector(Jenkins(api, jobs)) if api else None
