"""What becomes of a few hundred texts: `python -m tests.policy.redacted` writes `redacted.jsonl` again.

A row is a text and what is left of it. The secrets are not in the file: `«M36»` stands for 36 letters and digits
(`H` hexadecimal, `L` lower case, `U` upper case, `D` digits), drawn by the number of the row.
"""

from __future__ import annotations

import json
import random
import re
import string
from functools import cache
from pathlib import Path

from chatops.policy.redaction import Redactor
from chatops.policy.redaction.prefilter import View
from chatops.policy.redaction.spans import FormatScan
from chatops.policy.redaction.token_format import Format
from tests.policy.planted import HEX, LOWER, MIXED, UPPER

GOLDEN = Path(__file__).with_name("redacted.jsonl")
_ALPHABETS = {"M": MIXED, "H": HEX, "L": LOWER, "U": UPPER, "D": string.digits}
_REDACTOR = Redactor(key=b"0" * 32)
_DRAWN = re.compile(r"«([MHLUD])(\d+)»")


def rows() -> list[list[str]]:
    """The texts and what was left of them."""
    return [json.loads(line) for line in GOLDEN.read_text("utf-8").splitlines()]


def filled(text: str, number: int) -> str:
    """The text with characters in place of the signs that stand for them."""
    source = random.Random(number)
    return _DRAWN.sub(lambda m: "".join(source.choice(_ALPHABETS[m[1]]) for _ in range(int(m[2]))), text)


def left(text: str, number: int) -> str:
    """What is left of a text of the file."""
    return _REDACTOR.text(filled(text, number))


@cache
def _texts() -> View:
    return View("\n".join(filled(text, at) for at, (text, _) in enumerate(rows())))


def is_exemplified(row: Format) -> bool:
    """Whether a text of the file holds a token of this format."""
    return any(found.kind == row.kind for found in FormatScan([row])(_texts()))


def main() -> None:
    """Write the file again, for a person to read the difference."""
    lines = [json.dumps([text, left(text, at)], ensure_ascii=False) for at, (text, _) in enumerate(rows())]
    GOLDEN.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
