"""Incidents to be rendered: an ordinary one, and one whose every text wants to do harm."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

from rich.console import Console

from chatops.domain.diagnosis import (
    Diagnosis,
    Engine,
    Hypothesis,
    Mitigation,
    NextStep,
    RunbookLink,
    Seconds,
    SeenBefore,
)
from chatops.domain.incident import Incident
from chatops.render.terminal import print_diagnosis
from connectors.contract import Scope
from connectors.evidence import (
    Change,
    Coverage,
    Evidence,
    Finding,
    LogPattern,
    LogPatterns,
    ResourceState,
    Role,
    Series,
    State,
)
from tests import factories
from tests.conftest import NOW

ID = "inc-1n8z0w0abcdefghj"
ONSET = NOW - timedelta(minutes=12)
PAGE = "https://chatops.acme.example/i/" + ID


def series() -> Series:
    start = ONSET.timestamp() - 1800
    points = tuple((start + 60 * i, 40.0 + (i % 3) if i < 30 else 64.0 + (i % 2)) for i in range(42))
    return Series(name="working set", unit="MiB", points=points, before=41.0, after=64.0, threshold=64.0)


def incident(**changes: Any) -> Incident:
    scope = Scope(environment="prod", cluster="eu-1", namespace="shop", workload="cart")
    alert = factories.alert(
        name="CartErrorRate",
        summary="7% of requests to cart fail",
        starts_at=ONSET,
        link="https://am.example/#/alerts",
    )
    window = factories.incident().window.model_copy(update={"onset": ONSET})
    fields = {"id": ID, "title": "CartErrorRate: 7% of requests to cart fail", "scope": scope, "window": window}
    return factories.incident(**{**fields, "alerts": (alert,), "severity": "critical", "status": "answered", **changes})


def evidence() -> tuple[Evidence, ...]:
    pods = ResourceState(
        columns=("pod", "state", "restarts"),
        rows=(("cart-7d9f-x2", "OOMKilled", "6"), ("cart-7d9f-p9", "Running", "5")),
    )
    lines = LogPatterns(
        patterns=(
            LogPattern(template="oom-kill: <*>", example="oom-kill: constraint=MEMCG,task=cart", before=0, after=6),
        ),
        lines=400,
    )
    rollout = Change(at=ONSET, what="cart rolled out", by="argocd", before="cart:1.4.1", after="cart:1.4.2")
    make = factories.evidence
    return (
        make(1, title="Pods of cart", summary="1 of 2 pods was killed for memory, 11 restarts.", body=pods),
        make(
            2,
            key="prometheus/memory",
            source="prometheus",
            title="Memory of cart",
            query="container_memory_working_set_bytes",
            summary="The working set rose from 41 MiB to the limit of 64 MiB at 11:48.",
            body=series(),
        ),
        make(
            3,
            key="kubernetes/rollouts",
            title="Rollout of cart",
            summary="cart:1.4.2 replaced cart:1.4.1 at 11:48.",
            body=rollout,
        ),
        make(
            4, key="kubernetes/logs", title="Log lines of cart", summary="6 oom-kill lines since the onset.", body=lines
        ),
    )


def diagnosis(**changes: Any) -> Diagnosis:
    first = factories.hypothesis(
        statement="cart 1.4.2 needs more memory than its limit of 64 MiB and is killed",
        subject=factories.CHECKOUT.model_copy(update={"name": "cart"}),
        confidence=0.86,
        supporting=("E1", "E2", "E3"),
        mechanism="Each kill drops the requests in flight; the readiness gap shows as errors.",
        would_confirm="the working set passes 64 MiB when the limit is lifted",
        would_refute="kills go on with a limit of 256 MiB",
        by="both",
    )
    second = Hypothesis(
        id="H2",
        rank=2,
        cause="TrafficSurge",
        kind="traffic",
        subject=first.subject,
        confidence=0.12,
        statement="More requests than usual fill the memory",
        supporting=("E2",),
        contradicting=("E4",),
        status="weakened",
        reason="the request rate did not change",
    )
    fields: dict[str, Any] = {
        "verdict": "identified",
        "summary": "cart 1.4.2 is killed for memory since its rollout at 11:48 UTC; 7% of requests fail",
        "hypotheses": (first, second),
        "evidence": evidence(),
        "next_steps": (
            NextStep(
                id="S1",
                argv=("kubectl", "top", "pods", "-n", "shop"),
                command="kubectl top pods -n shop",
                why="See how near to the limit the pods are",
                expect="about 64Mi",
                hypothesis="H1",
                verdict="read-only",
                runnable=True,
            ),
            NextStep(
                id="S2",
                argv=("kubectl", "diff"),
                command="kubectl diff -f cart.yaml",
                why="Compare with what is in git",
                verdict="unknown",
            ),
        ),
        "mitigations": (
            Mitigation(
                text="Roll back to cart:1.4.1",
                argv=("kubectl", "rollout", "undo", "deployment/cart", "-n", "shop"),
                rollback="roll forward again",
                blast_radius="cart only",
                hypothesis="H1",
            ),
        ),
        "runbooks": (
            RunbookLink(
                title="OOMKilled", href="https://runbooks.example/oom", section="Find the growth", why="same cause"
            ),
        ),
        "coverage": (
            Coverage(source="kubernetes", check="pods", state=State.CHECKED, ms=40),
            Coverage(source="prometheus", check="golden signals", state=State.CHECKED, ms=90),
            Coverage(source="prometheus", check="targets", state=State.NO_DATA),
            Coverage(source="kubernetes", check="nodes", state=State.FAILED, detail="forbidden: nodes is not listable"),
            Coverage(source="cloudwatch", check="alarms", state=State.NOT_CONFIGURED),
        ),
        "gaps": ("Whether the nodes are short of memory: the app may not list them",),
        "seen_before": (
            SeenBefore(
                incident="inc-1n8z0w0000000000", title="cart restarts", cause="OOMKilled", resolution="limit 128Mi"
            ),
        ),
        "engine": Engine(seconds=Seconds(first_facts=1.2, gather=1.4, total=1.6)),
    }
    return factories.diagnosis(incident(), **{**fields, **changes})


def symptoms() -> tuple[Finding, ...]:
    statement = "7% of requests to cart fail with 503 since 11:48"
    return (factories.finding(role=Role.SYMPTOM, statement=statement, cause="ErrorRate", confidence=0.9),)


HOSTILE = (
    "<!channel> <!here|x> <@U999> <#C1|x> @here @everyone <https://evil.example|innocent> "
    "![](https://evil.example/p.png) "
    "``` left the block\n> quote *bold* _em_ &lt;!channel&gt; \u202e" + "🧨"
)


def _poisoned(value: Any) -> Any:
    """The same value, every free text in it replaced by the hostile one."""
    if isinstance(value, dict):
        return {key: item if key in _KEPT else _poisoned(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_poisoned(item) for item in value]
    return HOSTILE if isinstance(value, str) else value


_KEPT = frozenset(
    [
        "id",
        "key",
        "type",
        "schema",
        "verdict",
        "status",
        "kind",
        "state",
        "role",
        "severity",
        "origin",
        "cause",
        "by",
        "rank",
        "supporting",
        "contradicting",
        "hypothesis",
        "at",
        "starts_at",
        "ends_at",
        "onset",
        "created_at",
        "resolved_at",
        "start",
        "end",
        "thread",
        "fingerprint",
        "incident",
        "team",
        "channel",
        "ts",
        "engine",
        "runnable",
        "href",
        "link",
        "confidence",
    ]
)


def hostile() -> tuple[Incident, Diagnosis]:
    bad = incident(question=HOSTILE).model_dump(mode="json")
    told = diagnosis().model_dump(mode="json", by_alias=True)
    poisoned = _poisoned(told) | {"incident": told["incident"] | {"title": HOSTILE}}
    return Incident.model_validate(_poisoned(bad)), Diagnosis.model_validate(poisoned)


def printed(diagnosis: Diagnosis, width: int = 100) -> str:
    """An answer as a terminal without colours shows it."""
    out = io.StringIO()
    print_diagnosis(diagnosis, Console(file=out, width=width, no_color=True, highlight=False, legacy_windows=False))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"
