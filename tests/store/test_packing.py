"""What goes into Redis comes out the same, and large values are smaller there."""

from __future__ import annotations

from chatops.domain.incident import Incident
from chatops.store.packing import Readings, pack, unpack, unpack_document
from tests.factories import alert, incident


def test_small_and_large_come_back_as_they_were() -> None:
    large = incident(alerts=tuple(alert(fingerprint=f"a:{n}") for n in range(50)))
    for value in (incident(), large):
        assert unpack(Incident, pack(value)) == value
    assert len(pack(large)) * 4 < len(large.model_dump_json())


def test_documents_keep_what_json_can_say() -> None:
    document = {"text": "é" * 1000, "number": 1.5, "nested": {"list": [1, None]}}
    assert unpack_document(pack(document)) == document


def test_what_a_newer_version_wrote_is_read_without_what_it_added() -> None:
    one = incident()
    told = one.model_dump(mode="json", by_alias=True)
    newer = told | {"moon": "full", "scope": told["scope"] | {"galaxy": "g1"}}
    assert unpack(Incident, pack(newer)) == one


def test_a_reading_is_reused_only_for_the_same_bytes() -> None:
    readings = Readings(Incident)
    one = incident()
    first = readings.parsed("i", pack(one))
    assert readings.parsed("i", pack(one)) is first
    changed = one.model_copy(update={"title": "other"})
    assert readings.parsed("i", pack(changed)).title == "other"


def test_of_many_readings_the_oldest_are_forgotten() -> None:
    readings = Readings(Incident)
    stored = pack(incident())
    first = readings.parsed("0", stored)
    for number in range(1, 100):
        readings.parsed(str(number), stored)
    assert readings.parsed("0", stored) is not first
