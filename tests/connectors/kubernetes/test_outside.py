from __future__ import annotations

from connectors.kubernetes.outside import reaches
from connectors.kubernetes.snapshot import LogLine
from tests.connectors.kubernetes.cluster import NS, Cluster


def hosts(cluster: Cluster) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for workload, host in reaches(cluster.view()):
        found.setdefault(workload.name, []).append(host)
    return found


def test_hosts_inside_the_cluster_are_none() -> None:
    cluster = Cluster()
    cluster.app("cart")
    cluster.app("web", env={"CART_ADDR": "cart:8080", "A_URL": "http://cart.shop:80", "B_HOST": "10.0.0.1",
                            "C_HOST": "cart.shop.svc.cluster.local", "D_URL": "http://localhost:1",
                            "DB_HOST": "db.example.com"})  # fmt: skip
    assert hosts(cluster) == {"web": ["db.example.com"]}


def test_a_service_for_an_outside_host_stands_for_it() -> None:
    cluster = Cluster()
    cluster.app("web", env={"DB_HOST": "db"})
    cluster.add("services", "Service", "db", spec={"type": "ExternalName", "externalName": "a.b.example.com"})
    assert hosts(cluster) == {"web": ["a.b.example.com"]}


def test_logs_name_hosts_and_no_files_or_versions() -> None:
    cluster = Cluster()
    cluster.app("web")
    (pod,) = cluster.objects["pods"]
    said = "at org.acme.web.Main.run(Main.java:3) v1.2.3.4 dial db.x1.eu.example.com:5432: timeout, see /a.b.c.log"
    cluster.logs[(NS, pod["metadata"]["name"], "web", False)] = [LogLine(None, said)]
    assert "db.x1.eu.example.com" in hosts(cluster)["web"]
    assert not {"v1.2.3.4", "1.2.3.4"} & set(hosts(cluster)["web"])


def test_images_that_cannot_be_run_are_outside_too() -> None:
    cluster = Cluster()
    cluster.app("fine")
    cluster.app("cart", ready=False, state={"state": {"waiting": {"reason": "ImagePullBackOff"}}})
    cluster.app("web", ready=False)
    pod = cluster.objects["pods"][-1]["metadata"]["name"]
    cluster.logs[(NS, pod, "main", True)] = [LogLine(None, "exec /app: exec format error")]
    assert hosts(cluster) == {"cart": ["registry.example/cart:1"], "web": ["registry.example/web:1"]}
