from chatops.demo.incidents import quiet_alarm
from tests.demo.conftest import NOW


def test_everything_is_ready_and_nothing_waits() -> None:
    world = quiet_alarm.build(NOW)
    assert all(p["status"]["containerStatuses"][0]["ready"] for p in world.objects["v1/pods"])
    assert all(d["status"]["unavailableReplicas"] == 0 for d in world.objects["apps/v1/deployments"])
