"""What an incident and alerts become together."""

from __future__ import annotations

from datetime import timedelta

from chatops.triage import joining
from tests.conftest import NOW
from tests.factories import alert, incident

LATER = NOW + timedelta(minutes=5)


def test_only_a_change_is_news() -> None:
    known = alert()
    assert not joining.is_news(known, alert())
    assert joining.is_news(known, alert(starts_at=LATER))
    assert joining.is_news(known, alert(status="resolved"))
    assert not joining.is_news(None, alert(status="resolved")), "nobody was told of it"


def test_an_incident_has_room_for_so_many_and_knows_its_own() -> None:
    full = incident(alerts=tuple(alert(fingerprint=f"a:{n}") for n in range(joining.KEPT)))
    own, new = alert(fingerprint="a:7", status="resolved"), alert(fingerprint="b:1")
    assert joining.held_by(full, [own, new]) == ([own], [new])
    assert joining.held_by(incident(), [new, alert(fingerprint="b:2", status="resolved")])[0] == [new]


def test_it_is_resolved_with_its_last_alert_and_again_open_when_one_fires() -> None:
    two = incident(alerts=(alert(), alert(fingerprint="b", severity="info")))
    one_left = joining.with_alerts(two, [alert(status="resolved")], LATER)
    assert (one_left.status, one_left.severity) == ("open", "info")
    over = joining.with_alerts(one_left, [alert(fingerprint="b", status="resolved")], LATER)
    assert (over.status, over.resolved_at) == ("resolved", LATER)
    again = joining.with_alerts(over, [alert(starts_at=LATER)], LATER)
    assert (again.status, again.resolved_at, again.refires) == ("open", None, 1)


def test_one_that_resolves_began_when_it_fired() -> None:
    over = joining.with_alerts(incident(), [alert(status="resolved", starts_at=LATER)], LATER)
    assert [one.starts_at for one in over.alerts] == [alert().starts_at], "an end alone tells when it ended"


def test_alerts_that_are_only_counted_keep_it_open() -> None:
    assert joining.with_alerts(incident(), [alert(status="resolved")], LATER, more=3).status == "open"


def test_one_that_flaps_is_not_looked_into_again() -> None:
    assert joining.damped(incident(refires=2), 3).status == "open"
    flapping = joining.damped(incident(refires=3), 3)
    assert flapping.status == "answered"
    assert "fired again 3 times" in flapping.held


def test_the_title_names_the_first_and_counts_the_kinds() -> None:
    others = [alert(name="Other"), alert(name="Third", summary="")]
    assert joining.title([alert(), alert(), *others]) == "HighErrorRate: checkout fails (+2 other alerts)"
    assert joining.title([alert(summary="")]) == "HighErrorRate"
    assert joining.title([alert(name="Down", summary="Down")]) == "Down", "paging services have one text for both"
    assert len(joining.title([alert(summary="x" * 500)])) == 150


def test_labels_that_all_have() -> None:
    labels = [{"namespace": "shop", "pod": "a"}, {"namespace": "shop", "pod": "b"}, {"namespace": "shop"}]
    assert joining.common_labels([alert(labels=one) for one in labels]) == {"namespace": "shop"}


def test_the_record_has_one_line_of_what_is_new() -> None:
    many = [alert(name=f"A{n}") for n in range(12)]
    line = joining.news_line([*many, alert(name="B", status="resolved")])
    assert line.startswith("firing: A0, A1")
    assert "and 2 more; resolved: B" in line
