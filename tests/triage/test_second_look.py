from __future__ import annotations

import pytest

from chatops.triage.second_look import MOST, focus
from connectors.evidence import Coverage, Finding, Role, State, Subject
from tests import factories

INQUIRY = factories.incident().inquiry
LEFT_OUT = (Coverage(source="kubernetes", check="logs", state=State.CHECKED, unread=30),)
ALL_READ = (Coverage(source="kubernetes", check="logs", state=State.CHECKED),)


def found(name: str, role: Role, confidence: float, kind: str = "Service") -> Finding:
    subject = Subject(kind=kind, namespace="shop", name=name)
    return factories.finding(subject=subject, role=role, confidence=confidence)


FINDINGS = (
    found("rolled-out", Role.CONTEXT, 0.3),
    found("guess", Role.CAUSE, 0.4),
    found("slow", Role.SYMPTOM, 0.3),
    found("failing", Role.SYMPTOM, 0.5),
    found("n1", Role.SYMPTOM, 0.6, kind="Node"),
    found("slow", Role.CONTEXT, 0.2),
)


def test_who_suffers_comes_first_and_nobody_twice() -> None:
    looked_at = focus(FINDINGS, LEFT_OUT, (), INQUIRY)
    assert [one.name for one in looked_at] == ["failing", "slow", "guess", "rolled-out"]


def test_it_is_a_few() -> None:
    many = [found(f"s{number}", Role.SYMPTOM, 0.3) for number in range(20)]
    assert len(focus(many, LEFT_OUT, (), INQUIRY)) == MOST


def test_without_a_suspect_what_was_left_out_is_next() -> None:
    assert [one.kind for one in focus((), LEFT_OUT, (), INQUIRY)] == ["Namespace"]


@pytest.mark.parametrize(("confidence", "again"), [(0.9, False), (0.75, False), (0.74, True)])
def test_none_where_the_first_is_sure(confidence: float, again: bool) -> None:
    hypotheses = (factories.hypothesis(confidence=confidence),)
    assert bool(focus(FINDINGS, LEFT_OUT, hypotheses, INQUIRY)) is again


def test_none_where_everything_was_read_or_it_is_the_second() -> None:
    assert focus(FINDINGS, ALL_READ, (), INQUIRY) == ()
    second = INQUIRY.model_copy(update={"focus": (Subject(kind="Pod", name="x"),)})
    assert focus(FINDINGS, LEFT_OUT, (), second) == ()
