from __future__ import annotations

from typing import Any

import pytest

from connectors.kubernetes.discovery import groups_of, worth_reading
from connectors.kubernetes.resources import OPERATED, Resource
from tests.connectors.kubernetes.kube_server import Api, discovery

BUCKET = Resource("storagebuckets", "StorageBucket", "storage.cnrm.cloud.google.com/v1beta1")
CLUSTER_WIDE = Resource("projects", "Project", "resourcemanager.cnrm.cloud.google.com/v1beta1", namespaced=False)


def served(*rows: Resource) -> tuple[dict[str, Any], ...]:
    return groups_of(discovery(Api(operated=list(rows))))


def warning(row: Resource) -> dict[str, Any]:
    return {"type": "Warning", "involvedObject": {"apiVersion": row.api, "kind": row.kind, "name": "x"}}


def test_kinds_with_warnings_come_before_the_usual_ones() -> None:
    found = worth_reading(served(*OPERATED, BUCKET), [warning(BUCKET)], 3)
    assert [row.full for row in found] == [BUCKET.full, OPERATED[0].full, OPERATED[1].full]


def test_only_what_the_server_has_is_read_and_in_its_version() -> None:
    older = Resource("externalsecrets", "ExternalSecret", "external-secrets.io/v1beta1")
    assert worth_reading(served(older), [], 4) == [older]
    assert worth_reading(served(), [warning(BUCKET)], 4) == []


def test_what_is_not_of_a_namespace_cannot_be_listed_in_one() -> None:
    assert worth_reading(served(CLUSTER_WIDE), [warning(CLUSTER_WIDE)], 4) == []


def test_a_kind_without_status_says_nothing() -> None:
    document = discovery(Api(operated=[BUCKET]))
    document["items"][0]["versions"][0]["resources"][0]["subresources"] = []
    assert worth_reading(groups_of(document), [warning(BUCKET)], 4) == []


def test_built_in_kinds_are_never_chosen() -> None:
    apps = Resource("deployments", "Deployment", "apps/v1")
    assert worth_reading(served(apps), [warning(apps)], 4) == []


@pytest.mark.parametrize(
    "body", [{"kind": "APIGroupList", "groups": [{"name": "argoproj.io"}]}, {"kind": "Status"}, {}]
)
def test_an_older_server_names_its_groups_only(body: dict[str, Any]) -> None:
    assert worth_reading(groups_of(body), [warning(BUCKET)], 4) == []


def test_groups_keep_their_names_in_both_documents() -> None:
    assert [one["name"] for one in groups_of({"groups": [{"name": "argoproj.io"}]})] == ["argoproj.io"]
    assert [one["name"] for one in served(BUCKET)] == [BUCKET.group]
