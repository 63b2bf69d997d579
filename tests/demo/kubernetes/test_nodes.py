from chatops.demo.kubernetes.nodes import HEALTHY, worker


def test_workers_differ_in_name_and_address_only() -> None:
    first, second = worker("worker-1", "a", []), worker("worker-2", "b", [])
    assert first["status"]["addresses"] != second["status"]["addresses"]
    assert first["status"]["capacity"] == second["status"]["capacity"]


def test_a_healthy_node_is_ready_and_under_no_pressure() -> None:
    assert {kind for kind, state, _ in HEALTHY if state == "True"} == {"Ready"}
