"""What do the ranked hypotheses come to? The verdict, the line that is read first, and what could not be checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from chatops.domain.diagnosis import Hypothesis, Verdict
from chatops.render.coverage import product
from chatops.triage.ranking import rank
from connectors.causes import BY_CODE
from connectors.contract import Inquiry
from connectors.evidence import Coverage, Evidence, Finding, Role, State

IDENTIFIED, PROBABLE, MARGIN = 0.75, 0.5, 0.15
UNWATCHED = "no source told traffic, errors and latency; stays open: CPUOverload, PodNetworkDelay, ErrorRateIncrease"


@dataclass(frozen=True)
class Ranked:
    """What the rules come to."""

    verdict: Verdict
    summary: str
    hypotheses: tuple[Hypothesis, ...]
    gaps: tuple[str, ...]


def diagnose(
    findings: Sequence[Finding], evidence: Sequence[Evidence], coverage: Sequence[Coverage], inquiry: Inquiry
) -> Ranked:
    """Hypotheses, verdict, summary and gaps, in one."""
    hypotheses = rank(findings, evidence, coverage, inquiry)
    suffering = any(one.role is Role.SYMPTOM for one in findings)
    decided = verdict(hypotheses, coverage, suffering=suffering)
    told = gaps(coverage)
    if decided == "inconclusive" and _unwatched(coverage):
        told += (UNWATCHED,)
    return Ranked(decided, summary(decided, hypotheses, coverage, inquiry), hypotheses, told)


def verdict(hypotheses: Sequence[Hypothesis], coverage: Sequence[Coverage], *, suffering: bool = False) -> Verdict:
    """identified, probable, inconclusive, healthy or blocked; never healthy while something suffers."""
    top = hypotheses[0].confidence if hypotheses else 0.0
    second = hypotheses[1].confidence if len(hypotheses) > 1 else 0.0
    if top >= IDENTIFIED and top - second >= MARGIN:
        return "identified"
    if top >= PROBABLE:
        return "probable"
    looked = [row for row in coverage if row.state in (State.CHECKED, State.NO_DATA)]
    failed = [row for row in coverage if row.state is State.FAILED]
    # By source: one that is away with all its checks does not outweigh another one that was read.
    read = {row.source for row in looked}
    mostly = [s for s in read if sum(r.source == s for r in failed) <= sum(r.source == s for r in looked)]
    if failed and not mostly:
        return "blocked"
    if failed or top >= 0.3 or not looked or suffering or _unwatched(coverage) or _left_out(coverage):
        return "inconclusive"
    return "healthy"


def _left_out(coverage: Sequence[Coverage]) -> list[Coverage]:
    """Checks that left more out than golden signals were read of: nobody says that it is well."""
    watched = max((row.watched for row in coverage), default=0)
    return [row for row in coverage if row.unread > watched]


def _unwatched(coverage: Sequence[Coverage]) -> bool:
    """Whether nobody read traffic, errors and latency: objects can be well while what they do is not."""
    return not any(row.watched for row in coverage)


def gaps(coverage: Sequence[Coverage]) -> tuple[str, ...]:
    """What could not be checked, why, and which causes stay open for it."""
    left_out = _left_out(coverage)
    groups: dict[tuple[str, str, str], list[Coverage]] = {}
    for row in coverage:
        if row.state is State.FAILED or row in left_out:
            how = "could not be read" if row.state is State.FAILED else "was not read to the end"
            groups.setdefault((row.source, how, row.detail), []).append(row)
    return tuple(_gap(how, rows) for (_, how, _), rows in groups.items())


def _gap(how: str, rows: Sequence[Coverage]) -> str:
    """What of one source was left unread in the same way, and the first causes that stay open for it."""
    causes = list(dict.fromkeys(cause for row in rows for cause in row.decides))
    more = f" and {len(causes) - 3} more" if len(causes) > 3 else ""
    open_causes = f"; stays open: {', '.join(causes[:3])}{more}" if causes else ""
    return f"{rows[0].source}/{', '.join(row.check for row in rows)} {how} ({rows[0].detail}){open_causes}"


def summary(decided: Verdict, hypotheses: Sequence[Hypothesis], coverage: Sequence[Coverage], inquiry: Inquiry) -> str:
    """The line that is read first."""
    where = inquiry.scope.namespace or inquiry.scope.cluster or "the environment"
    blind = _not_read(coverage)
    if decided in ("identified", "probable"):
        top = hypotheses[0]
        title = _title(top.cause)
        lead = "" if decided == "identified" else "Probably: "
        return f"{lead}{top.subject.spoken}: {title} ({top.confidence:.0%}, {', '.join(top.supporting[:3])}).{blind}"
    if decided == "healthy":
        ran = sum(row.state in (State.CHECKED, State.NO_DATA) for row in coverage)
        return f"Nothing is wrong in {where} as far as {ran} checks can tell."
    if decided == "blocked":
        away = dict.fromkeys(product(row.source) for row in coverage if row.state is State.FAILED)
        *others, last = away or ["what decides"]
        sources = f"{', '.join(others)} and {last}" if others else last
        return f"Cannot tell what is wrong in {where}: {sources} could not be read."
    guess = (
        f" Best guess: {hypotheses[0].subject.spoken}: {_title(hypotheses[0].cause)} ({hypotheses[0].confidence:.0%})."
        if hypotheses
        else ""
    )
    return f"No cause stands out in {where}.{guess}{blind}"


def _not_read(coverage: Sequence[Coverage]) -> str:
    """A sentence with the checks that failed; a source of which nothing could be read stands with the reason."""
    failed: dict[str, list[Coverage]] = {}
    for row in coverage:
        if row.state is State.FAILED:
            failed.setdefault(row.source, []).append(row)
    told = []
    for source, rows in failed.items():
        if any(row.source == source and row.state in (State.CHECKED, State.NO_DATA) for row in coverage):
            more = f" and {len(rows) - 3} more" if len(rows) > 4 else ""
            shown = rows[:3] if more else rows
            told.append(", ".join(f"{source}/{row.check}" for row in shown) + more)
        else:
            why = Counter(row.detail for row in rows).most_common(1)[0][0]
            told.append(f"{source} ({why[:160]})")
    return f" Not read: {'; '.join(told)}." if told else ""


def _title(cause: str) -> str:
    return BY_CODE[cause].title if cause in BY_CODE else cause
