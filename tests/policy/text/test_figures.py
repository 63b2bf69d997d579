"""Figures and times, however they are written."""

from __future__ import annotations

import pytest

from chatops.policy.text.figures import Figures
from chatops.policy.text.observed import observe
from connectors.evidence import Coverage, State
from tests.persona.cases import OOM, case, evidence

SEEN = (
    OOM,
    evidence(
        2,
        "0.5 → 8 a second, 42 restarts of cart-731, 0.5 s at p99, 3 of 100 at 14:05, revision 8, image v0.10.3, "
        "3000 of 3072",
    ),
)


def marked(sentence: str) -> tuple[str, int]:
    told: list[str] = []
    return Figures(observe(case(SEEN), SEEN)).marked(sentence, told.append), len(told)


@pytest.mark.parametrize(
    "sentence",
    [
        "42 restarts, forty-two in words, 500ms or 0.5 seconds.",
        "cart-731 runs v0.10.3 over HTTP/1.1 with TLS1.3 and 24/7 cover.",
        "It began at 14:05, that is 2:05 pm or 2 pm, on 2026-11-23.",
        "3/100 fail; three of one hundred.",
        "256Mi is 268435456 bytes, half a core 500 millicores.",
        "0,5 s, 500 ms; revision 8, 14 restarts of one and 42 of all.",
        "p99 and 5xx of E1, port-less.",
        "3000 of 3072 are used, 72 are left.",
        "More than 490 ms, about 2950 of them.",
        "Errors rose about sixteenfold, from 0.5 to 8.",
        "Errors rose from 0.5/s to 8/s, that is from 500 ms to 8000 ms of something else.",
        "from 500 to 8000 ms",
        "It took 0 min 38 s, from 14:05:21 to 14:05:59.",
        "It came 11 s after the start (14:05:21 → 14:05:32).",
        "Two explanations fit, and one of them is likely; two of the pods wait.",
    ],
)
def test_what_was_seen(sentence: str) -> None:
    assert marked(sentence) == (sentence, 0)


def test_how_sure_the_rules_are_and_how_much_was_checked_may_be_said() -> None:
    looked = tuple(Coverage(source="kubernetes", check=f"c{at}", state=State.CHECKED) for at in range(47))
    figures = Figures(observe(case(SEEN, coverage=looked), SEEN))
    said = "The rules are 80% sure (0.8), after 47 checks."
    assert figures.marked(said, lambda reason: None) == said
    assert figures.marked("It is 81% after 46.", lambda reason: None).count("unverified") == 2


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("731Mi: much.", "[unverified figure]: much."),
        ("#731 and 0x2DB", "#[unverified figure] and [unverified figure]"),
        ("a 731-fold rise", "a [unverified figure]-fold rise"),
        ("731/999", "[unverified figure]/[unverified figure]"),
        ("seven hundred thirty-one times", "[unverified figure] times"),
        ("at 3:17pm", "at [unverified time]"),
        ("at 0317Z or 03h17", "at [unverified time] or [unverified time]"),
        ("Revision 5 after 11 restarts", "[unverified figure] after [unverified figure]"),
        (
            "killed every 5 minutes, at a limit of 0.8 GiB",
            "killed every [unverified figure], at a limit of [unverified figure]",
        ),
        ("on 2019-05-12", "on [unverified time]"),
        ("for three hours", "for [unverified time]"),
        ("5 days of it", "[unverified time] of it"),
        ("It took 2 min 53 s", "It took 2 min [unverified figure]"),
        ("more than 450 ms", "more than [unverified figure]"),
        ("11 s after the start (14:05:21 → 14:05:42)", "[unverified time] after the start (14:05:21 → 14:05:42)"),
        ("rose seventyfold, from 0.5 to 8", "rose [unverified figure], from 0.5 to 8"),
        ("fell from 8 to 0.5, as 0.5 → 8 says", "fell from [unverified figure], as 0.5 → 8 says"),
        ("forty percent fail", "[unverified figure] fail"),
        ("nine of ten requests fail", "[unverified figure] of requests fail"),
        ("two thirds of all calls fail", "[unverified figure] of all calls fail"),
        ("1e999 or " + "9" * 400, "[unverified figure] or [unverified figure]"),
    ],
)
def test_what_was_not(sentence: str, shown: str) -> None:
    assert marked(sentence)[0] == shown


def test_of_a_flood_of_figures_nothing_is_left() -> None:
    assert marked("731 " * 50) == ("", 8)
