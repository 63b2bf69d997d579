"""A secret in pieces is found where they are put together; pieces of anything else stay."""

from __future__ import annotations

import pytest

from chatops.policy.redaction import Redactor
from chatops.policy.redaction.spans import TAG
from tests.policy.planted import MIXED, drawn, token

REDACTOR = Redactor(key=b"0" * 32)
TOKEN = token("github", 3)
PASSWORD = drawn(MIXED, 12, 4)


def shown(text: str) -> str:
    """The text with a dot for each secret."""
    return TAG.sub("·", REDACTOR.text(text))


def rows(clear: str) -> list[str]:
    """The pieces of sixteen letters, as dumps have them."""
    return [clear[at : at + 16] for at in range(0, len(clear), 16)]


def hexdump(clear: str) -> str:
    """As `hexdump -C` prints it."""
    cells = (row[:8].encode().hex(" ") + "  " + row[8:].encode().hex(" ") for row in rows(clear))
    return "\n".join(
        f"{at * 16:08x}  {cell:<49} |{row}|" for at, (cell, row) in enumerate(zip(cells, rows(clear), strict=True))
    )


def xxd(clear: str) -> str:
    """As `xxd` prints it."""
    return "\n".join(f"{at * 16:08x}: {row.encode().hex(' ', -2):<39}  {row}" for at, row in enumerate(rows(clear)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" ".join(TOKEN), "·"),
        (f"say {' '.join(TOKEN)} now", "say · now"),
        (" ".join(f"password={PASSWORD}"), "·"),
        (f'x = "{TOKEN[:9]}" + "{TOKEN[9:]}";', "x = ·;"),
        (f"x = '{TOKEN[:9]}'.'{TOKEN[9:20]}'.'{TOKEN[20:]}';", "x = ·;"),
        (f'x = "{TOKEN[:9]}"\n    "{TOKEN[9:]}"\n', "x = ·\n"),
        (f'x = "{TOKEN[:9]}" \\\n "{TOKEN[9:]}"', "x = ·"),
        (f"echo '{TOKEN[:9]}'\"{TOKEN[9:]}\"", "echo ·"),
        (f'{{"code": "x = \\"{TOKEN[:9]}\\" + \\"{TOKEN[9:]}\\""}}', '{"code": "x = ·"}'),
        (f'password = "{PASSWORD[:6]}" + "{PASSWORD[6:]}"', "password = ·"),
        (f'select "{TOKEN[:9]}" || "{TOKEN[9:]}"', "select ·"),
        (hexdump(TOKEN), "·"),
        (hexdump(f"user=app password={PASSWORD} host=db"), "·"),
        (f"dump:\n{xxd(TOKEN)}\nend", "dump:\n·\nend"),
        (f"{xxd('nothing to see in this.')}\n\n{xxd(TOKEN)}", f"{xxd('nothing to see in this.')}\n\n·"),
    ],
)
def test_what_the_pieces_make_is_gone(text: str, expected: str) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        " ".join("nothing but letters in a row"),
        "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0",
        " ".join(TOKEN[:12]),
        '"GET / HTTP/1.1" 200 "-" "curl/8.4.0"',
        '"checkout" + "-" + "payments"',
        'password_hint = "none" + "at all"',
        hexdump("nothing to see in this, and none in that"),
        xxd("nothing to see in this, and none in that"),
        "2026-11-28 05 00 00 and 2026-11-28 06 00 00",
    ],
)
def test_other_pieces_stay(text: str) -> None:
    assert REDACTOR.text(text) == text


def test_a_secret_beside_the_pieces_leaves_them() -> None:
    text = f'as password={PASSWORD}, x = "check" + "out"'
    assert shown(text) == 'as password=·, x = "check" + "out"'
