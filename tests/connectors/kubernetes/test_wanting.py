from __future__ import annotations

from connectors.evidence import Subject
from connectors.kubernetes import wanting
from connectors.kubernetes.view import View
from tests.connectors.kubernetes.cluster import Cluster


def shop() -> View:
    cluster = Cluster()
    made = cluster.app("web", env={"GONE_ADDR": "gone:80", "PAY_ADDR": "pay:80", "FAR_ADDR": "far.sales.svc:80"})
    cluster.app("pay", 80)
    volumes = [{"name": name, "persistentVolumeClaim": {"claimName": name}} for name in ("data", "lost")]
    made["spec"]["template"]["spec"]["volumes"] = volumes
    cluster.add("persistentvolumeclaims", "PersistentVolumeClaim", "data")
    return cluster.view()


def test_what_is_called_and_does_not_exist() -> None:
    assert wanting.services(shop(), "shop") == {"gone"}


def test_what_is_mounted_and_does_not_exist() -> None:
    assert wanting.claims(shop(), "shop") == [(Subject(kind="Deployment", namespace="shop", name="web"), "lost")]


def test_what_was_not_read_is_not_missing() -> None:
    view = shop()
    for plural in ("services", "persistentvolumeclaims"):
        del view.snapshot.objects[plural]
    assert wanting.services(view, "shop") == set()
    assert wanting.claims(view, "shop") == []
