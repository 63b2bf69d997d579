"""Which finding is the cause? Findings of all connectors become at most five hypotheses with a calibrated confidence.

The order of thought: the same cause of the same thing is one finding, whoever saw it; what another finding
explains is its consequence; the specific goes before the generic; what lies outside the scope or long before the
onset counts less; what could not be read lowers what is guessed, not what was seen.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from chatops.domain.diagnosis import Hypothesis
from chatops.triage.weighing import Weighing
from connectors.causes import BY_CODE
from connectors.contract import Inquiry
from connectors.evidence import Coverage, Evidence, Finding, Role, State, Subject

MOST = 5
CAP = 0.97
"""Nobody is surer than this."""
SHARPER = 1.6
"""Rules are cautious: of 300 recorded and generated faults, those told with 0.7 were nearly always right."""
BLIND = 0.45
"""A generic cause is not claimed above this while a source that could tell more has failed."""

GENERIC: dict[str, frozenset[str]] = {
    "NodeNotReady": frozenset({"KubeletUnavailable", "ContainerRuntimeUnavailable", "NodeNetworkUnavailable",
                               "NodeMemoryPressure", "NodeDiskPressure", "NodePIDPressure", "KubeProxyUnavailable"}),
    "KubeletUnavailable": frozenset({"ContainerRuntimeUnavailable"}),
    "ImagePullFailure": frozenset({"IncorrectImageReference", "ImageRegistryUnreachable", "MissingImagePullSecret"}),
    "InvalidContainerConfig": frozenset({"MissingSecret", "MissingConfigMap", "InvalidCommand"}),
    "PodSandboxFailure": frozenset({"OOMKilled", "ContainerRuntimeUnavailable", "NodeNetworkUnavailable"}),
    "DatabaseConnectionsExhausted": frozenset({"DatabaseLockContention"}),
    "DatabaseReadOnly": frozenset({"VolumeMountPermissionDenied", "DiskFull", "DatabaseStorageExhausted"}),
    "IncorrectDependencyAddress": frozenset({"GatewayMisroute"}),
    "VolumeMountFailed": frozenset({"VolumeMountPermissionDenied", "MissingSecret", "MissingConfigMap", "PVCNotFound"}),
}  # fmt: skip
"""Generic cause → those that say the same more exactly about the same subject."""
SAYS_NOTHING: frozenset[str] = frozenset({
    "ErrorRateIncrease", "LatencyIncrease", "TargetDown", "ApplicationCrash", "RolloutStuck", "ProbeFailing",
    "DependencyUnavailable", "ImagePullFailure", "NodeNotReady", "InvalidContainerConfig", "PodSandboxFailure",
    "BadRelease", "ConfigChange", "TrafficSurge", "FunctionErrors", "PodsNotCreated",
})  # fmt: skip
"""Causes that any other cause of the same subject says more exactly."""


@dataclass(frozen=True)
class _Candidate:
    """Findings of one cause and subject, merged."""

    finding: Finding
    confidence: float
    rests_on: tuple[str, ...]
    contradicted_by: tuple[str, ...]
    explains: frozenset[Subject]
    sources: int


def rank(
    findings: Sequence[Finding], evidence: Sequence[Evidence], coverage: Sequence[Coverage], inquiry: Inquiry
) -> tuple[Hypothesis, ...]:
    """At most five hypotheses, the likeliest first; they cite evidence by its id."""
    ids = {one.key: one.id or one.key for one in evidence}
    causes = [one for one in findings if one.role is Role.CAUSE and any(key in ids for key in one.rests_on)]
    weighing = Weighing.of(inquiry, evidence, findings)
    candidates = [_weighed(one, weighing) for one in _one_story(_merged(causes), evidence)]
    candidates = _below_what_explains(_specific_first(candidates))
    candidates = [_blinded(one, coverage) for one in candidates]
    ordered = sorted(
        candidates, key=lambda one: (-one.confidence, -one.sources, str(one.finding.subject), one.finding.cause)
    )
    told = [_calibrated(one) for one in _shared(ordered[:MOST])]
    return tuple(_hypothesis(number, one, ids) for number, one in enumerate(told, start=1))


def _merged(findings: Iterable[Finding]) -> list[_Candidate]:
    """One candidate per cause and subject: independent rules add up (noisy or), the same rule does not."""
    groups: dict[tuple[str, str, str, str], list[Finding]] = defaultdict(list)
    for one in _in_clusters(findings):
        groups[one.cause, one.subject.cluster, one.subject.namespace, one.subject.name].append(one)
    merged = []
    for group in groups.values():
        group.sort(key=lambda one: (-one.confidence, one.rule, str(one.subject), one.statement))
        by_rule = {one.rule: one.confidence for one in reversed(group)}
        doubt = 1.0
        for confidence in by_rule.values():
            doubt *= 1 - confidence
        merged.append(
            _Candidate(
                group[0],
                min(CAP, 1 - doubt),
                tuple(dict.fromkeys(key for one in group for key in one.rests_on)),
                tuple(dict.fromkeys(key for one in group for key in one.contradicted_by)),
                frozenset(subject for one in group for subject in one.explains),
                len(by_rule),
            )
        )
    return merged


def _in_clusters(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings; one whose source does not tell clusters apart is about the only cluster that fits."""
    every = list(findings)
    places: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for one in every:
        if one.subject.cluster:
            places[one.cause, one.subject.namespace, one.subject.name].add(one.subject.cluster)
    for one in every:
        known = places.get((one.cause, one.subject.namespace, one.subject.name), set())
        if one.subject.cluster or len(known) != 1:
            yield one
        else:
            yield one.model_copy(update={"subject": one.subject.model_copy(update={"cluster": min(known)})})


def _one_story(candidates: list[_Candidate], evidence: Sequence[Evidence]) -> list[_Candidate]:
    """One fault that two sources tell of: a client's log names the database that the cloud finds at fault.

    Where what one candidate rests on names the other's subject, and the cause is the same, the named one is
    at fault, rests on both, and explains the one that complains.
    """
    texts = {one.key: f"{one.title} {one.summary}" for one in evidence}
    told: list[_Candidate] = []
    taken: set[int] = set()
    for at, named in enumerate(candidates):
        name = re.compile(rf"(?<![\w.-]){re.escape(named.finding.subject.name)}(?![\w-])")
        tellers = [
            other
            for other in candidates
            if other is not named
            and other.finding.cause == named.finding.cause
            and other.finding.subject.name != named.finding.subject.name
            and name.search(" ".join((other.finding.statement, *(texts.get(key, "") for key in other.rests_on))))
        ]
        # Only what lies outside the cluster: workloads of one fault are told apart by what explains what.
        outside = not named.finding.subject.namespace and named.finding.subject.kind != "Node"
        if at in taken or len(tellers) != 1 or not outside:
            continue
        (teller,) = tellers
        taken |= {at, candidates.index(teller)}
        doubt = (1 - named.confidence) * (1 - teller.confidence)
        told.append(
            _Candidate(
                named.finding,
                min(CAP, 1 - doubt),
                tuple(dict.fromkeys((*named.rests_on, *teller.rests_on))),
                tuple(dict.fromkeys((*named.contradicted_by, *teller.contradicted_by))),
                named.explains | teller.explains | {teller.finding.subject},
                named.sources + teller.sources,
            )
        )
    return told + [one for at, one in enumerate(candidates) if at not in taken]


def _weighed(candidate: _Candidate, weighing: Weighing) -> _Candidate:
    """Scope and time: what lies outside of either counts less, what is contradicted much less."""
    factor = weighing.factor(candidate.finding, candidate.explains, candidate.rests_on)
    return _with(candidate, candidate.confidence * factor * (0.5 if candidate.contradicted_by else 1.0))


def _with(one: _Candidate, confidence: float) -> _Candidate:
    return _Candidate(one.finding, confidence, one.rests_on, one.contradicted_by, one.explains, one.sources)


def _specific_first(candidates: list[_Candidate]) -> list[_Candidate]:
    """Generic causes fall below the specific ones of the same subject."""
    by_name: dict[str, list[_Candidate]] = defaultdict(list)
    for one in candidates:
        by_name[one.finding.subject.name].append(one)
    return [
        _under_specific(one, [other for other in by_name[one.finding.subject.name] if _together(one, other)])
        for one in candidates
    ]


def _under_specific(one: _Candidate, same: list[_Candidate]) -> _Candidate:
    cause = one.finding.cause
    better = [
        other for other in same
        if other is not one and other.confidence >= 0.4
        and (other.finding.cause in GENERIC.get(cause, ())
             or (cause in SAYS_NOTHING and other.finding.cause not in SAYS_NOTHING))
    ]  # fmt: skip
    return _with(one, min(one.confidence, 0.6 * max(other.confidence for other in better))) if better else one


def _below_what_explains(candidates: list[_Candidate]) -> list[_Candidate]:
    """A consequence falls below what explains it: workload below node, service below workload, caller below callee."""
    found = []
    for one in candidates:
        subject = one.finding.subject
        above = [
            other for other in candidates
            if other is not one and _explains(other, subject) and not _explains(one, other.finding.subject)
            and other.confidence >= 0.5 * one.confidence and other.confidence >= 0.4
        ]  # fmt: skip
        if above:
            strongest = max(other.confidence for other in above)
            one = _with(one, min(one.confidence, max(0.5 * one.confidence, strongest - 0.2)))
        found.append(one)
    return found


def _explains(one: _Candidate, subject: Subject) -> bool:
    if subject == one.finding.subject:
        return False
    return any(
        other.name == subject.name and other.namespace == subject.namespace and subject.cluster in ("", other.cluster)
        for other in one.explains
    )


def _together(one: _Candidate, other: _Candidate) -> bool:
    """Whether both may be in one cluster."""
    clusters = {one.finding.subject.cluster, other.finding.subject.cluster} - {""}
    return len(clusters) < 2


def _blinded(one: _Candidate, coverage: Sequence[Coverage]) -> _Candidate:
    """While a check that could tell more has failed, a cause that says nothing exact is not claimed."""
    blind = any(row.state is State.FAILED and row.decides for row in coverage)
    guess = one.finding.cause in SAYS_NOTHING or one.confidence < 0.65
    return _with(one, min(one.confidence, BLIND)) if blind and guess else one


def _shared(ordered: list[_Candidate]) -> list[_Candidate]:
    """There is one cause: independent candidates that are equally likely share what is left of the doubt."""
    if len(ordered) < 2:
        return ordered
    odds = [one.confidence / max(1 - one.confidence, 0.03) for one in ordered]
    total = sum(odds) or 1.0
    found = []
    for one, share in zip(ordered, odds, strict=True):
        found.append(_with(one, min(one.confidence, max(0.02, one.confidence * (share / total) ** 0.35))))
    return sorted(found, key=lambda one: -one.confidence)


def _calibrated(one: _Candidate) -> _Candidate:
    """How often such a hypothesis was right: the log odds, stretched by what was measured (temperature scaling).

    What is as likely as not stays so: nothing is claimed that was not claimed before.
    """
    sure = min(max(one.confidence, 0.01), CAP)
    return _with(one, min(CAP, 1 / (1 + (1 / sure - 1) ** SHARPER)))


def _hypothesis(number: int, one: _Candidate, ids: dict[str, str]) -> Hypothesis:
    cause = BY_CODE.get(one.finding.cause)
    return Hypothesis(
        id=f"H{number}",
        rank=number,
        cause=one.finding.cause,
        kind=cause.kind if cause else "config",
        subject=one.finding.subject,
        statement=one.finding.statement,
        confidence=round(one.confidence, 2),
        supporting=tuple(ids[key] for key in one.rests_on if key in ids),
        contradicting=tuple(ids[key] for key in one.contradicted_by if key in ids),
        mechanism=one.finding.mechanism,
    )
