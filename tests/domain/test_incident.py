"""Ids sort by time, the worst severity wins, and connectors are asked with what fires."""

from __future__ import annotations

from datetime import timedelta

from chatops.domain.incident import new_id, worst
from tests.conftest import NOW
from tests.factories import alert, incident


def test_ids_sort_by_time_and_differ_within_a_second() -> None:
    ids = [new_id(NOW + timedelta(seconds=n)) for n in range(-2, 3)]
    assert ids == sorted(ids)
    assert len({new_id(NOW) for _ in range(100)}) == 100
    assert all(len(one) == len("inc-") + 16 for one in ids)


def test_the_worst_severity() -> None:
    assert worst(["info", "critical", "warning"]) == "critical"
    assert worst([]) == "warning"


def test_what_has_resolved_does_not_fire() -> None:
    one = incident(alerts=(alert(), alert(fingerprint="b", status="resolved")))
    assert [a.fingerprint for a in one.firing] == ["alertmanager:f1"]
    assert len(one.inquiry.alerts) == 2, "connectors see both: what resolved tells when"
    assert one.inquiry.scope == one.scope
