"""Which hypotheses stand after an answer, under which id, with which confidence?

New ones are dropped unless they name a cause of the catalogue, a subject that was observed and evidence
that exists. Known ones keep their id and change only for a stated reason; those the answer does not
mention stay. A cause that a person confirmed stays confirmed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from chatops.domain.casefile import Proposal, ProposedHypothesis
from chatops.domain.diagnosis import Diagnosis, Hypothesis, HypothesisStatus
from chatops.policy.settling import bearing, subjects, weighing
from chatops.policy.settling.gate import Gate
from chatops.policy.text.letters import clean
from connectors.causes import BY_CODE, Cause, find
from connectors.evidence import Evidence, Subject

_KEPT = 5
"""Hypotheses that stood before and are not mentioned."""
_MOST = 12
"""Hypotheses of one answer that are looked at."""
_CITED = 40
"""Pieces of evidence that one hypothesis may cite."""
_BEHIND = 0.05
_RULED_OUT = 0.1
_NUMBER = re.compile(r"\bE\d+\b")


@dataclass(frozen=True)
class Settled:
    """The hypotheses in their order, and how positions in the proposal map to ids."""

    ranked: tuple[Hypothesis, ...]
    ids: dict[int, str]
    dropped: int
    leads: bool
    """Whether the proposal's first hypothesis is the first."""
    disagreement: tuple[str, ...]
    hints: tuple[str, ...] = ()
    """Questions that removed hypotheses leave open."""


def settle(gate: Gate, known: Diagnosis, proposal: Proposal) -> Settled:
    """Return what stands of the proposed and the known hypotheses."""
    standing = {one.id: one for one in known.hypotheses}
    ids: dict[int, str] = {}
    settled: dict[str, Hypothesis] = {}
    for position, proposed in enumerate(gate.first(proposal.hypotheses, _MOST, "hypothesis"), 1):
        one = _one(gate, proposed, standing, settled)
        if one is not None:
            settled[one.id], ids[position] = one, one.id
    kept = _kept(known.hypotheses, settled)
    weak = frozenset(one.id for one in settled.values() if _weak(gate, one))
    ordered = sorted([*settled.values(), *kept], key=lambda one: weighing.order(one, weak))
    hints: tuple[str, ...] = ()
    if ordered and ordered[0].id in weak:
        hints = tuple(_hint(one) for one in ordered if one.id in weak)
        gate.removed.append("hypothesis: would rank first and rests only on text that users control")
        ordered = [one for one in ordered if one.id not in weak]
        ids = {position: one for position, one in ids.items() if one not in weak}
    ranked = tuple(one.model_copy(update={"rank": rank}) for rank, one in enumerate(ordered, 1))
    dropped = len(proposal.hypotheses) - len(ids)
    leads = not proposal.hypotheses or (bool(ranked) and ids.get(1) == ranked[0].id)
    standing_first = [ids[position] for position in sorted(ids) if settled[ids[position]].status != "ruled out"]
    disagreement = _disagreement(known, ranked, (standing_first or [""])[0])
    return Settled(ranked, ids, dropped, leads, disagreement, hints)


def _one(
    gate: Gate, proposed: ProposedHypothesis, standing: dict[str, Hypothesis], taken: dict[str, Hypothesis]
) -> Hypothesis | None:
    cause = find(proposed.cause) or find("".join(filter(str.isalnum, proposed.cause)))
    subject = subjects.canonical(proposed.subject, gate.case, gate.evidence.values(), gate.named)
    contradicting = _contradicting(gate, proposed, cause, subject)
    supporting = [item for item in _cited(gate, proposed.supporting) if item not in contradicting]
    cited = supporting or (contradicting if proposed.status == "ruled out" else [])
    if cause is None or (reason := _objection(gate, subject, cited)):
        gate.removed.append(f"hypothesis: {'its cause is not in the catalogue' if cause is None else reason}")
        return None
    earlier = _earlier(proposed, cause.code, subject, standing)
    number = earlier.id if earlier else _free({*standing, *taken})
    if number in taken or any(
        one.cause == cause.code and subjects.same(one.subject, subject) for one in taken.values()
    ):
        gate.removed.append("hypothesis: the same twice")
        return None
    status, because = _status(gate, proposed, earlier)
    if earlier and status == earlier.status:  # nothing was said to move it: what spoke against it still does
        cited_for = {item.id for item in supporting}
        against = {item.id: item for item in (*contradicting, *_cited(gate, earlier.contradicting))}
        contradicting = [item for key, item in against.items() if key not in cited_for]
    supporting = _with_rules(gate, supporting, contradicting, earlier)
    confidence = _confidence(gate, proposed, cause.code, subject, supporting, contradicting, earlier, status)
    return Hypothesis(
        id=number,
        rank=1,
        cause=cause.code,
        kind=cause.kind,
        subject=earlier.subject if earlier else subject,
        confidence=confidence,
        supporting=tuple(item.id for item in supporting),
        contradicting=tuple(item.id for item in contradicting),
        status="strengthened" if status == "confirmed" and confidence < weighing.IDENTIFIED else status,
        by="both" if earlier and earlier.by != "model" else "model",
        reason=because,
        **_words(gate, proposed, f"{cause.title}: {subject.spoken}"),
    )


def _words(gate: Gate, proposed: ProposedHypothesis, otherwise: str) -> dict[str, str]:
    """What is said of it, as far as it may be shown. Thresholds of later checks are no claims: not held to figures."""
    return {
        "statement": gate.text(proposed.statement, "hypothesis") or otherwise,
        "mechanism": gate.text(proposed.mechanism, "hypothesis"),
        "would_confirm": gate.text(proposed.would_confirm, "hypothesis", figures=False),
        "would_refute": gate.text(proposed.would_refute, "hypothesis", figures=False),
    }


def _cited(gate: Gate, ids: Sequence[str]) -> list[Evidence]:
    """The evidence behind citations, once each; citations of nothing are counted."""
    wanted = gate.first(list(dict.fromkeys(clean(one).strip("[]() ").upper() for one in ids)), _CITED, "citation")
    gate.removed.extend("citation: of evidence that does not exist" for one in wanted if one not in gate.evidence)
    return [gate.evidence[one] for one in wanted if one in gate.evidence]


def _contradicting(gate: Gate, proposed: ProposedHypothesis, cause: Cause | None, subject: Subject) -> list[Evidence]:
    """What speaks against it: what it says itself, and what a rule found against the same cause there.

    Evidence that is cited for it and against it speaks against it.
    """
    cited = _cited(gate, proposed.contradicting)
    against = {
        key for finding in gate.case.findings for key in finding.contradicted_by
        if cause is not None and finding.cause == cause.code and subjects.same(finding.subject, subject)
    }  # fmt: skip
    turned = [item for item in gate.evidence.values() if item.id in proposed.supporting and item.key in against]
    return [*cited, *(item for item in turned if item not in cited)]


def _with_rules(
    gate: Gate, supporting: Sequence[Evidence], contradicting: Sequence[Evidence], earlier: Hypothesis | None
) -> list[Evidence]:
    """What is cited, and what a rule concluded the same from: both back it."""
    if earlier is None or earlier.by == "model":
        return list(supporting)
    rules = [gate.evidence[one] for one in earlier.supporting if one in gate.evidence]
    cited = {item.id for item in (*supporting, *contradicting)}
    return [*supporting, *(item for item in rules if item.id not in cited)]


def _objection(gate: Gate, subject: Subject, cited: Sequence[Evidence]) -> str:
    if not cited:
        return "cites no evidence"
    names = [name for name in (subject.name, subject.namespace) if name]
    known = all(gate.claims.known(name) or gate.exists(name) for name in names)
    told = all(gate.exists(name) or not gate.claims.objection(name) for name in names)
    return "" if subject.name and known and told else "its subject was not observed"


def _earlier(
    proposed: ProposedHypothesis, cause: str, subject: Subject, standing: dict[str, Hypothesis]
) -> Hypothesis | None:
    """The hypothesis it continues: the same cause and subject (or a pod of it), or the same cause and its id."""
    for one in standing.values():
        if one.cause == cause and subjects.same(one.subject, subject):
            return one
    named = standing.get(proposed.id)
    return named if named is not None and named.cause == cause else None


def _free(taken: set[str]) -> str:
    numbers = [int(one[1:]) for one in taken if one[1:].isdigit()]
    return f"H{1 + max(numbers, default=0)}"


def _status(gate: Gate, proposed: ProposedHypothesis, earlier: Hypothesis | None) -> tuple[HypothesisStatus, str]:
    """The status with its reason. A change without a reason is none, and a person's word stands."""
    before: HypothesisStatus = earlier.status if earlier else "open"
    old = earlier.reason if earlier else ""
    if before == "confirmed" or proposed.status == before:
        return before, gate.text(proposed.reason, "hypothesis") or old
    reason = gate.text(proposed.reason, "hypothesis")
    if not reason:
        if proposed.status != "open":  # which is also what an answer means that says nothing of it
            gate.removed.append("hypothesis: a change of status without a reason")
        return before, old
    if proposed.status == "ruled out" and earlier and earlier.by != "model" and _by_words(gate, proposed):
        gate.removed.append("hypothesis: ruled out on nothing but text that users control")
        return "weakened", reason
    if proposed.status == "ruled out" and earlier and not _against(gate, proposed, earlier):
        gate.removed.append("hypothesis: ruled out, and no evidence speaks against it")
        return before, old
    return proposed.status, reason


def _against(gate: Gate, proposed: ProposedHypothesis, earlier: Hypothesis) -> bool:
    """Whether evidence is named, beyond what it rests on, by which to rule out a cause that the rules believe."""
    if earlier.by == "model" or earlier.confidence < weighing.PROBABLE:
        return True
    named = {*proposed.contradicting, *proposed.supporting, *_NUMBER.findall(proposed.reason)}
    return bool((named & set(gate.evidence)) - set(earlier.supporting))


def _by_words(gate: Gate, proposed: ProposedHypothesis) -> bool:
    """Whether nothing but what anybody may have written speaks against it: rules have read more than words."""
    cited = [gate.evidence[one] for one in (*proposed.contradicting, *proposed.supporting) if one in gate.evidence]
    return weighing.untrusted_only(cited)


def _confidence(
    gate: Gate,
    proposed: ProposedHypothesis,
    cause: str,
    subject: Subject,
    supporting: Sequence[Evidence],
    contradicting: Sequence[Evidence],
    earlier: Hypothesis | None,
    status: HypothesisStatus,
) -> float:
    wished = proposed.confidence
    if status == "ruled out":
        return min(wished, _RULED_OUT)
    if earlier and earlier.status == "confirmed":
        return earlier.confidence
    if earlier and earlier.by != "model" and status == "open" and not contradicting:
        wished = max(wished, earlier.confidence)  # rules and model agree
    if earlier and status == "weakened":
        denied = proposed.status == "ruled out"  # on words alone: they contradict it, and that is all
        wished = earlier.confidence if denied else min(wished, earlier.confidence)
    agreed = earlier is not None and earlier.by != "model"
    fresh = {item.key for item in supporting} - {item.key for item in gate.case.evidence}
    silent = None if fresh else max(weighing.OWN_CHECK_SILENT, earlier.confidence if earlier else 0.0)
    caps = [weighing.cap(cause, supporting, contradicting, gate.coverage, agreed, silent)]
    if not agreed and not any(_speaks_of(item, subject) for item in supporting):
        caps.append(weighing.ELSEWHERE)
    if not agreed and not earlier and bearing.unborne((item.id for item in supporting), bearing.idle(gate.case)):
        caps.append(bearing.UNBORNE)
    return round(min(wished, *caps), 3)


def _speaks_of(item: Evidence, subject: Subject) -> bool:
    """Whether evidence is about this object, or names it (or a pod of it) somewhere."""
    if item.subject is not None and subjects.same(item.subject, subject):
        return True
    text = item.model_dump_json(exclude={"key", "id", "link"}).lower()
    return re.search(rf"(?<![a-z0-9-]){re.escape(subject.name.lower())}(?![a-z0-9])", text) is not None


def _kept(known: Sequence[Hypothesis], settled: dict[str, Hypothesis]) -> list[Hypothesis]:
    """What stood before and is not mentioned stays, behind the best that was proposed.

    Not so what a person confirmed, and what the rules are sure of: who thinks it wrong has to rule it
    out with evidence.
    """
    best = max((one.confidence for one in settled.values() if one.status != "ruled out"), default=None)
    rest = [one for one in known if one.id not in settled][:_KEPT]
    if best is None or best < weighing.PROBABLE:
        return rest
    return [
        one if one.status == "confirmed" or (one.by == "rules" and one.confidence >= weighing.IDENTIFIED)
        else one.model_copy(update={"confidence": round(max(min(one.confidence, best - _BEHIND), 0.0), 3)})
        for one in rest
    ]  # fmt: skip


def _weak(gate: Gate, one: Hypothesis) -> bool:
    """Rests on users' text alone. Where a rule comes to the same, the rule has read more than words."""
    if one.by != "model" or one.status == "ruled out":
        return False
    return weighing.untrusted_only([gate.evidence[cited] for cited in one.supporting])


def _hint(one: Hypothesis) -> str:
    """What is left of a hypothesis that would lead on users' text alone: where to look, in our words."""
    title = BY_CODE[one.cause].title
    cited = " ".join(one.supporting)
    return f"Only text that anybody could have written points to this ({cited}): {title}, {one.subject.spoken}."


def _disagreement(known: Diagnosis, ranked: Sequence[Hypothesis], chosen: str) -> tuple[str, ...]:
    """Where the rules' first cause is another than the persona's: said, not hidden."""
    by_rules = [one for one in known.hypotheses if one.by == "rules" and one.confidence >= weighing.PROBABLE]
    first = by_rules[0] if by_rules and chosen else next((one for one in known.hypotheses if one.by == "both"), None)
    if first is None or chosen == first.id:
        return ()
    title = BY_CODE[first.cause].title if first.cause in BY_CODE else first.cause
    ruled_out = any(one.id == first.id and one.status == "ruled out" for one in ranked)
    if first.by == "both" and (not ruled_out or first.status == "ruled out"):
        return ()  # once agreed, and only weighed anew
    how = "the model rules that out" if ruled_out else "the model disagrees"
    which = f"{title}, {first.subject.spoken}, {first.confidence:.0%}"
    return (f"By rules alone the first cause is another ({which}): {how}.",)
