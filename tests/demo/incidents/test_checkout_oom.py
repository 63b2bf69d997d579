from chatops.demo.incidents import checkout_oom
from tests.demo.conftest import NOW


def test_every_new_pod_was_killed_for_memory_and_the_old_revision_is_there() -> None:
    world = checkout_oom.build(NOW)
    pods = [p for p in world.objects["v1/pods"] if p["metadata"]["labels"]["app"] == "checkout"]
    ends = [p["status"]["containerStatuses"][0]["lastState"]["terminated"]["reason"] for p in pods]
    assert ends == ["OOMKilled"] * 3
    sets = [r for r in world.objects["apps/v1/replicasets"] if r["metadata"]["labels"]["app"] == "checkout"]
    assert sorted(r["spec"]["replicas"] for r in sets) == [0, 3]


def test_memory_reaches_the_limit_and_never_passes_it() -> None:
    world = checkout_oom.build(NOW)
    memory = [s for s in world.series if s.labels["__name__"] == "container_memory_working_set_bytes"]
    values = [v for s in memory if s.labels["container"] == "checkout" for _, v in s.between(NOW - 900, NOW)]
    assert 0.9 * 256 * 2**20 < max(values) <= 256 * 2**20
