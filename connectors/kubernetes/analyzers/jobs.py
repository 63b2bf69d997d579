"""Which jobs failed, and which cron jobs do not run?"""

from __future__ import annotations

from collections.abc import Iterator

from connectors.evidence import Subject
from connectors.kubernetes import objects as o
from connectors.kubernetes.reporting import Case, case, observed
from connectors.kubernetes.view import View

CHECK = "jobs"


def failed(view: View) -> Iterator[Case]:
    """Jobs that have failed within the window, one case an owner."""
    seen: set[Subject] = set()
    for job in view.all("jobs"):
        condition = o.conditions(job).get("Failed") or {}
        at = o.when(condition.get("lastTransitionTime"))
        owner = view.owner_of("Job", o.namespace(job), o.name(job))
        if condition.get("status") != "True" or owner in seen or not view.recent(at, 180):
            continue
        seen.add(owner)
        subject = Subject(kind="Job", namespace=o.namespace(job), name=o.name(job))
        words = f"Job {subject.name} has failed: {condition.get('reason')}: {condition.get('message')}"
        proof = observed(
            CHECK, subject, f"Job {subject.name}", words, [("failed", str(o.status(job).get("failed")))], onset=at
        )
        yield case("job failed", "JobFailed", owner, words, 0.5, [proof], onset=at)


def idle(view: View) -> Iterator[Case]:
    """Cron jobs that are suspended or have missed their time, where the controller says so."""
    for one in view.all("cronjobs"):
        subject = Subject(kind="CronJob", namespace=o.namespace(one), name=o.name(one))
        events = view.events_of("CronJob", subject.namespace, subject.name, "FailedNeedsStart", "TooManyMissedTimes")
        if o.spec(one).get("suspend"):
            words, confidence = f"Cron job {subject.name} is suspended", 0.3
        elif events and view.recent(events[0].last, 60):
            words, confidence = f"Cron job {subject.name} does not start: {events[0].message}", 0.6
        else:
            continue
        rows = [
            ("schedule", str(o.spec(one).get("schedule"))),
            ("last", str(o.status(one).get("lastScheduleTime") or "never")),
        ]
        proof = observed(CHECK, subject, f"Cron job {subject.name}", words, rows)
        yield case("cron job idle", "CronJobNotRunning", subject, words, confidence, [proof])


RULES = (failed, idle)
DECIDES = ("JobFailed", "CronJobNotRunning")
