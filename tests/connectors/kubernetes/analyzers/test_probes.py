from __future__ import annotations

from typing import Any

import pytest

from tests.connectors.kubernetes.cluster import Cluster, ago, findings, sure, top

GRPC = {"grpc": {"port": 8080}}
HTTP = {"httpGet": {"port": 8080, "path": "/healthz"}}


def failing(word: str, probe: dict[str, Any], message: str, ready: bool = False, **container: Any) -> Cluster:
    cluster = Cluster()
    state: dict[str, Any] = {}
    if word == "Liveness":
        state = {
            "restartCount": 3,
            "lastState": {"terminated": {"exitCode": 143, "reason": "Error", "finishedAt": ago(60)}},
        }
    cluster.app("pay", ready=ready, container={f"{word.lower()}Probe": probe} | container, state=state)
    cluster.pod_event("pay", "Unhealthy", f"{word} probe failed: {message}", count=8)
    return cluster


@pytest.mark.parametrize("word", ["Liveness", "Readiness"])
@pytest.mark.parametrize(
    ("probe", "message", "part"),
    [
        (
            HTTP,
            'Get "http://10.0.0.1:8080/healthz": net/http: transport connection broken: malformed HTTP response',
            "Protocol",
        ),
        (GRPC, "error: this server does not implement the grpc health protocol: Unimplemented", "Protocol"),
        ({"tcpSocket": {"port": 9999}}, "dial tcp 10.0.0.1:9999: connect: connection refused", "Port"),
        ({"httpGet": {"port": "metrics", "path": "/"}}, "no such port", "Port"),
        (HTTP, "HTTP probe failed with statuscode: 404", "Path"),
        (HTTP | {"initialDelaySeconds": 1, "periodSeconds": 1, "failureThreshold": 1}, "connection refused", "Timing"),
    ],
)
def test_what_is_wrong_with_the_probe(word: str, probe: dict[str, Any], message: str, part: str) -> None:
    assert top(failing(word, probe, message)) == f"{word}ProbeIncorrect{part} Deployment/pay"


def test_a_liveness_probe_that_keeps_killing_a_container_that_gets_ready() -> None:
    cluster = failing(
        "Liveness", {"grpc": {"port": 9000}}, 'failed to connect service "10.0.0.1:9000" within 1s', ready=True
    )
    assert top(cluster) == "LivenessProbeIncorrectPort Deployment/pay"


def test_a_grpc_probe_at_a_port_that_another_probe_asks_by_http() -> None:
    """What the kubelet's gRPC client says of a web server is what it says of nobody: it failed to connect."""
    cluster = failing(
        "Liveness",
        GRPC | {"initialDelaySeconds": 5},
        'timeout: failed to connect service "10.0.0.1:8080" within 1s: context deadline exceeded',
        readinessProbe=HTTP,
    )
    assert top(cluster) == "LivenessProbeIncorrectProtocol Deployment/pay"


def test_a_grpc_probe_at_a_port_of_which_the_service_says_that_it_is_http() -> None:
    said = 'timeout: failed to connect service "10.0.0.1:8080" within 1s: context deadline exceeded'
    cluster = failing("Liveness", GRPC | {"initialDelaySeconds": 5}, said, ready=True)
    assert sure(cluster) == []
    cluster.objects["services"][0]["spec"]["ports"][0]["name"] = "http"
    assert top(cluster) == "LivenessProbeIncorrectProtocol Deployment/pay"


def test_the_port_in_the_log_counts() -> None:
    cluster = failing(
        "Readiness", {"tcpSocket": {"port": 8080}}, "dial tcp 10.0.0.1:8080: connect: connection refused", ports=[]
    )
    cluster.log("pay", "server started, listening on port 9090")
    assert top(cluster) == "ReadinessProbeIncorrectPort Deployment/pay"


def test_a_probe_that_asks_rightly_is_a_symptom() -> None:
    patient = HTTP | {"initialDelaySeconds": 30, "periodSeconds": 10}
    cluster = failing("Readiness", patient, 'Get "http://10.1.0.7:8080/": context deadline exceeded')
    assert sure(cluster, 0.35) == []
    assert findings(cluster)[0].cause in ("ProbeFailing", "RolloutStuck")


def test_a_process_that_says_itself_that_it_is_not_well_is_told() -> None:
    cluster = failing("Readiness", HTTP, "HTTP probe failed with statuscode: 503")
    assert sure(cluster) == ["ProbeFailing pay"]


def test_one_failure_of_a_pod_that_is_ready_now_is_nothing() -> None:
    cluster = Cluster()
    cluster.app("pay", container={"readinessProbe": GRPC})
    cluster.pod_event("pay", "Unhealthy", "Readiness probe failed: connection refused", count=1)
    assert findings(cluster) == []


def test_a_port_that_is_open_to_one_probe_and_does_not_answer_another() -> None:
    said = 'timeout: failed to connect service "10.0.0.1:8080" within 1s: context deadline exceeded'
    cluster = failing("Liveness", GRPC, said, ready=True, readinessProbe={"tcpSocket": {"port": 8080}})
    assert top(cluster) == "LivenessProbeIncorrectProtocol Deployment/pay"


@pytest.mark.parametrize(
    ("probe", "part"),
    [
        (HTTP, "Protocol"),
        ({"grpc": {"port": 9999}}, "Port"),
        (GRPC | {"initialDelaySeconds": 0, "periodSeconds": 1, "failureThreshold": 2}, "Timing"),
    ],
)
def test_a_container_that_was_ended_by_a_probe_of_which_no_event_is_left(probe: dict[str, Any], part: str) -> None:
    cluster = failing("Liveness", probe, "", ready=True, readinessProbe=GRPC)
    cluster.objects["events"].clear()
    assert top(cluster) == f"LivenessProbeIncorrect{part} Deployment/pay"


def test_a_container_that_was_ended_and_has_a_good_probe_says_nothing() -> None:
    cluster = failing("Liveness", GRPC, "", ready=True, readinessProbe=GRPC)
    cluster.objects["events"].clear()
    assert sure(cluster, 0) == []


@pytest.mark.parametrize(("lived", "expected"), [(30, "LivenessProbeIncorrectTiming Deployment/pay"), (900, "")])
def test_a_container_that_never_lives_longer_than_its_probe_waits(lived: int, expected: str) -> None:
    probe = {"tcpSocket": {"port": 8080}, "initialDelaySeconds": 10, "periodSeconds": 10, "failureThreshold": 2}
    cluster = failing("Liveness", probe, "dial tcp 10.0.0.1:8080: connect: connection refused")
    ended = cluster.pod("pay")["status"]["containerStatuses"][0]["lastState"]["terminated"]
    ended["startedAt"] = ago(60 + lived)
    assert (top(cluster) if sure(cluster, 0.5) else "") == expected


def test_a_container_that_runs_and_is_not_ready_and_of_which_no_event_is_left() -> None:
    cluster = Cluster()
    wrong = {"readinessProbe": {"tcpSocket": {"port": 9999}}}
    cluster.app("db", 5432, ready=False, container=wrong)
    cluster.app("web", 8080, ready=False, container={"readinessProbe": {"tcpSocket": {"port": 8080}}})
    assert sure(cluster, 0.4) == ["ReadinessProbeIncorrectPort db"]
    assert sure(cluster) == [], "the kubelet would say so"
    cluster.forbid("events")
    assert sure(cluster) == ["ReadinessProbeIncorrectPort db"]


def test_a_container_that_has_only_just_begun_is_not_judged() -> None:
    cluster = Cluster()
    running = {"state": {"running": {"startedAt": ago(20)}}}
    wrong = {"readinessProbe": {"tcpSocket": {"port": 9999}, "initialDelaySeconds": 15}}
    cluster.app("db", 5432, ready=False, container=wrong, state=running)
    assert sure(cluster, 0.3) == []
