"""How is Google Cloud asked? Log entries, alerts and time series of a project, and what the answers look like."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

from connectors import moments
from connectors.contract import Health
from connectors.evidence import Series
from connectors.http import HttpApi, shaped
from connectors.log_reading import Line

LOGGING = "https://logging.googleapis.com"
MONITORING = "https://monitoring.googleapis.com"
MOST = 500


class Audited(NamedTuple):
    """An entry of the admin activity log: who did what to what, and how it ended (empty where it went well)."""

    id: str
    at: datetime
    service: str
    method: str
    resource: str
    by: str
    error: str


class Incident(NamedTuple):
    """An alert of Cloud Monitoring that is open."""

    name: str
    at: datetime | None
    policy: str
    severity: str
    resource: str
    metric: str


class GoogleCloud:
    """Read-only calls about one project. All raise `ConnectorError`."""

    def __init__(self, project: str, logging: HttpApi, monitoring: HttpApi) -> None:
        self.project = project
        self._logging = logging
        self._monitoring = monitoring

    async def audited(self, start: datetime, end: datetime) -> tuple[list[Audited], str]:
        """What was changed in this range, the latest first. Kubernetes' own audit log is left out: it says no less
        in the cluster, and thousands of lines here."""
        words = (
            f'logName="projects/{self.project}/logs/cloudaudit.googleapis.com%2Factivity" '
            f'AND protoPayload.serviceName!="k8s.io" AND {_between(start, end)}'
        )
        entries, said = await self._entries(words, 200)
        return shaped(entries, said, lambda found: [_audited(row) for row in found]), said

    async def lines(
        self, words: str, start: datetime, end: datetime, limit: int = MOST
    ) -> tuple[list[Line], bool, str]:
        """Log lines that match a filter, the latest first; whether there may be more; the exact query."""
        entries, said = await self._entries(f"({words}) AND {_between(start, end)}", min(limit, MOST))
        found = shaped(entries, said, lambda rows: [_line(row) for row in rows])
        return found, len(found) >= min(limit, MOST), said

    async def incidents(self) -> tuple[list[Incident], str]:
        """Alerts that are open."""
        path = f"/v3/projects/{self.project}/alerts"
        params: dict[str, str | int] = {"filter": 'state="OPEN"', "pageSize": 100}
        said = f"GET {path}?{urlencode(params)}"
        answer = await self._monitoring.get(path, params, query=said)
        return shaped(answer, said, lambda found: [_incident(row) for row in found.get("alerts") or ()]), said

    async def series(
        self, words: str, start: datetime, end: datetime, aligner: str, step: int = 60
    ) -> tuple[list[Series], str]:
        """Time series that match a filter, aligned to `step` seconds, oldest point first."""
        path = f"/v3/projects/{self.project}/timeSeries"
        params: dict[str, str | int] = {
            "filter": words,
            "interval.startTime": moments.written(start),
            "interval.endTime": moments.written(end),
            "aggregation.alignmentPeriod": f"{step}s",
            "aggregation.perSeriesAligner": aligner,
            "pageSize": 200,
        }
        said = f"GET {path}?{urlencode(params)}"
        answer = await self._monitoring.get(path, params, query=said)
        return shaped(answer, said, lambda found: [_series(row) for row in found.get("timeSeries") or ()]), said

    async def health(self) -> list[Health]:
        """Whether logs and metrics of the project may be read."""
        setting = "CHATOPS_CONNECTORS__GCP__PROJECT and the credentials' roles (logging.viewer, monitoring.viewer)"
        logs = f"/v2/projects/{self.project}/logs"
        policies = f"/v3/projects/{self.project}/alerts"
        return [
            await self._logging.health("gcp logging", logs, setting, {"pageSize": 1}),
            await self._monitoring.health("gcp monitoring", policies, setting, {"pageSize": 1}),
        ]

    def link(self, words: str) -> str:
        """The log explorer with this filter."""
        query = urlencode({"query": words}).removeprefix("query=")
        return f"https://console.cloud.google.com/logs/query;query={query}?project={self.project}"

    async def aclose(self) -> None:
        """Close the connections."""
        await self._logging.aclose()
        await self._monitoring.aclose()

    async def _entries(self, words: str, limit: int) -> tuple[Any, str]:
        body = {
            "resourceNames": [f"projects/{self.project}"],
            "filter": words,
            "orderBy": "timestamp desc",
            "pageSize": limit,
        }
        said = f"gcloud logging read '{words}' --project {self.project} --limit {limit}"
        answer = await self._logging.post("/v2/entries:list", body, query=said)
        return shaped(answer, said, lambda found: found.get("entries") or []), said


def _audited(row: Mapping[str, Any]) -> Audited:
    said = row["protoPayload"]
    status = said.get("status") or {}
    return Audited(
        str(row["insertId"]),
        moments.read(row["timestamp"]),
        str(said.get("serviceName") or ""),
        str(said["methodName"]),
        str(said.get("resourceName") or ""),
        str((said.get("authenticationInfo") or {}).get("principalEmail") or ""),
        str(status.get("message") or status["code"]) if status.get("code") else "",
    )


def _line(row: Mapping[str, Any]) -> Line:
    content = row.get("jsonPayload") or {}
    said = row.get("protoPayload") or {}
    text = row.get("textPayload") or content.get("message") or content.get("msg") or content.get("error")
    text = text or (said.get("status") or {}).get("message") or said.get("methodName") or content
    labels = (row.get("resource") or {}).get("labels") or {}
    names = ("container_name", "service_name", "function_name", "database_id", "pod_name")
    by = next((str(labels[name]) for name in names if labels.get(name)), "")
    return Line(moments.read(row["timestamp"]), str(text).strip(), by)


def _incident(row: Mapping[str, Any]) -> Incident:
    policy, resource = row.get("policy") or {}, row.get("resource") or {}
    labels = ", ".join(f"{name}={value}" for name, value in sorted((resource.get("labels") or {}).items()))
    return Incident(
        str(row["name"]),
        moments.read(row["openTime"]) if row.get("openTime") else None,
        str(policy.get("displayName") or policy.get("name") or ""),
        str(policy.get("severity") or ""),
        f"{resource.get('type') or ''} {labels}".strip(),
        str((row.get("metric") or {}).get("type") or ""),
    )


def _series(row: Mapping[str, Any]) -> Series:
    labels = {
        str(name): str(value)
        for part in (row.get("resource") or {}, row.get("metric") or {})
        for name, value in (part.get("labels") or {}).items()
        if name != "project_id"
    }
    points = sorted(
        (moments.read(one["interval"]["endTime"]).timestamp(), _number(one["value"])) for one in row["points"]
    )
    return Series(name=str(row["metric"]["type"]), unit=str(row.get("unit") or ""), labels=labels, points=tuple(points))


def _number(value: Mapping[str, Any]) -> float:
    ((kind, found),) = value.items()
    return float(found.get("mean") or 0) if kind == "distributionValue" else float(found)  # an empty one has no mean


def _between(start: datetime, end: datetime) -> str:
    return f'timestamp>="{moments.written(start)}" AND timestamp<="{moments.written(end)}"'
