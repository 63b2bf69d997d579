"""Does the diagnosis name what each row of the checklist is about, and claim nothing of what is no incident?"""

from __future__ import annotations

import pytest

from tests.triage import checklist

ROWS = list(checklist.rows())


@pytest.mark.parametrize("one", ROWS, ids=[one.name for one in ROWS])
async def test_the_diagnosis_of_a_row(one: checklist.Row) -> None:
    case = await checklist.diagnosed(one)
    assert checklist.said(case) == one.says, checklist.account(case.diagnosis)


def test_every_row_has_its_own_name() -> None:
    assert len({one.name for one in ROWS}) == len(ROWS)
