"""Why ECS tasks stop, in the words of the field; what runs has no cause."""

from datetime import timedelta
from typing import Any

import pytest

from connectors.evidence import Role
from tests.connectors.cloudwatch.standin import Refused
from tests.connectors.cloudwatch.world import ONSET, World, seen

WEB = {"ServiceName": "web", "ClusterName": "prod"}


def ecs(running: int = 3, desired: int = 3, stopped: tuple[str, ...] = (), **changes: Any) -> World:
    service = {"serviceName": "web", "status": "ACTIVE", "runningCount": running, "desiredCount": desired, **changes}
    world = World().answers("ecs", "DescribeServices", {"services": [service]})
    world.answers("ecs", "ListTasks", {"taskArns": ["arn:t"] if stopped else []})
    return world.answers("ecs", "DescribeTasks", {"tasks": [{"stoppedReason": reason} for reason in stopped]})


@pytest.mark.parametrize(
    ("reason", "cause"),
    [
        ("OutOfMemoryError: Container killed due to memory usage", "OOMKilled"),
        ("CannotPullContainerError: manifest for shop/web:9 not found", "IncorrectImageReference"),
        ("CannotPullContainerError: pull access denied", "MissingImagePullSecret"),
        ("ResourceInitializationError: unable to pull secrets: AccessDeniedException", "CloudAccessDenied"),
        ("CannotPullContainerError: pull image manifest has been retried 5 time(s): dial tcp 10.0.0.1:443: i/o timeout",
         "ImageRegistryUnreachable"),
        ("ResourceInitializationError: unable to pull secrets or registry auth: The task cannot pull registry auth "
         "from Amazon ECR: There is a connection issue between the task and Amazon ECR.", "ImageRegistryUnreachable"),
        ("ResourceInitializationError: unable to pull secrets or registry auth: unable to retrieve secret from asm: "
         "context deadline exceeded", "DependencyUnavailable"),
        ("ResourceInitializationError: unable to pull secrets or registry auth: unable to retrieve secret from asm: "
         "ResourceNotFoundException: Secrets Manager can't find the specified secret.", "MissingSecret"),
        ("(service web) was unable to place a task because no container instance met all of its requirements. The "
         "closest matching (container-instance 5c1e) has insufficient memory available.", "InsufficientMemory"),
        ("(service web) was unable to place a task. Reason: RESOURCE:PORTS", "HostPortConflict"),
        ("(service web) was unable to place a task because no container instance met all of its requirements. The "
         "closest matching (container-instance 5c1e) is missing an attribute required by your task.",
         "NodeSelectorMismatch"),
        ("Task failed ELB health checks in (target-group arn:tg)", "LoadBalancerTargetsUnhealthy"),
        ("Essential container in task exited", "ApplicationCrash"),
    ],
)  # fmt: skip
async def test_why_tasks_of_a_service_stopped(reason: str, cause: str) -> None:
    assert (await seen(ecs(1, 3, (reason, reason)), **WEB)).causes == [cause]


async def test_a_service_that_runs_has_no_cause_even_if_a_task_stopped_once() -> None:
    assert (await seen(ecs(3, 3, ("Essential container in task exited",)), **WEB)).causes == []


async def test_a_failed_deployment_and_one_near_the_onset() -> None:
    failed = {"rolloutState": "FAILED", "rolloutStateReason": "circuit breaker", "taskDefinition": "td/web:9",
              "createdAt": ONSET - timedelta(minutes=4)}  # fmt: skip
    outcome = await seen(ecs(deployments=[failed]), **WEB)
    assert outcome.causes == ["CloudDeploymentFailed"]
    fine = await seen(ecs(deployments=[failed | {"rolloutState": "COMPLETED"}]), **WEB)
    assert [(one.cause, one.role) for one in fine.findings] == [("BadRelease", Role.CONTEXT)]


async def test_a_service_that_wants_no_tasks() -> None:
    assert (await seen(ecs(0, 0), **WEB)).causes == ["WorkloadScaledToZero"]


async def test_stopped_tasks_that_may_not_be_read_are_told() -> None:
    def refuse(_: Any) -> Any:
        raise Refused("AccessDeniedException", 403)

    outcome = await seen(ecs().answers("ecs", "ListTasks", refuse), **WEB)
    assert "ecs:ListTasks" in outcome.observations["containers"].partial
    assert len(outcome.observations["containers"].evidence) == 1
