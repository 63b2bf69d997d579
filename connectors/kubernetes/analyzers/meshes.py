"""Which pods of a mesh run without its proxy? Where most workloads have one and this one has not, and calls fail."""

from __future__ import annotations

import re
from collections.abc import Iterator

from connectors.evidence import Evidence, Subject
from connectors.kubernetes import objects as o
from connectors.kubernetes.analyzers.complaints import lines_of
from connectors.kubernetes.objects import Json
from connectors.kubernetes.reporting import Case, case, log_lines, observed
from connectors.kubernetes.view import View

CHECK = "services"
_PROXIES = ("istio-proxy", "linkerd-proxy")
_OPT_OUT = (("sidecar.istio.io/inject", "false"), ("linkerd.io/inject", "disabled"))
_CUT = re.compile(
    r"connection reset|reset by peer|connection termination|ECONNRESET|unexpected EOF|empty reply|wrong version number",
    re.IGNORECASE,
)
"""How a proxy that wants mutual TLS answers who does not speak it, in the log of who is answered."""


def bare(view: View) -> Iterator[Case]:
    """Workloads without the proxy that most others have, at either end of calls that are cut off."""
    having = {one: _proxy(pods[0]) for one, pods in view.pods_by_workload.items()}
    meshed = [one for one, proxy in having.items() if proxy]
    for workload, proxy in having.items():
        pod = view.pods_by_workload[workload][0]
        others = [one for one in meshed if one.namespace == workload.namespace]
        if proxy or 2 * len(others) <= sum(one.namespace == workload.namespace for one in having) or _left_out(pod):
            continue
        witness = _cut_off(view, workload, set(others))
        name = having[others[0]]
        words = f"{workload.name} runs without {name}, which {len(others)} other workloads here have"
        words += "; calls between them are cut off" if witness else ""
        rows = [("containers", ", ".join(str(one.get("name")) for one in o.containers(o.spec(pod)))),
                ("with the proxy", ", ".join(sorted(one.name for one in others)[:8]))]  # fmt: skip
        proof = observed(CHECK, workload, f"Containers of {workload.name}", words, rows, part="mesh")
        yield case("proxy missing", "SidecarMissing", workload, words, 0.8 if witness else 0.3, [proof, witness],
                   onset=o.created(pod) if witness else None, explains=[workload])  # fmt: skip


def _proxy(pod: Json) -> str:
    names = {str(one.get("name")) for one in o.containers(o.spec(pod), init=True)}
    return next((one for one in _PROXIES if one in names), "")


def _left_out(pod: Json) -> bool:
    """Whether it is meant to be outside: it says so, or it uses the node's network, or it is a job's."""
    said = {**o.annotated(pod), **o.labels(pod)}
    owner = o.owner(pod)
    meant = any(said.get(key) == value for key, value in _OPT_OUT)
    return meant or bool(o.spec(pod).get("hostNetwork")) or (owner is not None and owner[0] == "Job")


def _cut_off(view: View, workload: Subject, others: set[Subject]) -> Evidence | None:
    """Lines about connections that are cut: its own, or of those that call it."""
    services = [(o.namespace(one), o.name(one)) for one in view.services_of.get(workload, [])]
    callers = {one for key in services for one in view.callers.get(key, [])} & others
    for one in (workload, *sorted(callers, key=str)):
        for pod in view.pods_by_workload.get(one, []):
            told = [(name, line) for name, line in lines_of(view, pod) if _CUT.search(line.text)]
            if told:
                return log_lines("logs", pod, told[0][0], [line for _, line in told], part="cut-off")
    return None


RULES = (bare,)
DECIDES = ("SidecarMissing",)
