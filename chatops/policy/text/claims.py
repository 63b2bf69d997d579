"""May this sentence be shown? Holds an answer's text against what was observed, sentence by sentence.

A sentence that names an object, metric or address nobody observed, that holds a command which does
more than read, or that takes over an instruction from logs or users' text, is taken out. A figure or
clock time that occurs nowhere is replaced by a mark; so are plain words used as names, and quotations.
Reasons never quote what was taken out: nothing of it may remain. Sentences are judged as they stand and
as readers put them together (`chatops.policy.text.letters`), and what is left once more as a whole.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from chatops.domain.diagnosis import CommandVerdict
from chatops.policy.destructive import destroys
from chatops.policy.shapes import ORDERS
from chatops.policy.text import coined, documentation, listed, plain_names, quotations
from chatops.policy.text.figures import Figures
from chatops.policy.text.letters import clean, mixed, skeleton
from chatops.policy.text.naming import names
from chatops.policy.text.observed import Observed
from chatops.policy.untrusted import plain

MOST = 8_000
"""Characters of one text; what comes behind is taken out: nobody reads it, and it would cost minutes to judge."""


class Judgement(Protocol):
    """What the command policy says."""

    @property
    def verdict(self) -> CommandVerdict: ...  # noqa: D102

    @property
    def reason(self) -> str: ...  # noqa: D102


Judge = Callable[[Sequence[str]], Judgement]

_SENTENCE = re.compile(r"\n+|(?<=[.!?])(?<!e\.g\.)(?<!i\.e\.)(?<!vs\.)(?<!approx\.)\s+")
_LEAD = re.compile(r"\s*(?:[-*•+]|\d{1,3}[.)])\s+")
"""What an item of a list begins with."""
_RULE = re.compile(r"\s*\|?(?:\s*:?-{2,}:?\s*\|?)+\s*")
"""What stands below the head of a table."""
_WORDS = re.compile(r"\w")
_FENCED = re.compile(r"(```.*?(?:```|$)|~~~.*?(?:~~~|$))", re.DOTALL)
_URL = re.compile(
    r"\b[a-z][a-z0-9+.-]{0,15}://(?:[^\s/@]*@)?([^\s/:`\"'>)]+)|(?<![:\w])//([\w-]+(?:\.[\w-]+)+)", re.IGNORECASE
)
_PUBLIC = re.compile(r"(?:[a-z0-9-]+\.)+(?:com|net|org|io|dev|example|xyz|ru|cn|info|biz|app)(?=$|[:/])", re.IGNORECASE)
"""A host that is not inside: named by users alone it is no more to be shown than an address."""
_ACTIVE = re.compile(
    r"<[!@#]\w|@(?:here|channel|everyone)\b|\b(?:(?:java|vb)script|mailto|tel):|\bdata:\w+/\w|"
    r"</?(?:script|img|iframe|svg|object|embed|link|style|meta|form|a|base)\b[^>]{0,200}[>/]",
    re.IGNORECASE,
)
"""What does something where it is shown: mentions, markup, addresses that run."""
_CITED = re.compile(r"(?<![\w-])E-?\d+\b")
_BARE = re.compile(
    r"(?<![\w/.-])(?:kubectl|oc|curl|wget|sudo|rm|etcdctl|redis-cli|psql|rabbitmqctl|eksctl)(?:\s+[^\s;|&,]+){1,4}"
    r"|(?:^|(?<=[.:;] )|\b(?:run|execute|use|then|with|should|must|please|now|first)\s+)(?:"
    r"helm|terraform|tofu|pulumi|argocd|flux|aws|gcloud|az|docker|systemctl|git|istioctl|velero|vault)(?:\s+[^\s;|&,]+){1,4}",
    re.IGNORECASE,
)
"""Commands in running text: after words that tell to run them, where the program may also be a sentence's subject."""
_LEADS = re.compile(r"^(?:run|execute|use|then|with|should|must|please|now|first)\s+", re.IGNORECASE)
_CODE = re.compile(r"```(?:\w*\n)?(.+?)```|`([^`\n]+)`", re.DOTALL)
_ORDERS = re.compile(
    rf"{ORDERS}|do not (?:tell|mention|report|investigate)|^\s*system\s*:\s|"
    r"\b(?:mark|declare|report|say)\b.{0,40}\b(?:resolved|false alarm|all clear)\b|"
    r"\b(?:close|resolve)\s+(?:(?:the|this|that)\s+)?(?:incident|alert|ticket)\b|"
    r"\b(?:paste|send|post|share|enter|type|give|provide|reveal|tell)\b.{0,20}\byour\b.{0,20}"
    r"\b(?:key|password|token|credential|secret)s?\b",
    re.IGNORECASE,
)
_ACTED = re.compile(
    r"\bI(?:['’]ve|\shave)?\s(?:(?:already|just|now|also)\s)?(?:rolled|restarted|redeployed|recreated|scaled|deleted|patched|"
    r"deployed|reverted|fixed|drained|cordoned|killed|terminated|rebooted|resolved|silenced|acknowledged|escalated|paged|"
    r"notified)\b|\b[Ii]ch\shabe\b.{0,60}\b(?:zurückgerollt|zurückgesetzt|neu\sgestartet|gelöscht|skaliert|behoben)\b"
)
"""What a model says it did: it only reads, and whoever believes it looks no further."""
_INSTRUCTION = re.compile(
    rf"{_ORDERS.pattern}|"
    r"\b(?:please|you (?:must|should|have to)|operators?:?|run|execute)\b"
    r".{0,30}\b(?:kubectl|aws|curl|wget|sudo|rm|helm|bash)\s",
    re.IGNORECASE,
)
"""How text that gives orders to its reader looks."""
_SHINGLE = 4


@dataclass(frozen=True)
class Claims:
    """The gate for text. `shown` are the ids of evidence that may be cited."""

    observed: Observed
    judge: Judge
    shown: frozenset[str]

    def text(self, text: str, removed: list[str], where: str, figures: bool = True, writes: bool = False) -> str:
        """What may be shown of a text; a reason for every sentence and figure taken out goes into `removed`.

        `figures` holds all its numbers to the evidence, not its versions alone; `writes` lets commands pass that can
        be taken back.
        """
        if len(text) > MOST:
            removed.append(f"{where}: longer than anybody reads")
            text = text[:MOST]
        kept: list[str] = []
        for lead, sentences in _lines(plain(text)):
            told = [one for sentence in sentences if (one := self._told(sentence, removed, where, figures, writes))]
            if told or (kept and not sentences):
                kept.append(lead + " ".join(told))
        whole = "\n".join(kept).rstrip()
        if len(_SENTENCE.split(whole)) > 1 and (reason := self._as_a_whole(whole, writes)):
            removed.append(f"{where}: {reason}")
            return ""
        observed = self.observed
        return listed.marked(
            whole, observed.object, observed.mentions, lambda reason: removed.append(f"{where}: {reason}")
        )

    def _told(self, sentence: str, removed: list[str], where: str, figures: bool, writes: bool) -> str:
        """What may be shown of a sentence."""
        if reason := self.objection(sentence, writes):
            removed.append(f"{where}: {reason}")
            return ""
        return self._marked(clean(sentence), removed, where, figures)

    def holds(self, text: str) -> bool:
        """Whether all of a text may be shown as it is."""
        removed: list[str] = []
        self.text(text, removed, "")
        return not removed

    def objection(self, sentence: str, writes: bool = False) -> str:
        """Why a sentence may not be shown; '' where it may."""
        if mixed(sentence):
            return "letters that look like others"
        sentence = documentation.without(sentence)
        read = skeleton(sentence)
        if _ORDERS.search(sentence) or _ORDERS.search(read) or self._taken_over(read):
            return "repeats an instruction from logs or users' text"
        if _ACTIVE.search(sentence) or _ACTIVE.search(read):
            return "calls people, or holds markup that does something"
        if any(not self._address(host) for found in _URL.findall(read) for host in found if host):
            return "an address that no system named"
        if self._tells_to_run(sentence, read, writes):
            return "a command that does more than read"
        if _ACTED.search(sentence):
            return "claims to have done what nobody did"
        if any(cited.replace("-", "") not in self.shown for cited in _CITED.findall(read)):
            return "cites evidence that does not exist"
        named = {*names(clean(sentence)), *names(read)}
        hosts = [host for name in named for part in re.split("[/@]", name) if (host := _PUBLIC.match(part))]
        if any(not self._address(host[0].lower()) for host in hosts):
            return "an address that no system named"
        return "names something that was not observed" if any(not self.known(name) for name in named) else ""

    def known(self, name: str) -> bool:
        """Whether a name occurs in what was observed, whole or in its parts."""
        parts = [part for part in re.split(r"[/:@]", name) if part]
        return self.observed.name(name) or all(self.observed.name(part) for part in parts)

    def _as_a_whole(self, text: str, writes: bool) -> str:
        """Why sentences that may be shown one by one may not be together: a command or an order over two lines."""
        read = skeleton(text)
        if _ORDERS.search(read):
            return "repeats an instruction from logs or users' text"
        return "a command that does more than read" if self._tells_to_run(text, read, writes) else ""

    def _address(self, host: str) -> bool:
        """Whether an address may be quoted: systems know the host, or it lies inside and was seen."""
        return self.observed.name(host, by_systems=True) or host in self.observed.hosts

    def _marked(self, sentence: str, removed: list[str], where: str, figures: bool) -> str:
        def told(reason: str) -> None:
            removed.append(f"{where}: {reason}")

        sentence = quotations.marked(sentence, self.observed.heard, told)
        sentence = plain_names.marked(sentence, self.observed.mentions, told)
        sentence = coined.marked(sentence, self.observed.mentions, self.observed.object, told)
        return self._figures.marked(sentence, told, claims=figures)

    @cached_property
    def _figures(self) -> Figures:
        return Figures(self.observed)

    def _tells_to_run(self, sentence: str, read: str, writes: bool) -> bool:
        """Whether it holds a command that destroys, or, unless `writes`, one that the policy does not let pass."""
        return destroys(sentence) or destroys(read) or (not writes and self._commands(sentence, read))

    def _commands(self, sentence: str, read: str) -> bool:
        lines = [line for fenced, inline in _CODE.findall(sentence) for line in (fenced or inline).splitlines()]
        strict = [argv for line in lines if (argv := _argv(line)) and argv[0] in quotations.PROGRAMS]
        prose = (_CODE.sub(" ", sentence), read)
        loose = [argv for text in prose for found in _BARE.finditer(text) if (argv := _argv(_LEADS.sub("", found[0])))]
        return any(self.judge(argv).verdict != "read-only" for argv in strict) or any(
            self.judge(argv[:size]).verdict in {"writes", "reveals-secrets"} for argv in loose for size in range(2, 6)
        )

    def _taken_over(self, read: str) -> bool:
        """Whether it shares a run of words with a text of others that gives instructions or commands."""
        return bool(_shingles(read) & self._orders)

    @cached_property
    def _orders(self) -> frozenset[tuple[str, ...]]:
        """Runs of words of the texts in logs and from users that give orders; read once, not for every sentence."""
        texts = (text for text in self.observed.hostile if _INSTRUCTION.search(text))
        return frozenset(run for text in texts for run in _shingles(text))


def _lines(text: str) -> Iterator[tuple[str, list[str]]]:
    """The lines, each as what it begins with (of an item of a list) and its sentences; none for a table's rule.

    A block of code is one sentence, because it is run as one.
    """
    for at, part in enumerate(_FENCED.split(text)):
        if at % 2:
            yield "", [part.strip()]
            continue
        for line in part.splitlines():
            lead = found[0] if (found := _LEAD.match(line)) else ""
            sentences = [one.strip() for one in _SENTENCE.split(line[len(lead) :]) if _WORDS.search(one)]
            if sentences:
                yield lead, sentences
            elif _RULE.fullmatch(line):
                yield line, []


def _argv(text: str) -> list[str]:
    try:
        return shlex.split(text.strip().removeprefix("$ "))
    except ValueError:
        return text.split()


def _shingles(text: str) -> frozenset[tuple[str, ...]]:
    words = re.findall(r"[^\W_]+", text.lower())
    return frozenset(tuple(words[at : at + _SHINGLE]) for at in range(len(words) - _SHINGLE + 1))
