from __future__ import annotations

from chatops.runbook_index.systems import SYSTEMS
from connectors.causes import BY_CODE


def test_rows_are_unique_and_name_causes_of_the_catalogue() -> None:
    assert len({(row.area, row.name) for row in SYSTEMS}) == len(SYSTEMS)
    assert len({row.page for row in SYSTEMS}) == len(SYSTEMS)
    assert {code for row in SYSTEMS for code in row.causes} <= BY_CODE.keys()


def test_areas_stand_together() -> None:
    areas = [row.area for row in SYSTEMS]
    assert areas == sorted(areas, key=areas.index)
