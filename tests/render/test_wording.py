"""Words, bars and lengths of time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chatops.domain.diagnosis import Usage
from chatops.render import wording
from tests import factories
from tests.conftest import NOW
from tests.render import cases


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (59, "59 s"), (61, "1 min"), (7_320, "2 h 2 min"), (90_000, "1 d 1 h")],
)
def test_lengths(seconds: int, said: str) -> None:
    assert wording.span(timedelta(seconds=seconds)) == said


@pytest.mark.parametrize(("confidence", "said"), [(0.0, "░░░░░░░░░░ 0%"), (1.0, "██████████ 100%")])
def test_bars(confidence: float, said: str) -> None:
    assert wording.bar(confidence) == said


def test_a_question_has_no_onset_to_count_from() -> None:
    asked = cases.incident(alerts=(), window=cases.incident().window.model_copy(update={"onset": None}))
    assert wording.age(asked, NOW) == "asked 12:00 UTC"


def test_who_diagnosed() -> None:
    told = cases.diagnosis()
    assert wording.engine(told) == "By rules, no model · 1.6 s"
    assert wording.engine(told, going=True) == "By rules so far · 1.6 s"
    taken = told.engine.model_copy(update={"kind": "model", "model": "m", "turns": 2, "removed": ("a", "b")})
    assert "2 claims left out or marked as unverified" in wording.engine(told.model_copy(update={"engine": taken}))
    refused = told.model_copy(update={"engine": told.engine.model_copy(update={"model": "claude-opus-5-5"})})
    assert wording.engine(refused) == "By rules, claude-opus-5-5 gave no answer · 1.6 s"


def test_many_alerts_are_counted_with_their_services() -> None:
    alerts = tuple(
        factories.alert(fingerprint=f"a:{number}", labels={"deployment": f"svc{number % 6}"}) for number in range(30)
    )
    incident = factories.incident(alerts=alerts, more_alerts=11)
    assert wording.more_alerts(incident, shown=4) == "+37 alerts in 6 services"
    assert wording.more_alerts(factories.incident(), shown=4) == ""


def test_what_waits_is_said_until_it_is_looked_into() -> None:
    held = factories.incident(held="Waits for its turn")
    assert wording.waiting(held) == "Waits for its turn"
    assert wording.waiting(held.model_copy(update={"status": "investigating"})) == ""


def test_what_is_still_looked_into_is_no_answer_until_a_cause_stands_out() -> None:
    going, known = cases.incident(status="investigating"), cases.diagnosis()
    assert wording.headline(going, known).startswith("🔎 cart 1.4.2 is killed")
    unclear = known.model_copy(update={"verdict": "inconclusive", "summary": "No cause stands out in shop."})
    assert wording.headline(going, unclear) == f"🔎 Looking into: {going.title}. So far: No cause stands out in shop"
    told = going.model_copy(update={"status": "answered"})
    assert wording.headline(told, unclear) == f"🟡 {going.title}. No cause stands out in shop"
    over = going.model_copy(update={"status": "resolved"})
    assert wording.headline(over, unclear) == f"🟢 Resolved: {going.title}", "what no cause was found of is called so"


def test_every_token_that_went_in_is_counted() -> None:
    used = Usage(input_tokens=500, cache_read_input_tokens=4_000, cache_creation_input_tokens=500, output_tokens=80)
    assert wording.spent(used) == "5,000 tokens in (4,000 from cache), 80 out · $0.000"
    assert wording.spent(Usage(input_tokens=7, cost_usd=0.5)) == "7 tokens in, 0 out · $0.500"
