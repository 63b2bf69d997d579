"""What the rules answer: the first line is the answer, and nothing is said that was not read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chatops.domain.diagnosis import RunbookLink, SeenBefore
from chatops.domain.ports import RunbookHit
from chatops.triage.questions import understood
from chatops.triage.replying import Known, reply
from connectors.evidence import Change, Coverage, LogPattern, LogPatterns, Role, Series, State, Subject
from tests import factories
from tests.conftest import NOW

OOM = factories.evidence(summary="Container checkout ended OOMKilled at 64Mi.", onset=NOW - timedelta(minutes=6))
DEPLOY = factories.evidence(
    2,
    check="rollouts",
    title="Rollout of checkout",
    summary="Revision 8.",
    body=Change(at=NOW - timedelta(minutes=12), what="image", before="checkout:1", after="checkout:2", by="ci"),
)


def coverage(check: str, state: State, *decides: str, detail: str = "") -> Coverage:
    return Coverage(source="kubernetes", check=check, state=state, decides=decides, detail=detail)


def known(**changes: Any) -> Known:
    rows = (coverage("pods", State.CHECKED, "OOMKilled"), coverage("rollouts", State.CHECKED, "BadRelease"))
    fields: dict[str, Any] = {"evidence": (OOM, DEPLOY), "coverage": rows}
    rest = {name: changes.pop(name) for name in ("findings", "hits", "fresh") if name in changes}
    return Known(factories.diagnosis(**{**fields, **changes}), **rest)


def said(text: str, facts: Known) -> list[str]:
    lines = reply(understood(text, NOW), facts).splitlines()
    assert lines[-1].startswith("_No model is configured")
    return lines[:-1]


def test_what_changed_names_the_change_its_author_and_whether_it_is_blamed() -> None:
    first, change, blamed = said("what changed in the last half hour?", known())
    assert first.startswith("**1 change since ")
    assert change == f"• {NOW - timedelta(minutes=12):%H:%M:%S} UTC image (checkout:1 → checkout:2), by ci [E2]"
    assert blamed == "None of them is a likely cause by the rules."
    guess = factories.hypothesis(supporting=("E2",), statement="The release broke it.", confidence=0.7)
    assert said("what changed?", known(hypotheses=(guess,)))[-1] == "As a cause: The release broke it. (70%)"


def test_nothing_changed_is_said_with_what_was_looked_at() -> None:
    first, older, looked = said("what changed in the last 10 minutes?", known())
    assert first.startswith("**Nothing that was read changed since ")
    assert older.startswith("The last change before: ")
    assert looked == "Looked at: kubernetes/rollouts."


@pytest.mark.parametrize(
    ("rows", "first"),
    [
        ((coverage("crashes", State.CHECKED, "DatabaseReadOnly"),), "**The database: no sign of it.**"),
        (
            (coverage("crashes", State.FAILED, "DatabaseReadOnly", detail="forbidden: no"),),
            "**The database: cannot be told.**",
        ),
        ((coverage("pods", State.CHECKED, "OOMKilled"),), "**The database: not looked at.**"),
    ],
)
def test_is_it_the_database(rows: tuple[Coverage, ...], first: str) -> None:
    lines = said("is it the database?", known(coverage=rows))
    assert lines[0].startswith(first)
    assert lines[-1] == "More likely: checkout is killed for memory: limit 64Mi. (90%)"
    assert ("• Not read: kubernetes/crashes (forbidden: no)" in lines) == ("cannot" in first)


def test_is_it_memory_is_answered_with_the_hypothesis() -> None:
    lines = said("is it a memory leak?", known())
    assert lines[0] == "**Memory: likely.** checkout is killed for memory: limit 64Mi. (90%)"
    assert lines[1].startswith("• *E1* ")


def test_the_logs_are_shown_as_patterns_that_cannot_leave_their_block() -> None:
    line = LogPattern(template="x", example="boom ```<!channel>", before=0, after=12)
    log = factories.evidence(3, title="Log of checkout", body=LogPatterns(patterns=(line,), lines=12))
    lines = said("show me the logs", known(fresh=(log,)))
    assert lines[0].startswith("**Log of checkout** (E3): 1 of 2 pods")
    assert "   0 → 12   boom '''<!channel>" in lines
    assert [line for line in lines if "```" in line] == ["```", "```"]
    tail = log.model_copy(update={"summary": "2 lines; the last ones:\nstarting\nboom ```"})
    assert said("show me the logs", known(fresh=(tail,))) == [
        "**Log of checkout** (E3): 2 lines; the last ones:",
        "```",
        "starting",
        "boom '''",
        "```",
    ]
    assert said("show me the logs", known())[0] == "**No log was read that says anything.**"


def test_what_to_do_names_the_remedy_the_change_to_take_back_and_the_page() -> None:
    page = RunbookHit(RunbookLink(title="Memory", href="http://x/memory"), "memory", 1.0, "cause")
    lines = said("what should we do?", known(hits=(page,)))
    assert lines[0] == "**checkout is killed for memory: limit 64Mi. (90%)**"
    assert "for a person to decide" in lines[1]
    assert "could be taken back" in lines[2]
    assert lines[3] == "• Runbook: [Memory](http://x/memory)"
    assert said("what should we do?", known(hypotheses=()))[0].startswith("**No cause stands out yet")


def test_why_tells_both_sides() -> None:
    guess = factories.hypothesis(contradicting=("E2",), mechanism="The kernel ends it.")
    lines = said("why?", known(hypotheses=(guess, factories.hypothesis(id="H2", rank=2, confidence=0.2))))
    assert lines[:2] == ["**checkout is killed for memory: limit 64Mi. (90%)**", "The kernel ends it."]
    assert [line.split(":")[0] for line in lines[2:]] == ["• For it", "• Against it", "• Less likely"]
    assert said("why?", known(hypotheses=(), gaps=("logs were not read",)))[-1] == "• Not known: logs were not read"


def test_who_suffers_when_it_began_and_whether_it_goes_on() -> None:
    cart = Subject(kind="Service", namespace="shop", name="cart")
    symptom = factories.finding(
        cause="ErrorRateIncrease", subject=cart, role=Role.SYMPTOM, statement="cart fails: 12%."
    )
    facts = known(findings=(symptom,))
    assert said("who is affected?", facts) == ["**1 thing suffers:** cart", "• cart fails: 12%."]
    started = said("when did it start?", facts)
    assert started[0].startswith("**The alert began at ")
    assert started[1].endswith("[E1]")
    rate = Series(name="errors", unit="%", points=((1.0, 2.0), (2.0, 12.5)), before=0.1)
    now = said("is it still happening?", known(findings=(symptom,), evidence=(factories.evidence(4, body=rate),)))
    assert now[0] == "**Now:** checkout is killed for memory."
    assert now[-1] == "• Pods of checkout: 12.5% now, 0.1% before [E4]"


def test_an_earlier_incident_is_told_with_what_ended_it() -> None:
    seen = SeenBefore(incident="inc-0", title="Checkout down", cause="OOMKilled", resolution="Limit raised.")
    assert said("did this happen before?", known(seen_before=(seen,))) == [
        "**Seen before:**",
        "• Checkout down: The container is killed because it exceeds its memory limit, confirmed by a person; "
        "what fixed it: Limit raised.",
    ]
    assert "No earlier incident" in said("did this happen before?", known())[0]


def test_other_words_are_searched_for_and_absence_is_said() -> None:
    assert said("what is revision 8", known())[0] == "**Rollout of checkout:** Revision 8. [E2]"
    assert said("tell me about frobnicators", known())[0].startswith("**Nothing that was read mentions")
