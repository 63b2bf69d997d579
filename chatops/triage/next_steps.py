"""Which commands would settle the likely causes? Those of our runbooks with the names filled in, then the rules' own.

A runbook's section on a cause says what to run and how to read it; a diagnosis knows what the names are. A command
whose names nothing told is left out: a template at 3 a.m. is homework.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from chatops.domain.diagnosis import Diagnosis, Hypothesis, NextStep, numbered
from chatops.domain.ports import RunbookLibrary
from chatops.policy.purposes import purpose
from chatops.policy.resources import KINDS, unseen
from chatops.policy.text.claims import Judge
from chatops.render.wording import worth_reading
from connectors.evidence import Finding, Subject

FOR_ONE, IN_ALL = 3, 6
"""Commands for one hypothesis, and for all."""
_PROGRAMS = frozenset({"kubectl", "helm"})
"""What runs against the cluster that was looked at. A cloud's commands need region and account: its rules give them."""
_OPEN = re.compile(r"(?:(?<=^)|(?<=[/=,]))[A-Z][A-Z_]+(?=$|[/,])")
"""A name that the page leaves open: a word of capitals that is a whole argument, or a whole part of one."""
_FORMATS = ("jsonpath", "custom-columns", "go-template")
_BY_LABEL = re.compile(r"(?:app|name|instance)=(?:WORKLOAD|APP)\b")
"""Labels are a guess: nothing told that the pods carry them."""
_WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet")
_KINDS_OF: Mapping[str, tuple[str, ...]] = {
    "WORKLOAD": _WORKLOADS,
    "CLAIM": ("PersistentVolumeClaim",),
    "VOLUME": ("PersistentVolume",),
    "PV": ("PersistentVolume",),
    "HPA": ("HorizontalPodAutoscaler",),
    "PDB": ("PodDisruptionBudget",),
    "RELEASE": ("HelmRelease",),
    "APP": ("Application",),
}
"""The kinds that a name left open stands for, where it is not the kind itself (`POD`, `NODE`, `CERTIFICATE` …)."""
_EVERYWHERE = frozenset({"kube-system", "kube-node-lease", "kube-scheduler", "kube-controller-manager"})
"""Names that every cluster has."""


def by_rules(
    diagnosis: Diagnosis,
    findings: Sequence[Finding],
    library: RunbookLibrary,
    judge: Judge,
    runnable: Callable[[Sequence[str]], bool],
) -> tuple[NextStep, ...]:
    """The commands for the causes worth reading, best cause first, at most three a cause; all only read.

    `runnable` tells whether a connector answers a command.
    """
    found: dict[tuple[str, ...], NextStep] = {}
    for hypothesis in worth_reading(diagnosis.hypotheses):
        own = [f for f in findings if (f.cause, f.subject) == (hypothesis.cause, hypothesis.subject)]
        pages = list(_of_runbook(diagnosis, hypothesis, own, library))
        # the page's last commands are its first checks, for every cause on it: the rule knows more of this one
        steps = (*pages[:2], *_of_findings(hypothesis, own), *pages[2:])
        new = {
            step.argv: step.model_copy(update={"runnable": runnable(step.argv)})
            for step in steps
            if step.argv not in found and judge(step.argv).verdict == "read-only"
        }
        found.update(list(new.items())[:FOR_ONE])
    return numbered(list(found.values())[:IN_ALL])


def _of_runbook(
    diagnosis: Diagnosis, hypothesis: Hypothesis, own: Sequence[Finding], library: RunbookLibrary
) -> Iterator[NextStep]:
    checks = library.checks_for(hypothesis.cause)
    if checks is None:
        return
    cited = [one for one in diagnosis.evidence if one.id in hypothesis.supporting]
    explained = (one for finding in own for one in finding.explains)
    subjects = [hypothesis.subject, *(one.subject for one in cited if one.subject), *explained]
    names = names_of(subjects, diagnosis.incident.scope.namespace)
    kinds = KINDS | {f"{subject.kind.lower()}{end}" for subject in subjects for end in ("", "s", "es")}
    told = " ".join(f"{one.title} {one.summary}" for one in cited)
    context = _context(own)
    if hypothesis.subject.cluster and not context:
        return  # of several clusters, and nothing tells how to reach this one
    reading = checks.reading
    for command in checks.commands:
        argv = filled(command, names)
        if argv and _exists(argv, kinds, (*names.values(), *_EVERYWHERE, *told.split())):
            where = context if argv[0] == "kubectl" else ()
            yield NextStep.reading((*argv, *where), purpose(argv) or checks.title, reading, hypothesis.id, False)
            reading = ""  # said once, with the first: it is about all of them


def _of_findings(hypothesis: Hypothesis, own: Sequence[Finding]) -> Iterator[NextStep]:
    why = f"Confirms {hypothesis.id}, which rests on {' '.join(hypothesis.supporting[:4])}"
    for finding in own:
        for argv in finding.commands:
            yield NextStep.reading(argv, purpose(argv) or why, "", hypothesis.id, False)


def _context(own: Sequence[Finding]) -> tuple[str, ...]:
    """`--context NAME` as the rule's own commands have it, where there are several clusters."""
    pairs = (pair for finding in own for argv in finding.commands for pair in pairwise(argv))
    return next((pair for pair in pairs if pair[0] == "--context"), ())


def names_of(subjects: Iterable[Subject], namespace: str) -> dict[str, str]:
    """What the words left open stand for: the first subject of each kind; a workload with it (`statefulset/cart`)."""
    names: dict[str, str] = {}
    for one in subjects:
        names.setdefault(one.kind.upper(), one.name)
        if one.namespace:
            names.setdefault("NAMESPACE", one.namespace)
        for word, kinds in _KINDS_OF.items():
            if one.kind in kinds:
                names.setdefault(word, f"{one.kind.lower()}/{one.name}" if word == "WORKLOAD" else one.name)
    if namespace:
        names.setdefault("NAMESPACE", namespace)
    return names


def filled(command: str, names: Mapping[str, str]) -> tuple[str, ...]:
    """The command with its names; empty where a word stays open, or it is for another program or a guessed label.

    A workload's kind takes the place of the page's `deployment`.
    """
    argv = shlex.split(command)
    if argv[0] not in _PROGRAMS or _BY_LABEL.search(command):
        return ()
    open_words = {word for part in argv if not part.startswith(_FORMATS) for word in _OPEN.findall(part)}
    if not open_words <= names.keys():
        return ()
    return tuple(_with_kinds([part if part.startswith(_FORMATS) else _fill(part, names) for part in argv]))


def _fill(part: str, names: Mapping[str, str]) -> str:
    return _OPEN.sub(lambda word: names[word[0]], part)


def _with_kinds(argv: Sequence[str]) -> Iterator[str]:
    """`get deployment statefulset/cart` and `deployment/statefulset/cart` as kubectl takes them."""
    for part, after in zip(argv, (*argv[1:], ""), strict=True):
        if part == "deployment" and after.startswith(tuple(f"{kind.lower()}/" for kind in _WORKLOADS)):
            continue
        yield part.removeprefix("deployment/") if part.count("/") == 2 and part.startswith("deployment/") else part


def _exists(argv: Sequence[str], kinds: Container[str], names: Container[str]) -> bool:
    """Whether the cluster has what the command names; the value of a label may select nothing, which tells as well."""
    if argv[:2] == ("kubectl", "get") and not all(kind.partition(".")[0] in kinds for kind in _kinds(argv[2])):
        return False
    labels = [after.partition("=")[2] for part, after in pairwise(argv) if part == "-l"]
    return not unseen(argv, lambda name: name in names or name in labels)


def _kinds(word: str) -> list[str]:
    return [] if word.startswith("-") else word.partition("/")[0].split(",")
