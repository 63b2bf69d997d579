from __future__ import annotations

import pytest

from connectors.causes import BY_CODE
from connectors.contract import Scope
from connectors.evidence import Series
from connectors.gcp.metrics import METRICS, Metric, bad, hash_of, told, words
from tests.connectors import optional as o

BY_TYPE = {(row.type, row.filter): row for row in METRICS}
CPU = BY_TYPE["cloudsql.googleapis.com/database/cpu/utilization", ""]
ERRORS = next(row for row in METRICS if row.type == "run.googleapis.com/request_count")


def series(before: float, after: float, **labels: str) -> Series:
    begin = o.ONSET.timestamp()
    points = tuple((begin + 60 * n, before if n < 0 else after) for n in range(-30, 20))
    return Series(name="m", labels=labels, points=points)


def test_every_row_names_a_cause_that_exists_and_is_written_once() -> None:
    assert len(BY_TYPE) == len(METRICS)
    assert {row.cause for row in METRICS} <= set(BY_CODE)


@pytest.mark.parametrize(
    ("row", "before", "after", "is_bad"),
    [
        (CPU, 0.3, 0.97, True),
        (CPU, 0.93, 0.97, False),  # above its limit before: what began later did not come from it
        (CPU, 0.1, 0.6, False),  # risen, and far from its limit
        (CPU, 0.97, 0.3, False),
        (ERRORS, 0.0, 4.0, True),  # a rate has no limit: any clear rise
        (ERRORS, 4.0, 0.0, False),
        (ERRORS, 2.0, 2.0, False),
    ],
)
def test_what_is_bad_now_and_was_not_before(row: Metric, before: float, after: float, is_bad: bool) -> None:
    assert bool(list(bad(row, [series(before, after)], o.ONSET))) is is_bad


def test_a_series_of_a_few_points_says_nothing() -> None:
    short = series(0.3, 0.97).model_copy(update={"points": ((o.ONSET.timestamp(), 0.97),)})
    assert list(bad(CPU, [short, short.model_copy(update={"points": ()})], o.ONSET)) == []


def test_the_finding_rests_on_what_is_shown() -> None:
    (one,) = bad(CPU, [series(0.3, 0.97, database_id="shop:orders")], o.ONSET)
    item, finding = told(CPU, one, "GET …", "gcp", "metrics")
    assert finding.rests_on == (item.key,)
    assert (finding.cause, finding.subject.name, item.query) == ("DatabaseCPUSaturated", "shop:orders", "GET …")
    assert "went from 0.3 to 0.97 at 12:00:00" in finding.statement
    unnamed, _ = told(CPU, one._replace(series=series(0.3, 0.97)), "q", "gcp", "metrics")
    assert unnamed.subject is not None
    assert unnamed.subject.name == "unknown"


def test_two_series_of_one_object_have_two_keys_whatever_their_labels_order() -> None:
    assert hash_of(series(0, 1, a="1", b="2")) == hash_of(series(0, 1, b="2", a="1"))
    assert hash_of(series(0, 1, a="1")) != hash_of(series(0, 1, a="2"))


def test_the_scope_narrows_a_filter_unless_it_would_end_its_quotes() -> None:
    assert words(ERRORS, Scope(service="cart")).endswith('resource.labels.service_name="cart"')
    assert "cart" not in words(ERRORS, Scope(service='cart" OR resource.type="x'))
    assert words(CPU, Scope(service="cart")) == f'metric.type="{CPU.type}"'
