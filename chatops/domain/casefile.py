"""What is known of an incident when somebody reasons over it, and what a persona may propose."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from chatops.domain.conversation import Turn
from chatops.domain.diagnosis import Diagnosis, RunbookLink, SeenBefore, Usage
from chatops.domain.incident import Incident
from connectors.evidence import Coverage, Evidence, Finding, Value


class CaseFile(Value):
    """Everything a persona reads: redacted, numbered, ranked."""

    incident: Incident
    evidence: tuple[Evidence, ...] = ()
    findings: tuple[Finding, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    diagnosis: Diagnosis
    """The diagnosis so far: by rules before the first model turn, the settled one in follow-ups."""
    runbooks: tuple[RunbookLink, ...] = ()
    seen_before: tuple[SeenBefore, ...] = ()
    turns: tuple[Turn, ...] = ()


class ProposedSubject(Value):
    """A subject as a model names it; whether it exists is for settling to find out."""

    kind: str
    namespace: str = ""
    name: str


class ProposedHypothesis(Value):
    """A hypothesis as a model proposes it: nothing in it is believed yet."""

    id: str = ""
    """The id of the hypothesis it continues (`H2`), empty for a new one."""
    cause: str
    subject: ProposedSubject
    statement: str
    mechanism: str = ""
    confidence: float = Field(allow_inf_nan=False)
    supporting: tuple[str, ...] = ()
    contradicting: tuple[str, ...] = ()
    would_confirm: str = ""
    would_refute: str = ""
    status: Literal["open", "strengthened", "weakened", "confirmed", "ruled out"] = "open"
    reason: str = ""


class ProposedStep(Value):
    """A next command as a model proposes it; `hypothesis` is an index into the proposal's hypotheses, from 1."""

    argv: tuple[str, ...]
    why: str
    expect: str = ""
    hypothesis: int = 0


class ProposedMitigation(Value):
    """A change as a model proposes it."""

    text: str
    argv: tuple[str, ...] = ()
    rollback: str
    blast_radius: str
    hypothesis: int = 0


class Proposal(Value):
    """A persona's answer before settling."""

    verdict: Literal["identified", "probable", "inconclusive", "healthy", "blocked"]
    summary: str
    hypotheses: tuple[ProposedHypothesis, ...] = ()
    next_steps: tuple[ProposedStep, ...] = ()
    mitigations: tuple[ProposedMitigation, ...] = ()
    runbooks: tuple[str, ...] = ()
    """Hrefs of runbooks of the case file that help."""
    open_questions: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    answer: str = ""
    """In a follow-up: the words that answer the question, in Markdown."""


class PersonaResult(Value):
    """What a persona's run comes back with; `evidence` is what its tools added, numbered on from the case file."""

    proposal: Proposal | None
    evidence: tuple[Evidence, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    model: str = ""
    turns: int = 0
    usage: Usage = Usage()
    stopped: str = ""
    """Why it ended early (budget, refusal, overload …); empty where it ended by itself."""
