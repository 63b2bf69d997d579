"""The measure: cheap, and rather high than low."""

from __future__ import annotations

import pytest

from chatops.persona.tokens import clip, estimate


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("", 0, 0),
        ("The pod was killed because it exceeded its memory limit.", 10, 16),
        ("cart-7d9f5c-x2x4z", 6, 14),
        ('{"name": "cart", "namespace": "shop"}', 10, 18),
        ("1234567890", 4, 4),
        ("CrashLoopBackOff", 4, 5),
        ("a" * 600, 90, 110),
        ("日本語", 3, 5),
    ],
)
def test_estimates(text: str, least: int, most: int) -> None:
    assert least <= estimate(text) <= most


def test_what_is_clipped_says_how_much() -> None:
    assert clip("short", 10) == "short"
    clipped = clip("a" * 500 + "z" * 500, 100)
    assert len(clipped) <= 110
    assert clipped.startswith("aaa")
    assert clipped.endswith("zzz")
    assert "[924 characters]" in clipped
