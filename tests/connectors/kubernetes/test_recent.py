from __future__ import annotations

from connectors.kubernetes.client import Listing
from connectors.kubernetes.recent import Recent
from connectors.kubernetes.resources import BY_PLURAL
from tests.connectors.kubernetes.cluster import Cluster

DEPLOYMENTS, NODES = BY_PLURAL["deployments"], BY_PLURAL["nodes"]


class Hand:
    """A clock that is moved by hand."""

    at = 0.0

    def __call__(self) -> float:
        return self.at


def listing(*apps: str) -> Listing:
    cluster = Cluster()
    for app in apps:
        cluster.app(app)
    return Listing(tuple(cluster.objects["deployments"]))


def test_a_list_is_handed_on_once() -> None:
    recent, found = Recent(), listing("web")
    recent.keep(DEPLOYMENTS, "shop", found)
    assert recent.take(DEPLOYMENTS, "other") is None
    assert recent.take(DEPLOYMENTS, "shop") == found
    assert recent.take(DEPLOYMENTS, "shop") is None


def test_a_list_of_all_namespaces_answers_for_one() -> None:
    recent, found = Recent(), listing("web", "cart")
    found.items[1]["metadata"]["namespace"] = "elsewhere"
    recent.keep(DEPLOYMENTS, "", found)
    recent.keep(NODES, "", Listing(()))
    taken = recent.take(DEPLOYMENTS, "shop")
    assert taken is not None
    assert [one["metadata"]["name"] for one in taken.items] == ["web"]
    assert recent.take(NODES, "shop") == Listing(())


def test_what_is_old_or_not_whole_is_asked_again() -> None:
    clock = Hand()
    recent = Recent(5.0, clock)
    recent.keep(DEPLOYMENTS, "shop", listing("web"))
    recent.keep(NODES, "", Listing((), truncated=True))
    clock.at = 5.1
    assert recent.take(DEPLOYMENTS, "shop") is None
    assert recent.take(NODES, "") is None
