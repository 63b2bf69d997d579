"""What is wrong with this function, queue, stream, workflow, balancer, cache or API, where one metric does not tell?

Comparisons of metrics with each other: errors with calls, what arrives with what is taken away, what
the front measures with what it waited for behind it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from connectors.cloudwatch.readings import Reading
from connectors.cloudwatch.rules.finding import AS_BEFORE, Facts, as_before, finding, onset_of, recovered
from connectors.cloudwatch.wording import amount, clock
from connectors.evidence import Finding, Role


class Failing(NamedTuple):
    """What fails of what is counted beside it. A cause where the failures are the resource's own, else a symptom."""

    part: str
    whole: str
    cause: str = "ErrorRateIncrease"
    confidence: float = 0.4


_ERRORS = {
    "lambda": Failing("Errors", "Invocations", "FunctionErrors", 0.62),
    "alb": Failing("HTTPCode_Target_5XX_Count", "RequestCount"),
    "apigateway": Failing("5XXError", "Count"),
    "httpapi": Failing("5xx", "Count"),
    "s3": Failing("5xxErrors", "AllRequests"),
    "opensearch": Failing("5xx", "2xx"),
    "states": Failing("ExecutionsFailed", "ExecutionsStarted", "WorkflowFailed", 0.64),
    "sns": Failing("NumberOfNotificationsFailed", "NumberOfMessagesPublished", "DeliveryFailed", 0.64),
    "events": Failing("FailedInvocations", "TriggeredRules", "DeliveryFailed", 0.66),
}
"""Services whose errors are counted beside their calls."""
_CALLS = {"WorkflowFailed": "executions", "DeliveryFailed": "deliveries"}
_FAILING = 0.05
_MANY = 0.25
"""From which part on failures are a fault even where they are nothing new."""
_REFUSALS = {
    "cloudfront": ("4xxErrorRate", ""),
    "alb": ("HTTPCode_Target_4XX_Count", "RequestCount"),
    "apigateway": ("4XXError", "Count"),
    "httpapi": ("4xx", "Count"),
    "s3": ("4xxErrors", "AllRequests"),
}
"""Services that count what they refuse, beside their calls or as a rate."""
_REFUSING = 0.3
_REQUESTS = {
    "alb": "RequestCount", "nlb": "ActiveFlowCount", "apigateway": "Count", "httpapi": "Count", "lambda": "Invocations",
    "cloudfront": "Requests", "s3": "AllRequests", "dynamodb": "ConsumedReadCapacityUnits",
    "elasticache": "NewConnections", "kinesis": "IncomingRecords", "sns": "NumberOfMessagesPublished",
    "sqs": "NumberOfMessagesSent", "states": "ExecutionsStarted", "opensearch": "2xx",
}  # fmt: skip


def errors(facts: Facts) -> list[Finding]:
    """A larger part of calls fails than before. A function's errors are its own; elsewhere they are a symptom."""
    row = _ERRORS.get(facts.target.service.key)
    failed = facts.readings.get(row.part) if row else None
    if row is None or failed is None:
        return []
    ratio = _ratio(failed, facts.readings.get(row.whole))
    bad = ratio.beyond(lambda v: v >= _FAILING, 3)
    if bad is None:
        return []
    what = f"the {_CALLS.get(row.cause, 'calls')} of {facts.target.spoken}"
    if not bad.holds:
        return [recovered(facts, row.cause, f"{bad.worst:.0%} of {what} failed", bad, failed)]
    usual = ratio.now < _MANY and as_before(failed, bad, untold=True)
    text = f"{ratio.now:.0%} of {what} fail ({ratio.before:.0%} before)"
    return [
        finding(
            facts,
            row.cause,
            text,
            min(row.confidence, AS_BEFORE) if usual else row.confidence,
            rests=[failed],
            onset=onset_of(bad, failed),
            role=Role.SYMPTOM if row.cause == "ErrorRateIncrease" else Role.CAUSE,
        )
    ]


def refusals(facts: Facts) -> list[Finding]:
    """Most calls are refused (4xx) that were not before: a symptom, and not what callers do wrong every day."""
    part, whole = _REFUSALS.get(facts.target.service.key, ("", ""))
    refused = facts.readings.get(part)
    if refused is None or not refused.shifted or refused.growth < 3:
        return []
    ratio = _ratio(refused, facts.readings.get(whole)) if whole else _of_hundred(refused)
    bad = ratio.beyond(lambda v: v >= _REFUSING, 3)
    if bad is None or not bad.holds:
        return []
    text = f"{ratio.now:.0%} of the calls of {facts.target.spoken} are refused with 4xx ({ratio.before:.0%} before)"
    return [finding(facts, "ErrorRateIncrease", text, 0.4, rests=[refused], onset=onset_of(bad, refused),
                    role=Role.SYMPTOM, rule="Refusals")]  # fmt: skip


def _of_hundred(rate: Reading) -> Reading:
    points = tuple((t, value / 100) for t, value in rate.points)
    return Reading(rate.target, rate.metric._replace(unit=""), points, rate.period, rate.onset)


def _ratio(part: Reading, whole: Reading | None) -> Reading:
    """One series over another, at the times of the first; without the other, every sample with errors fails whole."""
    calls = dict(whole.points) if whole else {}
    points = tuple((t, value / calls[t] if calls.get(t) else float(value > 0)) for t, value in part.points)
    return Reading(part.target, part.metric._replace(unit=""), points, part.period, part.onset)


def timeouts(facts: Facts) -> list[Finding]:
    """A function whose longest run is as long as its timeout."""
    reading = facts.readings.get("Duration")
    limit = float(facts.states.get("timeout_ms") or 0)
    if facts.target.service.key != "lambda" or reading is None or not limit:
        return []
    # What ran longer than the limit ran under another one.
    stuck = reading.beyond(lambda v: 0.99 * limit <= v <= 1.05 * limit, 3)
    if stuck is None or not stuck.holds:
        return []
    text = f"{facts.target.spoken} runs into its limit of {amount(limit, 'ms')} since {clock(stuck.onset)}"
    return [finding(facts, "FunctionErrors", text, 0.66, rests=[reading], onset=stuck.onset, rule="FunctionTimeout")]


class Waiting(NamedTuple):
    """By which metrics one sees that something waits, and from which values on it does."""

    age: str
    old: float
    depth: str = ""
    deep: float = 0.0
    things: str = "messages"


_WAITING = {
    "sqs": Waiting("ApproximateAgeOfOldestMessage", 300, "ApproximateNumberOfMessagesVisible", 100),
    "kinesis": Waiting("GetRecords.IteratorAgeMilliseconds", 60_000, things="records"),
    "firehose": Waiting("DeliveryToS3.DataFreshness", 1800, things="records"),
    "mq": Waiting("", 0, "MessageCount", 1_000),
    "msk_lag": Waiting("EstimatedMaxTimeLag", 300, "SumOffsetLag", 10_000, things="records"),
}


def backlog(facts: Facts) -> list[Finding]:
    """What grows before a consumer: older messages or records, more of them, less taken away than comes in."""
    row = _WAITING.get(facts.target.service.key)
    if row is None:
        return []
    depth, age = facts.readings.get(row.depth), facts.readings.get(row.age)
    deep = depth.beyond(lambda v: v >= row.deep) if depth else None
    old = age.beyond(lambda v: v >= row.old) if age else None
    stretch = next((s for s in (old, deep) if s and s.holds), None)
    known = [reading for reading in (age, depth) if reading]
    grows = any(r.shifted and r.growth >= 2 for r in known)
    if stretch is None or not grows:
        past = old or deep
        what = f"{row.things} waited"
        return [recovered(facts, "QueueBacklog", what, past, known[0])] if past and not stretch else []
    why, confidence = _why_it_waits(facts)
    waits = f"{depth.now:,.0f} {row.things} wait" if depth else f"{row.things} wait"
    oldest = f", the oldest for {amount(age.now, age.metric.unit)}" if age else ""
    where = "before" if facts.target.service.key == "msk_lag" else "in"
    text = f"{waits} {where} {facts.target.name}{oldest}{why}"
    return [finding(facts, "QueueBacklog", text, confidence, rests=known, onset=onset_of(stretch, *known))]


def _why_it_waits(facts: Facts) -> tuple[str, float]:
    sent, taken = facts.readings.get("NumberOfMessagesSent"), facts.readings.get("NumberOfMessagesDeleted")
    if taken is not None and (taken.now == 0 or (taken.shifted and taken.growth <= 0.5)):
        return ": consumers finish fewer than before", 0.78
    if sent is not None and sent.shifted and sent.growth >= 1.5:
        return f": {sent.growth:.1f} times as many arrive", 0.7
    return "", 0.62


def evictions(facts: Facts) -> list[Finding]:
    """A cache that throws away what it should keep."""
    reading = facts.readings.get("Evictions")
    if facts.target.service.key != "elasticache" or reading is None:
        return []
    stretch = reading.beyond(lambda v: v >= 100)
    if stretch is None or not stretch.holds or not reading.shifted:
        return []
    hits = facts.readings.get("CacheHitRate")
    worse = hits is not None and hits.shifted and hits.growth < 0.95
    missed = f", its hit rate fell to {hits.now:.0f}%" if worse and hits else ""
    text = f"{facts.target.name} evicts {reading.now:,.0f} keys a period ({reading.before:,.0f} before){missed}"
    rests = [reading, *([hits] if worse and hits else [])]
    confidence = 0.78 if worse else 0.64
    return [finding(facts, "CacheEvictions", text, confidence, rests=rests, onset=onset_of(stretch, reading))]


def traffic(facts: Facts) -> list[Finding]:
    """More requests than before, lasting."""
    name = _REQUESTS.get(facts.target.service.key)
    reading = facts.readings.get(name) if name else None
    if reading is None or not reading.shifted or reading.growth < 2 or reading.now < 1.5 * reading.before:
        return []
    if facts.as_usual(reading):
        return []
    text = f"{facts.target.spoken} gets {reading.growth:.1f} times the requests of before ({reading.metric.name})"
    at = reading.changed_at
    return [finding(facts, "TrafficSurge", text, 0.55, rests=[reading], onset=at, rule="Requests")]


def latency(facts: Facts) -> list[Finding]:
    """Slower answers: a symptom wherever they are measured."""
    if facts.target.service.key in ("rds", "aurora"):
        return []
    slow = [r for r in facts.readings.by_name.values() if r.metric.role == "latency" and r.shifted and r.growth >= 2]
    if not slow:
        return []
    worst = max(slow, key=lambda r: r.growth)
    levels = " → ".join(amount(value, worst.metric.unit) for value in (worst.before, worst.now))
    text, at = f"{facts.target.spoken} is slower: {worst.metric.name} {levels}", worst.changed_at
    return [finding(facts, "LatencyIncrease", text, 0.4, rests=slow, onset=at, role=Role.SYMPTOM, rule="Slower")]


RULES: tuple[Callable[[Facts], list[Finding]], ...] = (errors, refusals, timeouts, backlog, evictions, traffic, latency)
"""The comparisons, for every resource that is no database."""


def services(facts: Facts) -> list[Finding]:
    """What the comparisons say about one resource."""
    return [one for rule in RULES for one in rule(facts)]
