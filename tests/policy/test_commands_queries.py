"""Queries of metrics and logs are parsed, and what hides behind them is refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatops.policy.commands import judge_line
from chatops.policy.grammar.observability import (
    MAX_QUERY,
    logql_problem,
    promql_problem,
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


@pytest.mark.parametrize(
    ("query", "verdict"),
    [
        ("--query-string 'fields @timestamp, @message | sort @timestamp desc | limit 20'", "read-only"),
        ("--query-string 'fields unmask(@message)'", "reveals-secrets"),
        ("--query-string='fields @message | display UNMASK (@message)'", "reveals-secrets"),
    ],
)
def test_logs_insights_shows_nothing_that_is_masked(query: str, verdict: str) -> None:
    line = f"aws logs start-query --log-group-name g --start-time 1 --end-time 2 {query}"
    assert judge_line(line).verdict == verdict


@given(st.text(max_size=80))
@settings(max_examples=100, deadline=None)
def test_any_text_is_answered(text: str) -> None:
    for problem in (promql_problem, logql_problem):
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


def test_a_redirection_in_quotes_is_a_word() -> None:
    assert judge_line("echo '2>/dev/null' \"x 2>&1 y\"").argv == ("echo", "2>/dev/null", "x 2>&1 y")
    assert judge_line("kubectl get pods 2>/dev/null").argv == ("kubectl", "get", "pods")
