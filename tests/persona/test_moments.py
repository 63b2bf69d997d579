"""Which moment people mean: their zone, the clock, how long ago; and that nothing is guessed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chatops.persona.moments import moment

SAID = datetime(2026, 11, 28, 10, 50, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("we rolled back at 10:42", "28 10:42"),
        ("started seeing this at ~10:20", "28 10:20"),
        ("deploy was 14:03 UTC yesterday", "27 14:03"),
        ("deploy was 11:40 CET", "28 10:40"),
        ("at 2:42 AM PST", "28 10:42"),
        ("the deploy went out at 3:42 PDT", "28 10:42"),
        ("rds failover happened at 5:38 EST", "28 10:38"),
        ("at 5:38 ET", "28 10:38"),
        ("at 12:38 UTC+2", "28 10:38"),
        ("at 16:08+05:30", "28 10:38"),
        ("11am CET it broke", "28 10:00"),
        ("Terraform apply ran at 10:25Z", "28 10:25"),
        ("wir haben um 11:42 MEZ zurückgerollt", "28 10:42"),
        ("seit 10 Uhr langsam", "28 10:00"),
        ("déployé à 10h42", "28 10:42"),
        ("10:42にロールバックしました", "28 10:42"),
        ("from 10:00 to 10:35", "28 10:00"),
        ("between 10:10-10:20", "28 10:10"),
        ("rollback was not 10:42, 10:44", "28 10:44"),
        ("2026-11-28T11:41:07+01:00 ERROR", "28 10:41"),
        ("rolled checkout back 5 min ago", "28 10:45"),
        ("a couple of minutes ago", "28 10:48"),
        ("half an hour ago", "28 10:20"),
        ("secret was rotated 10 mins back", "28 10:40"),
        ("vor 10 Minuten", "28 10:40"),
        ("il y a 5 minutes", "28 10:45"),
        ("hace una hora", "28 09:50"),
        ("10 minuti fa", "28 10:40"),
        ("5分前に再起動", "28 10:45"),
        ("I bumped mem to 1Gi around quarter past", "28 10:15"),
        ("someone deployed payments at twenty to eleven", "28 10:40"),
        ("just restarted the db", "28 10:50"),
        ("reverting now", "28 10:50"),
    ],
)
def test_the_moment_that_is_meant(text: str, means: str) -> None:
    found = moment(text, SAID)
    assert found is not None
    assert f"{found:%d %H:%M}" == means


@pytest.mark.parametrize(
    "text",
    [
        "we rolled back", "we deploy at 12:42", "version 1.4.2", "db:5432 refuses", "10.0.3.4:5432", "it is just slow",
        "ratio 3:2", "at 25:10", "scaled to 6", "2026-13-45T10:00Z", "give it 5 minutes", "10:42 UTC+99",
    ],
)  # fmt: skip
def test_what_nobody_can_tell_has_no_moment(text: str) -> None:
    assert moment(text, SAID) is None


def test_a_time_without_a_zone_is_on_the_clock_of_whoever_said_it_or_utc() -> None:
    ahead = timedelta(hours=1)
    onset = SAID - timedelta(minutes=20)
    assert moment("at 11:42", SAID, ahead) == SAID.replace(hour=10, minute=42)  # in UTC it is still to come
    assert moment("at 10:42", SAID, ahead, onset) == SAID.replace(hour=10, minute=42)  # 9:42 was before it all
    assert moment("at 5:42", SAID, -5 * ahead, onset) == SAID.replace(hour=10, minute=42)
    assert moment("at 10:42 UTC", SAID, 9 * ahead) == SAID.replace(hour=10, minute=42)


def test_a_time_of_the_afternoon_needs_no_letters() -> None:
    assert moment("at 3:42", SAID.replace(hour=15)) == SAID.replace(hour=15, minute=42)


def test_a_clock_may_be_a_little_ahead() -> None:
    assert moment("at 10:51", SAID) == SAID.replace(minute=51)
