"""Why is this database in trouble? Rules that tell the exhausted resource from what merely suffers.

Each rule asks for a state that holds now: a bound crossed for minutes and still crossed, or an event of
RDS itself. What had recovered is told as context. Where two resources look exhausted, time order and
what the sessions wait for decide which one is the cause.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import chain

from connectors.cloudwatch.databases import GIB
from connectors.cloudwatch.events import Event
from connectors.cloudwatch.readings import Reading, Stretch
from connectors.cloudwatch.rules.finding import Facts, finding, first, known, onset_of, quoted, recovered
from connectors.cloudwatch.wording import amount, clock
from connectors.evidence import Finding, Role

CPU_FULL = 85.0
CONNECTIONS_FULL = 0.9
_CONNECTIONS_SAID = (
    r"max_connections|too many (clients|connections)|remaining connection slots|connection limit|connections? exhaust"
)
_FULL = re.compile(
    r"ran out of storage|storage[ -]full|storage .*exhausted|insufficient storage|no (free )?space", re.IGNORECASE
)
_LOW = re.compile(r"\blow\b|free storage|remaining", re.IGNORECASE)
_RELIEF = re.compile(r"increased|grown|expanded|scaled|finished applying|recovered|extended", re.IGNORECASE)
_OF = re.compile(r"\b(\d[\d,]*)\s*(?:of|/|out of)\s*(\d[\d,]*)")
_IDLE = ("Client", "Idle", "idle")
_CPU = ("CPU",)


def connections(facts: Facts) -> list[Finding]:
    """Connection slots: near the limit now, by the limit itself or by what clients were told."""
    reading = facts.readings.get("DatabaseConnections")
    said = facts.said(_CONNECTIONS_SAID)
    limit, exact = _limit(facts, said)
    full = reading.beyond(lambda v: v >= CONNECTIONS_FULL * limit, 3) if reading and limit else None
    idle = facts.share(*_IDLE)
    if full and full.holds:
        confidence = (0.82 if exact else 0.7) + (0.06 if said else 0) + (0.05 if idle >= 0.4 else 0)
    elif full or (said and reading and _well_below(reading, limit)):
        return [
            recovered(facts, "DatabaseConnectionsExhausted", "connections were near their limit", full, reading, said)
        ]
    elif said:
        confidence = 0.72 + (0.1 if idle >= 0.4 else 0)
    elif reading and not exact and _grows(reading) and (idle >= 0.4 or _alarmed(facts, reading)):
        confidence = 0.58
    else:
        return []
    level = f"{reading.now:,.0f} connections" if reading else "connections refused"
    of = f" of {limit:,.0f}" if limit and (exact or full) else ""
    why = f"; {idle:.0%} of the load is sessions waiting for their clients, not working" if idle >= 0.4 else ""
    return [
        finding(
            facts,
            "DatabaseConnectionsExhausted",
            f"{facts.target.name} has {level}{of}{why}",
            confidence,
            rests=[*known(reading), *said, *([facts.load_key] if idle >= 0.4 else [])],
            onset=onset_of(full, reading) or first(said),
            mechanism="sessions are opened and not given back until new ones are refused" if why else "",
        )
    ]


def _limit(facts: Facts, said: list[Event]) -> tuple[float, bool]:
    """The limit and whether it is the one that was set: RDS' own words beat the parameter, that beats the default."""
    for event in reversed(said):
        found = _OF.search(event.text)
        if found:
            return float(found.group(2).replace(",", "")), True
    return (facts.limit.value, facts.limit.exact) if facts.limit else (0.0, False)


def _alarmed(facts: Facts, reading: Reading) -> bool:
    """Whether an alarm says so as well: whoever chose its threshold knew the limit."""
    threshold = facts.alarmed.get(reading.metric.name)
    return threshold is not None and reading.now >= threshold


def _grows(reading: Reading) -> bool:
    """Half as many again as at first, and still at the top: what a leak looks like before the limit is known."""
    most, start = max(v for _, v in reading.points), reading.points[0][1]
    return reading.now >= max(1.5 * min(reading.before, start), 0.88 * most)


def _well_below(reading: Reading, limit: float) -> bool:
    return bool(limit) and reading.now < 0.75 * limit


def cpu(facts: Facts) -> list[Finding]:
    """CPU: saturated for minutes and still so, or throttled because its credits are used up."""
    reading = facts.readings.get("CPUUtilization")
    credits = facts.readings.beyond("CPUCreditBalance", lambda v: v < 1)
    if reading is None:
        return []
    hot = reading.beyond(lambda v: v >= CPU_FULL)
    if not hot and credits and credits.holds and reading.now >= 10:
        return [_out_of_credits(facts, reading, credits)]
    if not hot:
        return []
    if not hot.holds:
        return [recovered(facts, "DatabaseCPUSaturated", "CPU was saturated", hot, reading, [])]
    confidence, why = _cpu_confidence(facts)
    return [
        finding(
            facts,
            "DatabaseCPUSaturated",
            f"{facts.target.name} has been at {reading.now:.0f}% CPU for {hot.minutes:.0f} min{why}",
            confidence,
            rests=[reading, *([facts.load_key] if facts.load else [])],
            onset=onset_of(hot, reading),
        )
    ]


def _cpu_confidence(facts: Facts) -> tuple[float, str]:
    load = facts.load
    if load is None or not load.waits:
        return 0.72, ""
    on_cpu = load.share(*_CPU)
    if on_cpu < 0.25:
        other = load.waits[0].name
        return 0.45, f", but its sessions wait for {other}, not for CPU"
    if load.top and load.dominance >= 0.5:
        return 0.9, f"; one statement makes {load.dominance:.0%} of the load: {load.top.text[:120]}"
    return 0.78, f"; {on_cpu:.0%} of the load is on CPU"


def _out_of_credits(facts: Facts, reading: Reading, credits: Stretch) -> Finding:
    balance = facts.readings.by_name["CPUCreditBalance"]
    return finding(
        facts,
        "DatabaseCPUSaturated",
        f"{facts.target.name} has used up its CPU credits since {clock(credits.onset)} and runs at its baseline",
        0.75,
        rests=[balance, reading],
        onset=credits.onset,
        rule="DatabaseCPUCredits",
    )


def storage(facts: Facts) -> list[Finding]:
    """Storage: full by RDS' own words, or nearly so and shrinking."""
    reading = facts.readings.get("FreeStorageSpace", "FreeLocalStorage")
    said = facts.said("storage")
    full = [event for event in said if _FULL.search(event.text)]
    low = [event for event in said if _LOW.search(event.text)]
    relief = [event for event in said if _RELIEF.search(event.text)]
    bound = _storage_bound(facts, reading)
    stretch = reading.beyond(lambda v: v <= bound, 3) if reading else None
    status = "storage-full" in (facts.instance.status if facts.instance else "")
    relieved = bool(relief) and (not full or relief[-1].at > full[-1].at)
    holds = bool(stretch and stretch.holds) or status
    shrank = bool(reading and reading.now <= 0.6 * max(v for _, v in reading.points))
    rests: list[Reading | Event | str] = [*known(reading), *full, *low, *([facts.instance_key] if status else [])]
    if not holds and (relieved or (reading and (stretch or full or low))):
        if not (stretch or full or low):
            return []
        return [
            recovered(
                facts, "DatabaseStorageExhausted", "free storage was low", stretch, reading, [*full, *low, *relief]
            )
        ]
    if status or full:
        confidence = 0.95
    elif holds and shrank:
        confidence = 0.88
    elif low:
        confidence = 0.72
    else:
        return _static_low(facts, reading) if holds and reading else []
    left = f"{amount(reading.now, 'B')} free" if reading else "no free storage"
    fell = f", down from {amount(max(v for _, v in reading.points), 'B')}" if reading and shrank else ""
    return [
        finding(
            facts,
            "DatabaseStorageExhausted",
            f"{facts.target.name} runs out of storage: {left}{fell}{quoted(full or low)}",
            confidence,
            rests=rests,
            onset=onset_of(stretch, reading) or first([*low, *full]),
            mechanism=_writers(facts),
            subject=facts.subject,
        )
    ]


def _storage_bound(facts: Facts, reading: Reading | None) -> float:
    allocated = facts.instance.storage_gib * GIB if facts.instance else 0
    most = max((v for _, v in reading.points), default=0.0) if reading else 0.0
    return max(0.05 * allocated, 2 * GIB, 0.02 * most)


def _static_low(facts: Facts, reading: Reading) -> list[Finding]:
    text = f"{facts.target.name} has only {amount(reading.now, 'B')} of free storage, unchanged over the window"
    return [finding(facts, "DatabaseStorageExhausted", text, 0.4, rests=[reading], role=Role.CONTEXT)]


def _writers(facts: Facts) -> str:
    load = facts.load
    if load and load.top and load.dominance >= 0.5:
        return f"the load is mostly one statement: {load.top.text[:120]}"
    grew = facts.readings.grew(("WriteIOPS", "WriteThroughput", "TransactionLogsDiskUsage"), 1.5)
    return f"{grew[0].metric.name} rose {grew[0].growth:.1f}-fold in the same time" if grew else ""


def memory(facts: Facts) -> list[Finding]:
    """Memory: little left for long and swapping, or the engine was restarted for want of it."""
    reading = facts.readings.get("FreeableMemory")
    said = facts.said(r"out of memory|low memory|memory pressure|insufficient memory|OOM")
    total = facts.instance.memory if facts.instance else None
    bound = max(0.05 * total if total else 0.0, 0.25 * GIB)
    short = reading.beyond(lambda v: v <= bound) if reading else None
    swap = facts.readings.get("SwapUsage")
    swaps = bool(swap and swap.shifted and swap.growth >= 1.5 and swap.now > 0.1 * GIB)
    if not said and not (short and short.holds):
        return []
    confidence = 0.86 if said and short else 0.75 if said or swaps else 0.6
    left = f"{amount(reading.now, 'B')} of memory free" if reading else "no memory"
    return [
        finding(
            facts,
            "DatabaseMemoryExhausted",
            f"{facts.target.name} has {left}{' and swaps' if swaps else ''}{quoted(said)}",
            confidence,
            rests=[*known(reading), *(known(swap) if swaps else ()), *said],
            onset=onset_of(short, reading) or first(said),
        )
    ]


EXHAUSTION: tuple[Callable[[Facts], list[Finding]], ...] = (connections, cpu, storage, memory)
"""The rules about what a database can run out of."""


def exhaustion(facts: Facts) -> list[Finding]:
    """What this database ran out of."""
    return list(chain.from_iterable(rule(facts) for rule in EXHAUSTION))
