"""How does the persona come from a case file to an answer? The loop, its budgets, and how it always ends.

A turn is: ask the model, run the calls it wants in parallel, append the results. It ends with a call of
`submit_diagnosis`; the last turn that the budgets allow can call nothing else. Whatever the model or its
vendor does, nothing is raised: the result says why it stopped. The conversation is written down as it
goes (`chatops.persona.journal`), so that another worker can continue it.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from chatops.domain.casefile import CaseFile, PersonaResult
from chatops.domain.conversation import Turn
from chatops.domain.ports import Toolbox, Watcher
from chatops.persona.investigation import Investigation, Setting
from chatops.persona.journal import Journal
from chatops.persona.model.asking import Asker, Asks, Patience
from chatops.persona.model.clients import configured
from chatops.persona.model.hiding import Hidden
from chatops.persona.model.models import Endpoint, ModelSettings, model_id
from chatops.persona.personafile import PersonaFile


@dataclass(frozen=True)
class Clock:
    """Time as the loop needs it; tests give their own."""

    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    jitter: Callable[[], float] = random.random


class ClaudePersona:
    """A persona on a Claude model. Holds no state of any incident."""

    def __init__(
        self,
        settings: ModelSettings,
        persona: PersonaFile,
        endpoint: Asks,
        *,
        journal: Journal | None = None,
        patience: Patience = Patience(),  # noqa: B008  # frozen
        clock: Clock = Clock(),  # frozen
        placeholders: bool = False,
    ) -> None:
        self.name = persona.name
        self._settings = settings
        self._persona = persona
        self._endpoint = endpoint
        self._journal = journal
        self._patience = patience
        self._clock = clock
        self._placeholders = placeholders

    async def diagnose(self, case: CaseFile, tools: Toolbox, watcher: Watcher) -> PersonaResult:
        """Find the cause: a proposal, or why there is none."""
        return await self._investigate(case, None, tools, watcher)

    async def answer(self, case: CaseFile, question: Turn, tools: Toolbox, watcher: Watcher) -> PersonaResult:
        """Go on with the same evidence after a person's message."""
        return await self._investigate(case, question, tools, watcher)

    async def aclose(self) -> None:
        """Close the connection to the model, where there is one of its own."""
        if isinstance(self._endpoint, Endpoint):
            await self._endpoint.aclose()

    async def _investigate(
        self, case: CaseFile, question: Turn | None, tools: Toolbox, watcher: Watcher
    ) -> PersonaResult:
        provider = self._settings.provider
        first = self._settings.model or self._persona.model or "opus"
        models = [model_id(first, provider), model_id(self._settings.fallback, provider)]
        clock = self._clock
        hidden = Hidden.of(self._endpoint, case) if self._placeholders else None
        asker = Asker(hidden or self._endpoint, models, self._patience, clock.sleep, clock.jitter)
        setting = Setting(
            self._settings, self._persona, asker, tools, watcher, self._journal, clock.monotonic, clock.now,
            hidden.learn if hidden else None,
        )  # fmt: skip
        return await Investigation(setting, case, question).run()


def open_persona(
    settings: ModelSettings,
    persona: PersonaFile,
    *,
    journal: Journal | None = None,
    environ: Mapping[str, str] | None = None,
    placeholders: bool = False,
) -> ClaudePersona | None:
    """The persona, or None where there is no key, role or endpoint to ask with. Connects to nothing yet.

    With `placeholders` the model is not told the names of nodes and hosts.
    """
    environ = os.environ if environ is None else environ
    if not configured(settings, environ):
        return None
    return ClaudePersona(settings, persona, Endpoint(settings, environ), journal=journal, placeholders=placeholders)
