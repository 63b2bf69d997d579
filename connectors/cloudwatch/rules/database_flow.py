"""What happened to this database: did it lag, fail over, lock up, stop, or drown in I/O or in traffic?

The companion of `database`, whose rules are about what runs out. Here the order in time matters more:
a replica lags *because* its source writes more than it can replay, latency rises *because* of a queue.
"""

from __future__ import annotations

import operator
import re
from datetime import datetime, timedelta
from functools import partial
from itertools import chain

from connectors.cloudwatch.events import Event
from connectors.cloudwatch.readings import Reading, Readings, Stretch
from connectors.cloudwatch.rules.finding import Facts, finding, first, known, onset_of, quoted, recovered
from connectors.cloudwatch.wording import amount, clock
from connectors.evidence import Finding, Role

_LAG_SECONDS = {"ReplicaLag": 60.0, "AuroraReplicaLag": 2000.0}
"""From which value on a replica lags, in the metric's own unit; Aurora's shared storage lags in milliseconds."""
_WRITES = ("TransactionLogsGeneration", "WriteIOPS", "WriteThroughput", "CommitThroughput")
LOG_WRITES = ("IO:WAL", "LWLock:WAL", "IO:XactSync", "io/redo", "io/aurora_redo", "WALSync", "WRITELOG")
_LOCKS = ("Lock", "synch/", "LCK_", "lock/")
_IO = ("IO", "io/", "PAGEIO")
_TRAFFIC = ("CommitThroughput", "NetworkReceiveThroughput", "NetworkTransmitThroughput", "DatabaseConnections")
_STOPPED = re.compile(r"^(stopped|stopping|failed|inaccessible-|incompatible-|restore-error|insufficient-capacity)")


def replication(facts: Facts) -> list[Finding]:
    """Replication lag: far behind now, and why: the source writes more than the replica replays."""
    reading = facts.readings.get("ReplicaLag", "AuroraReplicaLag")
    said = facts.said(r"replica\w*.*\b(lag|behind)|\blag\b.*replica|replay is behind")
    bound = _LAG_SECONDS[reading.metric.name] if reading else 0.0
    late = reading.beyond(lambda v: v >= bound) if reading else None
    if reading and not (late and late.holds):
        return (
            [recovered(facts, "DatabaseReplicationLag", "it lagged behind its source", late, reading, said)]
            if late
            else []
        )
    if not reading and (not said or _lag_is_measured(facts)):
        return []
    cause, confidence = _why_it_lags(facts, late)
    behind = f"is {amount(reading.now, reading.metric.unit)} behind its source" if reading else "lags behind its source"
    confidence += 0.7 if reading else 0.5
    return [
        finding(
            facts,
            "DatabaseReplicationLag",
            f"{facts.target.name} {behind}{_because(facts, cause)}{quoted(said)}",
            confidence,
            rests=[*known(reading), *said, *cause, *([facts.load_key] if _log_bound(facts) else [])],
            onset=onset_of(late, reading) or first(said),
            mechanism="the source writes its log faster than the replica replays it"
            if cause or _log_bound(facts)
            else "",
        )
    ]


def _lag_is_measured(facts: Facts) -> bool:
    """Whether some other resource's lag was read: then an event about lag is that one's."""
    return any(peer.get("ReplicaLag", "AuroraReplicaLag") for peer in facts.peers)


def _why_it_lags(facts: Facts, late: Stretch | None) -> tuple[list[Reading], float]:
    """Writes that rose not after the lag, on the replica's source or (where that is not known) any peer."""
    sources = [facts.readings, *_sources(facts)]
    grown = [r for source in sources for r in source.grew(_WRITES, 1.5)]
    latest = late.start + 180 if late else float("inf")
    early = [r for r in grown if r.changed_at is not None and r.changed_at.timestamp() <= latest]
    return early[:3], (0.15 if early else 0.0) + (0.06 if _log_bound(facts) else 0.0)


def _sources(facts: Facts) -> list[Readings]:
    source = facts.instance.source.split(":")[-1] if facts.instance else ""
    return [
        peer for peer in facts.peers if peer.target.service.key == "rds" and (not source or peer.target.name == source)
    ]


def _log_bound(facts: Facts) -> bool:
    return facts.share(*LOG_WRITES) >= 0.4


def _because(facts: Facts, grown: list[Reading]) -> str:
    if not grown:
        return ", with its load waiting for log writes" if _log_bound(facts) else ""
    best = grown[0]
    return f": {best.metric.name} of {best.target.name} rose {best.growth:.1f}-fold at {clock(best.changed_at)}"


def failover(facts: Facts) -> list[Finding]:
    """A failover within the window: an event is enough, the state it leaves is healthy."""
    said = [e for e in facts.said(r"fail(ed|ing)?[ -]?over|promoted to (primary|writer)|new writer") if _really(e)]
    if not said:
        return []
    before = _trigger(facts, said[0].at)
    why = f' after "{before[-1].text}"' if before else ""
    return [
        finding(
            facts,
            "DatabaseFailover",
            f"{facts.target.name} failed over at {clock(said[0].at)}{why}{quoted(said)}",
            0.85,
            rests=[*before, *said],
            onset=said[0].at,
            mechanism="connections are cut and the name points to the old instance until clients resolve it again",
        )
    ]


def _really(event: Event) -> bool:
    return not re.search(
        r"not attempting|not (be )?fail(ed)? over|priority|disabled|enabled|configur", event.text, re.I
    )


def _trigger(facts: Facts, at: datetime) -> list[Event]:
    near = facts.said(
        r"unhealthy|unresponsive|unreachable|host|hardware|loss of|degraded|requested|reboot|maintenance|out of memory"
    )
    return [event for event in near if timedelta() <= at - event.at <= timedelta(minutes=15)]


def locks(facts: Facts) -> list[Finding]:
    """Lock contention: most of the load waits for locks."""
    share = facts.share(*_LOCKS)
    grown = facts.readings.grew(("Deadlocks", "BlockedTransactions", "DBLoad"), 1.5)
    if facts.load is None or share < 0.4 or not (grown or _load_rose(facts)):
        return []
    top = facts.load.top
    statement = f"; most of it in: {top.text[:120]}" if top and facts.load.dominance >= 0.4 else ""
    text = f"{share:.0%} of {facts.target.name}'s load waits for locks{statement}"
    onset = min((r.changed_at for r in grown if r.changed_at), default=None)
    return [finding(facts, "DatabaseLockContention", text, 0.84, rests=[facts.load_key, *grown], onset=onset)]


def _load_rose(facts: Facts) -> bool:
    values = [v for _, v in facts.load.sessions] if facts.load else []
    start = sorted(values[: max(1, len(values) // 4)])
    return bool(values) and max(values) >= 2.0 and max(values) >= 2 * start[len(start) // 2]


def io(facts: Facts) -> list[Finding]:
    """I/O: the volume's credits are gone, its IOPS are used up, or requests queue and slow down."""
    for name in ("BurstBalance", "EBSIOBalance%", "EBSByteBalance%"):
        empty = facts.readings.beyond(name, lambda v: v <= 5)
        if empty and empty.holds:
            balance = facts.readings.by_name[name]
            text = f"{facts.target.name} has used up its I/O credits: {name} at {balance.now:.0f}%"
            return [finding(facts, "DatabaseIOSaturated", text, 0.85, rests=[balance], onset=onset_of(empty, balance))]
    if log := _log_writes(facts):
        return [log]
    queue, slow = facts.readings.get("DiskQueueDepth"), facts.readings.grew(("ReadLatency", "WriteLatency"), 2.5)
    deep = queue.beyond(lambda v: v >= 10) if queue else None
    if queue is None or not (deep and deep.holds) or not (slow or queue.growth >= 4):
        return []
    waits = facts.share(*_IO)
    text = f"{facts.target.name} queues {queue.now:.0f} I/O requests" + (
        f", {slow[0].metric.name} rose {slow[0].growth:.1f}-fold" if slow else ""
    )
    confidence = 0.72 + (0.1 if waits >= 0.5 else 0.0)
    return [
        finding(
            facts,
            "DatabaseIOSaturated",
            text,
            confidence,
            rests=[queue, *slow, *([facts.load_key] if waits >= 0.5 else [])],
            onset=onset_of(deep, queue, *slow),
        )
    ]


def _log_writes(facts: Facts) -> Finding | None:
    """Sessions that wait for the log to be written, while far more is written than before."""
    grown = facts.readings.grew(_WRITES, 2.0)
    if not (grown and _log_bound(facts) and _load_rose(facts)) or _replica_lags(facts):
        return None
    best = grown[0]
    text = (
        f"{facts.share(*LOG_WRITES):.0%} of {facts.target.name}'s load waits for log writes; "
        f"{best.metric.name} rose {best.growth:.1f}-fold"
    )
    rests: list[Reading | Event | str] = [facts.load_key, *grown]
    return finding(
        facts, "DatabaseIOSaturated", text, 0.55, rests=rests, onset=best.changed_at, rule="DatabaseLogWrites"
    )


def _replica_lags(facts: Facts) -> bool:
    """Whether a replica lags: then the lag is what hurts, and its finding tells of the writes."""
    lags = [
        peer.beyond(name, partial(operator.le, bound)) for peer in facts.peers for name, bound in _LAG_SECONDS.items()
    ]
    return any(lag and lag.holds for lag in lags)


def status(facts: Facts) -> list[Finding]:
    """The instance's own status: stopped, failed or incompatible."""
    found = facts.instance.status if facts.instance else ""
    if not _STOPPED.match(found):
        return []
    text = f"{facts.target.name} is in the state {found}"
    return [finding(facts, "DependencyUnavailable", text, 0.85, rests=[facts.instance_key], rule="DatabaseStatus")]


def surge(facts: Facts) -> list[Finding]:
    """More traffic than before: most of what measures it rose, and no single statement makes it."""
    grown = [one for one in facts.readings.grew(_TRAFFIC, 1.8) if not facts.as_usual(one)]
    if len(grown) < 2 or (facts.load and facts.load.dominance >= 0.5):
        return []
    onset = min((r.changed_at for r in grown if r.changed_at), default=None)
    told = ", ".join(f"{r.metric.name} {r.growth:.1f}-fold" for r in grown)
    text = f"{facts.target.name} gets more traffic than before: {told}"
    return [finding(facts, "TrafficSurge", text, 0.6, rests=grown, onset=onset, rule="DatabaseTraffic")]


def restarts(facts: Facts) -> list[Finding]:
    """Restarts and maintenance: true, and for a person to judge."""
    said = facts.said(
        r"restarted|shutdown|rebooted|recovery of the db instance|maintenance|parameter group.*(updated|applied)|patch"
    )
    if not said:
        return []
    text = f"{facts.target.name}: {said[-1].text} at {clock(said[-1].at)}"
    return [
        finding(
            facts, "ConfigChange", text, 0.3, rests=said, role=Role.CONTEXT, onset=said[-1].at, rule="DatabaseRestart"
        )
    ]


def flow(facts: Facts) -> list[Finding]:
    """What happened to this database."""
    rules = (replication, failover, locks, io, status, surge, restarts)
    return list(chain.from_iterable(rule(facts) for rule in rules))
