from __future__ import annotations

import pytest

from connectors.contract import Scope
from connectors.loki import logql, streams

PROMTAIL = ("app", "cluster", "container", "namespace", "node_name", "pod")
OTEL = ("k8s_deployment_name", "k8s_namespace_name", "service_name")


@pytest.mark.parametrize(
    ("scope", "have", "selector"),
    [
        (Scope(namespace="shop"), PROMTAIL, '{namespace="shop"}'),
        (Scope(namespace="shop", pod="cart-0"), PROMTAIL, '{namespace="shop", pod="cart-0"}'),
        (Scope(namespace="shop", workload="cart"), OTEL, '{k8s_namespace_name="shop", k8s_deployment_name="cart"}'),
        (Scope(service="cart"), ("service_name",), '{service_name="cart"}'),
        (Scope(node="worker-1"), PROMTAIL, '{node_name="worker-1"}'),
        (Scope(selectors={"app": "cart", "job": "x"}), PROMTAIL, '{app="cart"}'),
    ],
)
def test_the_scope_in_the_labels_that_exist(scope: Scope, have: tuple[str, ...], selector: str) -> None:
    assert logql.selector(streams.of(scope, have, {})) == selector


def test_the_settings_name_labels_of_their_own() -> None:
    found = streams.of(Scope(namespace="shop"), PROMTAIL, {"namespace": "team"})
    assert found == (("team", "=", "shop"),)


def test_nothing_known_is_no_selector() -> None:
    assert streams.of(Scope(namespace="shop"), ("job",), {}) == ()
