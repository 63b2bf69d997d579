"""Objects of the Operator Lifecycle Manager, where their kinds are served."""

from __future__ import annotations

from tests.connectors.kubernetes.cluster import Cluster
from tests.connectors.kubernetes.cluster import Json as Object
from tests.triage.checklist import NONE, row, since

_ASK = "the prom operator was not upgraded"
_OLM, _OLM1 = "operators.coreos.com", "olm.operatorframework.io"


def _says(kind: str, name: str, group: str, what: str, status: Object, says: str) -> None:
    @row(f"OLM {kind}: {what}", _ASK, says)
    def _(c: Cluster) -> None:
        c.app("web")
        c.operated(kind, name, group, status=status)


def _condition(kind: str, status: str, reason: str, message: str) -> Object:
    return {
        "conditions": [
            {"type": kind, "status": status, "reason": reason, "message": message, "lastTransitionTime": since(10)}
        ]
    }


_says("ClusterCatalog", "operatorhub", _OLM1, "not serving",
      _condition("Serving", "False", "Unavailable", "source catalog content: image not found"), "ReconcileFailed operatorhub")  # fmt: skip
_says("ClusterCatalog", "operatorhub", _OLM1, "not progressing",
      _condition("Progressing", "True", "Retrying", "error pulling image: unauthorized"), "ReconcileFailed operatorhub")  # fmt: skip
_says("ClusterExtension", "prom", _OLM1, "not installed",
      _condition("Installed", "False", "Failed", "no bundles found for package prom"), "ReconcileFailed prom")  # fmt: skip
_says("ClusterExtension", "prom", _OLM1, "cannot be resolved",
      _condition("Progressing", "True", "Retrying", "error upgrading: no bundles found for package prom"), "ReconcileFailed prom")  # fmt: skip
_says("ClusterServiceVersion", "prom.v1", _OLM, "phase Failed",
      {"phase": "Failed", "reason": "InstallCheckFailed", "message": "install timeout", "lastTransitionTime": since(10)},
      "ReconcileFailed prom.v1")  # fmt: skip
_says("Subscription", "prom", _OLM, "state UpgradeFailed",
      {"state": "UpgradeFailed", "lastUpdated": since(10)}, "ReconcileFailed prom")  # fmt: skip
_says("Subscription", "prom", _OLM, "cannot be resolved",
      {"state": "AtLatestKnown"} | _condition("ResolutionFailed", "True", "ConstraintsNotSatisfiable",
      "no operators found in package prom in the catalog"), "ReconcileFailed prom")  # fmt: skip
_says("InstallPlan", "install-x", _OLM, "phase Failed",
      {"phase": "Failed", "message": "api-server resource not found", **_condition("Installed", "False", "InstallComponentFailed", "denied")},
      "ReconcileFailed install-x")  # fmt: skip
_says("CatalogSource", "community", _OLM, "no connection",
      {"connectionState": {"lastObservedState": "TRANSIENT_FAILURE", "lastConnect": since(10), "address": "community.olm.svc:50051"}},
      "ReconcileFailed community")  # fmt: skip
_says("CatalogSource", "community", _OLM, "ready",
      {"connectionState": {"lastObservedState": "READY", "lastConnect": since(1)}}, NONE)  # fmt: skip
_says("InstallPlan", "install-x", _OLM, "complete", {"phase": "Complete"}, NONE)


@row("OLM OperatorGroup: more than one in a namespace", _ASK, "ReconcileFailed prom.v1")
def _(c: Cluster) -> None:
    c.app("web")
    for name in ("one", "two"):
        c.operated("OperatorGroup", name, _OLM, status={"lastUpdated": since(90)}, spec={"targetNamespaces": ["shop"]})
    c.operated("ClusterServiceVersion", "prom.v1", _OLM, status={"phase": "Failed", "reason": "TooManyOperatorGroups",
               "message": "csv created in namespace with multiple operatorgroups, can't pick one automatically",
               "lastTransitionTime": since(10)})  # fmt: skip


@row("OLM OperatorGroup: more than one, and nothing fails", _ASK, NONE)
def _(c: Cluster) -> None:
    c.app("web")
    for name in ("one", "two"):
        c.operated("OperatorGroup", name, _OLM, status={"lastUpdated": since(90)}, spec={"targetNamespaces": ["shop"]})
