from __future__ import annotations

from typing import Any

import pytest

from connectors.kubernetes.needing import kinds, unscheduled
from tests.connectors.kubernetes.cluster import Cluster


def held(cluster: Cluster) -> None:
    cluster.app("web")["status"] = {}
    waits = {"name": "wait", "ready": False, "state": {"running": {}}}
    cluster.pod("web")["status"]["initContainerStatuses"] = [waits]


def broken(cluster: Cluster, **fields: Any) -> None:
    cluster.add("persistentvolumeclaims", "PersistentVolumeClaim", "data", spec={}, status={"phase": "Pending"})


def empty(cluster: Cluster) -> None:
    cluster.app("web", pods=0)
    cluster.objects["replicasets"][-1]["status"] = {"replicas": 0}


def test_where_all_is_well_nothing_more_is_read() -> None:
    cluster = Cluster()
    cluster.app("web")
    assert kinds(cluster.view()) == []


@pytest.mark.parametrize(
    ("trouble", "needed"),
    [
        (held, {"jobs", "cronjobs"}),
        (broken, {"persistentvolumes", "storageclasses"}),
        (empty, {"serviceaccounts", "resourcequotas"}),
        (lambda cluster: cluster.app("web", node=None, ready=False), {"persistentvolumes"}),
    ],
)
def test_what_is_seen_decides(trouble: Any, needed: set[str]) -> None:
    cluster = Cluster()
    trouble(cluster)
    assert needed <= set(kinds(cluster.view()))


def test_a_pod_without_a_node_waits_for_one() -> None:
    cluster = Cluster()
    cluster.app("web", node=None, ready=False)
    assert unscheduled(cluster.pod("web")) == (cluster.pod("web")["status"].get("phase") == "Pending")
