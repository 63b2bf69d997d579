from __future__ import annotations

from datetime import timedelta

import pytest

from tests.connectors.kubernetes.cluster import NOW, Cluster, ago, ended_state, findings, sure, top


def crashing(code: int, *lines: str) -> Cluster:
    cluster = Cluster()
    cluster.app("pay", ready=False, state=ended_state(code))
    if lines:
        cluster.log("pay", *lines, previous=True)
    return cluster


def test_killed_for_memory_with_its_limit() -> None:
    cluster = Cluster()
    cluster.app(
        "pay", ready=False, state=ended_state(137, "OOMKilled"), container={"resources": {"limits": {"memory": "64Mi"}}}
    )
    assert top(cluster) == "OOMKilled Deployment/pay"
    assert "64Mi" in findings(cluster)[0].statement


def test_a_kill_of_yesterday_is_no_cause() -> None:
    cluster = Cluster()
    state = {
        "restartCount": 1,
        "lastState": {"terminated": {"exitCode": 137, "reason": "OOMKilled", "finishedAt": ago(90000)}},
    }
    cluster.app("pay", state=state)
    assert sure(cluster, 0) == []


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("Access denied for user 'app'@'10.0.0.7' (using password: YES)", "InvalidCredentials"),
        ('FATAL: password authentication failed for user "app"', "InvalidCredentials"),
        ("mkdir: cannot create directory '/data/db': Permission denied", "VolumeMountPermissionDenied"),
        ("OSError: [Errno 28] No space left on device", "DiskFull"),
        ("listen tcp :8080: bind: address already in use", "SidecarPortConflict"),
        ("standard_init_linux.go: exec user process caused: exec format error", "ImageArchitectureMismatch"),
        ("java.lang.OutOfMemoryError: Java heap space", "OOMKilled"),
        ("Traceback (most recent call last): KeyError: 'REGION'", "ApplicationCrash"),
    ],
)
def test_last_words(line: str, cause: str) -> None:
    assert top(crashing(1, "starting", line)) == f"{cause} Deployment/pay"


def test_exit_codes_speak_where_logs_are_silent() -> None:
    assert top(crashing(127)) == "InvalidCommand Deployment/pay"


def test_without_last_words_an_error_of_its_own_is_a_guess() -> None:
    assert sure(crashing(1)) == []
    assert sure(crashing(1, "starting", "listening on :8080")) == []
    assert sure(crashing(1, "panic: nil map")) == ["ApplicationCrash pay"]


def test_scaled_to_zero_with_callers() -> None:
    cluster = Cluster()
    cluster.app("cart", 7070, pods=0)["spec"]["replicas"] = 0
    cluster.objects["replicasets"][0]["spec"]["replicas"] = 0
    cluster.app("web", env={"CART_ADDR": "cart:7070"})
    assert top(cluster) == "WorkloadScaledToZero Deployment/cart"


def parked(**used: str) -> Cluster:
    """A shop in which everybody's callers are known, and a workload of years ago at zero that nobody calls."""
    cluster = Cluster()
    for name, calls in {"web": {"CART_ADDR": "cart:8080"}, "cart": {"PAY_ADDR": "pay:8080"}, "pay": used}.items():
        cluster.app(name, env=calls)
    old = cluster.app("campaign", pods=0)
    old["spec"]["replicas"] = 0
    old["metadata"]["creationTimestamp"] = ago(9e7)
    cluster.objects["replicasets"][-1]["spec"]["replicas"] = 0
    return cluster


def test_what_was_put_aside_long_ago_is_no_cause() -> None:
    assert sure(parked(), 0.35) == []
    assert sure(parked(CAMPAIGN_ADDR="campaign:8080"), 0.9) == ["WorkloadScaledToZero campaign"]


def test_two_containers_that_want_one_port() -> None:
    cluster = Cluster()
    sidecar = {"name": "proxy", "image": "proxy:1", "ports": [{"containerPort": 8080}]}
    made = cluster.app("pay", ready=False, state=ended_state(1))
    made["spec"]["template"]["spec"]["containers"].append(sidecar)
    assert top(cluster) == "SidecarPortConflict Deployment/pay"


def test_healthy_cluster_has_no_findings() -> None:
    cluster = Cluster()
    cluster.app("web", env={"CART_ADDR": "cart:7070", "DB_HOST": "db", "DB_PORT": "5432"})
    cluster.app("cart", 7070)
    cluster.app("db", 5432)
    assert sure(cluster, 0) == []


@pytest.mark.parametrize(
    "message",
    [
        "Memory cgroup out of memory: Killed process 41 (postgres) total-vm:812312kB",
        "System OOM encountered, victim process: postgres, pid: 41",
    ],
)
def test_a_kill_that_only_the_node_tells_of(message: str) -> None:
    cluster = Cluster()
    cluster.app("orders-db", 5432, ready=False, state=ended_state(137), container={"image": "postgres:16"})
    cluster.app("web", ready=False, state=ended_state(1))
    cluster.event("Node", "n1", "OOMKilling", message)
    assert sure(cluster, 0.7) == ["OOMKilled orders-db"]


def test_a_crash_began_when_the_kubelet_first_waited_with_a_restart() -> None:
    cluster = crashing(1, "starting")
    cluster.pod_event("pay", "BackOff", "Back-off restarting failed container", seconds=30)["firstTimestamp"] = ago(9e5)
    assert findings(cluster)[0].onset == NOW - timedelta(seconds=9e5)


def test_what_a_job_died_of_long_ago_is_no_cause_now() -> None:
    for seconds, count in ((600.0, 1), (90000.0, 0)):
        cluster = Cluster()
        cluster.app("report", ready=False, state=ended_state(1))
        status = cluster.pod("report")["status"]
        status["phase"] = "Failed"
        ended = {"exitCode": 1, "finishedAt": ago(seconds)}
        status["containerStatuses"][0] |= {"state": {"terminated": ended}, "lastState": {}, "restartCount": 0}
        assert len(sure(cluster, 0.3)) == count
