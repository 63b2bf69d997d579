"""How do fifty requests at once ask Redis? Together: what is asked in the same moment travels as one pipeline.

A request alone costs a connection, a system call and a wake-up; together they cost these once. Nothing waits
for company: what comes up in one turn of the event loop is sent in that turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, NamedTuple

Command = tuple[Any, ...]
"""A command of Redis with its arguments: `("GET", "chatops:x")`."""


class _Asked(NamedTuple):
    commands: Sequence[Command]
    answer: asyncio.Future[list[Any]]


class Batch:
    """Sends commands in pipelines. What fails for all (the connection) fails for each; one's error is its own."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._waiting: list[_Asked] = []
        self._sending: set[asyncio.Task[None]] = set()

    async def run(self, *commands: Command) -> list[Any]:
        """Return the answers, in order; raises the first command's error."""
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._begin)
        asked = _Asked(commands, loop.create_future())
        self._waiting.append(asked)
        return await asked.answer

    async def one(self, *command: Any) -> Any:
        """Return the answer to one command."""
        return (await self.run(command))[0]

    def _begin(self) -> None:
        together, self._waiting = self._waiting, []
        task = asyncio.create_task(self._send(together))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _send(self, together: Sequence[_Asked]) -> None:
        try:
            pipe = self._client.pipeline(transaction=False)
            for asked in together:
                for command in asked.commands:
                    pipe.execute_command(*command)
            answers = await pipe.execute(raise_on_error=False)
        except BaseException as error:
            for asked in together:
                _fail(asked.answer, error)
            if not isinstance(error, Exception):
                raise
            return
        for asked in together:
            own, answers = answers[: len(asked.commands)], answers[len(asked.commands) :]
            _settle(asked.answer, own)


def _settle(answer: asyncio.Future[list[Any]], values: list[Any]) -> None:
    error = next((one for one in values if isinstance(one, Exception)), None)
    if error is not None:
        _fail(answer, error)
    elif not answer.done():  # whoever asked may have been cancelled
        answer.set_result(values)


def _fail(answer: asyncio.Future[list[Any]], error: BaseException) -> None:
    if not answer.done():
        answer.set_exception(error)
