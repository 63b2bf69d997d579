from __future__ import annotations

from tests.connectors.kubernetes.cluster import Cluster, findings, sure, top


def shop(**env: str) -> Cluster:
    cluster = Cluster()
    cluster.app("web", env=env)
    cluster.app("cart", 7070)
    cluster.app("stock", 9000)
    return cluster


def test_an_address_like_one_that_exists() -> None:
    cluster = shop(CART_ADDR="cart-old:7070")
    assert top(cluster) == "IncorrectDependencyAddress Deployment/web"
    before = findings(cluster)[0].confidence
    cluster.log("web", "dial tcp: lookup cart-old on 10.0.0.10:53: no such host")
    assert findings(cluster)[0].confidence > before >= 0.5


def test_a_leftover_that_nobody_complains_about_is_a_weak_hint() -> None:
    assert sure(shop(CART_ADDR="cart:7070", ASSISTANT_ADDR="assistant:80"), 0.3) == []


def test_a_port_that_the_service_does_not_have() -> None:
    assert top(shop(CART_ADDR="cart:7071")) == "IncorrectDependencyAddress Deployment/web"
    assert top(shop(CART_HOST="cart", CART_PORT="7071")) == "IncorrectDependencyPort Deployment/web"
    assert top(shop(DATABASE_URL="mysql://cart:7071/x")) == "IncorrectDependencyPort Deployment/web"


def test_a_variable_that_leads_to_another_service() -> None:
    assert top(shop(CART_ADDR="stock:9000")) == "IncorrectDependencyAddress Deployment/web"


def test_a_name_that_many_call_is_the_names_fault() -> None:
    cluster = Cluster()
    for name in ("one", "two", "three"):
        cluster.app(name, env={"CART_ADDR": "cart:7070"})
        cluster.log(name, "getaddrinfo ENOTFOUND cart")
    cluster.app("cart", 7070, service=False)
    assert top(cluster) == "ServiceNotFound Service/cart"


def test_passwords_in_addresses_are_not_quoted() -> None:
    cluster = shop(DATABASE_URL="mysql://app:hunter2@cart:7071/x")
    assert "hunter2" not in findings(cluster)[0].statement


def test_a_local_service_under_a_name_of_another_place() -> None:
    cluster = shop(CART_ADDR="cart.other.svc.cluster.local:7070")
    assert sure(cluster) == []
    cluster.log("web", "lookup cart.other.svc.cluster.local: no such host")
    assert top(cluster) == "IncorrectDependencyAddress Deployment/web"
    assert sure(shop(CART_ADDR="cart.shop.svc.cluster.local:7070"), 0) == []


def test_the_one_store_at_the_port_was_meant() -> None:
    cluster = Cluster()
    cluster.app("sessions", 6379)
    cluster.app("web", env={"CACHE_ADDR": "xyz:6379"})
    cluster.log("web", "ConnectionError: Error -2 connecting to xyz:6379. Name or service not known.")
    assert top(cluster) == "IncorrectDependencyAddress Deployment/web"


def test_without_a_complaint_no_store_is_taken_for_the_one_that_was_meant() -> None:
    cluster = Cluster()
    cluster.app("sessions", 6379)
    cluster.app("web", env={"CACHE_ADDR": "xyz:6379"})
    assert sure(cluster) == []


def test_the_one_service_at_the_port_was_meant_whatever_it_is_called() -> None:
    cluster = Cluster()
    cluster.app("catalogue", 3550)
    cluster.app("web", env={"GOODS_ADDR": "products:3550"})
    cluster.log("web", "error: lookup products: no such host")
    assert top(cluster) == "IncorrectDependencyAddress Deployment/web"


def test_a_port_that_any_service_has_tells_of_none() -> None:
    cluster = Cluster()
    cluster.app("catalogue", 8080)
    cluster.app("web", 9000, env={"GOODS_ADDR": "products:8080"})
    cluster.log("web", "error: lookup products: no such host")
    assert not any(one.startswith("IncorrectDependencyAddress") for one in sure(cluster))
