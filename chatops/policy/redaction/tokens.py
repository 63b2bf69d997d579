"""Which words are tokens by their look: behind a service's name, behind a prefix, or with nothing beside them?

Where neither a format nor a name tells, a long word of small and capital letters and digits in no order was made by
a machine to be guessed by nobody. What is counted, hashed or signed for everybody to see looks the same, and stays
by what stands before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chatops.policy.redaction.encodings import decoded_base64
from chatops.policy.redaction.names import entropy, looks_made, looks_random, trimmed
from chatops.policy.redaction.prefilter import Prefilter, View
from chatops.policy.redaction.spans import CREDENTIAL, Span, is_placeholder
from chatops.policy.redaction.vocabulary import VENDORS

_BARE_WORD = re.compile(r"[^\s\"'`<>]+")
_ASSIGNED_RUN = re.compile(r"[:=,][ \t>]{0,4}[\"'`]?([a-z0-9_=.+/%-]{16})")
_SERVICES = "|".join(sorted(VENDORS - frozenset(["hub", "bird", "relic", "sumo", "linear", "lob", "beamer", "looker"])))
_SERVICE = rf"(?:{_SERVICES}|new_relic|new-relic)[\"'`]{{0,2}}[ \t]{{0,4}}:?[:=,][ \t>]{{0,4}}[\"'`]?"
_VENDOR = re.compile(rf"(?<![a-z0-9.-]){_SERVICE}\Z")
"""A service's name alone, with a token behind it: `cloudflare: …`, `"artifactory", "…"`."""

_VENDOR_RUN = Prefilter([_SERVICE + r"[a-z0-9_=.+/%-]{12}"], ignore_case=True)


def vendor_secrets(view: View) -> Iterator[Span]:
    """Long random values assigned to the bare name of a service."""
    for start, end in _VENDOR_RUN(view.data):
        for found in _ASSIGNED_RUN.finditer(view.lower, start, end + 16):
            first = found.start(1)
            if _VENDOR.search(view.lower, max(0, first - 32), first):
                yield from _token_at(view.text, first)


def _token_at(text: str, first: int) -> Iterator[Span]:
    value = _BARE_WORD.match(text, first)
    last = trimmed(text, first, value.end()) if value else first
    if looks_token(text[first:last]):
        yield Span(first, last, CREDENTIAL)


def looks_token(value: str) -> bool:
    """Whether a value is one word of letters and digits, long and random; digests are not."""
    if not re.fullmatch(r"[A-Za-z0-9_=.+/%-]{16,}", value) or re.fullmatch(
        r"(?:sha\d+-)?[0-9a-f]{40}|[0-9a-f]{64}", value
    ):
        return False
    if re.fullmatch(r"[a-z]+[a-z0-9]*(?:[-.][a-z0-9]+)+", value):
        return False  # the name of an object, a host or a package
    return looks_random(value) or (looks_made(value) and len(value) < 40)


_SAYS = r"(?:api|apikey|at|auth|ci|key|live|oat|ort|out|pat|prod|production|sat|secret|sk|sec|token)"
_PREFIXED = re.compile(
    r"(?<![A-Za-z0-9_-])(?!cs_|sha\d)(?:"
    r"[A-Za-z][A-Za-z0-9]{1,15}[_-](?:[A-Za-z0-9]{1,10}[_-]){0,2}(?P<body>[A-Za-z0-9]{32,128})"
    rf"|(?=(?:[a-z]+[_-]){{0,3}}{_SAYS}[_-]|(?:[A-Z]+_){{0,3}}(?i:{_SAYS})_)(?:[A-Za-z]+[_-]){{1,4}}(?P<said>[A-Za-z0-9]{{20,128}})"
    r")(?![A-Za-z0-9_-])"
)
_PREFIXED_AT = Prefilter([r"[A-Za-z][A-Za-z0-9]*[_-][A-Za-z0-9]{20}"], enough=20)
_HEX = re.compile(r"[0-9a-f]*")


def prefixed_tokens(view: View) -> Iterator[Span]:
    """`acme_live_…`: tokens as newer services make them; what only names something is shorter, or of one case.

    Where the words before it say what it is (`polar_pat_…`, `acme_api_…`), twenty characters are enough, of one case
    too.
    """
    for start, end in _PREFIXED_AT(view.data):
        for found in _PREFIXED.finditer(view.text, max(0, start - 48), end + 128):
            body = found["body"] or found["said"]
            mixed = any(map(str.isdigit, body)) and any(map(str.islower, body)) and any(map(str.isupper, body))
            said = found["said"] and any(map(str.isdigit, body)) and not _HEX.fullmatch(body) and not body.isdigit()
            if (mixed or said) and entropy(body) >= (3.5 if found["said"] else 3.8):
                yield Span(*found.span(), CREDENTIAL)


_MIXED_AT = Prefilter(
    ["[a-z][0-9][A-Z]", "[A-Z][0-9][a-z]", "[0-9][A-Z][a-z]", "[0-9][a-z][A-Z]", "[a-z][A-Z][0-9]", "[A-Z][a-z][0-9]"]
)
"""Three letters and digits as names hardly have them; of words of twenty-four drawn by lot one in sixty has none."""

_BEFORE = re.compile(r"[A-Za-z0-9+/_-]*\Z")
_RUN = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")
_ALONE = re.compile(r"[A-Za-z0-9_-]{24,256}={0,2}|(?!/)[A-Za-z0-9+/]{40,256}={0,2}")
_TOLD = re.compile(r"(?:sha\d+-|AAAA|H4sI|SDRzSU|MII).*|[a-z]{2,12}[_-][A-Za-z0-9]{1,31}")
"""Words that say what they are: digests, public keys, certificates, archives; an object's kind and its id (`pi_…`)."""

_TURN = re.compile(r"[a-z]+|[A-Z]+|[0-9]+")
_SAID_TO_ALL = re.compile(
    r"(?:id|ids|id-2|etag|digest|checksum|hash|integrity|fingerprint|public_?key|peer|data|bundle|ca|cert|certificate|"
    r"bin|continue|cursor|offset|nonce|rsa|ed25519|name|version|revision|build|tag|image|path|file|trace|span|request)"
    r"[\"'`]{0,2}[ \t]?[:=( -]{0,3}[ \t]?[\"'`]?\Z|[.@#\\:~$%]\Z|W/\\?\"\Z",
    re.IGNORECASE,
)
"""What stands before a word that everybody may see, and before a part of an address or of a name."""

_GOES_ON = frozenset("./@:\\%~$")
_ARMOUR = re.compile(r"-----BEGIN [A-Z0-9 ]{1,64}-----[A-Za-z0-9+/=\\\s:.,'\"-]*")
"""Certificates and signatures; a private key is found by its first line."""


def bare_tokens(view: View) -> Iterator[Span]:
    """Long words that only a machine can have made, with nothing beside them that tells another use."""
    text, after = view.text, 0
    armoured = [found.span() for found in _ARMOUR.finditer(text)] if "-----BEGIN" in text else []
    for at, _ in _MIXED_AT(view.data):
        if at < after or any(first < at < last for first, last in armoured):
            continue
        start = _BEFORE.search(text, max(after, at - 256), at).start()  # type: ignore[union-attr]
        word = _RUN.match(text, start).group()  # type: ignore[union-attr]
        after = start + len(word)
        if _ALONE.fullmatch(word) and _stands_alone(text, start, after) and looks_drawn(word):
            yield Span(start, after, CREDENTIAL)


def looks_drawn(word: str) -> bool:
    """Whether small and capital letters and digits take turns as if drawn by lot; the words of a name are longer."""
    runs = _TURN.findall(word)
    digits = sum(map(str.isdigit, runs))
    spelt = sum(len(run) for run in runs if len(run) > 3 and run.islower())
    turns = digits >= 2 and len(runs) >= 0.45 * len(word) and spelt <= 0.35 * len(word)
    if not turns or entropy(word) < 3.7 or is_placeholder(word) or _TOLD.fullmatch(word):
        return False
    return not decoded_base64(word)  # what is text behind it is judged as that


def _stands_alone(text: str, start: int, end: int) -> bool:
    return text[end : end + 1] not in _GOES_ON and not _SAID_TO_ALL.search(text, max(0, start - 24), start)
