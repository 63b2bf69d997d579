"""Bodies for `_search`: what the scope names, and nothing without a bound."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from connectors.contract import Scope
from connectors.elasticsearch import searches
from tests.conftest import NOW

START = NOW - timedelta(hours=1)
CART = Scope(namespace="shop", workload="cart")


def test_a_workload_is_found_by_its_name_or_by_those_of_its_pods_in_its_namespace() -> None:
    namespace, whose = searches.of_scope(CART, {})
    assert '"kubernetes.namespace_name": "shop"' in json.dumps(namespace)
    told = json.dumps(whose)
    assert '"kubernetes.deployment.name.keyword": "cart"' in told
    assert "regexp" in told


def test_a_field_of_ones_own_replaces_those_that_are_known() -> None:
    [namespace] = searches.of_scope(Scope(namespace="shop"), {"namespace": "ns"})
    terms = [next(iter(one["term"])) for one in namespace["bool"]["should"]]
    assert terms == ["ns", "ns.keyword"]


@pytest.mark.parametrize(
    ("scope", "filters"), [(Scope(), 0), (Scope(node="n1"), 1), (Scope(namespace="shop", node="n1"), 1)]
)
def test_only_what_the_scope_names_is_asked_for(scope: Scope, filters: int) -> None:
    assert len(searches.of_scope(scope, {})) == filters


def test_every_search_has_a_range_a_time_limit_and_an_end() -> None:
    filters = searches.of_scope(CART, {})
    some = searches.lines(filters, START, NOW, "@timestamp", 10**9, latest=True)
    counted = searches.histogram(filters, {"errors": searches.words(["timeout"])}, START, NOW, "@timestamp", 60)
    for body in (some, counted):
        between = body["query"]["bool"]["filter"][0]["range"]["@timestamp"]
        assert between == {"gte": "2026-03-01T11:00:00Z", "lt": "2026-03-01T12:00:00Z"}
        assert body["timeout"]
        assert body["terminate_after"] > 0
    assert some["size"] == searches.MOST
    assert counted["size"] == 0


@pytest.mark.parametrize(("latest", "order"), [(True, "desc"), (False, "asc")])
def test_the_latest_or_the_first_come(latest: bool, order: str) -> None:
    body = searches.lines([], START, NOW, "at", 5, latest=latest)
    assert body["sort"][0]["at"]["order"] == order


def test_ones_own_words_cannot_ask_for_what_costs_too_much() -> None:
    asked = searches.text("*oops AND level:error")["query_string"]
    assert asked["allow_leading_wildcard"] is False
    assert "script" not in json.dumps(asked)
