"""Are the parts underneath alive: units on nodes, control plane, scrape targets, probes, certificates.

Judged over the window and not by the last sample alone. A unit is compared with its neighbours, because
an idle docker beside a working containerd is no fault.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from connectors.contract import ConnectorError
from connectors.evidence import Evidence, Finding, Observation, ResourceState, Role, Subject
from connectors.prometheus.exporters import CERTIFICATES
from connectors.prometheus.samples import Stream, said, series
from connectors.prometheus.survey import Reading, Survey
from connectors.prometheus.vitals import node_of, subject_of

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
    failing = await _failing_probes(survey)
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
    since = _since(stream)
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


async def targets(survey: Survey) -> Observation:
    """Scrape targets that do not answer, with the scraper's last error."""
    if "up" not in await survey.names():
        return Observation(searched="`up` has no samples: this Prometheus scrapes nothing itself")
    down = await survey.whole("topk(50, up == 0)")
    lost = [
        s
        for s in down.streams
        if s.points[-1][0] >= survey.inquiry.window.end.timestamp() - 2 * survey.step - 60 or len(s.points) >= 2
    ]
    if not lost:
        return Observation(searched=f"no target was down: {down.query}", partial="; ".join(down.warnings))
    errors = await _last_errors(survey)
    rows = tuple(
        (
            s.labels.get("job", ""),
            s.labels.get("instance", ""),
            _clock(s.points[0][0]),
            errors.get(s.labels.get("instance", ""), ""),
        )
        for s in lost
    )
    item = Evidence(
        key="prometheus/targets-down",
        source="prometheus",
        check="targets",
        title=f"{len(lost)} scrape targets down",
        summary="Down: "
        + ", ".join(f"{r[0]} {r[1]} since {r[2]}" + (f" ({r[3]})" if r[3] else "") for r in rows[:5])
        + ".",
        onset=datetime.fromtimestamp(min(s.points[0][0] for s in lost), UTC),
        query=down.query,
        link=survey.client.link("up == 0", *survey.focus),
        body=ResourceState(
            columns=("job", "instance", "down since", "last error"), rows=rows[:20], omitted=max(0, len(rows) - 20)
        ),
    )
    return Observation(evidence=(item,), findings=tuple(_target_findings(lost, item)), partial="; ".join(down.warnings))


def _target_findings(lost: Sequence[Stream], item: Evidence) -> Iterable[Finding]:
    for stream in lost[:10]:
        job = stream.labels.get("job", "")
        component = next((c for c in COMPONENTS if any(j in job.lower() for j in c.jobs)), None)
        where = node_of(stream.labels) if component or "node" in job else subject_of(stream.labels)
        if where is None:
            continue
        code = component.cause if component else "TargetDown"
        yield Finding(
            cause=code,
            subject=where,
            statement=f"The scrape target {stream.labels.get('instance', '')} ({job}) does not answer",
            role=Role.CAUSE if component else Role.SYMPTOM,
            confidence=0.55 if component else 0.3,
            rests_on=(item.key,),
            onset=item.onset,
            rule="prometheus:target-down",
        )


async def probes(survey: Survey) -> Observation:
    """Blackbox probes that fail, and from where."""
    if "probe_success" not in await survey.names():
        return Observation(searched="probe_success has no samples: no blackbox exporter")
    reading = await survey.whole(survey.fill("probe_success{$m}"))
    failed = [s for s in reading.streams if s.points[-1][1] < 1 or sum(v < 1 for _, v in s.points) >= 3]
    if not failed:
        return Observation(searched=f"{len(reading.streams)} probes, all succeed: {reading.query}")
    names = sorted({_probed(s) for s in failed})
    rows = tuple(
        (
            _probed(s),
            s.labels.get("port", ""),
            _from(s),
            "failing" if s.points[-1][1] < 1 else "failed for a while",
            _clock_of_failure(s),
        )
        for s in failed
    )
    item = Evidence(
        key="prometheus/probes",
        source="prometheus",
        check="probes",
        title=f"{len(failed)} of {len(reading.streams)} probes fail",
        summary=f"Probes of {', '.join(names[:8])} fail; {len(reading.streams) - len(failed)} others succeed.",
        query=reading.query,
        link=survey.client.link("probe_success == 0", *survey.focus),
        body=ResourceState(
            columns=("probed", "port", "from", "state", "since"), rows=rows[:30], omitted=max(0, len(rows) - 30)
        ),
    )
    return Observation(
        evidence=(item,),
        findings=tuple(_probe_findings(reading.streams, failed, item)),
        partial="; ".join(reading.warnings),
    )


def _probe_findings(every: Sequence[Stream], failed: Sequence[Stream], item: Evidence) -> Iterable[Finding]:
    """A symptom for each service; a cause at a node from which several fail that others reach."""
    reached = {_probed(s) for s in every if s.points[-1][1] >= 1}
    lonely: dict[str, list[Stream]] = defaultdict(list)
    for stream in failed:
        if _from(stream) and _probed(stream) in reached:
            lonely[_from(stream)].append(stream)
    if len(lonely) == 1 and len(next(iter(lonely.values()))) >= 2:
        node, streams = next(iter(lonely.items()))
        yield Finding(
            cause="KubeProxyUnavailable",
            subject=Subject(kind="Node", name=node),
            role=Role.CAUSE,
            confidence=0.5,
            rests_on=(item.key,),
            rule="prometheus:unreachable-from-one-node",
            statement=f"{len(streams)} services cannot be reached from node {node} that other nodes reach",
            explains=tuple(_owners(streams)),
        )
    for who in _owners(failed):
        yield Finding(
            cause="DependencyUnavailable",
            subject=who,
            statement=f"Probes of {who.name} fail",
            role=Role.SYMPTOM,
            confidence=0.3,
            rests_on=(item.key,),
            rule="prometheus:probe-fails",
        )


async def certificates(survey: Survey) -> Observation:
    """Certificates that have expired or will within two weeks."""
    names = await survey.names()
    parts = [
        f'label_replace(min by (instance, namespace, name, subject_CN, job) ({e}), "from", "{n}", "", "")'
        for n, e in CERTIFICATES
        if n in names
    ]
    if not parts:
        return Observation(searched="no metric tells when a certificate expires")
    reading = await survey.instant(f"bottomk(20, ({' or '.join(parts)}) < {14 * 86400})")
    if not reading.streams:
        return Observation(searched=f"no certificate expires within 14 days: {reading.query}")
    rows = tuple(
        (_named(s.labels), said(s.points[-1][1] / 86400, "days"), s.labels.get("from", "")) for s in reading.streams
    )
    item = Evidence(
        key="prometheus/certificates",
        source="prometheus",
        check="certificates",
        title="Certificates near their end",
        query=reading.query,
        summary="; ".join(f"{r[0]}: {r[1]} left" for r in rows[:5]) + ".",
        link=survey.client.link(reading.expression),
        body=ResourceState(columns=("certificate", "left", "told by"), rows=rows),
    )
    expired = [s for s in reading.streams if s.points[-1][1] <= 0]
    findings = tuple(
        Finding(
            cause="CertificateExpired",
            subject=Subject(kind="Certificate", namespace=s.labels.get("namespace", ""), name=_named(s.labels)),
            confidence=0.7,
            rests_on=(item.key,),
            statement=f"The certificate of {_named(s.labels)} has expired",
            rule="prometheus:certificate-expired",
        )
        for s in expired
    )
    return Observation(evidence=(item,), findings=findings)


async def _failing_probes(survey: Survey) -> list[Subject]:
    """The services whose probes fail: what a dead node explains. Empty where that cannot be told."""
    try:
        if "probe_success" not in await survey.names():
            return []
        reading = await survey.whole(survey.fill("probe_success{$m}"))
    except ConnectorError:
        return []
    return _owners(x for x in reading.streams if x.points[-1][1] < 1)


async def _last_errors(survey: Survey) -> Mapping[str, str]:
    try:
        answer = await survey.client.targets()
        return {str(t["labels"].get("instance")): str(t.get("lastError", "")) for t in answer.data["activeTargets"]}
    except (ConnectorError, KeyError, TypeError):
        return {}


def _since(stream: Stream) -> datetime | None:
    """When it went down, where the window shows it up before."""
    down = None
    for t, value in stream.points:
        down = (down or t) if value < 1 else None
    return datetime.fromtimestamp(down, UTC) if down and down > stream.points[0][0] else None


def _clock(t: float) -> str:
    return datetime.fromtimestamp(t, UTC).strftime("%H:%M:%S")


def _clock_of_failure(stream: Stream) -> str:
    since = _since(stream)
    return since.strftime("%H:%M:%S") if since else ""


def _owners(probes: Iterable[Stream]) -> list[Subject]:
    return sorted({who for probe in probes if (who := _owner(probe))}, key=str)


def _owner(probe: Stream) -> Subject | None:
    """The service that is probed; the job is the prober's."""
    return subject_of({k: v for k, v in probe.labels.items() if k != "job"})


def _probed(stream: Stream) -> str:
    who = _owner(stream)
    return who.name if who else stream.labels.get("instance", "") or stream.labels.get("target", "")


def _from(stream: Stream) -> str:
    return next(
        (stream.labels[k] for k in ("from_node", "source_node", "probe_node", "node") if stream.labels.get(k)), ""
    )


def _named(labels: Mapping[str, str]) -> str:
    return next((labels[k] for k in ("name", "subject_CN", "instance", "job") if labels.get(k)), "unnamed")
