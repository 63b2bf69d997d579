"""Findings, evidence and coverage for the tests of what is concluded from them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.contract import Inquiry, Scope, Window
from connectors.evidence import Coverage, Evidence, Finding, State, Subject

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
CART = Subject(kind="Deployment", namespace="shop", name="cart")
WEB = Subject(kind="Deployment", namespace="shop", name="web")
NODE = Subject(kind="Node", name="n1")
FINE = (Coverage(source="kubernetes", check="pods", state=State.CHECKED),)
CALM = (*FINE, Coverage(source="prometheus", check="signals", state=State.NO_DATA, watched=9))
BLIND = (
    *CALM,
    Coverage(source="kubernetes", check="events", state=State.FAILED, detail="forbidden", decides=("OOMKilled",)),
)


def inquiry(**scope: Any) -> Inquiry:
    window = Window.ending(NOW, onset=NOW - timedelta(minutes=10))
    return Inquiry(scope=Scope(namespace="shop", **scope), window=window)


def found(cause: str, subject: Subject, confidence: float, **fields: Any) -> Finding:
    key = fields.pop("key", f"{cause}/{subject}")
    defaults = {"statement": f"{subject}: {cause}", "rests_on": (key,), "rule": cause.lower()}
    return Finding(cause=cause, subject=subject, confidence=confidence, **{**defaults, **fields})


def evidence(findings: list[Finding]) -> list[Evidence]:
    keys = list(dict.fromkeys(key for one in findings for key in (*one.rests_on, *one.contradicted_by)))
    return [
        Evidence(key=key, id=f"E{n}", source="kubernetes", check="pods", title=key, summary=key)
        for n, key in enumerate(keys, 1)
    ]
