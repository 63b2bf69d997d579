from chatops.demo.incidents import node_down
from tests.demo.conftest import NOW


def test_only_what_was_on_the_node_is_not_ready() -> None:
    world = node_down.build(NOW)
    for pod in world.objects["v1/pods"]:
        ready = next(c["status"] for c in pod["status"]["conditions"] if c["type"] == "Ready")
        assert (ready == "False") == (pod["spec"]["nodeName"] == node_down.NODE)


def test_the_node_is_unknown_and_tainted_and_its_lease_is_old() -> None:
    world = node_down.build(NOW)
    node = next(n for n in world.objects["v1/nodes"] if n["metadata"]["name"] == node_down.NODE)
    assert {c["status"] for c in node["status"]["conditions"]} == {"Unknown"}
    assert {t["effect"] for t in node["spec"]["taints"]} == {"NoSchedule", "NoExecute"}
    leases = {
        item["metadata"]["name"]: item["spec"]["renewTime"] for item in world.objects["coordination.k8s.io/v1/leases"]
    }
    assert leases[node_down.NODE] < leases["worker-1"]
