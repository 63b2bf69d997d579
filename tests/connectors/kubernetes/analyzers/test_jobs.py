from __future__ import annotations

import pytest

from tests.connectors.kubernetes.cluster import Cluster, ago, findings, sure


def test_a_job_that_failed_lately_is_its_cron_jobs() -> None:
    cluster = Cluster()
    for name, seconds in (("nightly-1", 90000.0), ("nightly-2", 600.0)):
        condition = {
            "type": "Failed",
            "status": "True",
            "reason": "BackoffLimitExceeded",
            "lastTransitionTime": ago(seconds),
        }
        owner = [{"kind": "CronJob", "name": "nightly", "controller": True}]
        cluster.add(
            "jobs",
            "Job",
            name,
            metadata={"ownerReferences": owner},
            spec={},
            status={"failed": 4, "succeeded": 0, "active": 0, "completionTime": ago(1), "conditions": [condition]},
        )
    found = findings(cluster)
    assert [(one.cause, one.subject.name) for one in found] == [("JobFailed", "nightly")]
    assert "nightly-2" in found[0].statement


def test_cron_jobs_that_do_not_run() -> None:
    cluster = Cluster()
    cluster.add("cronjobs", "CronJob", "paused", spec={"suspend": True, "schedule": "* * * * *"}, status={})
    cluster.add("cronjobs", "CronJob", "late", spec={"schedule": "* * * * *"}, status={})
    cluster.event(
        "CronJob",
        "late",
        "FailedNeedsStart",
        "Cannot determine if job needs to be started: too many missed start times",
    )
    cluster.add("cronjobs", "CronJob", "well", spec={"schedule": "* * * * *"}, status={"lastScheduleTime": ago(40)})
    assert [(one.cause, one.subject.name) for one in findings(cluster)] == [
        ("CronJobNotRunning", "late"),
        ("CronJobNotRunning", "paused"),
    ]


def suspended(**status: int) -> Cluster:
    cluster = Cluster()
    cluster.add("jobs", "Job", "migrate", spec={"suspend": True}, status=status)
    return cluster


def test_a_suspended_job_alone_is_somebodys_decision() -> None:
    assert findings(suspended()) == []


def test_a_suspended_job_that_a_pod_waits_for() -> None:
    cluster = suspended()
    wait = {"name": "wait", "image": "wait:1", "args": ["job", "migrate", "-n", "shop"]}
    cluster.app("web", ready=False, pod_spec={"initContainers": [wait]})
    found = next(one for one in findings(cluster) if one.cause == "JobSuspended")
    assert (found.subject.name, [one.name for one in found.explains]) == ("migrate", ["web"])
    assert "web waits for it" in found.statement
    pod = cluster.pod("web")
    pod["status"]["initContainerStatuses"] = [{"name": "wait", "ready": True}]
    assert "JobSuspended migrate" not in sure(cluster, 0)


def test_a_suspended_job_that_is_asked_about_and_one_that_has_ended() -> None:
    assert [one.cause for one in findings(suspended(), asked="why does Migrate not run?")] == ["JobSuspended"]
    assert findings(suspended(), asked="why does migrate-old not run?") == []
    assert findings(suspended(succeeded=1), asked="migrate") == []


def test_a_suspended_cron_job_that_is_asked_about_is_surer() -> None:
    cluster = Cluster()
    cluster.add("cronjobs", "CronJob", "nightly", spec={"suspend": True, "schedule": "* * * * *"}, status={})
    sureness = [findings(cluster, asked=asked)[0].confidence for asked in ("", "the nightly run has not happened")]
    assert sureness[0] < 0.5 < sureness[1]


def test_a_job_that_is_retried_is_a_guess_until_it_is_given_up() -> None:
    cluster = Cluster()
    cluster.add("jobs", "Job", "import", spec={}, status={"failed": 3, "startTime": ago(600)})
    assert [(one.cause, one.confidence < 0.5) for one in findings(cluster)] == [("JobFailed", True)]
    cluster.objects["jobs"][0]["status"]["succeeded"] = 1
    assert findings(cluster) == []


@pytest.mark.parametrize(
    ("schedule", "hours", "late"),
    [("*/5 * * * *", 1, True), ("*/5 * * * *", 0.5, False), ("15 */6 * * *", 13, True), ("15 */6 * * *", 12, False),
     ("5,35 * * * *", 3, True), ("0 3 * * *", 60, True), ("0 3 * * *", 40, False),
     ("@hourly", 3, True), ("0 3 * * 1", 400, False), ("0 3 1 * *", 2000, False), ("soon", 2000, False)],
)  # fmt: skip
def test_a_cron_job_that_should_have_run_and_has_not(schedule: str, hours: float, late: bool) -> None:
    cluster = Cluster()
    cluster.add("cronjobs", "CronJob", "nightly", spec={"schedule": schedule},
                status={"lastScheduleTime": ago(hours * 3600)})  # fmt: skip
    found = findings(cluster, asked="the nightly run has not happened")
    assert [(one.cause, one.confidence > 0.5) for one in found] == [("CronJobNotRunning", True)] * late
    assert all(one.confidence < 0.5 for one in findings(cluster))


def test_a_cron_job_that_never_ran_and_one_whose_run_does_not_end() -> None:
    cluster = Cluster()
    made = cluster.add("cronjobs", "CronJob", "nightly", spec={"schedule": "* * * * *"}, status={},
                       metadata={"creationTimestamp": ago(90000)})  # fmt: skip
    assert "has never run" in findings(cluster, asked="nightly")[0].statement
    made["status"] = {"lastScheduleTime": ago(9000), "active": [{"name": "nightly-1"}]}
    assert "still active" in findings(cluster, asked="nightly")[0].statement


def test_a_cron_job_is_asked_about_by_a_word_that_only_it_has() -> None:
    cluster = Cluster()
    cluster.app("billing-engine")
    cluster.add("cronjobs", "CronJob", "billing-archive", spec={"suspend": True, "schedule": "* * * * *"}, status={})
    sureness = [findings(cluster, asked=asked)[0].confidence for asked in ("billing is slow", "the archives are old")]
    assert sureness[0] < 0.5 < sureness[1]


def test_a_cron_job_that_was_suspended_long_ago_is_not_missed() -> None:
    cluster = Cluster()
    made = cluster.add("cronjobs", "CronJob", "export", spec={"suspend": True, "schedule": "* * * * *"}, status={})
    made["status"]["lastScheduleTime"] = ago(30 * 86400)
    assert findings(cluster) == []
    assert [one.cause for one in findings(cluster, asked="export?")] == ["CronJobNotRunning"]


def test_a_failed_job_that_a_pod_waits_for_explains_it() -> None:
    cluster = Cluster()
    condition = {"type": "Failed", "status": "True", "lastTransitionTime": ago(600)}
    cluster.add("jobs", "Job", "migrate", spec={}, status={"failed": 3, "conditions": [condition]})
    wait = {"name": "wait", "image": "wait:1", "args": ["job", "migrate"]}
    cluster.app("web", ready=False, pod_spec={"initContainers": [wait]})
    found = next(one for one in findings(cluster) if one.cause == "JobFailed")
    assert found.confidence > 0.8
    assert [one.name for one in found.explains] == ["web"]
