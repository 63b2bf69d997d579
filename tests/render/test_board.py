"""What people read while incidents wait for their turn."""

from __future__ import annotations

from datetime import timedelta

from chatops.render import board
from tests.conftest import NOW
from tests.factories import alert, incident


def test_the_first_are_listed_with_their_turn_and_the_rest_counted() -> None:
    rows = [(incident(title=f"Outage {n}", severity="error"), NOW + timedelta(minutes=n)) for n in range(12)]
    told = board.waiting(1412, rows)
    said = str(told.blocks)
    assert "1,412 incidents wait for their turn" in told.text
    assert "12:09:00 error · Outage 9" in said
    assert "Outage 10" not in said
    assert "and 1,402 more" in said


def test_a_title_cannot_mention_anybody() -> None:
    told = board.waiting(1, [(incident(title="<!channel> look"), NOW)])
    assert "<!channel>" not in str(told.blocks)
    assert told.text == "1 incident waits for its turn"


def test_an_incident_of_many_alerts_says_so() -> None:
    two = incident(alerts=(alert(), alert(fingerprint="b")), more_alerts=40)
    assert "42 alerts" in str(board.waiting(1, [(two, NOW)]).blocks)


def test_when_nothing_waits_it_says_how_many_there_were() -> None:
    assert "up to 1,412 incidents" in board.over(1412).text
