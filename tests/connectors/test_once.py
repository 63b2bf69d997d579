"""Calls made together keep their own outcomes; shared ones are made once."""

import anyio
import anyio.lowlevel
import pytest

from connectors.contract import ConnectorError
from connectors.together import Once, every, outcomes


async def fine() -> str:
    return "fine"


async def refused() -> str:
    raise ConnectorError("forbidden", "q", "no")


async def test_a_refusal_is_a_result_beside_the_others() -> None:
    first, second = await outcomes([fine, refused])
    assert first == "fine"
    assert isinstance(second, ConnectorError)
    with pytest.raises(ConnectorError):
        await every([fine, refused])


async def test_what_is_shared_is_asked_once_and_fails_once() -> None:
    asked = []

    async def call() -> str:
        asked.append(1)
        await anyio.lowlevel.checkpoint()
        raise ConnectorError("timeout", "q", "late")

    once = Once(call)
    assert await every([once.or_none, once.or_none]) == [None, None]
    with pytest.raises(ConnectorError, match="late"):
        await once()
    assert len(asked) == 1


async def test_a_cancelled_call_is_made_again_by_the_next() -> None:
    pauses = [60.0, 0.0]

    async def call() -> str:
        await anyio.sleep(pauses.pop(0))
        return "fine"

    once = Once(call)
    with anyio.move_on_after(0.02):
        await once()
    assert await once() == "fine"
