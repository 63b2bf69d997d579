"""Topology spread constraints, counted as the scheduler counts."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.kubernetes.spreading import conflicts

ZONES = {"a1": "a", "a2": "a", "b1": "b"}
NODES: dict[str, dict[str, Any]] = {name: {"metadata": {"labels": {"zone": zone}}} for name, zone in ZONES.items()}


def pod(node: str = "", **constraint: Any) -> dict[str, Any]:
    spread = {"topologyKey": "zone", "maxSkew": 1, "labelSelector": {"matchLabels": {"app": "cart"}}, **constraint}
    metadata = {"namespace": "shop", "labels": {"app": "cart"}}
    return {"metadata": metadata, "spec": {"nodeName": node, "topologySpreadConstraints": [spread]}}


def refused(new: dict[str, Any], *placed: str, wanted: str = "a1 a2 b1") -> set[str]:
    found = conflicts(new, NODES, [pod(node) for node in placed], wanted.split(), [*NODES])
    return {name for name, reasons in found.items() if reasons}


def test_a_full_domain_is_out_until_the_others_have_as_many() -> None:
    assert refused(pod()) == set()
    assert refused(pod(), "a1") == {"a1", "a2"}
    assert refused(pod(), "a1", "b1") == set()


def test_a_wider_skew_allows_more() -> None:
    assert refused(pod(maxSkew=2), "a1") == set()


def test_a_wish_rules_nothing_out() -> None:
    assert refused(pod(whenUnsatisfiable="ScheduleAnyway"), "a1", "a1") == set()


def test_only_domains_of_the_nodes_that_are_asked_for_count() -> None:
    assert refused(pod(), "a1", wanted="a1 a2") == set(), "one domain is as even as can be"


def test_a_node_without_the_label_is_out() -> None:
    assert refused(pod(topologyKey="rack")) == {"a1", "a2", "b1"}


def test_too_few_domains_count_as_an_empty_one() -> None:
    assert refused(pod(minDomains=3), "a1", "b1") == {"a1", "a2", "b1"}


@pytest.mark.parametrize(
    "change", [{"namespace": "other"}, {"labels": {"app": "x"}}, {"deletionTimestamp": "2026-05-04T12:00:00Z"}]
)
def test_other_pods_do_not_count(change: dict[str, Any]) -> None:
    other = pod("a1")
    other["metadata"] |= change
    found = conflicts(pod(), NODES, [other], [*NODES], [*NODES])
    assert not any(found.values())
