"""Which kinds does this cluster have beside the built-in ones, and which of them are worth a call?

One request says it: the aggregated discovery document (Kubernetes 1.26 and later; older servers answer the plain
list of groups, and only the kinds of `resources.CUSTOM` are known). Operators that cannot do their work say so in
warning events, which are read anyway: the kinds these are about come first, then kinds that an incident often turns on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from connectors.kubernetes import objects as o
from connectors.kubernetes.objects import Json
from connectors.kubernetes.resources import CUSTOM, OPERATED, Resource

ACCEPT = (
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,"
    "application/json"
)
_WIDE = frozenset((row.group, row.kind) for row in OPERATED if not row.namespaced)
_BUILT_IN = frozenset(
    """
    apps batch autoscaling policy extensions events.k8s.io networking.k8s.io storage.k8s.io discovery.k8s.io
    rbac.authorization.k8s.io authorization.k8s.io authentication.k8s.io admissionregistration.k8s.io
    apiextensions.k8s.io apiregistration.k8s.io certificates.k8s.io coordination.k8s.io flowcontrol.apiserver.k8s.io
    node.k8s.io scheduling.k8s.io resource.k8s.io internal.apiserver.k8s.io metrics.k8s.io custom.metrics.k8s.io
    external.metrics.k8s.io
    """.split()  # noqa: SIM905 - a list of names is read as prose
)


def groups_of(body: Json) -> tuple[Json, ...]:
    """The groups of either document as mappings with a `name`; those of the aggregated one keep their `versions`."""
    if body.get("kind") != "APIGroupDiscoveryList":
        return tuple(body.get("groups") or ())
    return tuple({"name": o.name(one), "versions": one.get("versions") or []} for one in body.get("items") or ())


def worth_reading(groups: Sequence[Json], events: Iterable[Json], limit: int, asked: str = "") -> list[Resource]:
    """At most `limit` kinds that exist here: those with warnings, then those asked about, then the usual ones."""
    served = {(row.group, row.kind): row for row in _served(groups)}
    warned = (_about(event) for event in events)
    usual = ((row.group, row.kind) for row in OPERATED)
    own = {(row.group, row.kind) for row in CUSTOM}
    meant = ((row.group, row.kind) for row in OPERATED if asked_for(row, asked))
    wanted = dict.fromkeys(key for key in (*warned, *meant, *usual) if key in served and key not in own)
    return [served[key] for key in wanted][:limit]


def asked_for(row: Resource, text: str) -> bool:
    """Whether a question speaks of a kind: by its name or its group's, a word of six letters or more."""
    words = set(re.findall(r"[a-z]{6,}", text.lower()))
    return any(word.rstrip("s") in f"{row.kind.lower()} {row.group}" for word in words)


def _about(event: Json) -> tuple[str, str]:
    about = event.get("involvedObject") or {}
    group, slash, _ = str(about.get("apiVersion") or "").partition("/")
    return (group if slash else ""), str(about.get("kind") or "")


def _served(groups: Sequence[Json]) -> Iterator[Resource]:
    """Kinds that can be listed and have a status, each in the version its group prefers; few are of the cluster."""
    for group in groups:
        name, seen = str(group.get("name") or ""), set[str]()
        for version in () if name in _BUILT_IN else group.get("versions") or []:
            for one in version.get("resources") or ():
                parts = {str(part.get("subresource")) for part in one.get("subresources") or ()}
                kind, namespaced = str(o.at(one, "responseKind", "kind") or ""), one.get("scope") == "Namespaced"
                wanted = namespaced or (name, kind) in _WIDE
                if wanted and kind not in seen and "list" in (one.get("verbs") or ()) and "status" in parts:
                    seen.add(kind)
                    yield Resource(str(one.get("resource")), kind, f"{name}/{version.get('version')}", namespaced)
