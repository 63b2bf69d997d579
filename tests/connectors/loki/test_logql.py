from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import ConnectorError
from connectors.loki import logql


@pytest.mark.parametrize(
    ("text", "within"),
    [
        ('{app="cart"}', '{namespace="shop", app="cart"}'),
        ('{app="cart"} |= "{a}" != `}` | json | status >= 500', '{namespace="shop", app="cart"} |= "{a}" != `}` '
         "| json | status >= 500"),
        ('{app="cart"} |= ip("10.0.0.0/8") | addr = ip("::1")', '{namespace="shop", app="cart"} |= ip("10.0.0.0/8") '
         '| addr = ip("::1")'),
        ('{app="cart",} |~ "x" or "y" | line_format "{{.msg}}"', '{namespace="shop", app="cart",} |~ "x" or "y" '
         '| line_format "{{.msg}}"'),
        ('sum by (pod) (rate({app="a"} | logfmt | duration > 1s [5m])) / sum(rate({app="b"}[5m] offset 1h))',
         'sum by (pod) (rate({namespace="shop", app="a"} | logfmt | duration > 1s [5m])) '
         '/ sum(rate({namespace="shop", app="b"}[5m] offset 1h))'),
        ('topk(3, sum(count_over_time({a=~"b.+"}[1m])) by (pod)) > bool 2',
         'topk(3, sum(count_over_time({namespace="shop", a=~"b.+"}[1m])) by (pod)) > bool 2'),
        ('quantile_over_time(0.9, {a="b"} | json | unwrap bytes(size) [1h]) by (host)',
         'quantile_over_time(0.9, {namespace="shop", a="b"} | json | unwrap bytes(size) [1h]) by (host)'),
        ('{a="b"} | (status = 500 or path =~ "/x|y") and size > 2KB | drop level, method="GET"',
         '{namespace="shop", a="b"} | (status = 500 or path =~ "/x|y") and size > 2KB | drop level, method="GET"'),
    ],
)  # fmt: skip
def test_every_selector_is_kept_within_the_namespace(text: str, within: str) -> None:
    parsed = logql.parse(text)
    assert parsed.within({"namespace": "shop"}) == within
    assert parsed.metric is not text.startswith("{")
    logql.parse(within)


@pytest.mark.parametrize(
    "text",
    [
        "", "{}", "cart", '{app="cart"', "{app=cart}", '{app="cart"} {app="x"}', '{app="cart"} |', '{app="a"} | | json',
        'rate({app="a"})', 'rate({app="a"}[5m]', 'label_replace({a="b"}, "x")', '1 + 2', '{app="a"} # comment',
        '{app="a"} |= x', 'sum by pod (rate({a="b"}[5m]))', '{a="b"} | (x = 1', "(" * 30 + '1', '{a="b"} ; drop',
        '{a="' + "x" * 4000 + '"}',
    ],
)  # fmt: skip
def test_what_is_not_known_is_refused(text: str) -> None:
    with pytest.raises(ConnectorError) as caught:
        logql.parse(text)
    assert caught.value.kind == "rejected"


WORDS = [
    "{",
    "}",
    "(",
    ")",
    "[5m]",
    "|",
    "|=",
    "!~",
    '"{a}"',
    "`}`",
    "a",
    "=",
    "=~",
    ",",
    "or",
    "sum",
    "by",
    "rate",
    "json",
    "1",
]
WHOLE = ['{a="b"}', 'rate({a="b"}[5m])', '{a="b"} | json', '{a="b", c="d"} |= "{"']


@given(st.lists(st.sampled_from([*WORDS, *WHOLE]), max_size=12))
def test_no_selector_escapes_the_namespace(words: list[str]) -> None:
    text = " ".join(words)
    try:
        parsed = logql.parse(text)
    except ConnectorError:
        return
    outside = re.sub(r'"(?:[^"\\]|\\.)*"|`[^`]*`', "", text)
    assert len(parsed.selectors) == outside.count("{")
    assert parsed.within({"namespace": "shop"}).count('{namespace="shop", ') == outside.count("{")


def test_values_cannot_leave_their_quotes() -> None:
    text = logql.selector([("app", "=", 'a"} | json {x="\\'), ("pod", "=~", "b\n.+")])
    assert logql.parse(text).labels == {"app", "pod"}
    assert len(logql.parse(text).selectors) == 1


def test_a_filter_for_words_is_logql() -> None:
    assert logql.parse('{a="b"} ' + logql.any_of(("timed out", "a.b"))).selectors == [0]
