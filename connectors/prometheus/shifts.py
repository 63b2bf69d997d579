"""What else shifted at the onset: any metric of the scope, narrowed by the server before it is read.

Applications count things nobody can foresee (cache misses, retries, queue lengths). The server compares
every series of the scope before and after the onset and sends only the few that moved most; their points
are read afterwards and judged here with medians, which one spike cannot fool.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import partial

from connectors import changes
from connectors.changes import Shift
from connectors.evidence import Evidence, Observation
from connectors.prometheus import exporters, families, promql, recorded_rules, samples, vitals
from connectors.prometheus.samples import Stream
from connectors.prometheus.survey import Survey, both
from connectors.prometheus.vitals import CLEAR

_MOST_METRICS = 60
_KEPT = 30
_SHOWN = 8
_METRIC = "chatops_metric"
_COUNTERS = ("_total", "_count")
_MEANINGLESS = (
    "_bucket",
    "_sum",
    "_created",
    "_info",
    "_labels",
    "_annotations",
    "_timestamp_seconds",
    "_time_seconds",
)
_TOLD_ELSEWHERE = (
    *("kube_", "node_", "container_", "machine_", "apiserver_", "istio_"),
    *("up", "ALERTS", "scrape_", "probe_", "prometheus_", "process_start"),
)


async def at_onset(survey: Survey) -> Observation:
    """The scope's other series that moved most at the onset; needs a scope, and an onset (claimed or found)."""
    matchers = survey.matchers()
    if not matchers:
        return Observation(skipped="neither a namespace nor selectors are known to compare within")
    onset, names = await both(partial(_onset, survey), partial(_names, survey, matchers))
    if onset is None:
        return Observation(searched="nobody says when it began, and no signal tells")
    metrics = telling(names)
    if not metrics:
        return Observation(searched=f"{{{matchers}}} has no metrics beside those of the other checks")
    reading = await survey.instant(_narrowed(metrics, matchers, onset, survey.inquiry.window.end.timestamp()))
    chosen = [s for s in reading.streams if s.labels.get(_METRIC)]
    if not chosen:
        return Observation(searched=f"{len(metrics)} metrics of {{{matchers}}}, none moved: {reading.query[:300]}…")
    points = await survey.over_time(" or ".join(_series(s, survey.rate_window) for s in chosen[:_KEPT]))
    moved = _ranked(points.streams, onset)
    if not moved:
        return Observation(searched=f"{len(metrics)} metrics of {{{matchers}}}: what moved were single spikes")
    return Observation(
        evidence=(_evidence(survey, moved, points.query, len(metrics)),), partial="; ".join(reading.warnings)
    )


async def _onset(survey: Survey) -> float | None:
    """When it began, claimed or found."""
    return survey.claimed if survey.claimed is not None else (await vitals.gather(survey)).onset


async def _names(survey: Survey, matchers: str) -> list[str]:
    window = survey.inquiry.window
    answer = await survey.client.label_values("__name__", window.start, window.end, f"{{{matchers}}}")
    return [str(name) for name in answer.data] if isinstance(answer.data, list) else []


def telling(names: Iterable[str]) -> list[str]:
    """The metrics worth comparing: no parts of histograms, nothing constant, nothing other checks read."""
    known = {r.counter for r in families.REQUESTS} | {n for row in exporters.POOLS for n in row.needs}
    kept = [
        n
        for n in sorted(set(names))
        if not n.endswith(_MEANINGLESS)
        and not n.startswith(_TOLD_ELSEWHERE)
        and n not in known
        and recorded_rules.meaning(n) is None
    ]
    return kept[:_MOST_METRICS]


def _narrowed(metrics: Sequence[str], matchers: str, onset: float, now: float) -> str:
    """The series with the largest relative shift between ten minutes before the onset and those after it."""
    after = max(60, min(600, int(now - onset)))
    offset = int(now - onset)
    parts = []
    for metric in metrics:
        inside = f"{metric}{{{matchers}}}"
        over = "rate" if metric.endswith(_COUNTERS) else "avg_over_time"
        new = f"{over}({inside}[{after}s]{_back(offset - after)})"
        old = f"{over}({inside}[600s]{_back(offset)})"
        score = f"abs({new} - {old}) / (abs({old}) * 0.1 + 0.001)"
        parts.append(f'label_replace({score}, "{_METRIC}", "{metric}", "", "")')
    return f"topk({_KEPT}, ({' or '.join(parts)}) > {CLEAR})"


def _back(seconds: int) -> str:
    return f" offset {seconds}s" if seconds > 0 else ""


def _series(chosen: Stream, rate_window: str) -> str:
    """The expression of one chosen series; its metric's name stays as a label."""
    metric = chosen.labels[_METRIC]
    inside = ",".join(promql.matcher(k, v) for k, v in sorted(chosen.labels.items()) if k != _METRIC)
    selector = f"{metric}{{{inside}}}"
    value = f"rate({selector}[{rate_window}])" if metric.endswith(_COUNTERS) else selector
    return f'label_replace({value}, "{_METRIC}", "{metric}", "", "")'


def _ranked(streams: Sequence[Stream], onset: float) -> list[tuple[Stream, Shift]]:
    shifts = ((stream, changes.shift(stream.points, onset)) for stream in streams)
    moved = [(stream, shift) for stream, shift in shifts if shift and shift.score >= CLEAR and shift.onset]
    return sorted(moved, key=lambda pair: -pair[1].score)


def _evidence(survey: Survey, moved: Sequence[tuple[Stream, Shift]], query: str, compared: int) -> Evidence:
    shown = moved[:_SHOWN]
    told = "; ".join(f"{_name(s)}: {samples.said(x.before)} → {samples.said(x.after)}" for s, x in shown[:5])
    first = min(x.onset for _, x in shown if x.onset)
    return Evidence(
        key="prometheus/shifts",
        source="prometheus",
        check="shifts",
        title=f"{len(moved)} other series shifted at the onset",
        summary=f"{told} (of {compared} metrics compared).",
        onset=datetime.fromtimestamp(first, UTC),
        query=query,
        link=survey.client.link(_name(shown[0][0]), *survey.focus),
        body=samples.together([samples.series(_name(s), s, "", x) for s, x in shown], len(moved) - len(shown)),
    )


def _name(stream: Stream) -> str:
    inside = ",".join(promql.matcher(k, v) for k, v in sorted(stream.labels.items()) if k not in (_METRIC, "__name__"))
    return f"{stream.labels.get(_METRIC, stream.name)}{{{inside}}}"
