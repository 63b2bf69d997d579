"""The one place where a call to a source is limited, timed, retried and broken off.

Why here and not in the SDKs: their own retries turn a half-second time limit into eight seconds, their
thread pools let twelve hung calls delay the next healthy one by seconds, and none of them stops asking
a source that is down. A `Caller` belongs to one connector in one environment.
"""

from __future__ import annotations

import importlib
import re
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

import anyio
import anyio.to_thread

from connectors.contract import ConnectorError, ErrorKind, Tape

T = TypeVar("T")

IMPORTING = threading.RLock()
"""Held while an SDK is imported. They are imported late and in threads, and share packages (requests, urllib3) that
import themselves in circles: two threads at a time find them half made."""


async def load(*modules: str) -> None:
    """Import modules in a thread, one connector at a time, for as long as it takes."""

    def imported() -> None:
        with IMPORTING:
            for module in modules:
                importlib.import_module(module)

    await anyio.to_thread.run_sync(imported)


_READ_TIMEOUT = re.compile(r"read timeout=([\d.]+)")


def late(error: Exception) -> str:
    """What a time limit that urllib3 or requests kept means, in words."""
    found = _READ_TIMEOUT.search(str(error))
    return f"no answer within {float(found[1]):g} s" if found else str(error)


_IN_WORDS: tuple[tuple[str, str], ...] = (
    (r"Connection refused|Connect call failed", "connection refused: nothing listens there"),
    (r"(?i)name or service not known|name resolution|getaddrinfo|nodename nor servname", "its name does not resolve"),
    (r"CERTIFICATE_VERIFY_FAILED[^:]*: ([^(\n]*)", r"its certificate is not trusted: \1"),
    (r"WRONG_VERSION_NUMBER|RECORD_LAYER_FAILURE", "it does not speak TLS: http:// instead of https://?"),
    (r"Connection reset by peer|(?i:closed connection without|server disconnected)", "it hung up without an answer"),
    (r"No route to host|Network is unreachable", "no network route leads there"),
)
"""What the errors of the system and of TLS mean to somebody on call."""


def innermost(error: Exception) -> str:
    """What went wrong at the bottom, in words: urllib3 wraps a refused connection three times, requests once more."""
    inner: BaseException = error
    while isinstance(deeper := getattr(inner, "reason", None) or inner.__cause__ or (*inner.args, None)[0], Exception):
        inner = deeper
    return in_words(str(inner) or type(inner).__name__)


def in_words(text: str) -> str:
    """An error of the system or of TLS as one would say it; other text as it is."""
    for pattern, said in _IN_WORDS:
        if found := re.search(pattern, text):
            return found.expand(said).strip()
    return text


_RETRIED: frozenset[ErrorKind] = frozenset({"unreachable", "throttled"})


class Throttled(Exception):
    """What `explain` wraps a 429 in when the source said how long to wait, in seconds."""

    def __init__(self, error: ConnectorError, retry_after: float) -> None:
        super().__init__(str(error))
        self.error = error
        self.retry_after = retry_after


Explain = Callable[[Exception, str], "ConnectorError | Throttled"]
"""Turns an SDK's exception and the exact query into the connector's exception; re-raises what it does not know."""


@dataclass
class Breaker:
    """Opens after `limit` failures to reach a source in a row, lets one call try again after `pause` seconds."""

    limit: int = 5
    pause: float = 30.0
    clock: Callable[[], float] = time.monotonic
    last: str = ""
    """What the last failure to reach it was."""
    _failures: int = 0
    _opened: float = field(default=-1.0)

    @property
    def open(self) -> bool:
        """Whether calls are refused at the moment."""
        return self._failures >= self.limit and self.clock() - self._opened < self.pause

    def note(self, reached: bool, why: str = "") -> None:
        """Count an outcome: an error answer of a source that was reached is a success here."""
        self.last = "" if reached else why
        self._failures = 0 if reached else self._failures + 1
        if self._failures >= self.limit:
            self._opened = self.clock()


@dataclass
class Caller:
    """Runs a connector's calls: at most `limit` at a time, each within its seconds, retried once where that helps.

    `retry_after` asked for by a source is obeyed up to `patience` seconds; a longer one is an error that says so.
    """

    source: str
    explain: Explain
    limit: int = 8
    attempts: int = 2
    patience: float = 1.5
    breaker: Breaker = field(default_factory=Breaker)
    sleep: Callable[[float], Awaitable[None]] = anyio.sleep
    tape: Tape | None = None
    _limiter: anyio.CapacityLimiter | None = None

    async def thread(self, query: str, call: Callable[[], T], timeout: float, key: str = "") -> T:
        """Run a blocking SDK call in a thread of this connector; abandoned, not awaited, when time is up.

        The SDK's own time limit must be shorter than `timeout`, so that an abandoned thread ends by itself.
        `key` is for the tape, where the query does not say everything that the answer depends on.
        """
        limiter = self._limit()

        async def in_thread() -> T:
            return await anyio.to_thread.run_sync(call, abandon_on_cancel=True, limiter=limiter)

        return await self._taped(key or query, query, in_thread, timeout)

    async def call(self, query: str, call: Callable[[], Awaitable[T]], timeout: float, key: str = "") -> T:
        """Run an asynchronous call under the same rules."""
        limiter = self._limit()

        async def limited() -> T:
            async with limiter:
                return await call()

        return await self._taped(key or query, query, limited, timeout)

    async def _taped(self, key: str, query: str, call: Callable[[], Awaitable[T]], timeout: float) -> T:
        if self.tape is None:
            return await self._attempt(query, call, timeout)
        return await self.tape.answer(self.source, key, query, lambda: self._attempt(query, call, timeout))

    def _limit(self) -> anyio.CapacityLimiter:
        # Made late: a limiter belongs to the event loop that is running.
        if self._limiter is None:
            self._limiter = anyio.CapacityLimiter(self.limit)
        return self._limiter

    async def _attempt(self, query: str, call: Callable[[], Awaitable[T]], timeout: float) -> T:
        if self.breaker.open:
            raise ConnectorError(
                "open_circuit",
                query,
                f"{self.source} did not answer the last calls ({self.breaker.last}); not asked again yet",
            )
        for attempt in range(1, self.attempts + 1):
            try:
                with anyio.fail_after(timeout):
                    result = await call()
            except TimeoutError as late:
                self.breaker.note(reached=False, why=f"timeout: no answer within {timeout:g} s")
                raise ConnectorError("timeout", query, f"no answer within {timeout:g} s") from late
            except ConnectorError as known:
                self.breaker.note(reached=known.kind != "unreachable", why=f"{known.kind}: {known.detail}")
                raise
            except Exception as error:  # noqa: BLE001 - the boundary: `explain` re-raises what it does not know
                await self._explained(error, query, last=attempt == self.attempts)
            else:
                self.breaker.note(reached=True)
                return result
        raise AssertionError("the last attempt returns or raises")

    async def _explained(self, error: Exception, query: str, *, last: bool) -> None:
        """Wait before the next attempt, or raise what the error means."""
        explained = self.explain(error, query)
        known = explained.error if isinstance(explained, Throttled) else explained
        wait = explained.retry_after if isinstance(explained, Throttled) else 0.1
        self.breaker.note(reached=known.kind != "unreachable", why=f"{known.kind}: {known.detail}")
        if last or known.kind not in _RETRIED or wait > self.patience:
            raise known from error
        await self.sleep(wait)
