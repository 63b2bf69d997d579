"""What is being deleted and does not go."""

from __future__ import annotations

from tests.connectors.kubernetes.cluster import Cluster, ago, sure


def _deleted(seconds: float, **more: object) -> Cluster:
    c = Cluster()
    c.app("web")
    meta = {"deletionTimestamp": ago(seconds), "deletionGracePeriodSeconds": 30, "finalizers": ["example.io/a"]}
    c.pod("web")["metadata"] |= meta | more
    return c


def test_a_finalizer_that_keeps_the_only_pod_is_the_cause() -> None:
    assert sure(_deleted(2400)) == ["DeletionBlocked web"]


def test_a_pod_that_is_given_time_to_end_is_none() -> None:
    assert sure(_deleted(200)) == []
    assert sure(_deleted(2400, deletionGracePeriodSeconds=3600)) == []


def test_without_a_finalizer_the_kubelet_is_who_did_not_end_it() -> None:
    assert sure(_deleted(2400, finalizers=[])) == []


def test_where_others_serve_it_is_told_less_surely() -> None:
    c = Cluster()
    c.app("web", pods=2)
    c.objects["pods"][0]["metadata"] |= {"deletionTimestamp": ago(2400), "finalizers": ["example.io/a"]}
    assert sure(c) == []
    assert sure(c, 0.4) == ["DeletionBlocked web"]
