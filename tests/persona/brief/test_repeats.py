"""What is alike: the same but for the object's name and times, nothing else."""

from __future__ import annotations

import pytest

from chatops.persona.brief.repeats import repeated
from connectors.evidence import Evidence, ResourceState, Subject
from tests.persona.cases import CART, evidence

WEB = Subject(kind="Deployment", namespace="shop", name="web")
SAID = "0 of 1 ready, last at 10:41:04"


def of(number: int, subject: Subject, summary: str = SAID, **more: object) -> Evidence:
    return evidence(number, summary, title=f"Deployment {subject.name}", subject=subject, **more)


def test_names_and_times_may_differ() -> None:
    assert repeated((of(1, CART), of(2, WEB, SAID.replace("41:04", "52:10")), evidence(3))) == {"E2": "E1"}


@pytest.mark.parametrize(
    "other",
    [
        of(2, WEB, "0 of 2 ready, last at 10:41:04"),
        of(2, CART),
        of(2, Subject(kind="Pod", name="web")),
        of(2, WEB, body=ResourceState(columns=("field",), rows=(("x",),))),
        of(2, WEB, source="prometheus"),
        of(2, WEB, f"web-2 has {SAID}"),
    ],
    ids=["figures", "the same object", "another kind", "a table", "another source", "a longer name"],
)
def test_anything_else_may_not(other: Evidence) -> None:
    assert repeated((of(1, CART), other)) == {}
