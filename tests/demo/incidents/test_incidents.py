"""Every incident hangs together: its alert's expression holds, its objects agree, its times are in the past."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import pytest

from chatops.demo.incidents import BY_NAME, INCIDENTS, Incident
from chatops.demo.prometheus import promql
from chatops.demo.world import World
from connectors.causes import BY_CODE

NOW = 1_700_000_100.0
each = pytest.mark.parametrize("incident", INCIDENTS, ids=lambda incident: incident.name)


def holds(world: World, expression: str, at: float) -> bool:
    return bool(promql.instant(world.series, expression, at))


@each
def test_its_alert_fires_now_and_did_not_an_hour_ago(incident: Incident) -> None:
    world = incident.build(NOW)
    (rule,) = (rule for rule in world.rules if rule.firing_since is not None)
    assert holds(world, rule.expr, NOW)
    assert not holds(world, rule.expr, NOW - 3600)
    assert world.trigger is not None
    assert world.trigger.body["alerts"][0]["labels"]["alertname"] == rule.name


@each
def test_it_goes_on_while_somebody_looks(incident: Incident) -> None:
    world = incident.build(NOW)
    assert holds(world, 'sum(rate(http_requests_total{service="storefront"}[5m])) > 1', NOW + 1800)


@each
def test_its_cause_is_in_the_catalogue_and_not_in_what_the_app_is_told(incident: Incident) -> None:
    assert incident.cause == "" or incident.cause in BY_CODE
    trigger = incident.build(NOW).trigger
    assert trigger is not None
    told = json.dumps(trigger.body)
    assert incident.story not in told
    assert incident.cause == "" or incident.cause not in told


@each
def test_its_objects_are_json_with_unique_names_and_past_times(incident: Incident) -> None:
    world = incident.build(NOW)
    json.dumps(dict(world.objects))
    for key, items in world.objects.items():
        names = [(i["metadata"].get("namespace"), i["metadata"]["name"]) for i in items]
        assert len(names) == len(set(names)), key
        for item in items:
            for stamp in times(item):
                assert datetime.fromisoformat(stamp).timestamp() <= NOW, item


@each
def test_pods_that_log_exist(incident: Incident) -> None:
    world = incident.build(NOW)
    pods = {p["metadata"]["name"] for p in world.objects["v1/pods"]}
    assert {log.pod for log in world.logs} <= pods


@each
def test_counts_of_replicasets_and_deployments_agree_with_the_pods(incident: Incident) -> None:
    world = incident.build(NOW)
    owners = [p["metadata"]["ownerReferences"][0]["name"] for p in world.objects["v1/pods"]]
    for replicaset in world.objects["apps/v1/replicasets"]:
        assert replicaset["status"]["replicas"] == owners.count(replicaset["metadata"]["name"])


def times(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            if isinstance(value, str) and key.endswith(("Timestamp", "Time", "At", "At_")):
                yield value
            else:
                yield from times(value)
    elif isinstance(node, list | tuple):
        for item in node:
            yield from times(item)


def test_names_are_how_they_are_chosen() -> None:
    assert len(BY_NAME) == len(INCIDENTS) >= 4
