"""What a client raises when Redis does not work, and the one error that the rest of the app knows it by."""

from __future__ import annotations

import functools
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

from redis.exceptions import RedisError

from chatops.domain.ports import StoreUnavailable

P = ParamSpec("P")
R = TypeVar("R")

UNAVAILABLE: tuple[type[Exception], ...] = (RedisError, OSError, TimeoutError)
"""What a client raises when Redis, or the way to it, does not work."""


def available(method: Callable[P, Coroutine[Any, Any, R]]) -> Callable[P, Coroutine[Any, Any, R]]:
    """Raise `StoreUnavailable` for whatever Redis or the way to it does wrong."""

    @functools.wraps(method)
    async def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return await method(*args, **kwargs)
        except UNAVAILABLE as error:
            raise StoreUnavailable(f"the store did not answer: {error}") from error

    return wrapped
