"""Where does the chain of blame end? At who is blamed, fails by itself and blames nobody here.

Services that are well as far as the cluster can tell say in their logs whose answers are errors. Who is named there
and names somebody else has only passed it on. The last one fails for a reason of its own: a release a moment before,
a host outside the cluster that it calls, or something that only its lines tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from connectors.evidence import Subject
from connectors.kubernetes import addresses, stores
from connectors.kubernetes import objects as o
from connectors.kubernetes.analyzers.complaints import goes_on, lines_of
from connectors.kubernetes.analyzers.rollouts import releases
from connectors.kubernetes.outside import outside
from connectors.kubernetes.reporting import Case, case, log_lines
from connectors.kubernetes.snapshot import LogLine
from connectors.kubernetes.suspects import COMPLAINS, complained_of
from connectors.kubernetes.view import View
from connectors.patterns import quote

_FEW = 5
"""Lines that fail; fewer happen everywhere."""
_RECOVERED = 180.0
"""Seconds of other lines after which it has got over that."""
_FAILS = re.compile(r"\b(?:error|fatal|panic|unhandled|uncaught|traceback)\b|\w(?:Error|Exception)\b", re.IGNORECASE)
_URL = re.compile(r"\bhttps?://(?:[^@/\s]+@)?([a-z0-9][\w.-]*)", re.IGNORECASE)

Lines = list[tuple[str, LogLine]]


def ends(view: View) -> Iterator[Case]:
    """Workloads that fail by themselves, or for a host outside, one case each."""
    blamed = complained_of(view)
    accusers = {
        accuser: {one for one, by in blamed.items() if accuser in by} for by in blamed.values() for accuser in by
    }
    for workload, pods in view.pods_by_workload.items():
        store = any(stores.is_store(one) for one in view.services_of.get(workload, []))
        ready = [pod for pod in pods if o.ready(pod) and view.log(pod)]
        if store or not ready:
            continue
        lines = lines_of(view, ready[0])
        failing = [one for one in lines if _FAILS.search(one[1].text) or COMPLAINS.search(one[1].text)]
        if len(failing) < _FEW or not goes_on(lines, failing, _RECOVERED):
            continue
        hosts = [host for _, line in failing if (host := _outside(view, workload, line.text))]
        quoted = log_lines("logs", ready[0], failing[0][0], [line for _, line in failing], part="own-errors")
        began, last = failing[0][1].at, quote(failing[-1][1].text, 180)
        by = sorted(blamed.get(workload, ()), key=str)
        if 2 * len(hosts) > len(failing):
            words = f"{workload.name} fails at {hosts[-1]}, outside the cluster ({len(hosts)} lines): {last}"
            yield case("fails at a host outside", "DependencyUnavailable", workload, words, 0.55, [quoted], onset=began,
                       explains=[workload, *by])  # fmt: skip
        elif by and workload not in accusers:
            words = f"{', '.join(one.name for one in by[:3])} get errors from {workload.name}, which blames nobody"
            release = next(
                (one for one in releases(view, workload) if one.onset and (began is None or one.onset <= began)), None
            )
            words += (
                f" and fails since it was changed at {release.onset:%H:%M:%S}: {last}"
                if release and release.onset
                else f": {last}"
            )
            cause, sure = ("BadRelease", 0.62) if release else ("ErrorRateIncrease", 0.5)
            yield case("end of the blame", cause, workload, words, sure, [quoted, release], onset=began,
                       explains=[workload, *by])  # fmt: skip


def _outside(view: View, workload: Subject, text: str) -> str:
    """The host outside the cluster that a line names in a URL; empty where it names none, or one inside."""
    for host in _URL.findall(text):
        if outside(host) and addresses.target(host, workload.namespace, view.namespaces) is None:
            return str(host)
    return ""


RULES = (ends,)
DECIDES = ()
