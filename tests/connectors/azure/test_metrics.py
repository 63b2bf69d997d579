from __future__ import annotations

import pytest

from connectors.azure.metrics import METRICS, Metric, of, subject_of, told, type_of
from connectors.causes import BY_CODE
from connectors.evidence import Series
from tests.connectors import optional as o

GROUP = "/subscriptions/s/resourceGroups/shop"
DATABASE = f"{GROUP}/providers/Microsoft.Sql/servers/s1/databases/orders"
(CPU,) = (row for row in of(DATABASE) if row.name == "cpu_percent")
(DEADLOCKS,) = (row for row in of(DATABASE) if row.name == "deadlock")


def test_every_row_names_a_cause_that_exists_and_is_written_once() -> None:
    assert len({(row.type, row.name) for row in METRICS}) == len(METRICS)
    assert {row.cause for row in METRICS} <= set(BY_CODE)
    assert all(row.type == row.type.lower() for row in METRICS), "types are compared in small letters"


@pytest.mark.parametrize(
    ("resource", "kind"),
    [
        (DATABASE, "microsoft.sql/servers/databases"),
        (f"{GROUP}/providers/Microsoft.Web/sites/cart", "microsoft.web/sites"),
        (f"{DATABASE}/providers/Microsoft.Insights/x/y", "microsoft.insights/x"),
        (GROUP, ""),
        ("", ""),
        ("/providers/Microsoft.Web", ""),
    ],
)
def test_the_type_is_in_the_id(resource: str, kind: str) -> None:
    assert type_of(resource) == kind


def test_a_resource_is_named_as_people_call_it() -> None:
    assert (subject_of(DATABASE).kind, subject_of(DATABASE).name, subject_of(DATABASE).namespace) == (
        "databases", "orders", "shop"
    )  # fmt: skip
    assert subject_of("").name == "unknown"
    assert subject_of("/subscriptions/s/resourceGroups").namespace == "", "an id that was cut off"


@pytest.mark.parametrize(
    ("row", "before", "after", "is_bad"),
    [
        (CPU, 20.0, 99.0, True),
        (CPU, 95.0, 99.0, False),  # above its limit before: what began later did not come from it
        (CPU, 20.0, 60.0, False),
        (CPU, 99.0, 20.0, False),
        (DEADLOCKS, 0.0, 8.0, True),  # no limit: any clear rise
        (DEADLOCKS, 3.0, 3.0, False),
    ],
)
def test_what_is_bad_now_and_was_not_before(row: Metric, before: float, after: float, is_bad: bool) -> None:
    begin = o.ONSET.timestamp()
    series = Series(name=row.name, points=tuple((begin + 60 * n, before if n < 0 else after) for n in range(-30, 20)))
    found = told(row, DATABASE, series, o.ONSET, "az …")
    assert (found is not None) is is_bad
    if found:
        item, finding = found
        assert (finding.cause, finding.subject.name, finding.rests_on) == (row.cause, "orders", (item.key,))
        assert item.query == "az …"
    assert told(row, DATABASE, Series(name="x", points=()), o.ONSET, "q") is None
