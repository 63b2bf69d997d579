"""What may be believed? Logs, labels, annotations, chat and foreign pages are data, never instructions.

Before such text is shown, the tricks that make it do more than be read are taken out (`neutralise`).
Before a model reads it, it stands in a fence whose border it cannot forge (`Fence`), and fields that
users of a system write freely are reduced to their shape (`abstract`; `shapes` finds them). What
occurs only in it never comes into a command, a mention or a link (`only_in_untrusted`).
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

MAX_FIELD = 2_000
MAX_TEXT = 200_000
"""Characters of one field, and of one text, that are looked at at all."""

WORD_JOINER = "\u2060"

_ANSI = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)"
    r"|[PX^_][^\x1b]{0,4096}\x1b\\|[ -/]*[0-~])|\x9b[0-?]*[ -/]*[@-~]"
)
_SLACK_CONTROL = re.compile(r"<(?=[!@#])")
_BROADCAST = re.compile(r"[@\uff20\ufe6b](?=\s?(?:here|channel|everyone|group|all)\b)", re.IGNORECASE)
_FENCES = re.compile(r"`{3,}|~{3,}")
_KEPT = frozenset("\n\t")
_INVISIBLE = frozenset("\u115f\u1160\u3164\uffa0\u034f\u17b4\u17b5\u180e\u2800")
"""Letters and marks by category that show nothing: fillers and joiners."""


class TooLong(ValueError):
    """The text is longer than what is looked at before parsing."""


def limited(text: str, limit: int = MAX_TEXT) -> str:
    """The text itself; TooLong where it is longer than the limit (checked before anything is parsed)."""
    if len(text) > limit:
        raise TooLong(f"{len(text)} characters, {limit} are allowed")
    return text


def plain(text: str) -> str:
    """The text without escape sequences, control characters, direction marks and characters of no width."""
    if text.isascii() and text.isprintable():
        return text
    text = _ANSI.sub("", text).replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    return "".join(character for character in text if character in _KEPT or _is_visible(character))


def _is_visible(character: str) -> bool:
    if character.isascii():
        return " " <= character <= "~"
    return (
        unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co", "Cn"}
        and character not in _INVISIBLE | _SELECTORS
    )


_SELECTORS = frozenset(chr(c) for c in [*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)])


def neutralise(text: str) -> str:
    """Text that can only be read: nothing hidden, no mention or broadcast, no code fence to break out of."""
    text = plain(text)
    text = _SLACK_CONTROL.sub("<" + WORD_JOINER, text)
    text = _BROADCAST.sub(lambda found: found.group() + WORD_JOINER, text)
    return _FENCES.sub(lambda found: WORD_JOINER.join(found.group()), text)


_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Fence:
    """Marks text as data for a model, with a border that who wrote the text can neither know nor close.

    The mark is one for a run and stands in the run's first message, so that the prompt all runs share does
    not change. Whatever looks like a border inside is broken, so that even a guessed mark ends nothing.
    """

    mark: str

    @classmethod
    def of(cls, key: bytes, run: str) -> Fence:
        """The fence of a run, the same for every worker that has the key."""
        digest = hmac.new(key, f"fence:{run}".encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
        return cls("".join(_LETTERS[byte % 26] for byte in digest[:8]))

    @classmethod
    def random(cls) -> Fence:
        """A fence that only this process knows."""
        return cls.of(secrets.token_bytes(16), "")

    @property
    def borders(self) -> tuple[str, str]:
        """How it begins and ends."""
        return f"<untrusted-{self.mark}>", f"</untrusted-{self.mark}>"

    def around(self, text: str) -> str:
        """The text as data: nothing hidden in it, and nothing in it that looks like a border."""
        begin, end = self.borders
        return begin + _BORDER.sub("<" + WORD_JOINER, plain(text)) + end


_BORDER = re.compile(r"<(?=\s*/?\s*untrusted)", re.IGNORECASE)

Kind = Literal["path", "user-agent", "body", "query", "text"]

_SEGMENT = re.compile(r"(?=.{1,24}$)[A-Za-z]+(?:[_-][A-Za-z]+){0,2}|v\d{1,2}")
_DEPTH = 6
"""Segments of a path that are shown: routes are short, and sentences are not."""
_PRODUCT = re.compile(r"^[A-Za-z][\w.-]{0,31}(?=/[\w.+-]+|$)")


def abstract(value: str, kind: Kind) -> str:
    """The shape of a field that users write: what it looks like, not what it says.

    `/api/v1/orders/8412?x=1` → `/api/v1/orders/{}?…`, a user agent → its product, a body → its length.
    """
    text = plain(value[:MAX_FIELD])
    if kind == "path":
        return _path(text)
    if kind == "user-agent":
        found = _PRODUCT.match(text)
        return f"{found.group()}/…" if found else f"user agent of {len(value)} characters"
    if kind == "query":
        names = [part.partition("=")[0] for part in text.split("&") if part]
        return "&".join(f"{name}=…" if _SEGMENT.fullmatch(name) else "…" for name in names[:20])
    letters, digits = sum(c.isalpha() for c in text), sum(c.isdigit() for c in text)
    lines = text.count("\n") + 1
    counted = f"{lines} line{'s' if lines > 1 else ''} ({letters} letters, {digits} digits)"
    return f"{kind} of {len(value)} characters in {counted}"


def _path(text: str) -> str:
    path, question, _ = text.partition("?")
    parts = path.split("/")
    shown = [part if not part or _SEGMENT.fullmatch(part) else "{}" for part in parts[:_DEPTH]]
    return "/".join(shown) + ("/…" if len(parts) > _DEPTH else "") + ("?…" if question else "")


_URL = re.compile(r"\b[a-z][a-z0-9+.-]{1,15}://[^\s\"'<>`|\\]+", re.IGNORECASE)
_HOST = re.compile(
    r"(?<![\w.@-])(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,23}(?![\w-])", re.IGNORECASE
)
_ADDRESS = re.compile(
    r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])|(?<![\w:])(?:[0-9a-f]{1,4}:){2,7}[0-9a-f:]{1,39}(?![\w:])",
    re.IGNORECASE,
)
_MAIL = re.compile(r"[\w.+%-]+@[\w.-]+\.\w+")
_PACKAGE = re.compile(
    r"(?:pip3?|pipx|npm|yarn|pnpm|gem|cargo|go|apt|apt-get|dnf|yum|brew|apk|helm|docker|podman|krew)\s+(?:--?[\w-]+\s+)*"
    r"(?:install|add|get|i|pull|run|upgrade)\s+((?:-{1,2}[\w=-]+\s+)*)([\w@./:-]+)",
    re.IGNORECASE,
)
_IMAGE = re.compile(r"(?<![\w/.-])(?:[\w.-]+(?::\d+)?/)+[\w.-]+(?::[\w.-]+|@sha256:[0-9a-f]{64})", re.IGNORECASE)


def handle(author: str) -> str:
    """Who wrote something, where it is one word as ids are; what is more may be an order, and is not repeated."""
    return author if _HANDLE.fullmatch(author) else "somebody"


_HANDLE = re.compile(r"[A-Za-z0-9_-]{1,40}", re.ASCII)


def tokens(text: str) -> frozenset[str]:
    """URLs, hosts, addresses, mail addresses, images and packages that a text names, in lower case."""
    return frozenset(token.strip(".,;:!?)]}'\"").lower() for token in _named(plain(limited(text))) if len(token) > 2)


def _named(text: str) -> Iterator[str]:
    for pattern in (_URL, _HOST, _ADDRESS, _MAIL, _IMAGE):
        for found in pattern.finditer(text):
            yield found.group()
            if pattern is _URL:
                yield re.sub(r"^[^/]*//(?:[^/@]*@)?", "", found.group()).split("/")[0].split("?")[0].rsplit(":", 1)[0]
    for found in _PACKAGE.finditer(text):
        yield found.group(2)


def only_in_untrusted(argv: Sequence[str], untrusted: Iterable[str], exists: Callable[[str], bool]) -> tuple[str, ...]:
    """What a command names that untrusted text names and no system does, in order; such a command is refused.

    `exists` tells whether systems named something. Words with a dot, slash, colon or @ in them count as a
    whole as well; they are known where all their parts are. The program is not asked about.
    """
    suspect = [_clip(text).lower() for text in untrusted]
    named = [token for argument in argv[1:] for token in sorted({*tokens(argument), *_words(argument)})]
    found = (
        token
        for token in [*named, *sorted(tokens(" ".join(argv)))]
        if any(_occurs(token, text) for text in suspect) and not _known(token, exists)
    )
    return tuple(dict.fromkeys(found))


def _known(token: str, exists: Callable[[str], bool]) -> bool:
    parts = [part for part in re.split(r"[/:@]", re.sub(r"^[a-z][a-z0-9+.-]*://", "", token)) if part]
    return exists(token) or (len(parts) > 0 and all(exists(part) or part.isdigit() for part in parts))


def _clip(text: str) -> str:
    return plain(text[:MAX_TEXT])


def _words(argument: str) -> Iterator[str]:
    value = argument.partition("=")[2] or argument
    for word in re.split(r"[,\s]+", value.lower()):
        if len(word) > 3 and set(word) & set("./:@") and re.fullmatch(r"[\w@][\w@./:+-]*", word):
            yield word


def _occurs(token: str, text: str) -> bool:
    at = text.find(token)
    while at >= 0:
        before, after = text[at - 1 : at], text[at + len(token) : at + len(token) + 1]
        if not (before.isalnum() or before in {"-", "_"}) and not (after.isalnum() or after in {"-", "_"}):
            return True
        at = text.find(token, at + 1)
    return False
