"""Every format of a service has an example in `redacted.jsonl` that its row finds by itself."""

from __future__ import annotations

import pytest

from chatops.policy.redaction.services import SERVICES
from chatops.policy.redaction.token_format import Format
from tests.policy.redacted import is_exemplified


@pytest.mark.parametrize("row", SERVICES, ids=lambda row: row.literals[0])
def test_a_row_has_an_example(row: Format) -> None:
    assert is_exemplified(row)
