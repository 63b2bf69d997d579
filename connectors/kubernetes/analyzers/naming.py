"""Can pods resolve names? DNS policy, resolver configuration and host aliases of workloads; the cluster's DNS pods."""

from __future__ import annotations

import re
from collections.abc import Iterator

from connectors.evidence import Evidence, Subject
from connectors.kubernetes import objects as o
from connectors.kubernetes.objects import Json
from connectors.kubernetes.reporting import Case, case, log_lines, observed, pod_state
from connectors.kubernetes.view import View

CHECK = "names"
_FAILS = re.compile(
    r"no such host|name resolution|UnknownHost|ENOTFOUND|EAI_AGAIN|getaddrinfo|NXDOMAIN|server misbehaving"
    r"|name or service not known|could ?n[o']t resolve|lookup \S+ on \S+: ", re.IGNORECASE,
)  # fmt: skip


def resolvers(view: View) -> Iterator[Case]:
    """Workloads that call services of the cluster and do not ask the cluster's DNS."""
    for workload, spec in view.workloads.items():
        pod = o.template(spec)
        why = wrong_resolver(view, workload)
        called = [reference for reference, _ in view.calls_of.get(workload, [])]
        if why is None:
            continue
        witness = _witness(view, workload)
        if not called and witness is None:
            continue
        rows = [("dnsPolicy", str(pod.get("dnsPolicy"))), ("dnsConfig", o.short(str(pod.get("dnsConfig") or ""), 200))]
        words = f"{workload.name} {why}" + (f" and calls {called[0].host}" if called else "")
        proof = [observed(CHECK, workload, f"DNS configuration of {workload.name}", words, rows, part="dns"), witness]
        yield case("resolver", "DNSResolutionFailure", workload, words, 0.93 if witness else 0.82, proof,
                   explains=[workload, *_callers(view, workload)])  # fmt: skip


def wrong_resolver(view: View, workload: Subject) -> str | None:
    """Why a workload does not ask the cluster's DNS, unless others do as it does; None where it asks it."""
    pod = o.template(view.workloads.get(workload) or {})
    policy, servers = pod.get("dnsPolicy"), _nameservers(pod)
    if pod.get("hostNetwork"):
        return None
    if policy == "None":
        shared = sum(_nameservers(o.template(spec)) == servers for spec in view.workloads.values()) > 1
        return None if shared else f"has dnsPolicy None and asks {', '.join(servers) or 'no name server'}"
    if policy == "Default":
        return "has dnsPolicy Default, which asks the node's resolver and not the cluster's"
    return None


def _nameservers(pod: Json) -> list[str]:
    return [str(one) for one in o.at(pod, "dnsConfig", "nameservers") or []]


def searches(view: View) -> Iterator[Case]:
    """Workloads whose resolver options break the short names that they use."""
    for workload, spec in view.workloads.items():
        config = o.template(spec).get("dnsConfig") or {}
        ndots = next((one.get("value") for one in config.get("options") or [] if one.get("name") == "ndots"), None)
        extra = _nameservers(o.template(spec)) and o.template(spec).get("dnsPolicy") != "None"
        if ndots != "0" and not extra:
            continue
        witness = _witness(view, workload)
        if witness is None:
            continue
        words = f"{workload.name} changes its resolver ({o.short(str(config), 160)}) and names do not resolve"
        rows = [("dnsConfig", o.short(str(config), 200))]
        proof = [observed(CHECK, workload, f"DNS configuration of {workload.name}", words, rows, part="dns"), witness]
        yield case("resolver options", "DNSResolutionFailure", workload, words, 0.85, proof, explains=[workload])


def aliases(view: View) -> Iterator[Case]:
    """Host aliases that give a service's name another address."""
    for workload, spec in view.workloads.items():
        for one in o.template(spec).get("hostAliases") or []:
            for host in one.get("hostnames") or []:
                service = view.find("services", workload.namespace, str(host).split(".")[0])
                if service is None or one.get("ip") == o.spec(service).get("clusterIP"):
                    continue
                address = o.spec(service).get("clusterIP")
                words = f"{workload.name} has a host alias {host} → {one.get('ip')}, the service has {address}"
                rows = [("alias", f"{host} {one.get('ip')}")]
                proof = observed(CHECK, workload, f"Host aliases of {workload.name}", words, rows, part="aliases")
                yield case("host alias", "DNSResolutionFailure", workload, words, 0.88, [proof], explains=[workload])


def cluster_dns(view: View) -> Iterator[Case]:
    """The cluster's own DNS pods, none of which is ready."""
    pods = [pod for pod in view.all("system_pods") if o.labels(pod).get("k8s-app") in ("kube-dns", "coredns")]
    if pods and not any(o.ready(pod) for pod in pods):
        subject = Subject(kind="Deployment", namespace=o.namespace(pods[0]), name="coredns")
        yield case("cluster DNS", "ClusterDNSUnavailable", subject, f"None of {len(pods)} DNS pods is ready", 0.93,
                   [pod_state(CHECK, pod) for pod in pods[:2]], explains=list(view.workloads))  # fmt: skip


def _callers(view: View, workload: Subject) -> list[Subject]:
    return [
        caller
        for one in view.services_of.get(workload, [])
        for caller in view.callers.get((o.namespace(one), o.name(one)), [])
    ]


def _witness(view: View, workload: Subject) -> Evidence | None:
    for pod in view.pods_by_workload.get(workload, []):
        for container, _ in view.log(pod):
            lines = [line for name, line in view.log(pod) if name == container and _FAILS.search(line.text)]
            if lines:
                return log_lines("logs", pod, container, lines, part="unresolved")
    return None


RULES = (resolvers, searches, aliases, cluster_dns)
DECIDES = ("DNSResolutionFailure", "ClusterDNSUnavailable")
