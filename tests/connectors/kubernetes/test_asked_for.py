"""What a workload asks for stands beside a cause that a rule found at it."""

from __future__ import annotations

from connectors.evidence import ResourceState, Subject
from connectors.kubernetes.asked_for import asked_for
from connectors.kubernetes.checks import ROWS, observe
from tests.connectors.kubernetes.cluster import NS, Cluster, ended_state

CART = Subject(kind="Deployment", namespace=NS, name="cart")
CONTAINER = {
    "args": ["--config", "/etc/cart.yaml"],
    "resources": {"limits": {"memory": "5Mi"}},
    "livenessProbe": {"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 5},
}


def test_the_specification_says_what_explains_failures() -> None:
    cluster = Cluster()
    claims = {"volumes": [{"persistentVolumeClaim": {"claimName": "data"}}], "nodeSelector": {"disk": "ssd"}}
    cluster.app("cart", container=CONTAINER, pod_spec=claims)
    told = asked_for("pods", cluster.view(), CART)
    assert told is not None
    assert isinstance(told.body, ResourceState)
    rows = {row[0]: row[1] for row in told.body.rows}
    assert rows["container main"] == (
        "registry.example/cart:1; runs --config /etc/cart.yaml; limits memory=5Mi; ports 8080; "
        "liveness probe HTTP 8080 /healthz, every 5 s within 1 s, fails at 3"
    )
    assert rows["claims"] == "data"
    assert rows["node selector"] == "disk=ssd"
    assert "service account" not in rows  # the default one
    assert asked_for("pods", cluster.view(), CART.model_copy(update={"kind": "Service"})) is None


def test_it_stands_where_a_cause_is_likely_and_nowhere_else() -> None:
    cluster = Cluster()
    cluster.app("fine")
    cluster.app("cart", container=CONTAINER, ready=False, state=ended_state(137, "OOMKilled"))
    told = [one for row in ROWS for one in observe(row, cluster.view()).evidence if "asked for" in one.key]
    assert {one.subject for one in told} == {CART}
    assert "limits memory=5Mi" in told[0].summary
