"""Where a workspace does not know a block, the same is said with older ones."""

from __future__ import annotations

from chatops.domain.ports import Step
from chatops.render import detail
from chatops.render.card import root_card
from chatops.render.simpler import simpler
from tests.conftest import NOW
from tests.render import cases
from tests.slack.payloads import problems
from tests.slack.web_api import MODERN


def test_older_workspaces_get_older_blocks_that_say_the_same() -> None:
    messages = [
        root_card(cases.incident(), cases.diagnosis(), now=NOW),
        detail.evidence_card(cases.incident(), cases.diagnosis()),
        detail.progress("Investigating", [Step("1", "Pods of cart", "complete")]),
        *detail.answer(cases.incident(), "**Memory**\n\n| a | b |\n|--|--|\n| 1 | 2 |", "answer:1"),
    ]
    wanted = ["Helpful", "working set", "Pods of cart", "*Memory*"]
    for message, said in zip(messages, wanted, strict=True):
        made = simpler(message, 1)
        assert not {block["type"] for block in made.blocks} & MODERN
        assert problems(made.blocks, made.text) == []
        assert said in str(made.blocks)


def test_text_alone_still_holds_the_answer_and_the_commands() -> None:
    made = simpler(root_card(cases.incident(), cases.diagnosis(), now=NOW), 2)
    assert made.blocks == ()
    assert "killed for memory" in made.text
    assert "kubectl top pods -n shop" in made.text


def test_the_first_level_is_the_message() -> None:
    message = root_card(cases.incident(), cases.diagnosis(), now=NOW)
    assert simpler(message, 0) is message
