"""What people ask, as far as rules understand it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chatops.persona.utterances import heard
from chatops.triage.questions import TOPICS, asked_since, understood
from connectors.causes import CATALOGUE
from tests.conftest import NOW


@pytest.mark.parametrize(
    ("text", "kind", "topics"),
    [
        ("what changed in the last half hour?", "changes", []),
        ("did somebody deploy?", "changes", ["the release"]),
        ("show me the logs", "logs", []),
        ("any exceptions in checkout?", "logs", []),
        ("how do I roll back?", "mitigate", []),
        ("what should we do now?", "mitigate", []),
        ("fix it please", "mitigate", []),
        ("restart the pods", "mitigate", []),
        ("is it the database?", "words", ["the database"]),
        ("why is the db slow?", "why", ["the database"]),
        ("could it be DNS or the network?", "words", ["DNS", "the network"]),
        ("why?", "why", []),
        ("how sure are you?", "why", []),
        ("is it still happening?", "now", []),
        ("who is affected?", "impact", []),
        ("and now?", "now", []),
        ("when did it start?", "start", []),
        ("has this happened before?", "before", []),
        ("tell me about the frobnicator", "words", []),
    ],
)
def test_kind_and_topics(text: str, kind: str, topics: list[str]) -> None:
    asked = understood(text, NOW)
    assert (asked.kind, [topic.name for topic in asked.topics]) == (kind, topics)
    assert heard(text).asked == text


@pytest.mark.parametrize(
    ("text", "back"),
    [
        ("what changed in the last half hour", timedelta(minutes=30)),
        ("deploys in the last 2 hours?", timedelta(hours=2)),
        ("anything in the past hour?", timedelta(hours=1)),
        ("what changed?", None),
        ("error 12:99", None),
    ],
)
def test_the_time_that_is_meant(text: str, back: timedelta | None) -> None:
    assert asked_since(text, NOW) == (NOW - back if back else None)


def test_a_clock_time_is_the_last_one_that_has_been() -> None:
    earlier, later = NOW - timedelta(minutes=20), NOW + timedelta(hours=1)
    assert asked_since(f"since {earlier:%H:%M}", NOW) == earlier.replace(second=0, microsecond=0)
    assert asked_since(f"since {later:%H:%M}", NOW) == later.replace(second=0, microsecond=0) - timedelta(days=1)
    assert asked_since("what broke today?", NOW) == NOW.replace(hour=0, minute=0, second=0, microsecond=0)


def test_every_topic_has_causes_and_most_causes_a_topic() -> None:
    for topic in TOPICS:
        assert any(topic.covers(cause) for cause in CATALOGUE), topic.name
    asked_after = [cause for cause in CATALOGUE if any(topic.covers(cause) for topic in TOPICS)]
    assert len(asked_after) > 0.85 * len(CATALOGUE)
