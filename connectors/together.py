"""How are several calls made at once? All run; the first error is raised once they have ended."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

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


async def beside(*calls: Call[object]) -> None:
    """Run calls that are kept (`Once.or_none`) at once, so that whoever asks for them next need not wait in turn."""
    await every(calls)


class Once(Generic[T]):
    """A call that several checks of one investigation need: made once, its error shared too."""

    def __init__(self, call: Call[T]) -> None:
        self._call = call
        self._lock = anyio.Lock()
        self._result: T | ConnectorError | None = None

    async def __call__(self) -> T:
        """The result; `ConnectorError` as often as it is asked for, where the call failed."""
        async with self._lock:
            if self._result is None:
                try:
                    self._result = await self._call()
                except ConnectorError as error:
                    self._result = error
        if isinstance(self._result, ConnectorError):
            raise self._result
        return self._result

    async def or_none(self) -> T | None:
        """The result, or None where the call failed: the check that owns the call tells why."""
        try:
            return await self()
        except ConnectorError:
            return None
