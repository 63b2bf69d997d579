from __future__ import annotations

from datetime import timedelta

import pytest

from tests.connectors.kubernetes.cluster import NOW, Cluster, ago, findings, sure, top


def waiting(reason: str, message: str = "", event: str = "", event_reason: str = "Failed") -> Cluster:
    cluster = Cluster()
    cluster.app("pay", ready=False, state={"state": {"waiting": {"reason": reason, "message": message}}})
    if event:
        cluster.pod_event("pay", event_reason, event)
    return cluster


PULL = 'Failed to pull image "registry.example/pay:1": failed to resolve reference: '


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        ("registry.example/pay:1: not found", "IncorrectImageReference"),
        ("manifest unknown", "IncorrectImageReference"),
        ("failed to do request: dial tcp: lookup registry.example: no such host", "ImageRegistryUnreachable"),
        ("dial tcp 192.0.2.1:443: i/o timeout", "ImageRegistryUnreachable"),
        ("failed to authorize: unexpected status: 401 Unauthorized", "MissingImagePullSecret"),
        ("no match for platform in manifest", "ImageArchitectureMismatch"),
        ("toomanyrequests: You have reached your pull rate limit", "RateLimited"),
    ],
)
def test_what_the_registry_answers(message: str, cause: str) -> None:
    assert top(waiting("ImagePullBackOff", event=PULL + message)) == f"{cause} Deployment/pay"


def test_a_pull_secret_that_cannot_be_read_outweighs_the_answer() -> None:
    cluster = waiting("ErrImagePull", event=PULL + "not found")
    cluster.pod_event("pay", "FailedToRetrieveImagePullSecret", "Unable to retrieve some image pull secrets (regcred)")
    assert top(cluster) == "MissingImagePullSecret Deployment/pay"


def test_without_messages_it_stays_generic_and_unsure() -> None:
    cluster = waiting("ImagePullBackOff")
    cluster.forbid("events")
    assert top(cluster) == "ImagePullFailure Deployment/pay"
    assert findings(cluster)[0].confidence < 0.5


@pytest.mark.parametrize(
    ("reason", "message", "cause"),
    [
        ("CreateContainerConfigError", 'secret "db" not found', "MissingSecret"),
        ("CreateContainerConfigError", "couldn't find key password in Secret shop/db", "MissingSecret"),
        ("CreateContainerConfigError", 'configmap "settings" not found', "MissingConfigMap"),
        ("CreateContainerConfigError", "container has runAsNonRoot and image will run as root", "PodSecurityViolation"),
        (
            "RunContainerError",
            'exec: "/bin/servr": stat /bin/servr: no such file or directory: unknown',
            "InvalidCommand",
        ),
        ("CreateContainerError", "something odd", "InvalidContainerConfig"),
    ],
)
def test_what_the_kubelet_says_of_a_container(reason: str, message: str, cause: str) -> None:
    assert top(waiting(reason, message)) == f"{cause} Deployment/pay"


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        ('MountVolume.SetUp failed for volume "creds": secret "db" not found', "MissingSecret Deployment/pay"),
        ("MountVolume.SetUp failed: mount failed: permission denied", "VolumeMountPermissionDenied Deployment/pay"),
        ("Multi-Attach error for volume pv1", "VolumeMountFailed Deployment/pay"),
        (
            "failed to create containerd task: container init was OOM-killed (memory limit too low?)",
            "OOMKilled Deployment/pay",
        ),
        ("failed to set up network: plugin type=calico failed", "PodSandboxFailure Deployment/pay"),
        ("dial unix /run/containerd/containerd.sock: connect: no such file", "ContainerRuntimeUnavailable Node/n1"),
    ],
)
def test_what_keeps_a_container_creating(message: str, cause: str) -> None:
    reason = "FailedMount" if "olume" in message else "FailedCreatePodSandBox"
    assert top(waiting("ContainerCreating", event=message, event_reason=reason)) == cause


def test_complaints_about_containers_that_run_now_are_no_causes() -> None:
    cluster = Cluster()
    cluster.app("pay")
    cluster.pod_event("pay", "FailedMount", 'secret "db" not found')
    assert sure(cluster, 0) == []


def test_what_ran_before_does_not_start_since_its_last_run_ended() -> None:
    cluster = waiting("CreateContainerConfigError", 'secret "token" not found')
    assert findings(cluster)[0].onset == NOW - timedelta(hours=1), "since it was made"
    status = cluster.pod("pay")["status"]["containerStatuses"][0]
    status["lastState"] = {"terminated": {"exitCode": 0, "finishedAt": ago(50)}}
    assert findings(cluster)[0].onset == NOW - timedelta(seconds=50)


@pytest.mark.parametrize("reason", ["PreCreateHookError", "PostStartHookError"])
def test_what_keeps_a_container_from_being_made(reason: str) -> None:
    cluster = Cluster()
    cluster.app("web", ready=False, state={"state": {"waiting": {"reason": reason, "message": "it said so"}}})
    assert "InvalidContainerConfig web" in sure(cluster)


@pytest.mark.parametrize(("limit", "expected"), [("6Mi", ["OOMKilled pay"]), ("64Mi", []), (None, [])])
def test_a_memory_limit_in_which_no_container_starts_tells_though_no_event_does(
    limit: str | None, expected: list[str]
) -> None:
    cluster = waiting("ContainerCreating")
    pod = cluster.objects["pods"][0]
    pod["spec"]["containers"][0]["resources"] = {"limits": {"memory": limit}} if limit else {}
    assert [one for one in sure(cluster) if one.startswith("OOM")] == expected
