"""The answer: a verdict, hypotheses that cite evidence, next steps, runbooks and coverage.

`Diagnosis.model_dump()` is the public JSON `chatops.diagnosis/1`; fields are added to, not renamed.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal, Self

from pydantic import Field

from connectors.contract import Scope, Window
from connectors.evidence import Coverage, Evidence, Subject, Value

SCHEMA = "chatops.diagnosis/1"

Verdict = Literal["identified", "probable", "inconclusive", "healthy", "blocked"]
"""identified: one cause, well supported; probable: a best guess; inconclusive: several or none, said why;
healthy: nothing is wrong and it was looked; blocked: what would have to be read could not be."""

CommandVerdict = Literal["read-only", "writes", "reveals-secrets", "unknown", "unparsable"]
HypothesisStatus = Literal["open", "strengthened", "weakened", "confirmed", "ruled out"]


class IncidentSummary(Value):
    """The incident as the answer names it."""

    id: str
    title: str
    scope: Scope
    window: Window


class Hypothesis(Value):
    """A possible cause, with what speaks for it and against it."""

    id: str
    """`H1`…; kept over follow-ups."""
    rank: int
    cause: str
    kind: str
    subject: Subject
    statement: str
    confidence: float = Field(ge=0, le=1)
    supporting: tuple[str, ...]
    """Ids of evidence (`E3`)."""
    contradicting: tuple[str, ...] = ()
    status: HypothesisStatus = "open"
    mechanism: str = ""
    would_confirm: str = ""
    would_refute: str = ""
    by: Literal["rules", "model", "both"] = "rules"
    reason: str = ""
    """Why it was strengthened, weakened, confirmed or ruled out, last."""


class NextStep(Value):
    """A command to run next: `argv` is what is checked, `command` what is shown."""

    id: str
    argv: tuple[str, ...]
    command: str
    why: str
    expect: str = ""
    hypothesis: str = ""
    verdict: CommandVerdict
    runnable: bool = False
    """True where it only reads and a connector can answer it."""

    @classmethod
    def reading(cls, argv: Sequence[str], why: str, expect: str, hypothesis: str, runnable: bool) -> Self:
        """A command that was judged to only read, not numbered yet."""
        return cls(
            id="",
            argv=tuple(argv),
            command=shlex.join(argv),
            why=why,
            expect=expect,
            hypothesis=hypothesis,
            verdict="read-only",
            runnable=runnable,
        )


def numbered(steps: Iterable[NextStep]) -> tuple[NextStep, ...]:
    """The steps as `S1`, `S2` …, in their order."""
    return tuple(step.model_copy(update={"id": f"S{number}"}) for number, step in enumerate(steps, 1))


class Mitigation(Value):
    """A change that would end or soften the incident: always for a person to decide."""

    text: str
    argv: tuple[str, ...] = ()
    rollback: str
    blast_radius: str
    hypothesis: str = ""


class RunbookLink(Value):
    """A page that helps, at the section that helps, and why it fits."""

    title: str
    href: str
    section: str = ""
    why: str = ""


class Usage(Value):
    """What the model cost."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_input_tokens: int = 0
    cache_creation_input_tokens: int = 0
    cost_usd: float = 0.0

    @property
    def all_input(self) -> int:
        """Every token that went in, however it was billed."""
        return self.input_tokens + self.cache_read_input_tokens + self.cache_creation_input_tokens


class Seconds(Value):
    """How long it took, from the start of the triage."""

    first_facts: float = 0.0
    gather: float = 0.0
    total: float = 0.0


class Engine(Value):
    """Who diagnosed: the rules alone, or the rules and a model."""

    kind: Literal["rules", "model"] = "rules"
    model: str = ""
    turns: int = 0
    usage: Usage = Usage()
    seconds: Seconds = Seconds()
    unasked: str = ""
    """Why the model that is configured was not asked last: which of its budgets is used up."""
    removed: tuple[str, ...] = ()
    """What settling took out of the model's answer, a reason each."""


class Diagnosis(Value):
    """The whole answer."""

    schema_: str = Field(default=SCHEMA, alias="schema", serialization_alias="schema")
    incident: IncidentSummary
    verdict: Verdict
    summary: str
    """The first line: the answer, in words an on-call reads at 3 a.m."""
    hypotheses: tuple[Hypothesis, ...] = ()
    next_steps: tuple[NextStep, ...] = ()
    mitigations: tuple[Mitigation, ...] = ()
    runbooks: tuple[RunbookLink, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    open_questions: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    """What could not be checked and would decide, in words."""
    seen_before: tuple[SeenBefore, ...] = ()
    engine: Engine = Engine()


class SeenBefore(Value):
    """An earlier incident like this one whose cause a person confirmed."""

    incident: str
    title: str
    cause: str
    resolution: str = ""
    link: str = ""
    at: datetime | None = None
    """When it was confirmed."""
    differs: str = ""
    """What was otherwise then; '' where it is the same."""


Diagnosis.model_rebuild()
