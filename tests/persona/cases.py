"""A case file, tools and a persona to try things with."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from chatops.domain.alert import Alert
from chatops.domain.casefile import CaseFile
from chatops.domain.conversation import Turn
from chatops.domain.diagnosis import Diagnosis, Hypothesis, IncidentSummary
from chatops.domain.incident import Incident
from chatops.persona.agent import ClaudePersona, Clock
from chatops.persona.model.asking import Patience
from chatops.persona.model.models import Endpoint, ModelSettings
from chatops.persona.personafile import load
from chatops.persona.toolbox.tools import ConnectorTools
from chatops.policy.untrusted import Fence
from connectors.contract import Check, Health, Inquiry, Scope, Tool, Window
from connectors.evidence import Coverage, Evidence, Finding, Observation, ResourceState, State, Subject

NOW = datetime(2026, 11, 23, 10, 45, tzinfo=UTC)
FENCE = Fence("abcdefgh")
CART = Subject(kind="Deployment", namespace="shop", name="cart")
WINDOW = Window(start=NOW - timedelta(hours=1), end=NOW, onset=NOW - timedelta(minutes=12))


def evidence(number: int, summary: str = "", **more: Any) -> Evidence:
    return Evidence(
        **{
            "key": f"k{number}",
            "id": f"E{number}",
            "source": "kubernetes",
            "check": "pods",
            "title": f"Pods {number}",
            "summary": summary or f"observation {number}",
            "query": f"GET /pods/{number}",
            **more,
        }
    )


OOM = evidence(
    1,
    "2 of 2 pods of cart were OOMKilled, limit 256Mi, 14 restarts since 10:33",
    subject=CART,
    onset=NOW - timedelta(minutes=12),
    body=ResourceState(
        columns=("pod", "state"), rows=(("cart-7d9f-abcde", "OOMKilled"), ("cart-7d9f-fghij", "OOMKilled"))
    ),
)
FINDING = Finding(
    cause="OOMKilled",
    subject=CART,
    statement="cart is killed at its limit of 256Mi",
    rests_on=("k1",),
    confidence=0.8,
    rule="oom",
)
HYPOTHESIS = Hypothesis(
    id="H1",
    rank=1,
    cause="OOMKilled",
    kind="capacity",
    subject=CART,
    statement=FINDING.statement,
    confidence=0.8,
    supporting=("E1",),
)


def incident(**more: Any) -> Incident:
    alert = Alert(
        fingerprint="alertmanager:1",
        source="alertmanager",
        name="CartErrors",
        summary="cart answers with errors",
        labels={"namespace": "shop", "deployment": "cart"},
        starts_at=NOW - timedelta(minutes=10),
    )
    fields = {
        "id": "inc-1", "title": "CartErrors", "origin": "alert", "scope": Scope(namespace="shop", workload="cart"),
        "window": WINDOW, "alerts": (alert,), "created_at": NOW, **more,
    }  # fmt: skip
    return Incident(**fields)


def case(items: Sequence[Evidence] = (OOM,), **more: Any) -> CaseFile:
    about = more.pop("incident", incident())
    known = Diagnosis(
        incident=IncidentSummary(id=about.id, title=about.title, scope=about.scope, window=about.window),
        verdict="probable",
        summary="cart is killed for memory",
        hypotheses=(HYPOTHESIS,),
        evidence=tuple(items),
    )
    fields = {
        "incident": about,
        "evidence": tuple(items),
        "findings": (FINDING,),
        "coverage": (Coverage(source="kubernetes", check="pods", state=State.CHECKED),),
        "diagnosis": known,
        **more,
    }
    return CaseFile(**fields)


def turn(text: str, id: str = "t1", author: str = "U123") -> Turn:
    return Turn(id=id, author=author, role="person", text=text, at=NOW)


Run = Callable[[Inquiry, Mapping[str, Any]], Any]


class OneConnector:
    """A connector with tools that are given to it; counts what it is asked."""

    name = "kubernetes"

    def __init__(self, **runs: Run) -> None:
        self._runs = runs
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def checks(self, inquiry: Inquiry) -> Sequence[Check]:
        return ()

    def tools(self) -> Sequence[Tool]:
        return [Tool(name, f"What {name} tells.", SCHEMA, self._counted(name, run)) for name, run in self._runs.items()]

    def _counted(self, name: str, run: Run) -> Callable[[Inquiry, Mapping[str, Any]], Any]:
        async def counted(inquiry: Inquiry, arguments: Mapping[str, Any]) -> Observation:
            self.asked.append((name, dict(arguments)))
            got = run(inquiry, arguments)
            return await got if asyncio.iscoroutine(got) else got  # type: ignore[no-any-return]

        return counted

    async def subjects(self, scope: Scope) -> Sequence[Subject]:
        return (CART,)

    async def health(self) -> Sequence[Health]:
        return ()

    async def aclose(self) -> None:
        return None


SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "tail": {"type": "integer", "minimum": 1, "maximum": 500}},
    "required": ["name"],
    "additionalProperties": False,
}


def found(inquiry: Inquiry, arguments: Mapping[str, Any]) -> Observation:
    name = str(arguments["name"])
    return Observation(
        evidence=(evidence(0, f"logs of {name}: out of memory", key=f"logs:{name}", id="", check="logs"),)
    )


def toolbox(connector: OneConnector | None = None, known: Sequence[Evidence] = (OOM,), **more: Any) -> ConnectorTools:
    return ConnectorTools(
        [connector or OneConnector(pod_logs=found)],
        incident().inquiry,
        redact=more.pop("redact", lambda item: item),
        redact_text=more.pop("redact_text", lambda text: text),
        known=known,
        fence=more.pop("fence", FENCE),
        **more,
    )


class Pauses:
    """Sleeps for no time and keeps for how long it should have."""

    def __init__(self) -> None:
        self.taken: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.taken.append(seconds)


def persona(
    url: str,
    pauses: Pauses | None = None,
    journal: Any = None,
    patience: Patience | None = None,
    placeholders: bool = False,
    **settings: Any,
) -> ClaudePersona:
    given = ModelSettings(**{"model": "opus", "base_url": url, **settings})
    endpoint = Endpoint(given, {})
    clock = Clock(sleep=(pauses or Pauses()).sleep, jitter=lambda: 0.0)
    return ClaudePersona(
        given, load(), endpoint, journal=journal, patience=patience or Patience(), clock=clock,
        placeholders=placeholders,
    )  # fmt: skip
