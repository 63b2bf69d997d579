"""How does a case get its answer? As every investigation does, with a tape between the connectors and their sources."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chatops.app.parts import Parts, open_connectors, open_parts
from chatops.domain.incident import Incident
from chatops.domain.ports import Watcher
from chatops.evaluation.case import Case, utc_now
from chatops.settings import Settings, SettingsError
from chatops.triage import investigate
from connectors.contract import Tape
from connectors.recorded import Blindfold, CallCounter, Player

_BUILT_IN = ("prometheus", "kubernetes", "cloudwatch")
_PATIENCE = 3.0
"""Nobody waits in a thread: a slow machine must not cost a source, or the answers would not be the same."""


@dataclass(frozen=True)
class Run:
    """The answer to a case, and what it took."""

    answer: investigate.Case
    calls: int
    missing: tuple[str, ...] = ()
    """Queries that the recording has no answer to: it was made by a version that did not ask them."""


async def run(case: Case, settings: Settings, *, model: bool, without: Sequence[str] = ()) -> Run:
    """Answer a case, recorded or served; `without` takes sources away (`connectors.recorded.Blindfold`).

    SettingsError where its tape cannot be read.
    """
    incident = case.incident(utc_now())
    tape = _tape(case, incident.window.end)
    seen = Blindfold(tape, tuple(without)) if without else tape
    async with taped(settings, case.sources, seen, model=model) as parts:
        answer = await answered(parts, incident)
    return Run(answer, tape.calls, tuple(tape.missing) if isinstance(tape, Player) else ())


async def answered(parts: Parts, incident: Incident) -> investigate.Case:
    """Facts, and the persona's reading of them where there is one."""
    case, _ = await parts.investigator.facts(incident)
    return await parts.investigator.reason(case, (), Watcher())


@contextlib.asynccontextmanager
async def taped(
    settings: Settings, sources: Mapping[str, Mapping[str, Any]], tape: Tape, *, model: bool, ambient: bool = False
) -> AsyncIterator[Parts]:
    """The parts of an investigation whose connectors go by a tape.

    Only the named sources are opened; with `ambient` also those that the environment configures (KUBECONFIG, AWS_*).
    """
    narrowed = with_sources(settings, sources)
    environments = {
        name: {source: one if ambient or source in sources else None for source, one in connectors.items()}
        for name, connectors in open_connectors(narrowed, tape).items()
    }
    async with open_parts(narrowed, model=model, patience=_PATIENCE, environments=environments) as parts:
        yield parts


def with_sources(settings: Settings, sources: Mapping[str, Mapping[str, Any]]) -> Settings:
    """The settings with one environment, of these connectors' options."""
    own = {name: sources.get(name, {}) for name in _BUILT_IN}
    others = {name: options for name, options in sources.items() if name not in _BUILT_IN}
    return settings.model_copy(update={**own, "connectors": others, "environments": {}})


def _tape(case: Case, now: datetime) -> Player | CallCounter:
    if case.tape is None:
        if not case.file.sources:
            raise SettingsError(f"{case.folder}: no recording, and no sources to ask")
        return CallCounter(now)
    if case.file.window is None:
        raise SettingsError(f"{case.folder}: a recording without the window it was made for")
    try:
        return Player.load(case.tape, now)
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise SettingsError(f"{case.tape}: cannot be read: {error}") from error
