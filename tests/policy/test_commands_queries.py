"""Queries of metrics and logs are parsed, and what hides behind them is refused."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from chatops.policy.grammar.observability import insights_problem, logql_problem, promql_problem, with_limit


def test_promql() -> None:
    assert promql_problem('sum by (pod) (rate(http_requests_total{code=~"5.."}[5m]))') == ""
    assert promql_problem("rate(up)")
    assert promql_problem("sum(")
    assert promql_problem("up " * 5000)


def test_logql() -> None:
    assert logql_problem('{app="cart"} |= "error" | json | line_format "{{.msg}}" | level="error"') == ""
    assert logql_problem('sum by (pod) (rate({namespace="shop"} |~ `5\\d\\d` [5m]))') == ""
    assert "selector" in logql_problem("error")
    assert "stage" in logql_problem('{app="cart"} | frobnicate "x"')
    assert "brackets" in logql_problem('sum(rate({app="cart"}[5m])')
    assert "string" in logql_problem('{app="cart"} |= "error')


def test_logs_insights() -> None:
    assert (
        insights_problem(
            "fields @timestamp, @message | filter @message like /5\\d\\d|x/ | sort @timestamp desc | limit 20"
        )
        == ""
    )
    assert insights_problem("stats count(*) by bin(5m)") == ""
    assert "unmask" in insights_problem("fields unmask(@message)")
    assert "unmask" in insights_problem("fields @message | display UNMASK (@message)")
    assert "stage" in insights_problem("fields @message | drop x")
    assert "brackets" in insights_problem("stats count(* by x")
    assert insights_problem("filter @message like 'unmask'") == ""
    assert insights_problem("fields @message |")


def test_a_limit_is_added_where_there_is_none() -> None:
    assert with_limit("fields @message", 50) == "fields @message | limit 50"
    assert with_limit("fields @message | limit 5", 50) == "fields @message | limit 5"
    assert with_limit("filter @message like '| limit 1'", 50).endswith("| limit 50")
    assert with_limit("fields a | stats count(*)", 50) == "fields a | stats count(*)"


@given(st.text(max_size=80))
@settings(max_examples=100, deadline=None)
def test_any_text_is_answered(text: str) -> None:
    for problem in (promql_problem, logql_problem, insights_problem):
        assert isinstance(problem(text), str)
