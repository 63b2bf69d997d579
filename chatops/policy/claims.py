"""May this sentence be shown? Holds an answer's text against what was observed, sentence by sentence.

A sentence that names an object, metric or address nobody observed, that holds a command which does
more than read, or that takes over an instruction from logs or users' text, is taken out. A figure or
clock time that occurs nowhere is replaced by a mark. Reasons never quote what was taken out: nothing
of it may remain.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from chatops.domain.diagnosis import CommandVerdict
from chatops.policy.observed import Observed
from chatops.policy.shapes import ORDERS

UNVERIFIED_FIGURE = "[unverified figure]"
UNVERIFIED_TIME = "[unverified time]"


class Judgement(Protocol):
    """What the command policy says."""

    @property
    def verdict(self) -> CommandVerdict: ...  # noqa: D102

    @property
    def reason(self) -> str: ...  # noqa: D102


Judge = Callable[[Sequence[str]], Judgement]

_SENTENCE = re.compile(r"\n+|(?<=[.!?])(?<!e\.g\.)(?<!i\.e\.)(?<!vs\.)(?<!approx\.)\s+")
_URL = re.compile(r"\b[a-z][a-z0-9+.-]*://([^\s/:`\"'>)]+)", re.IGNORECASE)
_CITED = re.compile(r"\bE\d+\b")
_PROGRAMS = (
    r"kubectl|helm|aws|gcloud|az|terraform|docker|crictl|systemctl|psql|mysql|redis-cli|curl|wget|ssh|sudo|rm|bash|sh"
)
_BARE = re.compile(r"(?<![\w`/.-])(?:kubectl|curl|wget|sudo|rm)(?:\s+[^\s`;|&,]+){1,4}")
"""Commands in running text; other programs' names are too often the subject of a sentence."""
DESTRUCTIVE = re.compile(
    r"\bkubectl\b.{0,40}\bdelete\b(?!\s+(?:pods?|po)[\s/])|\bkubectl\b.*--(?:all|force)\b|\bhelm\s+(?:uninstall|delete)\b|"
    r"\bterraform\b.{0,40}\bdestroy\b|\brm\s+-\w*[rf]|\bdrop\s+(?:table|database|schema)\b|\btruncate\s+table\b|"
    r"\bflush(?:all|db)\b|\baws\b.{0,60}\b(?:delete|terminate|purge|deregister)-|\b(?:gcloud|az)\b.{0,60}\bdelete\b|"
    r"\bmkfs|\bdd\s+if=|\b(?:curl|wget)\b.*\|\s*(?:ba)?sh\b",
    re.IGNORECASE,
)
"""What cannot be taken back: never shown, not even as a mitigation. One pod may be deleted: it comes back."""
_CODE = re.compile(r"```(?:\w*\n)?(.+?)```|`([^`\n]+)`", re.DOTALL)
_ORDERS = re.compile(
    rf"{ORDERS}|do not (?:tell|mention|report|investigate)|"
    r"\b(?:mark|declare|report|say)\b.{0,40}\b(?:resolved|false alarm|all clear)\b",
    re.IGNORECASE,
)
_INSTRUCTION = re.compile(
    rf"{_ORDERS.pattern}|"
    r"\b(?:please|you (?:must|should|have to)|operators?:?|run|execute)\b"
    r".{0,30}\b(?:kubectl|aws|curl|wget|sudo|rm|helm|bash)\s",
    re.IGNORECASE,
)
"""How text that gives orders to its reader looks."""
_KIND = (
    r"pods?|deployments?|statefulsets?|daemonsets?|replicasets?|jobs?|cronjobs?|services?|nodes?|namespaces?|ingress(?:es)?|"
    r"configmaps?|secrets?|containers?|volumes?|pvcs?|clusters?|hosts?|instances?|databases?|queues?|tables?|functions?|metrics?"
)
_NAME = r"[a-z0-9]+(?:[-_.][a-z0-9]+)+"
_NAMED = re.compile(rf"\b(?:{_KIND})\s+[`\"']?({_NAME})|\b({_NAME})[`\"']?\s+(?:{_KIND})\b")
_QUOTED = re.compile(r"[`\"']([A-Za-z0-9][\w./:@-]*[-_./:0-9][\w./:@-]*)[`\"']")
_SHAPED = re.compile(
    r"(?<![\w./:@…-])(?:"
    r"(?=[a-z0-9.-]*\d)(?=[a-z0-9.-]*[a-z])[a-z][a-z0-9]*(?:[.-][a-z0-9]+)*-[a-z0-9]+"  # cart-7d9f-x2x4z
    r"|[a-z][a-z0-9]*(?:_[a-z0-9]+){2,}"  # http_requests_total
    r"|[a-z][a-z0-9]*_(?:total|seconds|bytes|count|sum|bucket|ratio|errors|latency)"
    r"|[a-z0-9-]+/[a-z][a-z0-9-]*[0-9-][a-z0-9-]*"  # shop/cart-1
    r"|(?:[a-z0-9-]+\.)+(?:local|internal|svc|com|net|org|io|dev|example)"  # hosts
    r")(?![\w@-]|\.[a-z0-9])"
)
_TERM_WORDS = """
    x86-64 utf-8 ipv4 ipv6 sha-256 blue-green p50 p90 p95 p99 on-call
    read-only cert-manager.io k8s.io kubernetes.io http/1 http/2 e.g i.e and/or 24/7
"""
_TERMS = frozenset(_TERM_WORDS.split())
_FIGURE = re.compile(
    r"(?<![\w.:/@#-])(\d+(?:,\d{3})*(?:\.\d+)?)\s?(%|ms|milliseconds?|seconds?|secs?|s|minutes?|min|m|hours?|h|"
    r"[KMGT]i?B?|bytes|B|x|req/s|rps|/s)?(?![\w:/@-]|\.\d)"
)
_CLOCK = re.compile(r"(?<![\d:])([01]?\d|2[0-3]):([0-5]\d)(?::[0-5]\d)?(?:\s?(?:UTC|Z))?(?![\d:])")
_COUNTS = 12
"""Whole numbers up to here are counted from what is seen, not quoted."""
_SECONDS = {"ms": 0.001, "mil": 0.001, "s": 1.0, "sec": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "hou": 3600.0}
_BYTES = {unit: base**power for base, mark in ((1000.0, ""), (1024.0, "i")) for power, letter in enumerate("KMGT", 1)
          for unit in (f"{letter}{mark}", f"{letter}{mark}B")}  # fmt: skip
_SHINGLE = 4


@dataclass(frozen=True)
class Claims:
    """The gate for text. `shown` are the ids of evidence that may be cited."""

    observed: Observed
    judge: Judge
    shown: frozenset[str]

    def text(self, text: str, removed: list[str], where: str, figures: bool = True, writes: bool = False) -> str:
        """What may be shown of a text; a reason for every sentence and figure taken out goes into `removed`.

        `figures` holds its numbers to the evidence; `writes` lets commands pass that can be taken back.
        """
        kept = []
        for sentence in filter(None, (part.strip() for part in _SENTENCE.split(text))):
            if reason := self.objection(sentence, writes):
                removed.append(f"{where}: {reason}")
                continue
            kept.append(self._marked(sentence, removed, where) if figures else sentence)
        return ("\n" if "\n" in text.strip() else " ").join(kept)

    def objection(self, sentence: str, writes: bool = False) -> str:
        """Why a sentence may not be shown; '' where it may."""
        if _ORDERS.search(sentence) or self._taken_over(sentence):
            return "repeats an instruction from logs or users' text"
        if any(not self._address(host) for host in _URL.findall(sentence)):
            return "an address that no system named"
        if DESTRUCTIVE.search(sentence) or (not writes and self._commands(sentence)):
            return "a command that does more than read"
        if any(cited not in self.shown for cited in _CITED.findall(sentence)):
            return "cites evidence that does not exist"
        if any(not self.known(name) for name in _names(sentence)):
            return "names something that was not observed"
        return ""

    def _address(self, host: str) -> bool:
        """Whether an address may be quoted: systems know the host, or it lies inside and was seen."""
        return self.observed.name(host, by_systems=True) or host in self.observed.hosts

    def known(self, name: str) -> bool:
        """Whether a name occurs in what was observed, whole or in its parts."""
        parts = [part for part in re.split(r"[/:@]", name) if part]
        return self.observed.name(name) or all(self.observed.name(part) for part in parts)

    def figure(self, value: float, unit: str, decimals: int) -> bool:
        """Whether a figure occurs in the evidence, in its unit or another of the same quantity, rounded or not."""
        if not unit and value == int(value) and value <= _COUNTS:
            return True
        slack = 0.5 * 10**-decimals + 1e-9
        for seen, factor in ((seen, factor) for factor in _factors(unit) for seen in self.observed.numbers):
            if abs(seen * factor - value) <= max(slack, abs(value) * 0.005):
                return True
        return unit in _SECONDS and self._elapsed(value * _SECONDS[unit])

    def _elapsed(self, seconds: float) -> bool:
        """Whether so much time lies between two observed moments, to the minute."""
        moments = self.observed.moments[:60]
        return any(
            abs((b - a).total_seconds() - seconds) <= 60 for i, a in enumerate(moments) for b in moments[i + 1 :]
        )

    def _marked(self, sentence: str, removed: list[str], where: str) -> str:
        def clock(found: re.Match[str]) -> str:
            if f"{int(found[1]):02}:{found[2]}" in self.observed.minutes:
                return found[0]
            removed.append(f"{where}: a time that was not observed")
            return UNVERIFIED_TIME

        def figure(found: re.Match[str]) -> str:
            decimals = len(found[1].partition(".")[2])
            if self.figure(float(found[1].replace(",", "")), _unit(found[2]), decimals):
                return found[0]
            removed.append(f"{where}: a figure that was not observed")
            return UNVERIFIED_FIGURE

        return _FIGURE.sub(figure, _CLOCK.sub(clock, sentence))

    def _commands(self, sentence: str) -> bool:
        """Whether it holds a command that the policy does not let pass."""
        code = [fenced or inline for fenced, inline in _CODE.findall(sentence)]
        strict = [argv for text in code if (argv := _argv(text)) and re.fullmatch(_PROGRAMS, argv[0])]
        loose = [argv for found in _BARE.finditer(_CODE.sub(" ", sentence)) if (argv := _argv(found[0]))]
        return any(self.judge(argv).verdict != "read-only" for argv in strict) or any(
            self.judge(argv[:size]).verdict in {"writes", "reveals-secrets"} for argv in loose for size in range(2, 6)
        )

    def _taken_over(self, sentence: str) -> bool:
        """Whether it shares a run of words with a text of others that gives instructions or commands."""
        return bool(_shingles(sentence) & self._orders)

    @cached_property
    def _orders(self) -> frozenset[tuple[str, ...]]:
        """Runs of words of the texts in logs and from users that give orders; read once, not for every sentence."""
        texts = (text for text in self.observed.hostile if _INSTRUCTION.search(text))
        return frozenset(run for text in texts for run in _shingles(text))


def _names(sentence: str) -> Iterable[str]:
    for pattern in (_NAMED, _QUOTED, _SHAPED):
        for found in pattern.finditer(sentence):
            name = next((group for group in found.groups() if group), found[0]).strip(".")
            if name.lower() not in _TERMS and not re.fullmatch(r"[\d.,:/-]+\w{0,3}", name):
                yield name


def _unit(written: str | None) -> str:
    unit = written or ""
    if unit in _BYTES or unit in _SECONDS or unit == "%":
        return unit
    return unit[:3] if unit[:3] in _SECONDS else ("B" if unit in {"B", "bytes"} else "")


def _factors(unit: str) -> Sequence[float]:
    """By what an observed number may differ from the written one: the same quantity in another unit."""
    if unit == "%":
        return (1.0, 100.0)
    if unit in _SECONDS:
        return (1.0, *(scale / _SECONDS[unit] for scale in sorted(set(_SECONDS.values()))))
    if unit in _BYTES or unit == "B":
        return (1.0, *(scale / _BYTES.get(unit, 1.0) for scale in (1.0, *_BYTES.values())))
    return (1.0, 0.01)


def _argv(text: str) -> list[str]:
    try:
        return shlex.split(text.strip().removeprefix("$ "))
    except ValueError:
        return text.split()


def _shingles(text: str) -> frozenset[tuple[str, ...]]:
    words = re.findall(r"[a-z0-9]+", text.lower())
    return frozenset(tuple(words[at : at + _SHINGLE]) for at in range(len(words) - _SHINGLE + 1))
