"""Building blocks: what does not fit is left out, the least important first, and said."""

from __future__ import annotations

from chatops.render import blocks
from chatops.render.blocks import Part
from tests.slack.payloads import problems


def test_the_least_important_goes_first() -> None:
    parts = [Part(keep, f"part {keep}", [blocks.section(str(keep) * 2900)]) for keep in (9, 3, 7, 5, 8)]
    message = blocks.message("text", parts)
    assert problems(message.blocks, message.text) == []
    assert "Left out here for length: part 3." in str(message.blocks[-1])
    assert [str(b["text"]["text"])[0] for b in message.blocks[:-1]] == ["9", "7", "5", "8"]  # type: ignore[index]


def test_fifty_blocks_at_most() -> None:
    message = blocks.message("text", [Part(9 - i, f"p{i}", [blocks.divider()] * 20) for i in range(4)])
    assert len(message.blocks) <= blocks.MAX_BLOCKS


def test_one_table_at_most() -> None:
    table = blocks.table(["a"], [["1"]])
    message = blocks.message("text", [Part(9, "first", [table]), Part(8, "second", [table])])
    assert problems(message.blocks, message.text) == []


def test_a_button_that_asks_first() -> None:
    one = blocks.button("Stop", "stop", "inc-1", confirm="End the investigation?")
    assert problems([blocks.actions([one])], "text") == []


def test_an_empty_cell_is_a_dash() -> None:
    assert problems([blocks.table(["a", "b"], [["", "x"]])], "text") == []
