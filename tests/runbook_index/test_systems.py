from __future__ import annotations

from chatops.runbook_index.systems import SYSTEMS
from connectors.causes import BY_CODE


def test_rows_are_unique_and_name_causes_of_the_catalogue() -> None:
    assert len({(row.area, row.name) for row in SYSTEMS}) == len(SYSTEMS)
    # A page about causes serves all systems that have them; every other is one system's.
    own = [row.page for row in SYSTEMS if not row.page.startswith("causes/")]
    assert len(set(own)) == len(own)
    assert {code for row in SYSTEMS for code in row.causes} <= BY_CODE.keys()


def test_areas_stand_together() -> None:
    areas = [row.area for row in SYSTEMS]
    assert areas == sorted(areas, key=areas.index)
