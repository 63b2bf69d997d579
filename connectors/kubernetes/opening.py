"""Which clusters do the settings name? The entry point: one cluster, or several as one source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.calls import Caller
from connectors.contract import ConnectorSettings, Tape, reads
from connectors.kubernetes.client import Access, KubeClient, explain
from connectors.kubernetes.clusters import ClustersConnector, Member
from connectors.kubernetes.connector import KubernetesConnector
from connectors.kubernetes.placing import Place
from connectors.kubernetes.reporting import SOURCE

_RECORDED = {"server": "http://recording.invalid"}
_OWN = frozenset({*Access.__dataclass_fields__, "aliases"})


@reads(*Access.__dataclass_fields__, "contexts", "clusters")
def open_connector(settings: ConnectorSettings) -> KubernetesConnector | ClustersConnector | None:
    """The entry point: None where no cluster is configured. Connects to nothing yet.

    Options: those of `Access`; `contexts` (names of kubeconfig contexts, each a cluster), or `clusters`: name → options
    of `Access` that differ from those beside it, and `aliases`, other names that alerts give it. ValueError for others.
    """
    clusters = _clusters(settings.options)
    if clusters:
        return _several(clusters, settings)
    access = Access.of(settings.options)
    if access is None:
        return None
    if settings.tape is not None:
        settings.tape.opened(SOURCE, _RECORDED)
    return KubernetesConnector(_client(access, SOURCE, settings.tape))


def _client(access: Access, caller: str, tape: Tape | None) -> KubeClient:
    return KubeClient(access, Caller(caller, explain, limit=16, tape=tape))


def _clusters(options: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Name → its own options."""
    given, contexts = options.get("clusters") or {}, options.get("contexts") or ()
    names = [one.strip() for one in (contexts.split(",") if isinstance(contexts, str) else map(str, contexts))]
    if not isinstance(given, Mapping) or not all(isinstance(one, Mapping | None) for one in given.values()):
        raise ValueError("clusters: a mapping of names to options is expected (context, kubeconfig, server …)")
    found = {name: {"context": name} for name in names if name} | {str(k): dict(v or {}) for k, v in given.items()}
    for name, own in found.items():
        if unknown := set(own) - _OWN:
            raise ValueError(f"clusters.{name}.{min(unknown)}: there are {', '.join(sorted(_OWN))}")
    return found


def _several(clusters: Mapping[str, Mapping[str, Any]], settings: ConnectorSettings) -> ClustersConnector:
    shared = {name: value for name, value in settings.options.items() if name in Access.__dataclass_fields__}
    members = []
    for name, own in clusters.items():
        access = Access.of({**shared, **own})
        if access is None:
            raise ValueError(f"clusters.{name}: needs a kubeconfig or a server, and chatops does not run in a cluster")
        aliases = own.get("aliases") or ()
        words = aliases.split(",") if isinstance(aliases, str) else map(str, aliases)
        place = Place(name, access.context or name, frozenset(word.strip() for word in words))
        # The name of the cluster is part of what a call is remembered by: the paths are the same in all.
        client = _client(access, f"{SOURCE} {name}", settings.tape)
        members.append(Member(place, KubernetesConnector(client)))
    if settings.tape is not None:
        recorded = {one.place.name: {**_RECORDED, "context": one.place.context} for one in members}
        settings.tape.opened(SOURCE, {"clusters": recorded})
    return ClustersConnector(tuple(members))
