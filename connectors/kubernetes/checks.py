"""Which questions does the Kubernetes connector answer? One row a check: its rules, and what it must have read.

All checks of an investigation share one snapshot; a check whose main kinds could not be read fails with that
error, one that lacks others says so in its coverage.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import NamedTuple

import anyio.to_thread

from connectors.contract import Check, ConnectorError
from connectors.evidence import Evidence, Finding, Observation, Role
from connectors.kubernetes import beyond, overview, suspects, webhooks
from connectors.kubernetes.analyzers import (
    admission,
    autoscaling,
    blaming,
    calling,
    complaints,
    control_plane,
    databases,
    deleting,
    entrances,
    gateways,
    jobs,
    meshes,
    naming,
    node_groups,
    nodes,
    operators,
    policies,
    probes,
    protocols,
    resolving,
    rollouts,
    routing,
    runtime,
    scheduling,
    startup,
    storage,
    upstreams,
)
from connectors.kubernetes.asked_for import asked_for
from connectors.kubernetes.reporting import Case
from connectors.kubernetes.view import View
from connectors.kubernetes.wiring import topology

_LIKELY = 0.5
"""Confidence from which on it is worth knowing what a workload asks for."""
_SPECIFIED = 3
"""Workloads of which one check tells that."""
_TOLD = 10
"""So many pieces of one look, the most telling first; how many there were is said."""
Rule = Callable[[View], Iterator[Case]]
Look = Callable[[View], Iterator[Evidence]]


class Row(NamedTuple):
    """A check: what it asks, the kinds without which it cannot answer, those it also uses, rules and overviews."""

    name: str
    question: str
    needs: tuple[str, ...]
    uses: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    looks: tuple[Look, ...] = ()
    decides: tuple[str, ...] = ()


ROWS: tuple[Row, ...] = (
    Row("pods", "Which pods do not run, and what do kubelet and runtime say?", ("pods",), ("events",),
        startup.RULES, (overview.pods,), startup.DECIDES),
    Row("events", "What does the cluster warn of about objects that are in trouble now?", ("events",),
        looks=(overview.events,), decides=startup.TOLD_BY_EVENTS),
    Row("workloads", "Which workloads lack replicas, crash or are scaled to nothing?", ("deployments",),
        ("statefulsets", "daemonsets", "pods", "replicasets"), (*runtime.RULES, *deleting.RULES), (overview.workloads,),
        (*runtime.DECIDES, *deleting.DECIDES)),
    Row("scheduling", "Which constraint keeps pods off which nodes?", ("pods", "nodes"), ("events", "all_pods"),
        scheduling.RULES, (), scheduling.DECIDES),
    Row("quotas and admission", "Does the API server refuse pods?", ("replicasets",),
        ("resourcequotas", "events", *webhooks.KINDS), admission.RULES, (), admission.DECIDES),
    Row("nodes", "Do the nodes work?", ("nodes",), ("events", "leases", "pods"), nodes.RULES, (), nodes.DECIDES),
    Row("services", "Do services lead to pods, and callers to services?", ("services", "pods"),
        ("deployments",), (*routing.RULES, *protocols.RULES, *meshes.RULES), (), routing.DECIDES),
    Row("probes", "Do failing probes ask rightly?", ("pods", "events"), (), probes.RULES, (), probes.DECIDES),
    Row("storage", "Are the claims bound?", ("persistentvolumeclaims",),
        ("persistentvolumes", "storageclasses", "events"), storage.RULES, (), storage.DECIDES),
    Row("dependencies", "Do callers call services that exist, at ports that they have?", ("services", "deployments"),
        ("statefulsets",), (*calling.RULES, *databases.RULES), (), calling.DECIDES),
    Row("logs", "What do running containers log about what they depend on?", ("pods",), (),
        (*complaints.RULES, *resolving.RULES, *blaming.RULES), (), (*complaints.DECIDES, *resolving.DECIDES)),
    Row("rollouts", "What changed, when, and did it finish?", ("replicasets", "deployments"), ("pods",),
        rollouts.RULES, rollouts.LOOKS, rollouts.DECIDES),
    Row("names", "Do workloads ask a resolver that knows the cluster's names?", ("deployments",),
        ("system_pods",), naming.RULES, (), naming.DECIDES),
    Row("gateways", "Do ingresses, gateways and mesh routes lead to the right place?", ("services",),
        ("ingresses", "ingressclasses", "virtualservices", "httproutes", "gateways"),
        (*gateways.RULES, *entrances.RULES, *upstreams.RULES), (), gateways.DECIDES),
    Row("network policies", "Do policies block calls that are needed?", ("networkpolicies", "pods"), ("services",),
        policies.RULES, (), policies.DECIDES),
    Row("control plane", "Do scheduler, controllers and proxies work?", ("pods", "nodes"),
        ("leases", "system_pods", "events"), control_plane.RULES, (control_plane.proof_of_life,),
        control_plane.DECIDES),
    Row("autoscaling", "Can the autoscalers scale?", ("horizontalpodautoscalers",),
        ("deployments", "poddisruptionbudgets", node_groups.KIND),
        (*autoscaling.RULES, *node_groups.RULES), (node_groups.groups,),
        (*autoscaling.DECIDES, *node_groups.DECIDES)),
    Row("jobs", "Which jobs failed, which cron jobs do not run?", ("jobs",), ("cronjobs",), jobs.RULES, (),
        jobs.DECIDES),
    Row("operators", "Do operators say that what they look after is not as it should be?", (), (), operators.RULES,
        operators.LOOKS, operators.DECIDES),
)  # fmt: skip

Shared = Callable[[], Awaitable[View]]


def bound(view: Shared, timeout: float) -> list[Check]:
    """Every check, bound to the investigation's snapshot."""
    return [_check(row, view, timeout) for row in ROWS]


def _check(row: Row, view: Shared, timeout: float) -> Check:
    async def run() -> Observation:
        # Searching thousands of log lines takes half a second: not in the event loop.
        return await anyio.to_thread.run_sync(observe, row, await view())

    return Check(row.name, row.question, run, timeout, decides=row.decides)


def observe(row: Row, view: View) -> Observation:
    """Run a check's rules over the snapshot. Raises the error of a kind without which it cannot answer."""
    failures = view.snapshot.failures
    missing = [plural for plural in row.needs if plural in failures]
    cases = [case for rule in row.rules for case in rule(view)]
    if missing and not cases:
        raise failures[missing[0]]
    looked = [list(look(view)) for look in row.looks]
    evidence: dict[str, Evidence] = {one.key: one for found in looked for one in found[:_TOLD]}
    cut = [f"the first {_TOLD} of {len(found)} told" for found in looked if len(found) > _TOLD]
    findings: list[Finding] = []
    for case in cases:
        findings.append(beyond.tied(view, case.finding))
        evidence |= {one.key: one for one in case.evidence}
    likely = dict.fromkeys(one.subject for one in findings if one.role is Role.CAUSE and one.confidence >= _LIKELY)
    specified = [asked_for(row.name, view, subject) for subject in list(likely)[:_SPECIFIED]]
    evidence |= {one.key: one for one in specified if one is not None}
    return Observation(
        evidence=tuple(evidence.values()),
        findings=tuple(findings),
        searched=overview.searched(view, _kinds(row, view)),
        partial="; ".join([*_partial(row, view, failures), *cut]),
        unread=suspects.unread(view) if row.name == complaints.CHECK else 0,
        topology=topology(view) if row.name == "services" else None,
    )


def _kinds(row: Row, view: View) -> tuple[str, ...]:
    """What a check reads; of operators' kinds those that this cluster has."""
    served = (one.full for one in view.snapshot.operated) if row.rules == operators.RULES else ()
    return (*row.needs, *row.uses, *served)


def _partial(row: Row, view: View, failures: dict[str, ConnectorError]) -> list[str]:
    kinds = _kinds(row, view)
    words = [f"{plural}: {failures[plural].kind}: {failures[plural].detail}" for plural in kinds if plural in failures]
    words += [
        f"{plural}: only the first {len(view.all(plural))} read"
        for plural in kinds
        if plural in view.snapshot.truncated
    ]
    if row.name == complaints.CHECK and (unread := suspects.unread(view)):
        total = len(view.pods_by_workload)
        words.append(f"logs of {total - unread} of {total} workloads read")
    if row.name == complaints.CHECK:
        away = view.snapshot.unread_beyond.items()
        words += [f"namespace {name}, which errors name: {error.kind}: {error.detail}" for name, error in away]
    return words
