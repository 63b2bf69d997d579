"""What is sent has been parsed, scoped and capped."""

from __future__ import annotations

from typing import Any

import promql_parser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import ConnectorError
from connectors.prometheus import promql

SHOP = {"namespace": "shop"}


@pytest.mark.parametrize("text", ["rate(x)", "x{", "sum by (a", "", "{}", "x y", 'x{a=~"("}'])
def test_what_does_not_parse_is_refused_with_the_parsers_words(text: str) -> None:
    with pytest.raises(ConnectorError, match="not valid PromQL") as refused:
        promql.checked(text)
    assert refused.value.kind == "rejected"


@pytest.mark.parametrize(
    "text", ["rate(x[2d])", "max_over_time(x[1h:1s])", "max_over_time(rate(x[5m])[30d:1m])", "x" * 5000]
)
def test_what_would_cost_too_much_is_refused(text: str) -> None:
    with pytest.raises(ConnectorError, match="longer than|at least 15s"):
        promql.checked(text)


def test_every_selector_gets_the_required_matcher() -> None:
    scoped = promql.checked('sum(rate(a{b=~"x|y"}[5m] offset 1h)) / sum(rate(c[5m])) > 0.5 and d @ end()', SHOP)
    assert scoped.count('namespace="shop"') == 3
    assert "offset 1h" in scoped
    assert "@ end()" in scoped


def test_another_value_of_a_required_label_is_refused() -> None:
    with pytest.raises(ConnectorError, match="outside of"):
        promql.checked('x{namespace="other"}', SHOP)


def test_alternatives_cannot_smuggle_another_scope_in() -> None:
    with pytest.raises(ConnectorError, match="cannot be scoped"):
        promql.checked('x{a="1" or namespace="other"}', SHOP)


@pytest.mark.parametrize(
    "looser",
    ['x{namespace=~".*"}', 'x{namespace!="shop"}', 'x{namespace=~"shop|other"}'],
)
def test_a_looser_matcher_is_narrowed_and_not_believed(looser: str) -> None:
    assert 'namespace="shop"' in promql.checked(looser, SHOP)


@given(st.text(max_size=30))
def test_any_value_of_a_matcher_survives_escaping(value: str) -> None:
    text = promql.checked(f'x{{{promql.matcher("a", value)},b!=""}}', {"namespace": 'sh"op\\'})
    selector: Any = promql_parser.parse(text)
    matchers = {m.name: m.value for m in selector.matchers.matchers}
    assert matchers["namespace"] == 'sh"op\\'
    assert matchers.get("a", "") == value


def test_the_measured_side_and_the_limit_of_a_rule() -> None:
    assert promql.threshold("(sum(rate(a[5m])) / sum(rate(b[5m])) > 0.05) and on() up == 1") == (
        "sum(rate(a[5m])) / sum(rate(b[5m]))",
        ">",
        0.05,
    )
    assert promql.threshold("temperature <= -5") == ("temperature", "<=", -5.0)
    assert promql.threshold("absent(up)") is None
    assert promql.threshold("a > b") is None


def test_the_selector_of_one_series_finds_it_again() -> None:
    labels = {"__name__": "service:cpu", "service": 'a"b', "namespace": "shop"}
    assert promql.selector(labels) == 'service:cpu{namespace="shop",service="a\\"b"}'
    assert promql.checked(promql.selector(labels)) == promql.selector(labels)


def test_metrics_of_an_expression_in_order() -> None:
    assert promql.metric_names('rate(b[5m]) / on() {__name__="x:y"} + b') == ("b", "x:y")


def test_the_expression_of_a_link() -> None:
    assert promql.from_link("http://p/graph?g0.expr=up+%3D%3D+0&g0.tab=1") == "up == 0"
    assert promql.from_link("http://p/alerting/list") == ""


@pytest.mark.parametrize(("span", "step"), [(300, 5.0), (3600, 15.0), (86400, 360.0)])
def test_a_step_never_asks_for_more_points_than_are_shown(span: float, step: float) -> None:
    assert promql.step(span) == step
    assert span / step <= promql.MOST_POINTS
