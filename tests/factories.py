"""Values for tests, with what a test does not care about filled in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from chatops.domain.alert import Alert
from chatops.domain.diagnosis import Diagnosis, Hypothesis, IncidentSummary
from chatops.domain.incident import Incident, Thread, new_id
from connectors.contract import Scope, Window
from connectors.evidence import Evidence, Finding, Subject
from tests.conftest import NOW

CHECKOUT = Subject(kind="Deployment", namespace="shop", name="checkout")


def alert(**changes: Any) -> Alert:
    fields: dict[str, Any] = {
        "fingerprint": "alertmanager:f1",
        "source": "alertmanager",
        "name": "HighErrorRate",
        "severity": "critical",
        "summary": "checkout fails",
        "labels": {"namespace": "shop", "deployment": "checkout"},
        "starts_at": NOW - timedelta(minutes=5),
        "group_key": "g1",
    }
    return Alert(**{**fields, **changes})


def incident(**changes: Any) -> Incident:
    fields: dict[str, Any] = {
        "id": new_id(NOW),
        "title": "HighErrorRate: checkout fails",
        "origin": "alert",
        "scope": Scope(environment="default", namespace="shop", workload="checkout"),
        "window": Window.ending(NOW, onset=NOW - timedelta(minutes=5)),
        "alerts": (alert(),),
        "thread": Thread(team="T1", channel="C1", ts=""),
        "created_at": NOW,
    }
    return Incident(**{**fields, **changes})


def evidence(number: int = 1, **changes: Any) -> Evidence:
    fields: dict[str, Any] = {
        "key": f"kubernetes/pods/{number}",
        "id": f"E{number}",
        "source": "kubernetes",
        "check": "pods",
        "title": "Pods of checkout",
        "summary": "1 of 2 pods of checkout is not ready.",
        "subject": CHECKOUT,
        "query": "kubectl get pods -n shop",
    }
    return Evidence(**{**fields, **changes})


def finding(**changes: Any) -> Finding:
    fields: dict[str, Any] = {
        "cause": "OOMKilled",
        "subject": CHECKOUT,
        "statement": "checkout is killed for memory: limit 64Mi.",
        "rests_on": ("kubernetes/pods/1",),
        "confidence": 0.9,
        "rule": "oom",
    }
    return Finding(**{**fields, **changes})


def hypothesis(**changes: Any) -> Hypothesis:
    fields: dict[str, Any] = {
        "id": "H1",
        "rank": 1,
        "cause": "OOMKilled",
        "kind": "capacity",
        "subject": CHECKOUT,
        "statement": "checkout is killed for memory: limit 64Mi.",
        "confidence": 0.9,
        "supporting": ("E1",),
    }
    return Hypothesis(**{**fields, **changes})


def diagnosis(of: Incident | None = None, **changes: Any) -> Diagnosis:
    one = of or incident()
    fields: dict[str, Any] = {
        "incident": IncidentSummary(id=one.id, title=one.title, scope=one.scope, window=one.window),
        "verdict": "identified",
        "summary": "checkout is killed for memory.",
        "hypotheses": (hypothesis(),),
        "evidence": (evidence(),),
    }
    return Diagnosis(**{**fields, **changes})
