from __future__ import annotations

from tests.connectors.kubernetes.cluster import Cluster, ago, findings


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
    cluster.add("cronjobs", "CronJob", "well", spec={"schedule": "* * * * *"}, status={})
    assert [(one.cause, one.subject.name) for one in findings(cluster)] == [
        ("CronJobNotRunning", "late"),
        ("CronJobNotRunning", "paused"),
    ]
