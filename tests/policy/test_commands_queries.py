"""Queries of metrics and logs are parsed, and what hides behind them is refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatops.policy.commands import judge_line
from chatops.policy.grammar.observability import (
    MAX_QUERY,
    insights_problem,
    logql_problem,
    promql_problem,
    with_limit,
)


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


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ('{app="a"} | json', ""),
        ("up", "there is no stream selector"),
        ('{app="a"} |= "x', "a string is not closed"),
        ('sum(rate({app="a"}[5m])', "brackets do not match"),
        ('{app="a"} | nosuch', "there is no stage 'nosuch'"),
        ('{app="a"}' + " " * MAX_QUERY, f"more than {MAX_QUERY} characters"),
        ('{app="a"}'.ljust(MAX_QUERY), ""),
    ],
)
def test_logql_says_what_is_wrong(query: str, problem: str) -> None:
    assert logql_problem(query) == problem


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("fields @message | limit 5", ""),
        ("fields @message | nosuch x", "there is no stage 'nosuch'"),
        ("filter @message like 'x", "a string is not closed"),
        ("stats count(*", "brackets do not match"),
        ("fields @message | unmask x", "unmask shows what a data protection policy hides"),
        ("fields x".ljust(MAX_QUERY + 1), f"more than {MAX_QUERY} characters"),
        ("fields x".ljust(MAX_QUERY), ""),
    ],
)
def test_logs_insights_says_what_is_wrong(query: str, problem: str) -> None:
    assert insights_problem(query) == problem


def test_a_redirection_in_quotes_is_a_word() -> None:
    assert judge_line("echo '2>/dev/null' \"x 2>&1 y\"").argv == ("echo", "2>/dev/null", "x 2>&1 y")
    assert judge_line("kubectl get pods 2>/dev/null").argv == ("kubectl", "get", "pods")
