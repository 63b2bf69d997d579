"""Names of machines, wherever systems name them."""

from __future__ import annotations

import pytest

from chatops.policy.machines import machines, machines_of
from connectors.contract import Scope
from connectors.evidence import Body, Change, ResourceState, Series, SeriesSet, Subject
from tests.persona.cases import NOW, OOM, case, evidence, incident


@pytest.mark.parametrize(
    ("body", "names"),
    [
        (ResourceState(columns=("name", "node"), rows=(("cart-1", "worker-7"), ("cart-2", "none"))), {"worker-7"}),
        (ResourceState(columns=("field", "value"), rows=(("spec.nodeName", "n4"), ("phase", "Running"))), {"n4"}),
        (ResourceState(columns=("name", "detail"), rows=(("cart-1", "on n9; 4 restarts"),)), {"n9"}),
        (Series(name="up", labels={"instance": "db-3.shop:9100", "job": "db"}, points=()), {"db-3.shop"}),
        (SeriesSet(series=(Series(name="up", labels={"node": "w-1"}, points=()),)), {"w-1"}),
        (
            Change(at=NOW, what="ip-10-0-1-2.eu-west-1.compute.internal left"),
            {"ip-10-0-1-2.eu-west-1.compute.internal"},
        ),
        (None, set()),
    ],
)
def test_bodies(body: Body | None, names: set[str]) -> None:
    assert machines([evidence(1, "all is well", body=body)]) == names


def test_nodes_are_subjects_rows_and_phrases() -> None:
    listed = ResourceState(columns=("name", "state"), rows=(("worker-2", "Ready"),))
    items = (
        evidence(1, "is not ready", subject=Subject(kind="Node", name="worker-1")),
        evidence(2, query="kubectl get nodes -o wide", body=listed),
        evidence(3, "Successfully assigned shop/cart-1 to worker-3; node/worker-4 had taints; node is not ready"),
    )
    assert machines(items) == {"worker-1", "worker-2", "worker-3", "worker-4"}


def test_a_case_file_names_them_in_its_scope_and_alerts() -> None:
    alert = incident().alerts[0].model_copy(update={"labels": {"instance": "edge-1:9100", "pod": "cart-1"}})
    about = incident(alerts=(alert,), scope=Scope(node="edge-2"))
    assert machines_of(case((OOM,), incident=about)) == {"edge-1", "edge-2"}
