"""By what an incident is recognised: the same cause at the same object, wherever it runs; another one is not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chatops.domain.diagnosis import SeenBefore
from chatops.store.memory import Remembered, buckets, causes, found_again, remembered
from connectors.contract import Scope
from connectors.evidence import LogPattern, LogPatterns, Subject
from tests import factories
from tests.conftest import NOW
from tests.factories import CHECKOUT, alert, diagnosis, hypothesis, incident

SCOPE = incident().scope
SEARCH = CHECKOUT.model_copy(update={"name": "search"})


def kept(**changes: Any) -> Remembered:
    told = changes.pop("diagnosis", diagnosis())
    at = changes.pop("at", NOW)
    return remembered(incident(**changes), told, told.hypotheses[0], "raised the limit", at)


def again(*known: Remembered, **changes: Any) -> list[SeenBefore]:
    now = {name: changes.pop(name) for name in ("hypotheses", "evidence") if name in changes}
    return found_again(incident(**changes), diagnosis(**now), known)


def pod(suffix: str) -> Any:
    return (hypothesis(subject=CHECKOUT.model_copy(update={"kind": "Pod", "name": f"checkout-{suffix}"})),)


@pytest.mark.parametrize(
    ("changes", "differs"),
    [
        ({}, ""),
        ({"alerts": (alert(name="Other", fingerprint="f2"),)}, ""),
        ({"title": "other words", "hypotheses": (hypothesis(statement="limit 2Gi, 40 restarts"),)}, ""),
        ({"hypotheses": pod("6c5d7d9f8b-qq2v4")}, ""),
        ({"scope": SCOPE.model_copy(update={"cluster": "b"})}, "then in cluster a"),
        (
            {"hypotheses": (hypothesis(subject=CHECKOUT.model_copy(update={"namespace": "shop-eu"})),)},
            "then in namespace shop",
        ),
        (
            {"hypotheses": (hypothesis(cause="BadRelease", confidence=0.95), hypothesis(id="H2", confidence=0.6))},
            "now it is not the likeliest cause",
        ),
        (
            {"hypotheses": ()},
            "the same alert at the same place, but no cause is found yet",
        ),
    ],
)
def test_the_same_again_is_found_with_what_differs(changes: dict[str, Any], differs: str) -> None:
    (seen,) = again(kept(scope=SCOPE.model_copy(update={"cluster": "a"})), **changes)
    assert (seen.differs, seen.resolution, seen.cause) == (differs, "raised the limit", "OOMKilled")


@pytest.mark.parametrize(
    "changes",
    [
        {"hypotheses": (hypothesis(cause="BadRelease"),)},
        {"hypotheses": (hypothesis(subject=SEARCH),)},
        {"hypotheses": (hypothesis(status="ruled out"),), "scope": Scope(namespace="shop", workload="search")},
        {"hypotheses": (hypothesis(confidence=0.2),), "alerts": (alert(name="Other"),)},
        {"hypotheses": (), "scope": Scope()},
    ],
)
def test_another_cause_or_another_service_is_another_story(changes: dict[str, Any]) -> None:
    assert again(kept(), **changes) == []


def test_another_node_with_the_same_trouble_is_told_as_such() -> None:
    one, other = (
        hypothesis(cause="NodeDiskPressure", subject=Subject(kind="Node", name=name)) for name in ("n1", "n2")
    )
    (seen,) = again(kept(diagnosis=diagnosis(hypotheses=(one,))), hypotheses=(other,))
    assert seen.differs == "then it was Node n1"
    elsewhere = kept(diagnosis=diagnosis(hypotheses=(one,)), alerts=(alert(name="Other"),))
    assert again(elsewhere, hypotheses=(other,)) == [], "nothing but the kind of trouble is the same"


def test_new_log_lines_are_recognised_without_their_figures() -> None:
    def lines(took: str) -> Any:
        body = LogPatterns(lines=9, patterns=(LogPattern(template=took, example=took, before=0, after=9),))
        return (factories.evidence(body=body),)

    then = kept(diagnosis=diagnosis(evidence=lines("no route after 31 ms")), alerts=(alert(name="Other"),))
    (seen,) = again(then, hypotheses=(), evidence=lines("No route after 7 ms"))
    assert seen.differs.startswith("the same log lines at the same place")
    assert again(then, hypotheses=(), evidence=lines("listening")) == []


def test_the_closest_comes_first_then_the_latest() -> None:
    elsewhere = kept(
        diagnosis=diagnosis(hypotheses=(hypothesis(subject=CHECKOUT.model_copy(update={"namespace": "x"})),))
    )
    old, late = kept(at=NOW - timedelta(days=9)), kept(at=NOW)
    seen = again(elsewhere, old, late)
    assert [one.incident for one in seen] == [late.seen.incident, old.seen.incident, elsewhere.seen.incident]


def test_it_is_filed_under_its_cause_and_its_alerts() -> None:
    told = diagnosis(hypotheses=(hypothesis(), hypothesis(id="H2", cause="BadRelease", status="ruled out")))
    assert buckets(incident(), causes(told)) == ["cause:OOMKilled", "alert:HighErrorRate"]
