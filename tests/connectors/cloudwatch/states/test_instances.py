"""Status checks of instances."""

from collections.abc import Mapping

import pytest

from tests.connectors.cloudwatch.world import World, seen


def status(system: str = "ok", state: str = "running", events: tuple[Mapping[str, str], ...] = ()) -> World:
    row = {"InstanceId": "i-1", "InstanceState": {"Name": state}, "SystemStatus": {"Status": system},
           "InstanceStatus": {"Status": "ok"}, "Events": list(events)}  # fmt: skip
    return World().answers("ec2", "DescribeInstanceStatus", {"InstanceStatuses": [row]})


@pytest.mark.parametrize(
    ("world", "causes"),
    [
        (status(), []),
        (status("impaired"), ["CloudInstanceImpaired"]),
        (status(state="stopped"), ["CloudInstanceImpaired"]),
        (status(events=({"Code": "system-reboot", "Description": "scheduled reboot"},)), []),
    ],
)
async def test_instances(world: World, causes: list[str]) -> None:
    assert (await seen(world, InstanceId="i-1")).causes == causes
