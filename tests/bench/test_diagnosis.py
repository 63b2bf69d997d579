"""Every fault of the benchmark is found by rules, and nothing is claimed where nothing is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.causes import BY_CODE
from tests.bench.diagnosis import BOTH, asked
from tests.bench.faults import FAULTS, Fault

NEED_METRICS = {"cpu"}
"""What only metrics tell. The others are asked of Kubernetes alone: that is quicker, and harder."""


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
async def test_the_fault_is_first(fault: Fault, tmp_path: Path) -> None:
    connected = BOTH if fault.name in NEED_METRICS else ("kubernetes",)
    found = await asked(fault, tmp_path, connected=connected)
    assert not found.error
    assert found.right_within(1), f"{fault.cause} of {fault.object} expected, found {found.guesses}"
    assert all(guess.right for guess in found.claims), f"claimed beside it: {found.claims}"


def test_the_benchmark_is_broad() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
    causes = {fault.cause for fault in FAULTS} - {"healthy"}
    assert causes <= set(BY_CODE)
    assert len({BY_CODE[cause].area for cause in causes}) >= 8
