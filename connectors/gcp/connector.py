"""The Google Cloud connector: what was changed, what fires, which metrics and logs are worse than before the onset."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from hashlib import sha256
from typing import Any

from connectors import log_reading, noted
from connectors.address import COMMON
from connectors.contract import Check, ConnectorError, ConnectorSettings, Health, Inquiry, Scope, Tool, reads
from connectors.evidence import Evidence, Finding, Observation, ResourceState, SeriesSet, Subject
from connectors.gcp import access, metrics
from connectors.gcp.client import LOGGING, MONITORING, Audited, GoogleCloud, Incident
from connectors.http import open_api
from connectors.log_reading import Source
from connectors.noted import Noted
from connectors.together import every, outcomes

_PROJECT = re.compile(r"[a-z][a-z0-9:.-]{4,62}")
_DEPLOYS = re.compile(
    r"deploymentmanager|cloudbuild|Services\.(?:Create|Update|Replace)|Functions?\.?(?:Create|Update)", re.IGNORECASE
)
"""Services and methods that bring something new; the failure of another call changed nothing."""
_SHOWN = 30
_QUERY = 1500


class GcpConnector:
    """One project in one environment."""

    name = "gcp"

    def __init__(self, client: GoogleCloud) -> None:
        self._client = client

    def checks(self, inquiry: Inquiry) -> Sequence[Check]:
        """Changes, alerts, metrics, errors."""
        return (
            Check("admin_activity", "What was changed in the project around the onset?", partial(self._audit, inquiry),
                  decides=("CloudDeploymentFailed",)),
            Check("open_alerts", "Which alerts of Cloud Monitoring are open?", partial(self._alerts, inquiry)),
            Check("metrics", "Which metrics of managed services are bad since the onset?",
                  partial(self._metrics, inquiry), decides=("CloudQuotaExceeded", "FunctionErrors")),
            Check("log_errors", "What do the logs say since the onset that they did not say before?",
                  partial(self._errors, inquiry)),
        )  # fmt: skip

    def tools(self) -> Sequence[Tool]:
        """Logs and metrics by filters of the persona's own."""
        text = {"type": "string", "maxLength": _QUERY}
        return (
            Tool(
                "gcp_logs",
                "Cloud Logging entries over the incident's window by a filter in its query language "
                '(`resource.type="cloud_run_revision" AND severity>=ERROR`); answers with patterns of lines.',
                {"type": "object", "properties": {"filter": text}, "required": ["filter"],
                 "additionalProperties": False},
                self._logs, self._gcloud_logging_read,
            ),
            Tool(
                "gcp_metric",
                "Time series of Cloud Monitoring over the incident's window and half an hour before, by a filter "
                '(`metric.type="run.googleapis.com/request_latencies"`) and a per-series aligner.',
                {"type": "object", "properties": {
                    "filter": text,
                    "aligner": {"type": "string", "enum": ["ALIGN_MEAN", "ALIGN_MAX", "ALIGN_RATE", "ALIGN_DELTA",
                                                           "ALIGN_PERCENTILE_99", "ALIGN_COUNT_TRUE"]}},
                 "required": ["filter"], "additionalProperties": False},
                self._metric,
            ),
        )  # fmt: skip

    async def subjects(self, scope: Scope) -> Sequence[Subject]:
        """Nothing: names of cloud objects come with what is found."""
        return ()

    async def health(self) -> Sequence[Health]:
        """Whether logs and metrics may be read."""
        return await self._client.health()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _audit(self, inquiry: Inquiry) -> Observation:
        found, query = await self._client.audited(*noted.span(inquiry))
        told = noted.told(self.name, "admin_activity", [_row(one) for one in found], inquiry, query)
        shown = {item.key for item in told.evidence}
        failed = [_failed(one) for one in found if one.error and _DEPLOYS.search(f"{one.service} {one.method}")]
        return told.model_copy(update={"findings": tuple(one for one in failed if one.rests_on[0] in shown)})

    async def _alerts(self, inquiry: Inquiry) -> Observation:
        found, query = await self._client.incidents()
        if not found:
            return Observation(searched=f"no alert is open: {query}")
        rows = tuple(map(_alert_row, found[:_SHOWN]))
        item = Evidence(
            key=f"{self.name}/open_alerts/{self._client.project}",
            source=self.name,
            check="open_alerts",
            title=f"{len(found)} alerts are open in {self._client.project}",
            summary="; ".join(f"{row[0]} since {row[1] or 'unknown'} on {row[3]}" for row in rows[:4]),
            onset=min((one.at for one in found if one.at), default=None),
            query=query,
            body=ResourceState(columns=("policy", "since", "severity", "resource", "metric"), rows=rows,
                               omitted=max(0, len(found) - _SHOWN)),
            untrusted=True,
        )  # fmt: skip
        return Observation(evidence=(item,))

    async def _metrics(self, inquiry: Inquiry) -> Observation:
        start, end = log_reading.ranges(inquiry)[0][0], inquiry.window.end
        onset = log_reading.claimed_onset(inquiry)
        rows = metrics.METRICS
        asked = [
            partial(self._client.series, metrics.words(row, inquiry.scope), start, end, row.aligner) for row in rows
        ]
        answers = await outcomes(asked)
        items: list[Evidence] = []
        findings: list[Finding] = []
        failed: list[ConnectorError] = []
        for row, answer in zip(rows, answers, strict=True):
            if isinstance(answer, ConnectorError):
                # A service that the project does not use has no metric of that type: that is no failure.
                failed += [answer] if answer.kind != "not_found" else []
                continue
            for one in metrics.bad(row, answer[0], onset):
                item, finding = metrics.told(row, one, answer[1], self.name, "metrics")
                items.append(item)
                findings.append(finding)
        if len(failed) == len(rows):
            raise failed[0]
        return Observation(
            evidence=tuple(items),
            findings=tuple(findings),
            searched=f"{len(rows) - len(failed)} metrics of project {self._client.project}",
            partial="; ".join(dict.fromkeys(one.brief for one in failed)),
        )

    async def _errors(self, inquiry: Inquiry) -> Observation:
        words = " AND ".join(filter(None, ("severity>=ERROR", _of(inquiry.scope))))
        parts = await every([partial(self._client.lines, words, *between) for between in log_reading.ranges(inquiry)])
        lines = [line for found, _, _ in parts for line in found]
        source = self._source(inquiry, parts[-1][2], words)
        cut = any(more for _, more, _ in parts)
        return log_reading.errors(lines, log_reading.claimed_onset(inquiry), source, cut=cut)

    async def _logs(self, inquiry: Inquiry, arguments: Mapping[str, Any]) -> Observation:
        words, window = str(arguments["filter"])[:_QUERY], inquiry.window
        lines, cut, query = await self._client.lines(words, window.start, window.end)
        source = self._source(inquiry, query, words)._replace(key=sha256(words.encode()).hexdigest()[:12])
        return log_reading.listed(lines, log_reading.claimed_onset(inquiry), source, words, cut=cut)

    async def _metric(self, inquiry: Inquiry, arguments: Mapping[str, Any]) -> Observation:
        words, aligner = str(arguments["filter"])[:_QUERY], str(arguments.get("aligner") or "ALIGN_MEAN")
        start = log_reading.ranges(inquiry)[0][0]
        found, query = await self._client.series(words, start, inquiry.window.end, aligner)
        drawn = [one for one in found if one.points]
        if not drawn:
            return Observation(searched=f"no series: {query}")
        told = "; ".join(f"{metrics.hash_of(one)}: last {one.points[-1][1]:g}" for one in drawn[:4])
        item = Evidence(
            key=f"{self.name}/metric/{sha256((words + aligner).encode()).hexdigest()[:12]}",
            source=self.name,
            check="query",
            title=words[:120],
            summary=f"{len(drawn)} series. {told}"[:600],
            query=query,
            body=SeriesSet(series=tuple(drawn[:10]), omitted=max(0, len(drawn) - 10)),
            untrusted=True,
        )
        return Observation(evidence=(item,))

    def _source(self, inquiry: Inquiry, query: str, words: str) -> Source:
        scope = inquiry.scope
        about = log_reading.where((scope.namespace, scope.workload or scope.service)) if _of(scope) else "the project"
        subject = Subject(kind="Deployment", namespace=scope.namespace, name=scope.workload) if scope.workload else None
        return Source(self.name, about, about, query, self._client.link(words), subject)

    def _gcloud_logging_read(self, argv: Sequence[str]) -> Mapping[str, Any] | None:
        """`gcloud logging read FILTER [--project P] [--limit N]` as arguments; for another project: None."""
        if list(argv[:3]) != ["gcloud", "logging", "read"] or len(argv) < 4 or argv[3].startswith("-"):
            return None
        rest = [part for word in argv[4:] for part in word.split("=", 1)]
        flags = dict(zip(rest[::2], rest[1::2], strict=False))
        if len(rest) % 2 or not set(flags) <= {"--project", "--limit", "--freshness", "--format"}:
            return None
        if flags.get("--project", self._client.project) != self._client.project:
            return None
        return {"filter": argv[3]}


def _of(scope: Scope) -> str:
    """The scope as a filter over what GKE and Cloud Run write; empty where it names nothing."""
    quoted = {name: str(getattr(scope, name)).replace('"', "") for name in ("namespace", "workload", "pod", "service")}
    parts = []
    if quoted["namespace"]:
        parts.append(f'resource.labels.namespace_name="{quoted["namespace"]}"')
    if quoted["pod"]:
        parts.append(f'resource.labels.pod_name="{quoted["pod"]}"')
    elif quoted["workload"] and quoted["namespace"]:
        parts.append(f'resource.labels.pod_name=~"^{log_reading.pods_of(quoted["workload"])}$"')
    elif quoted["service"] or quoted["workload"]:
        name = quoted["service"] or quoted["workload"]
        parts.append(f'(resource.labels.service_name="{name}" OR resource.labels.function_name="{name}")')
    return " AND ".join(parts)


def _row(one: Audited) -> Noted:
    short = one.resource.rpartition("/")[2]
    ended = f" failed: {one.error[:200]}" if one.error else ""
    subject = Subject(kind=one.service.partition(".")[0] or "Project", name=short or one.resource or "unknown")
    return Noted(one.id, one.at, f"{one.method} on {one.resource}{ended}", one.by, "", subject)


def _failed(one: Audited) -> Finding:
    row = _row(one)
    return Finding(
        cause="CloudDeploymentFailed",
        subject=row.subject or Subject(kind="Project", name="unknown"),
        statement=f"{one.method} on {one.resource} failed at {one.at:%H:%M:%S}: {one.error[:200]}",
        rests_on=(f"gcp/admin_activity/{one.id}",),
        confidence=0.4,
        onset=one.at,
        rule="deployment failed",
    )


def _alert_row(one: Incident) -> tuple[str, ...]:
    since = f"{one.at:%Y-%m-%d %H:%M:%S}" if one.at else ""
    return (one.policy, since, one.severity, one.resource[:200], one.metric)


@reads(*COMMON, "project")
def open_connector(settings: ConnectorSettings) -> GcpConnector | None:
    """The connector of these settings; None without a `project`.

    Options: `project`; `token` where application default credentials are not what is wanted; those of `connectors.http`
    (`url` replaces both APIs' addresses, for private endpoints).
    """
    project = str(settings.options.get("project") or "")
    if not project:
        return None
    if not _PROJECT.fullmatch(project):
        raise ValueError(f"project: {project!r} is no project id (it is not the project's number or title)")
    sign = access.tokens(settings.options)
    logging = open_api(GcpConnector.name, settings, ("project",), url=LOGGING, sign=sign)
    monitoring = open_api(GcpConnector.name, settings, ("project",), url=MONITORING, sign=sign)
    return GcpConnector(GoogleCloud(project, logging, monitoring)) if logging and monitoring else None
