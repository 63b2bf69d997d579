from __future__ import annotations

import anyio
import pytest

from connectors.contract import ConnectorError
from connectors.together import every, outcomes


async def quick() -> int:
    return 1


async def refused() -> int:
    raise ConnectorError("forbidden", "q", "no")


async def test_results_come_in_order_whichever_ends_first() -> None:
    first = anyio.Event()

    async def last() -> int:
        await first.wait()
        return 2

    async def ends() -> int:
        first.set()
        return 3

    assert await every([last, ends]) == [2, 3]


async def test_an_error_is_one_of_the_outcomes_and_no_group() -> None:
    found = await outcomes([quick, refused])
    assert found[0] == 1
    assert isinstance(found[1], ConnectorError)
    with pytest.raises(ConnectorError, match="forbidden"):
        await every([refused, quick])
    assert await every([]) == []
