from chatops.demo.incidents import cart_selector
from tests.demo.conftest import NOW


def test_the_pods_are_fine_and_the_service_reaches_none() -> None:
    world = cart_selector.build(NOW)
    pods = [p for p in world.objects["v1/pods"] if p["metadata"]["labels"]["app"] == "cart"]
    assert all(p["status"]["containerStatuses"][0]["ready"] for p in pods)
    endpoints = {e["metadata"]["name"]: e["subsets"] for e in world.objects["v1/endpoints"]}
    assert endpoints["cart"] == []
    assert all(subsets for name, subsets in endpoints.items() if name != "cart")
