"""How are several calls made at once? All run; the first error is raised once they have ended."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import anyio

from connectors.contract import ConnectorError

T = TypeVar("T")
Call = Callable[[], Awaitable[T]]


async def outcomes(calls: Sequence[Call[T]]) -> list[T | ConnectorError]:
    """The result or the error of every call, in order; the connector's limiter bounds how many run."""
    results: dict[int, T | ConnectorError] = {}

    async def one(index: int) -> None:
        try:
            results[index] = await calls[index]()
        except ConnectorError as error:
            results[index] = error

    async with anyio.create_task_group() as group:
        for index in range(len(calls)):
            group.start_soon(one, index)
    return [results[index] for index in range(len(calls))]


async def every(calls: Sequence[Call[T]]) -> list[T]:
    """The results of all calls, in order."""
    results = await outcomes(calls)
    for result in results:
        if isinstance(result, ConnectorError):
            raise result
    return [result for result in results if not isinstance(result, ConnectorError)]
