"""Which scrape targets do not answer, since when, and what the scraper says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from connectors.contract import ConnectorError
from connectors.evidence import Evidence, Finding, Observation, ResourceState, Role
from connectors.prometheus.components import COMPONENTS
from connectors.prometheus.samples import Stream
from connectors.prometheus.survey import Survey
from connectors.prometheus.vitals import node_of, subject_of


async def targets(survey: Survey) -> Observation:
    """Scrape targets that do not answer, with the scraper's last error."""
    if "up" not in await survey.names():
        return Observation(searched="`up` has no samples: this Prometheus scrapes nothing itself")
    down = await survey.whole("topk(50, up == 0)")
    lost = [
        s
        for s in down.streams
        if s.points[-1][0] >= survey.inquiry.window.end.timestamp() - 2 * survey.step - 60 or len(s.points) >= 2
    ]
    if not lost:
        return Observation(searched=f"no target was down: {down.query}", partial="; ".join(down.warnings))
    errors = await _last_errors(survey)
    rows = tuple(
        (
            s.labels.get("job", ""),
            s.labels.get("instance", ""),
            _clock(s.points[0][0]),
            errors.get(s.labels.get("instance", ""), ""),
        )
        for s in lost
    )
    item = Evidence(
        key="prometheus/targets-down",
        source="prometheus",
        check="targets",
        title=f"{len(lost)} scrape targets down",
        summary="Down: "
        + ", ".join(f"{r[0]} {r[1]} since {r[2]}" + (f" ({r[3]})" if r[3] else "") for r in rows[:5])
        + ".",
        onset=datetime.fromtimestamp(min(s.points[0][0] for s in lost), UTC),
        query=down.query,
        link=survey.client.link("up == 0", *survey.focus),
        body=ResourceState(
            columns=("job", "instance", "down since", "last error"), rows=rows[:20], omitted=max(0, len(rows) - 20)
        ),
    )
    return Observation(evidence=(item,), findings=tuple(_target_findings(lost, item)), partial="; ".join(down.warnings))


def _target_findings(lost: Sequence[Stream], item: Evidence) -> Iterable[Finding]:
    for stream in lost[:10]:
        job = stream.labels.get("job", "")
        component = next((c for c in COMPONENTS if any(j in job.lower() for j in c.jobs)), None)
        where = node_of(stream.labels) if component or "node" in job else subject_of(stream.labels)
        if where is None:
            continue
        code = component.cause if component else "TargetDown"
        yield Finding(
            cause=code,
            subject=where,
            statement=f"The scrape target {stream.labels.get('instance', '')} ({job}) does not answer",
            role=Role.CAUSE if component else Role.SYMPTOM,
            confidence=0.55 if component else 0.3,
            rests_on=(item.key,),
            onset=item.onset,
            rule="prometheus:target-down",
        )


async def _last_errors(survey: Survey) -> Mapping[str, str]:
    try:
        answer = await survey.client.targets()
        return {str(t["labels"].get("instance")): str(t.get("lastError", "")) for t in answer.data["activeTargets"]}
    except (ConnectorError, KeyError, TypeError):
        return {}


def _clock(t: float) -> str:
    return datetime.fromtimestamp(t, UTC).strftime("%H:%M:%S")
