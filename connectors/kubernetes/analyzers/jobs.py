"""Which jobs failed, which are suspended while something waits for them, and which cron jobs do not run?

A suspended job is somebody's decision. It is a cause only where a pod waits for it, or where it is asked about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from connectors.evidence import Subject
from connectors.kubernetes import objects as o
from connectors.kubernetes.objects import Json
from connectors.kubernetes.reporting import Case, case, observed
from connectors.kubernetes.view import View

CHECK = "jobs"
_SLACK = 10
"""Minutes that a controller may be late."""
_MISSED = 5
"""Runs of short intervals that must be missed: one or two wait for the one before, or for a controller's restart."""
_FORGOTTEN = 7 * 24 * 60.0
"""Minutes after which a cron job that is suspended is not missed any more."""
_UNASKED = 0.45
_A_WORD = 5
"""Letters of a word that tells which job is meant."""
_STEP = re.compile(r"\*(?:/(\d+))?")
_NAMED = {"@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *"}


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
        waiting = list(dict.fromkeys(_waiting_for(view, subject)))
        words += f"; {waiting[0].name} waits for it before it starts" if waiting else ""
        yield case("job failed", "JobFailed", subject if waiting else owner, words, 0.85 if waiting else 0.5, [proof],
                   onset=at, explains=waiting)  # fmt: skip


def retrying(view: View) -> Iterator[Case]:
    """Jobs of which pods have failed and none has ended well: not given up yet."""
    for job in view.all("jobs"):
        status = o.status(job)
        begun = o.when(status.get("startTime")) or o.created(job)
        over = o.conditions(job).keys() & {"Failed", "Complete", "SuccessCriteriaMet"}
        if not status.get("failed") or status.get("succeeded") or over or not view.recent(begun, 180):
            continue
        subject = Subject(kind="Job", namespace=o.namespace(job), name=o.name(job))
        words = f"{status['failed']} pods of job {subject.name} have failed, none has succeeded"
        proof = observed(CHECK, subject, f"Job {subject.name}", words, [("failed", str(status["failed"]))], onset=begun)
        owner = view.owner_of("Job", subject.namespace, subject.name)
        yield case("job retrying", "JobFailed", owner, words, 0.45, [proof], onset=begun)


def idle(view: View) -> Iterator[Case]:
    """Cron jobs that are suspended or have missed their time, by the controller's word or by their schedule."""
    for one in view.all("cronjobs"):
        subject = Subject(kind="CronJob", namespace=o.namespace(one), name=o.name(one))
        events = view.events_of("CronJob", subject.namespace, subject.name, "FailedNeedsStart", "TooManyMissedTimes")
        asked = view.snapshot.asked_about(subject.name) or _told_of(view, subject)
        last = o.when(o.status(one).get("lastScheduleTime"))
        if o.spec(one).get("suspend"):
            if not asked and last and not view.recent(last, _FORGOTTEN):
                continue
            words, confidence = f"Cron job {subject.name} is suspended", 0.75 if asked else 0.3
        elif events and view.recent(events[0].last, 60):
            words, confidence = f"Cron job {subject.name} does not start: {events[0].message}", 0.6
        elif overdue := _overdue(view, one):
            words = f"Cron job {subject.name} {overdue}"
            confidence = 0.75 if asked else _UNASKED
        else:
            continue
        rows = [
            ("schedule", str(o.spec(one).get("schedule"))),
            ("last", str(last or "never")),
        ]
        proof = observed(CHECK, subject, f"Cron job {subject.name}", words, rows)
        yield case("cron job idle", "CronJobNotRunning", subject, words, confidence, [proof])


def _told_of(view: View, job: Subject) -> bool:
    """Whether the question or an alert has a word of its name that no other workload's name has."""
    others = {word for one in view.workloads for word in one.name.split("-")}
    words = [word for word in job.name.split("-") if len(word) >= _A_WORD and word not in others]
    return any(re.search(rf"\b{re.escape(word)}", view.snapshot.asked, re.IGNORECASE) for word in words)


def _overdue(view: View, job: Json) -> str:
    """That it should have run several times by now and has not; empty where it may be on time."""
    last, most = o.when(o.status(job).get("lastScheduleTime")), _between(str(o.spec(job).get("schedule") or ""))
    since = last or o.created(job)
    if most is None or since is None or view.recent(since, max(2 * most, _MISSED * min(most, 10)) + _SLACK):
        return ""
    ran = f"has not run since {last:%Y-%m-%d %H:%M} UTC" if last else "has never run"
    active = ", and its last run is still active" if o.status(job).get("active") else ""
    return f"{ran}, with the schedule {o.spec(job).get('schedule')}{active}"


def _between(schedule: str) -> float | None:
    """The most minutes between two runs, of schedules of every day; None for rarer ones and no schedule."""
    fields = _NAMED.get(schedule, schedule).split()
    if len(fields) != 5 or any(field not in ("*", "?") for field in fields[2:]):
        return None
    minutes, hours = (_STEP.fullmatch(field) for field in fields[:2])
    if minutes and fields[1] == "*":
        return float(minutes[1] or 1)
    return 60.0 * float(hours[1] or 1) if hours else 24 * 60.0


def suspended(view: View) -> Iterator[Case]:
    """Jobs that are suspended before their end, of which something says that it waits for them."""
    for one in view.all("jobs"):
        subject = Subject(kind="Job", namespace=o.namespace(one), name=o.name(one))
        if not o.spec(one).get("suspend") or o.status(one).get("succeeded") or o.status(one).get("completionTime"):
            continue
        waiting = list(dict.fromkeys(_waiting_for(view, subject)))
        if not waiting and not view.snapshot.asked_about(subject.name):
            continue
        words = f"Job {subject.name} is suspended and has no pods"
        words += f"; {waiting[0].name} waits for it before it starts" if waiting else ""
        since = o.when((o.conditions(one).get("Suspended") or {}).get("lastTransitionTime"))
        rows = [("suspend", "true"), ("succeeded", str(o.status(one).get("succeeded") or 0))]
        proof = observed(CHECK, subject, f"Job {subject.name}", words, rows, onset=since)
        yield case("job suspended", "JobSuspended", subject, words, 0.85 if waiting else 0.75, [proof], onset=since,
                   explains=waiting)  # fmt: skip


def _waiting_for(view: View, job: Subject) -> Iterator[Subject]:
    """Workloads with a pod that has not got beyond an init container which names the job."""
    named = re.compile(rf"(?<![\w-]){re.escape(job.name)}(?![\w-])")
    for pod in view.pods:
        done = {str(one.get("name")) for one in o.status(pod).get("initContainerStatuses") or [] if one.get("ready")}
        for container in o.spec(pod).get("initContainers") or []:
            words = [*(container.get("command") or []), *(container.get("args") or [])]
            words += [one.get("value") for one in container.get("env") or []]
            held = o.namespace(pod) == job.namespace and container.get("name") not in done
            if held and any(named.search(str(word)) for word in words):
                yield view.workload_of(pod)


RULES = (failed, retrying, idle, suspended)
DECIDES = ("JobFailed", "JobSuspended", "CronJobNotRunning")
