"""Did anybody say these words? What an answer quotes of a log, an event or a message has to stand in one.

A quotation of two words and more behind a verb of saying is a claim that it can be read somewhere. Numbers and
identifiers in it may differ between lines of one shape: both sides are compared by their templates.
"""

from __future__ import annotations

import re
from collections.abc import Callable

UNVERIFIED_QUOTATION = "[unverified quotation]"
_QUOTED = re.compile(
    r"(?P<lead>\b(?:says?|said|logs?|logged|reads?|prints?|printed|reports?|reported|shows?|message|error|warning|event|"
    r"line|with|complains?|states?|returns?|returned)\b[\s:]{1,3})"
    r"(?:\"(?P<double>[^\"\n]{6,400})\"|'(?P<single>[^'\n]{6,400})'(?!\w)|“(?P<curly>[^”\n]{6,400})”|`(?P<code>[^`\n]{6,400})`)",
    re.IGNORECASE,
)
_PROGRAM_NAMES = """
    kubectl oc helm aws gcloud az terraform tofu pulumi docker podman crictl systemctl psql mysql redis-cli mongosh
    curl wget ssh sudo rm bash sh argocd flux istioctl eksctl velero etcdctl vault git iptables kafka-topics rabbitmqctl
"""
PROGRAMS = frozenset(_PROGRAM_NAMES.split())
"""What a command begins with: it is run, and nobody said it."""
_CUT = re.compile(r"\s*(?:\.\.\.|…|\[…\])\s*")
_WORD = re.compile(r"[^\W\d_]{2,}")


def words(text: str) -> str:
    """The words of a text in a row, without what differs between lines of one shape."""
    return " ".join(word.lower() for word in _WORD.findall(text))


def marked(sentence: str, heard: Callable[[str], bool], removed: Callable[[str], None]) -> str:
    """The sentence with a mark for every quotation that nobody said; `heard` is asked for rows of words."""

    def put(found: re.Match[str]) -> str:
        quoted = next(found[name] for name in ("double", "single", "curly", "code") if found[name])
        if found["code"] and quoted.split()[0] in PROGRAMS:
            return found[0]
        parts = [row for part in _CUT.split(quoted) if len((row := words(part)).split()) > 1]
        if all(heard(row) for row in parts):
            return found[0]
        removed("a quotation of what nobody said")
        return found["lead"] + UNVERIFIED_QUOTATION

    return _QUOTED.sub(put, sentence)
