"""Is a word with a hyphen put together as prose does it, or is it what something is called?

`user-facing`, `cluster-wide` and `on-demand` are told by their first or last part, and anything may stand beside
those. Two nouns in a row (`ledger-sync`, `basket-api`) are what people call services: they are prose only where both
are words that stand beside any kind of object, and something follows that they describe (`connection-pool settings`).
"""

from __future__ import annotations

import re

from chatops.policy.text.lexicon import is_ordinary, is_word

_HEADS_WORDS = """
    a ad all an anti any at auto bi both by ci co cross de dual each eight every ex five four half how in inter
    intra mid milli multi nine no non not on one out over per post pre pro pseudo quasi re self semi seven single
    six sub super ten three tri twelve twice two un under up vice what whole x
"""
_HEADS = frozenset(_HEADS_WORDS.split())
"""What a compound begins with, whatever word comes then."""
_QUALITIES_WORDS = """
    add after back best better built case closed cold cool deep double down early end even fast first fixed follow
    free full good hard high higher hot ill keep large last late least less long loose low lower mass max min more
    most much near new next old open opt other point public read real round run same second shared short side slow
    small soft standard third tight top upper warm well wide worse worst write
"""
_QUALITIES = frozenset(_QUALITIES_WORDS.split())
"""What says of which quality the thing is that a compound describes."""
_TAILS_WORDS = """
    agnostic ahead alive apart around aside at away aware back based bound by capable centric compatible compliant
    conscious consistent critical date dependent down driven effective efficient equivalent even facing false first
    flight for forth free friendly grade heavy high hoc hungry id in independent insensitive intensive invariant
    level like local long loop low made name native neutral new off old on only optimal or out over persistent
    premise premises premium prone proof ready related relevant resistant rich safe scale scoped sensitive side
    significant specific style term through time to together tolerant transit true unique up versa way well wide
    wise with wrong
"""
_TAILS = frozenset(_TAILS_WORDS.split())
"""What a compound ends with, whatever came before."""
_JOINTS_WORDS = """
    to and or of by in on at for per vs a the after then as not is
"""
_JOINTS = frozenset(_JOINTS_WORDS.split())
_TERMS_WORDS = """
    blue-green cause-effect chicken-egg clock-skew copy-on-write cert-manager control-plane dead-letter dead-man
    default-deny default-allow dry-run east-west north-south e-mail fault-injection file-system key-value lower-case
    upper-case metrics-server node-pressure plain-text plug-in regular-expression request-response round-robin
    stand-in sign-in sign-up time-series time-zone trade-off use-case user-agent vice-versa x-ray zero-day
    zero-downtime command-line back-end front-end run-book day-to-day floating-point industry-standard external-dns
    ci-cd cluster-autoscaler kube-apiserver kube-proxy kube-scheduler kube-controller-manager kube-dns
    kube-state-metrics cloud-init cloud-provider node-exporter pseudo-random split-brain ingress-nginx band-aid
"""
_TERMS = frozenset(_TERMS_WORDS.split())
"""Pairs of nouns that are terms, and components that every cluster has."""
_ADJECTIVE = re.compile(r"\w{2,}(?:ed|able|ible|ous|ful|less|ern)|\w")


def is_prose(word: str) -> bool:
    """Whether the form alone says so: whatever stands around it, it is the name of nothing."""
    if _listed(word.lower(), _TERMS):
        return True
    first, *further = word.split("-")
    if first.lower() in _HEADS or first.endswith("ly") or _JOINTS & set(further[:-1]):
        return all(map(is_word, further))
    return _listed(further[-1], _TAILS) or _ADJECTIVE.fullmatch(further[-1]) is not None


def may_describe(word: str) -> bool:
    """Whether it is prose where something follows that it describes (`connection-pool settings`)."""
    pieces = word.split("-")
    if pieces[0].lower() in _QUALITIES or pieces[-1].endswith("ing"):
        return all(map(is_word, pieces))
    return are_ordinary(word)


def are_ordinary(word: str) -> bool:
    """Whether each part stands beside any kind of object."""
    return all(map(is_ordinary, word.split("-")))


def _listed(word: str, words: frozenset[str]) -> bool:
    return word in words or word.removesuffix("s") in words
