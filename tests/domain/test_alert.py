"""What fired, and how much of it connectors are told."""

from __future__ import annotations

from tests.factories import alert


def test_connectors_are_told_what_fired_and_not_by_whom_it_is_grouped() -> None:
    one = alert(annotations={"summary": "s"}, generator_url="http://p/graph")
    told = one.firing()
    assert (told.name, told.labels, told.starts_at) == (one.name, one.labels, one.starts_at)
    assert told.generator_url == "http://p/graph"
    assert not hasattr(told, "fingerprint")
    assert not hasattr(told, "group_key")
