"""What survives a killed worker? Every turn of the conversation and every answered call.

A worker writes down what the model said before it acts on it. The next one that is given the same
investigation reads it back and goes on: it asks the model nothing that is stored, and tools answer from
memory what they have answered. A conversation that ended, or that was about other evidence, is not
continued but begun anew. Everything lies in the store, with a time to live, and nothing at the vendor.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Protocol

from chatops.domain.casefile import CaseFile
from chatops.domain.ports import IncidentStore

Entry = Mapping[str, Any]


class Journal(Protocol):
    """An append-only list of entries for each run."""

    async def load(self, run: str) -> Sequence[Entry]:
        """What is stored, oldest first."""
        ...

    async def append(self, run: str, entry: Entry) -> None:
        """Store one more entry; one of the kind `start` makes the earlier ones void."""
        ...


class Memory(Protocol):
    """Answers of tools, by call."""

    async def get(self, key: str) -> Mapping[str, Any] | None:
        """The answer that is stored."""
        ...

    async def put(self, key: str, value: Mapping[str, Any]) -> None:
        """Store an answer."""
        ...


class StoreJournal:
    """A journal in the incident store: one document a run, written by the one worker that holds it."""

    def __init__(self, store: IncidentStore, ttl: timedelta = timedelta(hours=6)) -> None:
        self._store = store
        self._ttl = ttl

    async def load(self, run: str) -> Sequence[Entry]:
        """What is stored of the run."""
        return list((await self._store.take("journal", run) or {}).get("entries", []))

    async def append(self, run: str, entry: Entry) -> None:
        """Add to the run's document."""
        earlier = [] if entry.get("kind") == "start" else await self.load(run)
        await self._store.put("journal", run, {"entries": [*earlier, dict(entry)]}, self._ttl)


class StoreMemory:
    """A memory of tool calls in the incident store. `run` keeps a later question from getting old answers."""

    def __init__(self, store: IncidentStore, run: str, ttl: timedelta = timedelta(hours=6)) -> None:
        self._store = store
        self._run = run
        self._ttl = ttl

    async def get(self, key: str) -> Mapping[str, Any] | None:
        """The answer that is stored."""
        return await self._store.take("tool", f"{self._run}:{key}")

    async def put(self, key: str, value: Mapping[str, Any]) -> None:
        """Store an answer."""
        await self._store.put("tool", f"{self._run}:{key}", value, self._ttl)


def run_id(case: CaseFile, question: str = "") -> str:
    """The name of a run: the first diagnosis of an incident, or the answer to one message."""
    return f"{case.incident.id}:{question or 'diagnose'}"


def fingerprint(case: CaseFile, brief: str) -> str:
    """Which numbers mean what: a conversation is continued only over the same numbered evidence."""
    numbered = "\n".join(f"{item.id} {item.key}" for item in case.evidence)
    return hashlib.sha256((numbered or brief).encode()).hexdigest()


def unfinished(entries: Sequence[Entry], mark: str) -> list[Entry]:
    """The entries of a run to continue; empty where there is none, it ended, or it was about something else."""
    if not entries or entries[0].get("mark") != mark or any(entry.get("kind") == "end" for entry in entries):
        return []
    return list(entries)
