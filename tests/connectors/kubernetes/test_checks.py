"""What a check says of what it could not read."""

from __future__ import annotations

import pytest

from connectors.causes import BY_CODE
from connectors.contract import ConnectorError
from connectors.kubernetes.checks import ROWS, observe
from tests.connectors.kubernetes.cluster import Cluster, ended_state

BY_NAME = {row.name: row for row in ROWS}


def test_names_are_unique_and_what_they_decide_is_in_the_catalogue() -> None:
    assert len(BY_NAME) == len(ROWS)
    assert {code for row in ROWS for code in row.decides} <= set(BY_CODE)


def test_a_healthy_cluster_is_told_as_looked_at() -> None:
    cluster = Cluster()
    cluster.app("cart")
    found = observe(BY_NAME["pods"], cluster.view())
    assert (found.findings, found.partial) == ((), "")
    assert found.searched == "1 pods, 0 events in shop"


def test_without_the_kind_that_it_needs_a_check_fails_with_that_error() -> None:
    cluster = Cluster()
    cluster.forbid("pods")
    with pytest.raises(ConnectorError, match="pods is forbidden"):
        observe(BY_NAME["pods"], cluster.view())


def test_without_one_that_it_also_uses_it_answers_and_says_so() -> None:
    cluster = Cluster()
    cluster.app("cart", ready=False, state=ended_state(137, "OOMKilled"))
    cluster.forbid("replicasets")
    found = observe(BY_NAME["workloads"], cluster.view())
    assert "OOMKilled" in {one.cause for one in found.findings}
    assert found.partial == "replicasets: forbidden: replicasets is forbidden"


def test_without_events_the_check_that_fails_decides_why_an_image_cannot_be_pulled() -> None:
    cluster = Cluster()
    cluster.app("cart")
    cluster.forbid("events")
    assert observe(BY_NAME["pods"], cluster.view()).partial == "events: forbidden: events is forbidden"
    with pytest.raises(ConnectorError, match="events is forbidden"):
        observe(BY_NAME["events"], cluster.view())
    images = {"IncorrectImageReference", "ImageRegistryUnreachable", "MissingImagePullSecret"}
    assert images <= set(BY_NAME["events"].decides)


def test_a_list_that_was_cut_is_told() -> None:
    cluster = Cluster()
    cluster.app("cart")
    view = cluster.view()
    view.snapshot.truncated.add("pods")
    assert observe(BY_NAME["pods"], view).partial == "pods: only the first 1 read"


def test_of_many_warnings_it_is_said_how_many_were_told() -> None:
    cluster = Cluster()
    for number in range(30):
        cluster.app(f"app-{number}", ready=False)
        cluster.pod_event(f"app-{number}", "Unhealthy", "probe failed", count=number)
    found = observe(BY_NAME["events"], cluster.view())
    assert ["(29 times" in found.evidence[0].summary, "(28 times" in found.evidence[1].summary] == [True, True]
    assert (len(found.evidence), found.partial) == (10, "the first 10 of 30 told")


def test_findings_rest_on_evidence_that_comes_with_them() -> None:
    cluster = Cluster()
    cluster.app("cart", ready=False, state=ended_state(137, "OOMKilled"))
    for row in ROWS:
        found = observe(row, cluster.view())
        keys = {one.key for one in found.evidence}
        assert {key for finding in found.findings for key in finding.rests_on} <= keys, row.name
