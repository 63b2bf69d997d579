"""Values that travel: frozen, equal by content, read back as what they were."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from connectors.evidence import (
    Body,
    Change,
    Evidence,
    LogPattern,
    LogPatterns,
    ResourceState,
    Series,
    SeriesSet,
    Subject,
)
from tests.conftest import NOW
from tests.factories import evidence, finding

LINE = Series(name="rps", points=((1.0, 2.0),))
BODIES: list[Body] = [
    LINE,
    SeriesSet(series=(LINE,), omitted=2),
    LogPatterns(patterns=(LogPattern(template="a {}", example="a 1", after=3),), lines=3),
    ResourceState(columns=("name",), rows=(("cart",),)),
    Change(at=NOW, what="image", before="1", after="2"),
]


@pytest.mark.parametrize("body", BODIES, ids=lambda body: body.type)
def test_evidence_is_read_back_with_the_body_that_it_had(body: Body) -> None:
    one = evidence(body=body)
    assert Evidence.model_validate_json(one.model_dump_json()) == one


def test_values_are_equal_by_content_and_can_be_keys() -> None:
    one, same = Subject(kind="Node", name="n"), Subject(kind="Node", name="n")
    assert {one: 1}[same] == 1
    assert (str(one), str(Subject(kind="Pod", namespace="shop", name="a"))) == ("Node n", "Pod shop/a")


@pytest.mark.parametrize("confidence", [-0.01, 1.01])
def test_a_confidence_is_a_share(confidence: float) -> None:
    with pytest.raises(ValidationError, match="confidence"):
        finding(confidence=confidence)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("Deployment", "cart"),
        ("Node", "Node cart"),
        ("DBInstance", "database cart"),
        ("Certificate", "Certificate cart"),
    ],
)
def test_a_subject_in_a_sentence(kind: str, said: str) -> None:
    assert Subject(kind=kind, namespace="shop", name="cart").spoken == said
