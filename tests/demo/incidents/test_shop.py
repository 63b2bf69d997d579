from chatops.demo.incidents.shop import SERVICES, TRAFFIC, chatter, healthy, named, usual_logs
from tests.demo.conftest import NOW


def test_a_healthy_shop_has_all_its_replicas_ready_behind_their_services() -> None:
    cluster = healthy(NOW)
    for service in SERVICES:
        (subset,) = cluster.get("v1/endpoints", service.name)["subsets"]
        assert len(subset["addresses"]) == service.replicas
    assert {traffic.service for traffic in TRAFFIC} == {service.name for service in SERVICES}


def test_an_incident_may_leave_a_service_to_itself() -> None:
    cluster = healthy(NOW, without=["cart"])
    assert cluster.pods("cart") == []
    assert cluster.pods("payments") != []


def test_it_is_not_spotless() -> None:
    cluster = healthy(NOW)
    assert cluster.pods("payments")[0]["status"]["containerStatuses"][0]["restartCount"] == 1


def test_logs_are_steady_and_go_on() -> None:
    assert chatter(0, 30, 10, ("a", "b")) == ((0, "a"), (10, "b"), (20, "a"))
    (first, *_) = usual_logs(healthy(NOW), "cart", ("x",))
    assert first.lines[-1][0] > NOW
    assert named("cart").port == 8081
