"""Writes the chart's ClusterRole from what the connector really calls: `python -m tests.helm.role`."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping

from tests.helm.chart import CHART
from tests.helm.test_rbac import EVERYBODY, OWN_PROJECTS, Right, everything, right, served_everything

HEADS: Mapping[str, str] = {
    "cluster.yaml": "# Kubernetes' own objects, by the group that serves them.",
    "custom.yaml": "# Objects of other projects, where the cluster has them. Operators of yours: `rbac.extraRules`.",
    "metrics.yaml": "# Use of CPU and memory now (`kubectl top`).",
}
NOTE = "# Written by `python -m tests.helm.role` from what the checks and tools call; a test holds it to that."


def files(called: Collection[Right]) -> dict[str, str]:
    """Name → text of each part of the role."""
    found: dict[str, set[Right]] = {name: set() for name in HEADS}
    for one in called:
        found[_file(one[1])].add(one)
    return {name: f"{HEADS[name]}\n{NOTE}\n{_rules(rights)}" for name, rights in found.items()}


def _file(group: str) -> str:
    if group == "metrics.k8s.io":
        return "metrics.yaml"
    return "custom.yaml" if group in OWN_PROJECTS else "cluster.yaml"


def _rules(rights: Collection[Right]) -> str:
    """One rule for the resources of a group that need the same verbs."""
    verbs: dict[tuple[str, str], set[str]] = defaultdict(set)
    for verb, group, resource in rights:
        verbs[group, resource].add(verb)
    rules: dict[tuple[str, tuple[str, ...]], list[str]] = defaultdict(list)
    for (group, resource), needed in sorted(verbs.items()):
        rules[group, tuple(sorted(needed))].append(resource)
    return "".join(_rule(group, resources, needed) for (group, needed), resources in rules.items())


def _rule(group: str, resources: Collection[str], verbs: Collection[str]) -> str:
    group = group or '""'
    return f"- apiGroups: [{group}]\n  resources: [{', '.join(resources)}]\n  verbs: [{', '.join(verbs)}]\n"


async def called() -> set[Right]:
    """The rights that the connector's calls need, against a stand-in that has an object of every kind."""
    with served_everything() as (served, connector):
        await everything(connector)
        return {needed for call in served.seen if (needed := right(call))} - EVERYBODY


async def _write() -> None:
    for name, text in files(await called()).items():
        await asyncio.to_thread((CHART / "rbac" / name).write_text, text)


if __name__ == "__main__":
    asyncio.run(_write())
