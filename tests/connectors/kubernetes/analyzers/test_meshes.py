"""Which pods of a mesh run without its proxy."""

from __future__ import annotations

from tests.connectors.kubernetes.cluster import Cluster, sure

_RESET = "GET http://cart:8080/: read: connection reset by peer"


def _mesh(**web: object) -> Cluster:
    c = Cluster()
    for name in ("cart", "pay"):
        c.app(name, pod_spec={"initContainers": [{"name": "linkerd-proxy", "restartPolicy": "Always"}]})
    c.app("web", env={"CART_ADDR": "cart:8080"}, pod_spec=dict(web))
    return c


def test_who_lacks_the_proxy_and_is_cut_off_is_the_cause() -> None:
    c = _mesh()
    c.log("web", _RESET)
    assert sure(c) == ["SidecarMissing web"]


def test_a_caller_tells_of_it_too() -> None:
    c = _mesh()
    c.app("stock")
    c.objects["deployments"][1]["spec"]["template"]["spec"]["containers"][0]["env"] = [
        {"name": "A", "value": "stock:8080"}
    ]
    c.objects["pods"][1]["spec"]["containers"][0]["env"] = [{"name": "A", "value": "stock:8080"}]
    c.app("more", pod_spec={"initContainers": [{"name": "linkerd-proxy", "restartPolicy": "Always"}]})
    c.objects["pods"][2]["metadata"]["annotations"] = {"linkerd.io/inject": "disabled"}
    c.log("pay", _RESET)
    assert sure(c) == ["SidecarMissing stock"]


def test_nobody_complains_and_it_is_a_weak_hint() -> None:
    assert sure(_mesh()) == []
    assert "SidecarMissing web" in sure(_mesh(), 0.3)


def test_what_uses_the_network_of_its_node_is_meant_to_be_outside() -> None:
    c = _mesh(hostNetwork=True)
    c.log("web", _RESET)
    assert sure(c, 0.2) == []


def test_without_a_mesh_nothing_is_missing() -> None:
    c = Cluster()
    c.app("cart", pod_spec={"containers": [{"name": "main", "image": "a"}, {"name": "istio-proxy", "image": "b"}]})
    for name in ("web", "pay"):
        c.app(name)
    c.log("web", _RESET)
    assert sure(c, 0.2) == []
