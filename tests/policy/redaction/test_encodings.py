"""What stands behind base64 and escapes, and what is no encoding at all."""

from __future__ import annotations

import base64
import gzip
import json

import pytest

from chatops.policy.redaction import Redactor
from chatops.policy.redaction.encodings import decoded_base64, encoded, unescaped, unescaped_in_place, unpacked
from chatops.policy.redaction.prefilter import View
from chatops.policy.redaction.spans import FormatScan, Span
from tests.policy.planted import token

REDACTOR = Redactor(key=b"0" * 32)


@pytest.mark.parametrize("text", ["DB_PASSWORD=hunter2hunter2", "grüße an alle", "line one\nline two\n"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("padded", [True, False])
def test_text_comes_back_in_both_alphabets_with_padding_or_without(text: str, encode: object, padded: bool) -> None:
    word = encode(text.encode()).decode()  # type: ignore[operator]
    assert decoded_base64(word if padded else word.rstrip("=")) == text


def test_what_is_no_text_behind_it_is_nothing() -> None:
    assert decoded_base64(base64.b64encode(bytes(range(200, 256)) * 2).decode()) == ""
    assert decoded_base64(base64.b64encode(b"\x00\x01\x02binary").decode()) == ""


def test_escapes_are_undone() -> None:
    assert unescaped(r"a\u0062c \x41 https:\/\/x") == "abc A https://x"


def test_simple_escapes_are_blanked_at_the_same_length() -> None:
    text = r"a\nb\tc\r"
    assert len(unescaped_in_place(text)) == len(text)
    assert "\\" not in unescaped_in_place(text)


def test_what_was_packed_is_looked_at_as_helm_keeps_it() -> None:
    packed = base64.b64encode(gzip.compress(json.dumps({"config": {"password": "hunter2hunter2"}}).encode())).decode()
    twice = base64.b64encode(packed.encode()).decode()
    for word in (packed, twice):
        assert "hunter2" in unpacked(word)
        assert word not in REDACTOR.text(f"release: {word}")
    harmless = base64.b64encode(gzip.compress(b"nothing but a line of text")).decode()
    assert REDACTOR.text(f"x {harmless}") == f"x {harmless}"
    assert unpacked("H4sI" + "A" * 40) == ""


def test_entities_are_undone() -> None:
    assert "hunter2" not in REDACTOR.text("<log>&lt;password&gt;hunter2hunter2&lt;/password&gt;</log>")


@pytest.mark.parametrize(
    ("frame", "at"),
    [("token: {}\\\n{}", 20), ("{}\n{}", 18), ("a: {}\r\n{}", 12), ("  {}\n     {},", 22)],
)
def test_a_token_broken_over_lines_is_gone(frame: str, at: int) -> None:
    secret = token("github", 7)
    told = REDACTOR.text(frame.format(secret[:at], secret[at:]))
    assert secret[at:] not in told
    assert secret[:at] not in told


@pytest.mark.parametrize(
    "unseen", ["\u200b", "\u00ad", "\x1b[0m", "\u202e", "\ufeff", "\u2060"], ids=lambda one: ascii(one)
)
def test_what_nobody_sees_parts_no_token(unseen: str) -> None:
    secret = token("github", 9)
    told = REDACTOR.text(f"call with {secret[:14]}{unseen}{secret[14:]} failed{unseen}")
    assert secret[14:] not in told
    assert told.startswith("call with [secret:github-token#")
    assert told.endswith(f"] failed{unseen}")


@pytest.mark.parametrize("sign", ["?", "~", "o", "/"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("before", range(4))
def test_the_shortest_secret_is_found_in_both_alphabets_wherever_it_begins(
    sign: str, encode: object, before: int
) -> None:
    for at in range(1, 9):
        value = "".join(sign if n == at else "k7Q"[n % 3] for n in range(10))
        word = encode(b"x" * before + b" password=" + value.encode()).decode()  # type: ignore[operator]
        assert REDACTOR.text(f"data {word} end") == f"data {REDACTOR.tag(word)} end", (value, word)


@pytest.mark.parametrize("width", [40, 60, 64, 76])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_base64_in_lines_is_one_secret(width: int, end: str) -> None:
    word = base64.b64encode(b"nothing at all, and then " * 6 + b"password=k7Qk7Qk7Qz").decode()
    lines = end.join(word[at : at + width] for at in range(0, len(word), width))
    told = REDACTOR.text(f"before{end}{lines}{end}-- after")
    assert told.startswith(f"before{end}[secret:")
    assert told.endswith(f"]{end}-- after")
    assert told.count("[secret:") == 1


@pytest.mark.parametrize("glue", ["\n", "\r\n", "\\\n", "=\n", "\n   "])
@pytest.mark.parametrize("at", [2, 5, 20, 38])
def test_a_broken_token_is_gone_as_a_whole_and_nothing_beside_it(glue: str, at: int) -> None:
    secret = token("github", 7)
    told = REDACTOR.text(f"see {secret[:at]}{glue}{secret[at:]}, then\nmore")
    assert told.startswith("see [secret:github-token#")
    assert told.endswith("], then\nmore")


FORMATS = FormatScan()


def looked_at(text: str) -> list[str]:
    """What is read behind the encodings of a text."""
    seen: list[str] = []
    list(encoded(View(text), lambda clear: seen.append(clear) or [], FORMATS))  # type: ignore[func-returns-value]
    return seen


def hidden(text: str) -> list[tuple[str, str]]:
    """What of a text goes, and its kind, where the word `treasure` is a secret."""

    def scan(clear: str) -> list[Span]:
        return [Span(0, 1, "first"), Span(1, 2, "second")] if "treasure" in clear else []

    return [(text[one.start : one.end], one.kind) for one in encoded(View(text), scan, FORMATS)]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"\x09\x0d text", "\t\r text"),
        (b"\x08 text", ""),
        (b"\x0e text", ""),
        (b"\x1f text", ""),
        (b"a" * 63 + b"\x01", ""),
        (b"a" * 64 + b"\x01", "a" * 64 + "\x01"),
        (b"seven..\xff", ""),
        (b"eight...\xff", "eight..."),
        (b"fifteen letters..\xff\xff", "fifteen letters.."),
        (b"fourteen lette\xff\xff", ""),
    ],
)
def test_what_counts_as_text(raw: bytes, text: str) -> None:
    assert decoded_base64(base64.b64encode(raw).decode()) == text


def test_a_character_too_many_is_left_out_and_what_is_no_base64_is_nothing() -> None:
    assert decoded_base64(base64.b64encode(b"abc").decode() + "Q") == "abc"
    assert decoded_base64("YW J") == ""
    assert decoded_base64("") == ""


@pytest.mark.parametrize("swap", [("+", "-"), ("/", "_"), ("", "")])
def test_what_was_packed_is_read_in_both_alphabets(swap: tuple[str, str]) -> None:
    for at in range(40):
        packed = base64.b64encode(gzip.compress(f"{at}".encode() * 3 + bytes(range(32, 90)), mtime=at)).decode()
        assert unpacked(packed.replace(*swap).rstrip("=")) == f"{at}" * 3 + bytes(range(32, 90)).decode()
    assert unpacked("H4s") == ""
    assert unpacked("H4sI" + "A" * 40 + "A") == ""
    assert unpacked(base64.b64encode(gzip.compress(b"a\xff", mtime=0)).decode()) == "a\ufffd"


@pytest.mark.parametrize(
    ("text", "clear"),
    [
        (r"\u0062", "b"),
        (r"\u{62}", "b"),
        (r"\u{1f600}", "\U0001f600"),
        (r"\x4a", "J"),
        (r"\112", "J"),
        (r"\/", "/"),
        (r"\u{6}\u006\x4\11\n", r"\u{6}\u006\x4\11\n"),
    ],
)
def test_each_escape_is_undone(text: str, clear: str) -> None:
    assert unescaped(text) == clear


def test_simple_escapes_become_lines_and_blanks() -> None:
    assert unescaped_in_place(r"a\nb\rc\td\e") == "a\n\nb\n\nc  d\\e"


@pytest.mark.parametrize(
    ("word", "clear"),
    [
        ("a%20treasure", "a treasure"),
        ("tr%65asure%2", "treasure%2"),
        (r"\x74reasure:", "treasure:"),
        ("tr&#101;asure", "treasure"),
        ("&quot;treasure", '"treasure'),
    ],
)
def test_a_word_of_twelve_characters_is_decoded_as_a_whole(word: str, clear: str) -> None:
    for before, behind in (("", ""), ("x ", " y"), ('"', '"'), ("<", ">"), ("\n", "\n"), ("'", "'"), ("\t", "\r")):
        text = before + word + behind
        assert looked_at(text) == [clear]
        assert hidden(text) == [(word, "first")]
        assert hidden(f"{text} {text}") == [(word, "first")] * 2


def test_a_shorter_word_or_one_that_says_the_same_is_none() -> None:
    assert looked_at("%74reasure.") == []
    assert looked_at("&nosuchthing;&zzz;treasure") == []
    assert looked_at("50% of a long&word\\q") == []


def test_a_word_is_read_two_thousand_characters_back() -> None:
    assert hidden("a" * 2000 + "treasure%20")[0][0].startswith("aaa")
    assert len(looked_at("a" * 2500 + "%20treasure")[0]) == 2048 + len(" treasure")


def test_base64_is_one_word_with_what_stands_before_it_and_its_padding() -> None:
    clear = base64.b64encode(b"here is the treasure").decode().rstrip("=")
    for before in ("", "_", "//", "__-"):
        for pad in ("", "=", "=="):
            word = before + clear + pad
            assert hidden(f"x:{word}, y") == [(word, "first")], word
            assert hidden(f"{word}, {word}") == [(word, "first")] * 2, word


@pytest.mark.parametrize(("end", "last"), [("\n", 0), ("\r\n", 4), ("\n", 20)])
def test_lines_of_base64_are_read_together(end: str, last: int) -> None:
    clear = b"nothing at all and " * 3 + b"the tr"
    word = base64.b64encode(clear + b"easure!" + b"." * last).decode()
    at = len(base64.b64encode(clear)) - len(base64.b64encode(clear)) % 4
    assert at >= 40
    lines = f"{word[:at]}{end}  {word[at:]}"
    assert hidden(f"x {lines}{end}-- y") == [(lines, "first")]
    assert hidden(f"x {word[:at]} {end}{word[at:]}{end}-- y") == []


def test_lines_of_less_than_forty_characters_are_none() -> None:
    for width, found in ((36, False), (40, True)):
        word = base64.b64encode(b"nothing at all, nothing at" + b"." * (width - 36) + b" treasure !!").decode()
        assert bool(hidden(f"{word[:width]}\n{word[width:]}\n")) is found


@pytest.mark.parametrize(
    ("first", "second", "gone"),
    [(10, 30, True), (2, 38, True), (38, 2, True), (1, 39, False), (39, 1, False)],
)
def test_two_characters_stand_on_each_side_of_a_break(first: int, second: int, gone: bool) -> None:
    secret = token("github", 7)
    assert first + second == len(secret)
    text = f"{secret[:first]}\n{secret[first:]}"
    assert hidden(text) == ([(text, "github-token")] if gone else [])
    assert hidden(f"a b\n\nsee {text}\nc\nd") == ([(text, "github-token")] if gone else [])


def test_each_break_is_looked_at_once() -> None:
    first, second = token("github", 7), token("gitlab", 8)
    text = f"{first[:9]}\n{first[9:]} {second[:9]}\\\r\n  {second[9:]}; x\nend"
    assert sorted(hidden(text)) == [
        (f"{first[:9]}\n{first[9:]}", "github-token"),
        (f"{second[:9]}\\\r\n  {second[9:]}", "gitlab-token"),
    ]
