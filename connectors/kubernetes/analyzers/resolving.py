"""Which names do clients log that they cannot resolve, and whose fault is that?

A name that no service has is the fault of who asks for it. A name that a service has does not resolve for one
caller because of that caller's resolver; for everybody because of what the cluster's DNS holds for that name; and
where nothing resolves for anybody, because of the cluster's DNS.
"""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from connectors.evidence import Evidence, Subject
from connectors.kubernetes import crashes, routers
from connectors.kubernetes import objects as o
from connectors.kubernetes.analyzers import naming
from connectors.kubernetes.analyzers.complaints import MANY, goes_on, last_of, lines_of
from connectors.kubernetes.objects import Json
from connectors.kubernetes.reporting import Case, case, log_lines
from connectors.kubernetes.snapshot import LogLine
from connectors.kubernetes.view import View
from connectors.patterns import quote

CHECK = "logs"
_NO_WORD = re.compile(r"i/o timeout|read udp|EAI_AGAIN|temporary failure in name resolution|timed out", re.IGNORECASE)
_UNTIL_THE_END = 10.0
_NEW_SERVICE = 60.0
"""Seconds: resolvers remember for a while that a name did not exist."""


class Unresolved(NamedTuple):
    """A name that a workload cannot resolve, with the lines that say so."""

    workload: Subject
    pod: Json
    host: str
    lines: list[tuple[str, LogLine]]

    @property
    def service(self) -> str:
        """The service of the caller's namespace that the name would mean."""
        return self.host.split(".")[0]

    def quoted(self) -> Evidence | None:
        """The lines as evidence."""
        return log_lines("logs", self.pod, self.lines[0][0], [line for _, line in self.lines], part="unresolved")


def unresolved(view: View) -> Iterator[Case]:
    """Names that do not resolve: those of no service first, then those of services that exist."""
    strangers: list[Unresolved] = []
    known: list[Unresolved] = []
    for one in _heard(view):
        service = view.find("services", one.workload.namespace, one.service)
        if service is None or not _short(one):
            strangers.append(one)
        elif _settled(lines_of(view, one.pod), one.lines, o.created(service)):
            known.append(one)
    for one in strangers:
        if (found := _stranger(view, one)) is not None:
            yield found
    yield from _known(view, known)


def _heard(view: View) -> Iterator[Unresolved]:
    for workload, pods in view.pods_by_workload.items():
        for pod in pods:
            lines = lines_of(view, pod)
            for host, texts in crashes.unresolved([line.text for _, line in lines]).items():
                said = set(texts)
                yield Unresolved(workload, pod, host, [one for one in lines if one[1].text in said])


def _stranger(view: View, one: Unresolved) -> Case | None:
    """A name that no service has: misspelt by who asks for it, or of a workload that lacks its service."""
    like, onset = _like(view, one), one.lines[0][1].at
    bare = next((found for found in view.unserved if found.name == one.service), None)
    words = f"{one.workload.name} asks for {one.host}, which does not resolve"
    if bare is not None:
        subject = Subject(kind="Service", namespace=bare.namespace, name=bare.name)
        words += f"; {bare.kind} {bare.name} exists and has no service"
        return case("unresolved name", "ServiceNotFound", subject, words, 0.74, [one.quoted()], onset=onset,
                    explains=[bare, one.workload])  # fmt: skip
    routed = routers.routes(view, one.workload) and not _told(view, one)
    if not like and not routed:
        return _silent(one, words)
    if routed:
        words += f", and its routes lead there; there is a service {like}" if like else ", and its routes lead there"
        return case("unresolved route", "GatewayMisroute", one.workload, words, 0.82 if like else 0.6, [one.quoted()],
                    onset=onset, explains=[one.workload])  # fmt: skip
    words += f"; there is a service {like}"
    return case("unresolved name", "IncorrectDependencyAddress", one.workload, words, 0.8, [one.quoted()],
                onset=onset, explains=[one.workload])  # fmt: skip


def _told(view: View, one: Unresolved) -> bool:
    """Whether the environment names the host as an address and not within routes: then no route is wrong."""
    return any(
        meant.service == one.service and "route" not in f"{reference.variable} {reference.value}".lower()
        for reference, meant in view.calls_of.get(one.workload, [])
    )


def _silent(one: Unresolved, words: str) -> Case | None:
    """A name of elsewhere of which the resolver says nothing at all: it is the resolver that fails, or its upstream."""
    telling = [line.text for _, line in one.lines if _NO_WORD.search(line.text)]
    if not telling:
        return None
    words += f"; the resolver does not answer: {quote(telling[-1], 180)}"
    return case("resolver silent", "DNSResolutionFailure", one.workload, words, 0.66, [one.quoted()],
                onset=one.lines[0][1].at, explains=[one.workload])  # fmt: skip


def _known(view: View, known: list[Unresolved]) -> Iterator[Case]:
    """Services that exist and do not resolve: for one caller, for all who ask, or nothing for anybody."""
    hosts: dict[Subject, set[str]] = defaultdict(set)
    callers: dict[tuple[str, str], set[Subject]] = defaultdict(set)
    for one in known:
        hosts[one.workload].add(one.service)
        callers[one.workload.namespace, one.service].add(one.workload)
    everywhere = len(hosts) >= MANY and len(callers) > 1
    if everywhere:
        yield _nothing_resolves(known, sorted(hosts, key=str))
    for one in known:
        asking = callers[one.workload.namespace, one.service]
        own = naming.wrong_resolver(view, one.workload) is not None
        others = {meant.service for _, meant in view.calls_of.get(one.workload, [])} - hosts[one.workload]
        words = f"{one.workload.name} cannot resolve {one.host}, a service that exists"
        subject, confidence = one.workload, 0.5 if everywhere else 0.78
        if not everywhere and not own and len(hosts[one.workload]) == 1 and (len(asking) > 1 or len(others) > 1):
            # Its other calls go through, or others cannot resolve the name either: the name is what is broken.
            subject = Subject(kind="Service", namespace=one.workload.namespace, name=one.service)
            words = f"{', '.join(sorted(who.name for who in asking))} cannot resolve {one.host}, a service that exists"
            words += f"; {one.workload.name} resolves {', '.join(sorted(others)[:3])}" if others else ""
            confidence = 0.72
        yield case("unresolved service", "DNSResolutionFailure", subject, words, confidence, [one.quoted()],
                   onset=one.lines[0][1].at, explains=[one.workload])  # fmt: skip


def _nothing_resolves(known: list[Unresolved], workloads: list[Subject]) -> Case:
    subject = Subject(kind="Deployment", namespace="kube-system", name="coredns")
    words = f"{len(workloads)} workloads cannot resolve services that exist"
    proof = [one.quoted() for one in known[:4]]
    return case("nothing resolves", "DNSResolutionFailure", subject, words, 0.84, proof, explains=workloads)


def _settled(lines: list[tuple[str, LogLine]], telling: list[tuple[str, LogLine]], created: datetime | None) -> bool:
    """Whether the complaint goes on to the end of the log, and is not about the first minute of a new service."""
    last = last_of(telling)
    if last is None:
        return True
    young = created is not None and (last - created).total_seconds() < _NEW_SERVICE
    return not young and goes_on(lines, telling, _UNTIL_THE_END)


def _short(one: Unresolved) -> bool:
    """Whether the name is one under which the cluster's DNS knows a service of this namespace."""
    rest = one.host.split(".")[1:]
    return not rest or (rest[0] == one.workload.namespace and rest[1:2] in ([], ["svc"]))


def _like(view: View, one: Unresolved) -> str:
    """A service that was probably meant: the same first label in another domain, or a similar name."""
    names = [o.name(found) for found in view.all("services") if o.namespace(found) == one.workload.namespace]
    if one.service in names:
        return one.service
    begins = next((name for name in names if one.service.startswith(name + "-")), "")
    return begins or next(iter(difflib.get_close_matches(one.service, names, n=1, cutoff=0.85)), "")


RULES = (unresolved,)
DECIDES = ("IncorrectDependencyAddress", "ServiceNotFound")
