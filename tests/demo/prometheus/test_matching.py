from typing import Any

import promql_parser
import pytest

from chatops.demo.prometheus.matching import MatchingError, combine_vectors, grouped, join_label, replace_label

LEFT = [({"__name__": "a", "job": "x", "pod": "1"}, 6.0), ({"__name__": "a", "job": "x", "pod": "2"}, 9.0)]
RIGHT = [({"__name__": "b", "job": "x", "zone": "z"}, 3.0)]


def combined(expression: str) -> list[tuple[dict[str, str], float]]:
    tree: Any = promql_parser.parse(expression)
    rows = combine_vectors(str(tree.op), LEFT, RIGHT, tree.modifier)
    return [(dict(labels), value) for labels, value in rows]


def test_many_to_one_takes_labels_of_the_one_side() -> None:
    assert combined("a / on(job) group_left(zone) b") == [
        ({"job": "x", "pod": "1", "zone": "z"}, 2.0),
        ({"job": "x", "pod": "2", "zone": "z"}, 3.0),
    ]


def test_many_to_many_is_refused_as_prometheus_refuses_it() -> None:
    with pytest.raises(MatchingError):
        combined("a / on(job) b")


def test_set_operators() -> None:
    assert [labels["pod"] for labels, _ in combined("a and on(job) b")] == ["1", "2"]
    assert combined("a unless on(job) b") == []
    assert len(combined("a or b")) == 3


def test_grouping_by_and_without() -> None:
    by: Any = promql_parser.parse("sum by (job, nope) (a)")
    without: Any = promql_parser.parse("sum without (pod) (a)")
    assert [dict(key) for key, _ in grouped(LEFT, by.modifier)] == [{"job": "x"}]
    assert [dict(key) for key, _ in grouped(LEFT, without.modifier)] == [{"job": "x"}]
    assert [dict(key) for key, _ in grouped(LEFT, None)] == [{}]


def test_labels_are_replaced_and_joined() -> None:
    assert replace_label(LEFT[:1], ["k", "v-$1", "pod", "(.*)"])[0][0]["k"] == "v-1"
    assert "k" not in replace_label(LEFT[:1], ["k", "$1", "pod", "x"])[0][0]
    assert join_label(LEFT[:1], ["k", "/", "job", "pod"])[0][0]["k"] == "x/1"
