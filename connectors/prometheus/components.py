"""Do kubelet, container runtime, kube-proxy and the control plane run, as systemd says on their nodes.

Judged over the window and not by the last sample alone. A unit is compared with its neighbours, because
an idle docker beside a working containerd is no fault.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from connectors.evidence import Evidence, Finding, Observation, Role, Subject
from connectors.prometheus import probes
from connectors.prometheus.samples import Stream, series, went_down
from connectors.prometheus.survey import Reading, Survey
from connectors.prometheus.vitals import node_of

_RUNTIMES = ("containerd", "crio", "cri-o", "cri-docker", "docker")


class Component(NamedTuple):
    """A part of the cluster: names of its units and scrape jobs (substrings), and the code of its failure."""

    cause: str
    units: tuple[str, ...]
    jobs: tuple[str, ...]
    title: str


COMPONENTS: tuple[Component, ...] = (
    Component("KubeletUnavailable", ("kubelet", "k3s-agent", "rke2-agent"), ("kubelet",), "kubelet"),
    Component("ContainerRuntimeUnavailable", _RUNTIMES, ("containerd", "crio"), "container runtime"),
    Component("KubeProxyUnavailable", ("kube-proxy",), ("kube-proxy",), "kube-proxy"),
    Component("KubeSchedulerUnavailable", ("kube-scheduler",), ("kube-scheduler", "scheduler"), "scheduler"),
    Component(
        "ControllerManagerUnavailable", ("kube-controller-manager",), ("controller-manager",), "controller manager"
    ),
    Component("EtcdUnhealthy", ("etcd",), ("etcd",), "etcd"),
    Component("APIServerUnhealthy", ("kube-apiserver", "k3s", "rke2-server"), ("apiserver",), "API server"),
    Component("ClusterDNSUnavailable", ("coredns", "node-local-dns"), ("coredns", "kube-dns"), "cluster DNS"),
    Component("ClockSkew", ("chronyd", "systemd-timesyncd", "ntpd"), (), "time synchronisation"),
)
_UNIT_NAMES = "|".join(u for c in COMPONENTS for u in c.units)
_UNITS = f'node_systemd_unit_state{{state="active",name=~"({_UNIT_NAMES})(\\\\.service)?"}}'


async def units(survey: Survey) -> Observation:
    """systemd units of the cluster's parts that are not active."""
    if "node_systemd_unit_state" not in await survey.names():
        return Observation(
            searched="node_systemd_unit_state has no samples: the node exporter's systemd collector is off"
        )
    reading = await survey.whole(_UNITS)
    failing = await probes.failing(survey)
    evidence, findings = [], []
    for stream, now in _inactive(reading.streams):
        node, unit = node_of(stream.labels), stream.labels.get("name", "").removesuffix(".service")
        component = next((c for c in COMPONENTS if unit in c.units), None)
        if node is None or component is None:
            continue
        item = _unit_evidence(survey, reading, stream, node, unit, now)
        evidence.append(item)
        findings.append(_unit_finding(component, node, unit, now, item, tuple(failing)))
    searched = "" if evidence else f"{len(reading.streams)} units, all active: {reading.query}"
    return Observation(
        evidence=tuple(evidence), findings=tuple(findings), searched=searched, partial="; ".join(reading.warnings)
    )


def _inactive(streams: Sequence[Stream]) -> Iterable[tuple[Stream, bool]]:
    """Units that are inactive, and whether still; without runtimes another runtime of the node stands in for."""
    running = {
        (s.labels.get("instance"), s.labels.get("name", "").removesuffix(".service"))
        for s in streams
        if s.points[-1][1] >= 1
    }
    for stream in streams:
        unit, where = stream.labels.get("name", "").removesuffix(".service"), stream.labels.get("instance")
        last_down = stream.points[-1][1] < 1
        was_down = sum(v < 1 for _, v in stream.points) >= 2
        replaced = unit in _RUNTIMES and any((where, other) in running for other in _RUNTIMES if other != unit)
        elsewhere = any(u == unit for w, u in running if w != where)
        optional = unit in ("chronyd", "systemd-timesyncd", "ntpd", "docker", "cri-docker")
        if (last_down or was_down) and not replaced and (elsewhere or not optional):
            yield stream, last_down


def _unit_evidence(survey: Survey, reading: Reading, stream: Stream, node: Subject, unit: str, now: bool) -> Evidence:
    state = "is not active" if now else "was not active for a while"
    since = went_down(stream)
    told = f" since {since:%H:%M:%S} UTC" if since and now else ""
    return Evidence(
        key=f"prometheus/unit/{node.name}/{unit}",
        source="prometheus",
        check="components",
        title=f"{unit} on {node.name} {state}",
        summary=f"The systemd unit {unit} on node {node.name} {state}{told}.",
        subject=node,
        onset=since,
        query=reading.query,
        link=survey.client.link(f'node_systemd_unit_state{{name="{unit}.service"}}', *survey.focus),
        body=series(f"{unit} active on {node.name}", stream),
    )


def _unit_finding(
    component: Component, node: Subject, unit: str, now: bool, item: Evidence, explains: tuple[Subject, ...]
) -> Finding:
    weak = component.cause == "ClockSkew"
    runs = "does not run" if now else "did not run for a while"
    return Finding(
        cause=component.cause,
        subject=node,
        onset=item.onset,
        rests_on=(item.key,),
        rule="prometheus:unit-inactive",
        explains=explains,
        statement=f"The {component.title} ({unit}) on node {node.name} {runs}",
        confidence=0.3 if weak else 0.92 if now else 0.6,
        role=Role.CONTEXT if weak else Role.CAUSE,
        mechanism="pods of the node cannot be started, stopped or reached properly while it is down",
        commands=(("kubectl", "describe", "node", node.name),),
    )
