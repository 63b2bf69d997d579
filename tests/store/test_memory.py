"""By what an incident is recognised: never across services."""

from __future__ import annotations

from chatops.store.memory import signatures
from connectors.contract import Scope
from tests.factories import CHECKOUT, alert, diagnosis, hypothesis, incident


def test_the_same_outage_again_has_the_same_signatures_the_closest_first() -> None:
    first, again = (signatures(incident(), diagnosis()) for _ in range(2))
    assert first == again
    assert len(first) == 3  # alert with cause, cause, alert with place
    other_alert = signatures(incident(alerts=(alert(name="Other"),)), diagnosis())
    assert first[1] in other_alert
    assert first[0] not in other_alert


def test_the_same_cause_in_another_service_is_another_story() -> None:
    elsewhere = hypothesis(subject=CHECKOUT.model_copy(update={"name": "cart"}))
    scope = Scope(namespace="shop", workload="cart")
    here = signatures(incident(), diagnosis())
    assert not {*here} & {*signatures(incident(scope=scope), diagnosis(hypotheses=(elsewhere,)))}


def test_words_that_were_written_about_it_do_not_count() -> None:
    told = diagnosis(hypotheses=(hypothesis(statement="told otherwise"),), summary="told otherwise")
    assert signatures(incident(title="other"), told) == signatures(incident(), diagnosis())


def test_without_a_place_an_alert_alone_says_nothing() -> None:
    assert signatures(incident(scope=Scope()), diagnosis(hypotheses=())) == []
