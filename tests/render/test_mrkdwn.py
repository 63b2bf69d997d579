"""Text for Slack: read, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatops.render import mrkdwn
from tests.slack.payloads import broadcasts

NASTY = st.text(alphabet=st.sampled_from("<>!@#&`|;ahimprt erchonl\n"), max_size=200)


@given(NASTY, st.integers(5, 200))
def test_words_never_act_and_never_exceed(text: str, limit: int) -> None:
    said = mrkdwn.words(text, limit)
    assert len(said) <= limit
    assert "\n" not in said
    assert "<" not in said
    assert broadcasts({"text": said}) == []
    assert "```" not in said


@given(NASTY)
def test_a_code_block_has_one_beginning_and_one_end(text: str) -> None:
    said = mrkdwn.code(text)
    assert said.count("```") == 2
    assert "<" not in said


@given(NASTY)
def test_inline_code_has_two_backticks(text: str) -> None:
    assert mrkdwn.inline(text).count("`") == 2


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://x.example/a?b=1&c=2", "<https://x.example/a?b=1&amp;c=2|label>"),
        ("http://x.example", "<http://x.example|label>"),
        ("javascript:alert(1)", "label"),
        ("https://x.example/|evil>", "label"),
        ("https://x.example/\nhttps://y.example", "label"),
        ("", "label"),
    ],
)
def test_links(url: str, shown: str) -> None:
    assert mrkdwn.link(url, "label") == shown


def test_a_label_cannot_end_its_link() -> None:
    assert mrkdwn.link("https://x.example", "a|b>c<!here>") == "<https://x.example|a¦b&gt;c&lt;⁠!here&gt;>"


def test_people() -> None:
    assert mrkdwn.person("U0123") == "<@U0123>"
    assert mrkdwn.person("U1> <!channel>") == "U1&gt; &lt;⁠!channel&gt;"
    assert mrkdwn.person("ana@acme.example") == "ana@acme.example"


def test_clipping_leaves_no_half_entity() -> None:
    assert mrkdwn.words("&" * 50, 22) == "&amp;" * 4 + "…"


def test_whole_sentences_as_many_as_fit() -> None:
    text = "It is full. Node 1.5 has room. Look below."
    assert mrkdwn.sentences(text, 100) == text
    assert mrkdwn.sentences(text, 34) == "It is full. Node 1.5 has room. …"
    assert mrkdwn.sentences(text, 14) == "It is full. …"
    assert mrkdwn.sentences(text, 8) == text, "not even the first fits: it is cut by words"
