"""The catalogue in words: nothing lost, and read back in either form."""

from __future__ import annotations

from itertools import product

import pytest

from chatops.persona.causelist import listed, nearest, read, words
from connectors.causes import CATALOGUE


def expanded(line: str) -> list[str]:
    return [" ".join(one) for phrase in line.split("; ") for one in product(*(w.split("/") for w in phrase.split()))]


def test_the_list_holds_every_cause_once_and_no_other() -> None:
    assert sorted(expanded(listed(tuple(cause.code for cause in CATALOGUE)))) == sorted(
        words(one.code) for one in CATALOGUE
    )


@pytest.mark.parametrize("cause", CATALOGUE, ids=lambda cause: cause.code)
def test_a_cause_is_read_in_words_and_by_code(cause: object) -> None:
    code = cause.code  # type: ignore[attr-defined]
    assert read(words(code)) is read(code) is read(f" {code.upper()} ") is cause


def test_what_differs_in_one_word_is_written_once() -> None:
    assert listed(("CPUOverload", "DiskFull", "MemoryOverload")) == "cpu/memory overload; disk full"


def test_what_is_unknown_has_neighbours() -> None:
    assert read("quantum flux") is None
    assert nearest("liveness probe has a wrong port")[0] == "liveness probe incorrect port"
    assert nearest("zzzz") == []
