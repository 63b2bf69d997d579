"""One error for everything that Redis does wrong, and for nothing else."""

from __future__ import annotations

import pytest
from redis.exceptions import ConnectionError as NoConnection

from chatops.domain.ports import StoreUnavailable
from chatops.store.availability import available


@available
async def raising(error: Exception | None) -> str:
    if error:
        raise error
    return "answer"


@pytest.mark.parametrize("error", [NoConnection("gone"), OSError("no route"), TimeoutError()])
async def test_whatever_is_wrong_with_redis_is_one_error(error: Exception) -> None:
    with pytest.raises(StoreUnavailable, match="the store did not answer") as caught:
        await raising(error)
    assert caught.value.__cause__ is error


async def test_mistakes_of_our_own_and_answers_pass() -> None:
    assert await raising(None) == "answer"
    with pytest.raises(LookupError):
        await raising(LookupError("not there"))
