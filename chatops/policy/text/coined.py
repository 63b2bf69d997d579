"""Which words of a sentence were made up to call something by, wherever they stand in it?

A word that no dictionary has, in any form (`paymentgate`), a pair of nouns with a hyphen (`ledger-sync`), what is put
together with dots and low lines from such words (`db.t3.medium`), and labels (`app=foo`) are names in English prose
by themselves. They are marked unless they were observed. In other languages, whose words nobody looked up, and
in code, which is judged as code, they are left to the rules that ask where a word stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from chatops.policy.redaction.spans import TAG
from chatops.policy.text.compounds import are_ordinary, is_prose, may_describe
from chatops.policy.text.lexicon import is_ordinary, is_word, parts
from chatops.policy.text.plain_names import UNVERIFIED_NAME
from chatops.policy.text.quotations import PROGRAMS

Known = Callable[[str], bool]

_APART = re.compile(rf"(```.*?(?:```|$)|`[^`\n]*`|{TAG.pattern})", re.DOTALL)
"""Code, which is judged as code, and what stands for a secret: neither is prose."""
_RUN = re.compile(r"[^\s()\[\]{}<>\"“”„«»,;!?|*~…–—]+")
_EDGES = ".:'’‘/-_#"
_LABEL = re.compile(r"[A-Za-z][\w./-]*=(?P<value>[A-Za-z][\w./-]*)")
_PLAIN = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿ]+")
_NUMBERED = re.compile(r"(?P<base>[A-Za-z]{3,}?)v?\d+")
_HYPHENATED = re.compile(r"[A-Za-z][a-z]*(?:-(?:[a-z0-9]+|[A-Z0-9]+))+")
_JOINED = re.compile(r"[A-Za-z][\w-]*(?:\.[\w-]+)+|[a-z][a-z0-9]*(?:_[a-z0-9]+)+", re.IGNORECASE)
_PIECES = re.compile(r"[._-]")
_ENDINGS_WORDS = """
    js net yaml yml json toml conf cfg ini properties xml txt log md py sh go java sql tf tfvars lock io g e vs
"""
_ENDINGS = frozenset(_ENDINGS_WORDS.split())
"""What stands behind the last dot of a file, of a few products, and of abbreviations."""
_LETTERS = 4
"""Letters from which on a word that no dictionary has is no short form."""
_NEAR = 80
"""Characters on either side that a word's neighbours stand in."""
_HERE_WORDS = """
    the a an is are was were of and to that with for it its this has have had not by from on which be been at as or
    but because no there
"""
_HERE = frozenset(_HERE_WORDS.split())
_ABROAD_WORDS = """
    der die das den dem ein eine und ist sind nicht mit von wird auf für wegen im beim zum zur el los las un una y
    es está por con para que se le la les du des et est sont pas ce qui dans avec sur pour il lo gli di è non per o
    os um uma do da não em com het een en van niet op
"""
_ABROAD = frozenset(_ABROAD_WORDS.split())
_BEFORE_WORDS = """
    because and or but that when while since if as to from by of via with in on at for into through is was are were
    called named than after before behind until unless although whether nor only even also then so
"""
_BEFORE = frozenset(_BEFORE_WORDS.split())
"""Words behind which a noun without an article is the name of one thing."""
_AFTER_WORDS = """
    is are was were has have had does did do can could may might will would should must in on at of to for from by
    with and or but because while when since after before that which who then now still also not never always no
    answers fails drops refuses hangs crashes leaks blocks floods holds sends calls serves uses keeps needs runs
    restarts returns reports times goes went starts stops depends takes gets makes writes reads shows says
"""
_AFTER = frozenset(_AFTER_WORDS.split())
"""Words before which a noun is no description of another."""

_ENDING = re.compile(r"(?:n['’]t|['’]\w{1,2})$")
"""What is no part of a name: `cart's`."""


def marked(sentence: str, known: Known, is_object: Known, removed: Callable[[str], None]) -> str:
    """The sentence with a mark for every such name that is not `known`; `removed` is told."""
    if not _is_english(sentence):
        return sentence
    kept = []
    for at, text in enumerate(_APART.split(sentence)):
        spans = [] if at % 2 else list(_coined(text, known, is_object))
        for start, end in reversed(spans):
            removed("a name that was not observed")
            text = text[:start] + UNVERIFIED_NAME + text[end:]
        kept.append(text)
    return "".join(kept)


def _is_english(sentence: str) -> bool:
    words = [word.lower() for word in _PLAIN.findall(sentence)]
    return sum(word in _HERE for word in words) >= sum(word in _ABROAD for word in words)


def _coined(text: str, known: Known, is_object: Known) -> Iterator[tuple[int, int]]:
    """Where such names stand."""
    for run in _RUN.finditer(text):
        if "://" in run[0] or run[0].startswith(("/", "-", "$", "%")):
            continue
        if run[0].startswith("@"):
            if run[0][1:2].isalpha() and not known(run[0][1:].strip(_EDGES)):
                yield run.start(), run.start() + len(run[0].rstrip(_EDGES))
            continue
        if label := _LABEL.fullmatch(run[0].strip(_EDGES)):
            if not (is_ordinary(label["value"]) or known(label["value"])):
                yield run.start(), run.start() + len(run[0].rstrip(_EDGES))
            continue
        for piece in re.finditer(r"[^/:=]+", run[0]):
            word = _ENDING.sub("", piece[0].strip(_EDGES))
            start = run.start() + piece.start() + piece[0].find(word)
            end = start + len(word)
            around = text[max(0, start - _NEAR) : start], text[end : end + _NEAR]
            if word and _is_name(word, *around, known, is_object) and not known(word):
                yield start, end


def _is_name(word: str, before: str, after: str, known: Known, is_object: Known) -> bool:
    if _PLAIN.fullmatch(word):
        return _is_no_word(word)
    if found := _NUMBERED.fullmatch(word):
        return not (is_ordinary(found["base"]) or found["base"].isupper() or known(found["base"]))
    if _HYPHENATED.fullmatch(word):
        return _is_pair(word, before, after, known, is_object)
    if _JOINED.fullmatch(word) and _PIECES.split(word)[-1].lower() not in _ENDINGS:
        pieces = [piece for piece in _PIECES.split(word) if piece]
        return any(not (_is_part(piece) or known(piece)) for piece in pieces)
    return False


def _is_no_word(word: str) -> bool:
    """Whether no dictionary has it; of capitals and small letters (`HikariCP`) each part."""
    if is_word(word) or word in PROGRAMS:
        return False
    return any(len(part) >= _LETTERS and not part.isupper() and not is_word(part) for part in parts(word) or [word])


def _is_part(piece: str) -> bool:
    """A part of a path of fields (`spec.replicas`), or the number of a version."""
    letters = piece.rstrip("0123456789")
    if letters != piece and letters.lower() in {"", "v"}:
        return True
    return len(letters) > 1 and all(is_word(part) or part.isupper() for part in parts(letters))


def _is_pair(word: str, before: str, after: str, known: Known, is_object: Known) -> bool:
    """Whether a word with a hyphen is a name: by itself, or because it stands alone where one stands."""
    if is_prose(word):
        return False
    pieces = word.split("-")
    objects = [is_object(piece) for piece in pieces]
    if all(objects):
        return False
    if any(objects) or not may_describe(word):
        return True
    return not (word.endswith("ing") and are_ordinary(word)) and _stands_alone(before, after)


def _stands_alone(before: str, after: str) -> bool:
    """Without an article, and without a noun that it would describe."""
    left, right = re.search(r"([^\s\"'(]*)[\s\"'(]*$", before), re.match(r"[\"')]*\s*([\w-]*)", after)
    last, following = (left[1] if left else ""), (right[1].lower() if right else "")
    clause = not last or last[-1] in ",.:;–-" or last.lower() in _BEFORE
    return clause and (not following or following in _AFTER or following.endswith("ed"))
