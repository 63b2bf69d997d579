"""How does what was read become evidence? One function per kind of thing, all pure."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.cloudwatch.alarms import Alarm, Transition
from connectors.cloudwatch.commands import command
from connectors.cloudwatch.databases import Instance
from connectors.cloudwatch.load import Load
from connectors.cloudwatch.metrics import Range
from connectors.cloudwatch.readings import Reading, Readings
from connectors.cloudwatch.targets import Target
from connectors.cloudwatch.wording import alarm_link, amount, clock, console
from connectors.evidence import Evidence, ResourceState, Series


def reading(one: Reading, span: Range, region: str, check: str) -> Evidence:
    """One metric of one resource, with the command that reads it again."""
    unit = one.metric.unit
    if one.shifted and one.shift is not None:
        moved = f"{amount(one.shift.before, unit)} → {amount(one.shift.after, unit)} at {clock(one.changed_at)}"
        back = f", back at {amount(one.now, unit)}" if one.shift.until is not None else ""
    else:
        moved, back = f"steady at {amount(one.now, unit)}", ""
    statistics = "ExtendedStatistics" if one.metric.stat.startswith("p") else "Statistics"
    query = command(
        "cloudwatch", "GetMetricStatistics",
        {"Namespace": one.target.service.namespace, "MetricName": one.metric.name,
         "Dimensions": [{"Name": n, "Value": v} for n, v in one.target.dimensions],
         "StartTime": span.start.replace(microsecond=0), "EndTime": span.end.replace(microsecond=0),
         "Period": span.period, statistics: [one.metric.stat]},
        one.target.service.region or region,
    )  # fmt: skip
    return Evidence(
        key=one.key,
        source="cloudwatch",
        check=check,
        title=f"{one.metric.name} of {one.target.name}",
        summary=f"{one.metric.name} ({one.metric.stat.lower()}) of {one.target.name}: {moved}{back}.",
        subject=one.target.subject,
        onset=one.changed_at,
        query=query,
        link=_target_link(one.target, region),
        body=one.series(),
    )


def overview(readings: Readings, check: str) -> Evidence:
    """All metrics of a resource as a table, the changed ones first: what stayed the same rules causes out."""
    ordered = sorted(readings.by_name.values(), key=lambda r: (not r.shifted, r.metric.name))
    rows = tuple(
        (r.metric.name, amount(r.before, r.metric.unit), amount(r.now, r.metric.unit), clock(r.changed_at) or "steady")
        for r in ordered
    )
    changed = [r.metric.name for r in ordered if r.shifted]
    target = readings.target
    return Evidence(
        key=f"cloudwatch/metrics/{target.key}",
        source="cloudwatch",
        check=check,
        title=f"Metrics of {target.spoken}",
        summary=f"{len(rows)} metrics of {target.name} read, {len(changed)} changed"
        + (f": {', '.join(changed[:6])}." if changed else "; all are steady."),
        subject=target.subject,
        query=f"GetMetricData {target.service.namespace} {dict(target.dimensions)}",
        body=ResourceState(columns=("metric", "before", "now", "changed"), rows=rows),
    )


def alarm(one: Alarm, region: str, query: str, history: Sequence[Transition]) -> Evidence:
    """One alarm, with its last changes."""
    since = clock(one.since) or "an unknown time"
    changes = [t for t in history if t.alarm == one.name][-5:]
    threshold = f" {one.metric} {_sign(one.comparison)} {one.threshold:g}" if one.threshold is not None else ""
    children = f" of {', '.join(one.children[:6])}" if one.children else ""
    rows = tuple((clock(t.at), t.summary) for t in changes)
    return Evidence(
        key=f"cloudwatch/alarm/{one.name}",
        source="cloudwatch",
        check="alarms",
        title=f"Alarm {one.name} is {one.state}",
        summary=f"{one.name}{children} is {one.state} since {since}:{threshold} {one.reason}".strip(),
        subject=one.targets[0].subject if one.targets else None,
        onset=one.since,
        query=query,
        link=alarm_link(region, one.name),
        body=ResourceState(columns=("at", "change"), rows=rows) if rows else None,
    )


def _sign(comparison: str) -> str:
    words = {"GreaterThanOrEqualToThreshold": "≥", "GreaterThanThreshold": ">",
             "LessThanThreshold": "<", "LessThanOrEqualToThreshold": "≤"}  # fmt: skip
    return words.get(comparison, comparison)


def instance(one: Instance, target: Target) -> Evidence:
    """A database's description."""
    rows = (
        ("status", one.status),
        ("engine", one.engine),
        ("class", one.size),
        ("storage", f"{one.storage_gib} GiB"),
        ("replicas", ", ".join(one.replicas) or "-"),
        ("source", one.source or "-"),
        ("parameter group", one.parameter_group or "-"),
    )
    return Evidence(
        key=f"cloudwatch/state/{target.key}",
        source="cloudwatch",
        check="databases",
        title=f"{target.spoken} is {one.status}",
        summary=f"{one.name} ({one.engine}, {one.size}, {one.storage_gib} GiB) is {one.status}.",
        subject=target.subject,
        query=one.query,
        body=ResourceState(columns=("property", "value"), rows=rows),
    )


def database_load(one: Load, target: Target) -> Evidence:
    """What a database's sessions wait for; the SQL is its users' text."""
    waits = [f"{w.name} {w.sessions / one.total:.0%}" for w in one.waits[:4]] if one.total else []
    top = f" Heaviest statement ({one.dominance:.0%} of those known): {one.top.text[:200]}" if one.top else ""
    return Evidence(
        key=f"cloudwatch/load/{target.key}",
        source="cloudwatch",
        check="database load",
        title=f"Load of {target.spoken}",
        summary=f"Sessions of {target.name} wait for {', '.join(waits) or 'nothing that was recorded'}.{top}",
        subject=target.subject,
        query=one.query,
        body=Series(name="active sessions", unit="sessions", points=one.sessions) if one.sessions else None,
        untrusted=True,
    )


def _target_link(target: Target, region: str) -> str:
    if target.service.key == "rds":
        return console(region, "rds", f"database:id={target.name};is-cluster=false")
    if target.service.key == "lambda":
        return console(region, "lambda", f"/functions/{target.name}?tab=monitoring")
    return ""
