"""How does a live incident become a recording that gives the same answers again?

A tape stands between a connector's `Caller` and its source, at the level of the sources' own answers: all that comes
after (reading, rules, ranking) runs anew when a recording is played, so a better rule shows on old incidents. A
recording answers only what was asked while it was made; another question is an error that says so, never "nothing".
"""

from __future__ import annotations

import gzip
import json
import re
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar, cast, get_args

from connectors.contract import ConnectorError, ErrorKind, Tape

T = TypeVar("T")
Redact = Callable[[Any], Any]
"""Takes plain JSON values and returns them without secrets, or raises; what raises is not written."""

_PAGE = re.compile(r"\bcontinue=[^&]+")
_PAGED = "continue=next"
"""Tokens of pages are the server's own, and may not survive redaction: the order of the pages stands for them."""
_SIZE = re.compile(r"(?<=[?&])limit=\d+&?")
_TIME, _JSON, _TEXT = "$time", "$json", "$text"


def key_of(source: str, key: str) -> str:
    """What identifies a call on a tape."""
    return _sized(f"{source} {_PAGE.sub(_PAGED, key)}")


def _sized(key: str) -> str:
    """Without how many objects were asked for at once: another version reads the same in other pages."""
    return _SIZE.sub("", key)


@dataclass
class CallCounter:
    """A tape that keeps nothing: it lets every call through and counts."""

    now: datetime
    calls: int = 0

    def opened(self, source: str, options: Mapping[str, Any]) -> None:
        """Nothing to remember."""

    async def answer(self, source: str, key: str, query: str, ask: Callable[[], Awaitable[T]]) -> T:
        """Let it through."""
        self.calls += 1
        return await ask()


@dataclass
class Recorder:
    """Lets every call through and keeps what came, errors too, until it is written.

    Nothing is redacted before `save`: a recording must not slow the investigation down that it records.
    """

    now: datetime
    calls: int = 0
    sources: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Source → options to open its connector on the recording."""
    _rows: list[tuple[str, bytes | str | ConnectorError]] = field(default_factory=list)

    def opened(self, source: str, options: Mapping[str, Any]) -> None:
        """Remember how a connector is opened again."""
        self.sources[source] = dict(options)

    async def answer(self, source: str, key: str, query: str, ask: Callable[[], Awaitable[T]]) -> T:
        """Let it through and keep what comes."""
        self.calls += 1
        try:
            result = await ask()
        except ConnectorError as error:
            self._rows.append((key_of(source, key), error))
            raise
        self._rows.append((key_of(source, key), _kept(result, query)))
        return result

    @property
    def answers(self) -> int:
        """How many calls had an answer that is no error."""
        return sum(not isinstance(kept, ConnectorError) for _, kept in self._rows)

    def save(self, path: Path, redact: Redact) -> int:
        """Write the tape; return how many answers were withheld because they could not be redacted."""
        withheld = 0
        # No name and no time in the header: the same recording is the same file.
        with path.open("wb") as raw, gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as file:
            for key, kept in self._rows:
                try:
                    row = redact({"key": key, **_row(kept)})
                except Exception as error:  # noqa: BLE001 - fail closed, whatever went wrong
                    withheld += 1
                    said = f"withheld: the answer could not be redacted ({type(error).__name__})"
                    row = {"key": f"withheld {withheld}", "error": {"kind": "rejected", "detail": said}}
                file.write(json.dumps(row, separators=(",", ":"), sort_keys=True).encode() + b"\n")
        return withheld


def _kept(result: Any, query: str) -> bytes | str | ConnectorError:
    """The answer as it was: connectors may change what they got while they work."""
    if isinstance(result, bytes):
        return result
    try:
        return json.dumps(result, default=_plain)
    except TypeError as error:
        return ConnectorError("garbage", query, f"not recorded: {error}")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return {_TIME: value.isoformat()}
    if isinstance(value, bytes):
        return {_TEXT: value.decode("utf-8", "surrogateescape")}
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"nothing is known of a {type(value).__name__}")


def _row(kept: bytes | str | ConnectorError) -> dict[str, Any]:
    if isinstance(kept, ConnectorError):
        return {"error": {"kind": kept.kind, "detail": kept.detail}}
    if isinstance(kept, str):
        return {"answer": json.loads(kept)}
    try:
        # Parsed, so that redaction sees names and values and not one long text.
        return {"answer": {_JSON: json.loads(kept)}}
    except ValueError:
        return {"answer": {_TEXT: kept.decode("utf-8", "surrogateescape")}}


@dataclass
class Player:
    """A tape that answers from a recording. The same call more than once gets its answers in order, then the last."""

    now: datetime
    rows: Mapping[str, list[dict[str, Any]]]
    calls: int = 0
    missing: list[str] = field(default_factory=list)
    """Queries that the recording has no answer to."""
    _given: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @classmethod
    def load(cls, path: Path, now: datetime) -> Player:
        """Read a tape. Raises OSError or ValueError where it is none."""
        rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for line in file:
                row = json.loads(line)
                rows[_sized(row["key"])].append(row)
        return cls(now, rows)

    def opened(self, source: str, options: Mapping[str, Any]) -> None:
        """Nothing to remember."""

    async def answer(self, source: str, key: str, query: str, ask: Callable[[], Awaitable[T]]) -> T:
        """The recorded answer or error; `unreachable` where nothing was recorded. Never asks the source."""
        self.calls += 1
        wanted = key_of(source, key)
        taped = self.rows.get(wanted)
        if not taped:
            self.missing.append(query)
            raise ConnectorError("unreachable", query, "not in the recording: this was not asked when it was made")
        row = taped[min(self._given[wanted], len(taped) - 1)]
        self._given[wanted] += 1
        if "error" in row:
            raise ConnectorError(_kind(row["error"]["kind"]), query, str(row["error"]["detail"]))
        return cast("T", _played(row["answer"]))


@dataclass(frozen=True)
class Blindfold:
    """A tape with calls taken away: they are forbidden, as by a missing permission or a source that is off.

    A row of `without` is a source (`prometheus`), or a source and a part of its calls (`kubernetes:/events`).
    """

    tape: Tape
    without: tuple[str, ...]

    @property
    def now(self) -> datetime:
        """The tape's."""
        return self.tape.now

    def opened(self, source: str, options: Mapping[str, Any]) -> None:
        """Told to the tape."""
        self.tape.opened(source, options)

    async def answer(self, source: str, key: str, query: str, ask: Callable[[], Awaitable[T]]) -> T:
        """The tape's answer, unless the call was taken away."""
        if any(self._takes(row, source, key) for row in self.without):
            raise ConnectorError("forbidden", query, "taken away for this run")
        return await self.tape.answer(source, key, query, ask)

    @staticmethod
    def _takes(row: str, source: str, key: str) -> bool:
        name, _, part = row.partition(":")
        # AWS has a caller for each of its services: `aws` and `aws logs` both name them.
        return (source == name or source.startswith(f"{name} ")) and part in key


def _kind(name: str) -> ErrorKind:
    return cast("ErrorKind", name) if name in get_args(ErrorKind) else "rejected"


def _played(value: Any) -> Any:
    """A fresh copy of what was kept."""
    if isinstance(value, list):
        return [_played(one) for one in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        name, inner = next(iter(value.items()))
        if name == _TIME:
            return datetime.fromisoformat(inner)
        if name == _TEXT:
            return str(inner).encode("utf-8", "surrogateescape")
        if name == _JSON:
            return json.dumps(inner).encode()
    return {name: _played(inner) for name, inner in value.items()}
