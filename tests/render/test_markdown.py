"""Markdown: nothing mentions, pieces are whole, and mrkdwn says the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatops.render.markdown import open_fence, safe_markdown, split_markdown, to_mrkdwn
from tests.render import cases
from tests.slack.payloads import broadcasts


def test_nothing_mentions() -> None:
    for text in (safe_markdown(cases.HOSTILE), to_mrkdwn(cases.HOSTILE)):
        assert broadcasts({"text": text}) == []
        assert not any(word in text for word in ("@here", "@everyone", "@channel"))


def test_an_image_is_a_link() -> None:
    assert safe_markdown("see ![chart](https://x.example/p.png)") == "see [chart](https://x.example/p.png)"


@pytest.mark.parametrize(
    ("text", "fence"),
    [
        ("plain", ("", "")),
        ("```py\nx = 1", ("```", "py")),
        ("```py\nx = 1\n```", ("", "")),
        ("````\n```\n", ("````", "")),
        ("~~~\n```\n", ("~~~", "")),
        ("```\na\n```\n```sh\nb", ("```", "sh")),
    ],
)
def test_open_fences(text: str, fence: tuple[str, str]) -> None:
    assert open_fence(text) == fence


def test_a_fence_is_closed_and_opened_again() -> None:
    text = "Look:\n```sh\n" + "\n".join(f"kubectl get pod cart-{i}" for i in range(100)) + "\n```\nDone."
    pieces = split_markdown(text, 600)
    assert len(pieces) > 3
    assert all(open_fence(piece) == ("", "") and len(piece) <= 600 for piece in pieces)
    assert all(piece.startswith("```sh\n") for piece in pieces[1:-1])
    assert [line for piece in pieces for line in piece.splitlines() if "kubectl" in line] == text.splitlines()[2:102]


@given(st.text(alphabet="ab \n`~#*", max_size=400), st.integers(120, 300))
def test_pieces_are_never_too_long_and_lose_no_letter(text: str, limit: int) -> None:
    pieces = split_markdown(text, limit)
    assert all(len(piece) <= limit for piece in pieces)
    letters = [char for piece in pieces for char in piece if char in "#*"]
    assert letters == [char for char in text if char in "#*"]


def test_mrkdwn() -> None:
    text = (
        "# Head\n\nSome **bold**, *em*, ~~gone~~ and `a<b`.\n\n- one\n- two\n  1. deep\n\n> quoted\n\n"
        "[docs](https://x.example/a_(b)) <https://y.example>\n\n```sh\nkubectl get <pod>\n```\n\n"
        "| a | b |\n|---|---|\n| 1 | 2 |\n"
    )
    said = to_mrkdwn(text)
    assert said.startswith("*Head*\n")
    for part in (
        "*bold*",
        "_em_",
        "~gone~",
        "`a&lt;b`",
        "• one",
        "1. deep",
        "> quoted",
        "<https://x.example/a_(b)|docs>",
        "<https://y.example|https://y.example>",
        "```\nkubectl get &lt;pod&gt;\n```",
        "1 | 2",
    ):
        assert part in said
