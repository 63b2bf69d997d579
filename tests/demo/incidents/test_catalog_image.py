from chatops.demo.incidents import catalog_image
from tests.demo.conftest import NOW


def test_new_pods_cannot_pull_and_the_old_ones_serve() -> None:
    world = catalog_image.build(NOW)
    deployment = next(d for d in world.objects["apps/v1/deployments"] if d["metadata"]["name"] == "catalog")
    assert deployment["status"]["readyReplicas"] == 2
    assert deployment["status"]["conditions"][1]["reason"] == "ProgressDeadlineExceeded"
    messages = [e["message"] for e in world.objects["v1/events"] if e["reason"] == "Failed"]
    assert any(catalog_image.TAG in m and "not found" in m for m in messages)
