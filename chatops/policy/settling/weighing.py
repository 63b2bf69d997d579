"""How sure may an answer be? Caps on confidence, and the verdict, from what was checked.

A model's confidence is a wish. It is capped by how much supports it, by what contradicts it, by what
could not be read, and by who wrote what it rests on; the verdict follows from the capped figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chatops.domain.diagnosis import Hypothesis, Verdict
from chatops.policy.text.observed import by_users
from connectors.evidence import Coverage, Evidence, Finding, Role, State

IDENTIFIED = 0.75
PROBABLE = 0.4
_HIGHEST = 0.95
_ONE_PIECE = 0.88
_CONTRADICTED = (0.6, 0.4)
"""By one piece of evidence, by more."""
_OWN_CHECK_FAILED = 0.6
_OWN_CHECK_MISSING = 0.7
OWN_CHECK_SILENT = 0.7
"""Where the check that would tell the cause was made and told none."""
_BLIND_SOURCE = 0.85
_UNTRUSTED = 0.35
ELSEWHERE = 0.6
"""Where nothing that is cited for a cause speaks of the object at fault, and no rule comes to the same."""
_CLOSE = 0.1
"""Two causes so close together are not told apart."""


def cap(
    cause: str,
    supporting: Sequence[Evidence],
    contradicting: Sequence[Evidence],
    coverage: Sequence[Coverage],
    agreed: bool = False,
    silent: float | None = OWN_CHECK_SILENT,
) -> float:
    """The highest confidence that what was checked allows; `agreed`: a rule comes to the same.

    A check that would tell the cause caps it where it was not made, and where it was made and told none. Not so where
    a rule has found it: what was killed in Kubernetes is no less so because no cloud's containers were asked. `silent`
    is how much a check that told none leaves; None where it rests on more than the checks have read.
    """
    caps = [_HIGHEST]
    if not agreed and untrusted_only(supporting):
        caps.append(_UNTRUSTED)
    if not agreed and len({item.key for item in supporting}) == 1:
        caps.append(_ONE_PIECE)
    if contradicting:
        caps.append(_CONTRADICTED[min(len(contradicting), 2) - 1])
    for row in coverage:
        if row.state is State.FAILED:
            caps.append(_OWN_CHECK_FAILED if cause in row.decides and not agreed else _BLIND_SOURCE)
        elif cause in row.decides and not agreed:
            made = row.state in (State.CHECKED, State.NO_DATA)
            caps.append((_HIGHEST if silent is None else silent) if made else _OWN_CHECK_MISSING)
    return min(caps)


def untrusted_only(supporting: Sequence[Evidence]) -> bool:
    """Whether it rests on nothing but text that users of the systems, or people in the thread, wrote."""
    return all(by_users(item) for item in supporting)


def order(hypothesis: Hypothesis, weak: frozenset[str]) -> tuple[bool, bool, float, str]:
    """Sort key: the ruled out last, what rests on untrusted text behind the rest, then by confidence."""
    return (hypothesis.status == "ruled out", hypothesis.id in weak, -hypothesis.confidence, hypothesis.id)


_STRENGTH: Mapping[Verdict, int] = {"identified": 2, "probable": 1, "inconclusive": 0, "blocked": 0, "healthy": 0}


def verdict(
    proposed: Verdict,
    ranked: Sequence[Hypothesis],
    findings: Sequence[Finding],
    coverage: Sequence[Coverage],
    disputed: bool,
) -> Verdict:
    """The verdict that the hypotheses bear; never stronger than the one that was proposed."""
    standing = [one for one in ranked if one.status != "ruled out"]
    if not standing:
        return _without_cause(proposed, findings, coverage)
    if proposed in {"healthy", "blocked"}:
        return "inconclusive" if standing[0].confidence < PROBABLE or proposed == "blocked" else "probable"
    borne = _borne(standing, disputed)
    return min((borne, proposed), key=lambda one: _STRENGTH[one])


def _borne(standing: Sequence[Hypothesis], disputed: bool) -> Verdict:
    best, others = standing[0], standing[1:]
    close = any(best.confidence - one.confidence < _CLOSE and one.cause != best.cause for one in others)
    if best.confidence >= IDENTIFIED and not close and not disputed:
        return "identified"
    return "probable" if best.confidence >= PROBABLE else "inconclusive"


def _without_cause(proposed: Verdict, findings: Sequence[Finding], coverage: Sequence[Coverage]) -> Verdict:
    """`healthy` where it was looked, nothing failed and no rule found a cause; `blocked` where nothing was seen."""
    checked = [row for row in coverage if row.state is State.CHECKED]
    failed = [row for row in coverage if row.state is State.FAILED]
    if failed and not checked:
        return "blocked"
    found = any(finding.role is Role.CAUSE and finding.confidence >= PROBABLE for finding in findings)
    if proposed == "healthy" and checked and not failed and not found:
        return "healthy"
    return "blocked" if proposed == "blocked" and failed else "inconclusive"
