"""Which hosts outside the cluster do workloads use? From their addresses, from services that stand for such a host
(`ExternalName`), and from what they log: a database is often named in nothing else. And which images do not run?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from connectors.evidence import Subject
from connectors.kubernetes import addresses
from connectors.kubernetes import objects as o
from connectors.kubernetes.view import View

_LOGGED = re.compile(r"(?<![\w.@/-])((?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.){3,}[a-z]{2,})(?![\w-])", re.IGNORECASE)
"""At least four labels, as endpoints of clouds have: file names, classes and versions have fewer."""
_LINES = 200
"""Lines of a pod that are searched: whoever fails says so often."""
_OTHER_MACHINE = "exec format error"
_INSIDE = (".svc", ".svc.cluster.local", ".cluster.local")


def reaches(view: View) -> Iterator[tuple[Subject, str]]:
    """Workload and host, each pair once."""
    return iter(dict.fromkeys((*_images(view), *_configured(view), *_through_services(view), *_logged(view))))


def _images(view: View) -> Iterator[tuple[Subject, str]]:
    """Images that are not pulled, or are for other machines, as the pods name them: a registry may know why."""
    for workload, pods in view.pods_by_workload.items():
        for pod in pods:
            refused = {str(one.get("name")) for one in o.container_statuses(pod) if "Image" in o.waiting(one)[0]}
            refused |= {name for name, line in view.log(pod) if _OTHER_MACHINE in line.text}
            for one in o.containers(o.spec(pod)):
                image = str(one.get("image") or "")
                if one.get("name") in refused and image:
                    yield workload, image if "/" in image else f"docker.io/{image}"


def _configured(view: View) -> Iterator[tuple[Subject, str]]:
    for workload, spec in view.workloads.items():
        for reference in addresses.references(o.template(spec)):
            if outside(reference.host) and not addresses.target(reference.host, workload.namespace, view.namespaces):
                yield workload, reference.host.lower().rstrip(".")


def _through_services(view: View) -> Iterator[tuple[Subject, str]]:
    for service in view.all("services"):
        host = str(o.spec(service).get("externalName") or "").lower().rstrip(".")
        if outside(host):
            for caller in view.callers.get((o.namespace(service), o.name(service)), []):
                yield caller, host


def _logged(view: View) -> Iterator[tuple[Subject, str]]:
    for workload, pods in view.pods_by_workload.items():
        for pod in pods:
            for _, line in islice(view.log(pod), _LINES):
                for found in _LOGGED.findall(line.text):
                    if outside(host := found.lower()):
                        yield workload, host


def outside(host: str) -> bool:
    """Whether a name has the form of a host that is not the cluster's."""
    dotted = "." in host and not re.fullmatch(r"[\d.]+", host)
    return dotted and not host.rstrip(".").endswith(_INSIDE)
