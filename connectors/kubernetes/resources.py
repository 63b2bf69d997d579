"""Which kinds of object are read, and where the API serves them: one row a kind.

Secrets have no row on purpose: the connector never lists them. Config maps and service accounts are read as
metadata only, because their names are all that a rule needs; what routers mount is fetched one by one. So are the
definitions of custom kinds, whose schemas are megabytes.
"""

from __future__ import annotations

from typing import NamedTuple


class Resource(NamedTuple):
    """One kind: `api` is `v1` or `group/version`; `fallback` is an older version that serves the same."""

    plural: str
    kind: str
    api: str
    namespaced: bool = True
    short: tuple[str, ...] = ()
    metadata_only: bool = False
    fallback: str = ""

    @property
    def group(self) -> str:
        """The API group, empty for the core."""
        return self.api.rpartition("/")[0]

    @property
    def full(self) -> str:
        """The name that no other kind has: `externalsecrets.external-secrets.io`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    def path(self, namespace: str = "", name: str = "", api: str = "") -> str:
        """The path of the collection, or of one object."""
        version = api or self.api
        root = f"/apis/{version}" if "/" in version else f"/api/{version}"
        within = f"/namespaces/{namespace}" if namespace and self.namespaced else ""
        return f"{root}{within}/{self.plural}" + (f"/{name}" if name else "")


CORE: tuple[Resource, ...] = (
    Resource("pods", "Pod", "v1", short=("po",)),
    Resource("services", "Service", "v1", short=("svc",)),
    Resource("events", "Event", "v1", short=("ev",)),
    Resource("deployments", "Deployment", "apps/v1", short=("deploy",)),
    Resource("replicasets", "ReplicaSet", "apps/v1", short=("rs",)),
    Resource("statefulsets", "StatefulSet", "apps/v1", short=("sts",)),
    Resource("daemonsets", "DaemonSet", "apps/v1", short=("ds",)),
    Resource("persistentvolumeclaims", "PersistentVolumeClaim", "v1", short=("pvc",)),
    Resource(
        "horizontalpodautoscalers",
        "HorizontalPodAutoscaler",
        "autoscaling/v2",
        short=("hpa",),
        fallback="autoscaling/v1",
    ),
    Resource("networkpolicies", "NetworkPolicy", "networking.k8s.io/v1", short=("netpol",)),
    Resource("ingresses", "Ingress", "networking.k8s.io/v1", short=("ing",)),
    Resource("nodes", "Node", "v1", namespaced=False, short=("no",)),
    Resource("leases", "Lease", "coordination.k8s.io/v1"),
)
"""Listed at the beginning of every investigation, all at once."""

ON_DEMAND: tuple[Resource, ...] = (
    Resource("jobs", "Job", "batch/v1"),
    Resource("cronjobs", "CronJob", "batch/v1", short=("cj",), fallback="batch/v1beta1"),
    Resource("resourcequotas", "ResourceQuota", "v1", short=("quota",)),
    Resource("persistentvolumes", "PersistentVolume", "v1", namespaced=False, short=("pv",)),
    Resource("storageclasses", "StorageClass", "storage.k8s.io/v1", namespaced=False, short=("sc",)),
    Resource("endpointslices", "EndpointSlice", "discovery.k8s.io/v1", fallback="discovery.k8s.io/v1beta1"),
    Resource("namespaces", "Namespace", "v1", namespaced=False, short=("ns",)),
    Resource("serviceaccounts", "ServiceAccount", "v1", short=("sa",), metadata_only=True),
    Resource("poddisruptionbudgets", "PodDisruptionBudget", "policy/v1", short=("pdb",), fallback="policy/v1beta1"),
    Resource("configmaps", "ConfigMap", "v1", short=("cm",), metadata_only=True),
    Resource("limitranges", "LimitRange", "v1", short=("limits",)),
    Resource("replicationcontrollers", "ReplicationController", "v1", short=("rc",)),
    Resource("endpoints", "Endpoints", "v1", short=("ep",)),
    Resource("volumeattachments", "VolumeAttachment", "storage.k8s.io/v1", namespaced=False),
    Resource("ingressclasses", "IngressClass", "networking.k8s.io/v1", namespaced=False),
    Resource(
        "validatingwebhookconfigurations",
        "ValidatingWebhookConfiguration",
        "admissionregistration.k8s.io/v1",
        namespaced=False,
    ),
    Resource(
        "mutatingwebhookconfigurations",
        "MutatingWebhookConfiguration",
        "admissionregistration.k8s.io/v1",
        namespaced=False,
    ),
    Resource(
        "customresourcedefinitions",
        "CustomResourceDefinition",
        "apiextensions.k8s.io/v1",
        namespaced=False,
        short=("crd", "crds"),
        metadata_only=True,
    ),
    Resource("apiservices", "APIService", "apiregistration.k8s.io/v1", namespaced=False),
)
"""Read when what was read first shows that they matter, or when somebody asks for them."""

CUSTOM: tuple[Resource, ...] = (
    Resource("applications", "Application", "argoproj.io/v1alpha1"),
    Resource("kustomizations", "Kustomization", "kustomize.toolkit.fluxcd.io/v1"),
    Resource("helmreleases", "HelmRelease", "helm.toolkit.fluxcd.io/v2", fallback="helm.toolkit.fluxcd.io/v2beta1"),
    Resource("virtualservices", "VirtualService", "networking.istio.io/v1", fallback="networking.istio.io/v1beta1"),
    Resource("destinationrules", "DestinationRule", "networking.istio.io/v1", fallback="networking.istio.io/v1beta1"),
    Resource("gateways", "Gateway", "gateway.networking.k8s.io/v1"),
    Resource("httproutes", "HTTPRoute", "gateway.networking.k8s.io/v1"),
    Resource("certificates", "Certificate", "cert-manager.io/v1"),
)
"""Read where the API server knows the group."""

OPERATED: tuple[Resource, ...] = (
    Resource(
        "externalsecrets",
        "ExternalSecret",
        "external-secrets.io/v1",
        short=("es",),
        fallback="external-secrets.io/v1beta1",
    ),
    Resource("vaultstaticsecrets", "VaultStaticSecret", "secrets.hashicorp.com/v1beta1"),
    Resource("vaultdynamicsecrets", "VaultDynamicSecret", "secrets.hashicorp.com/v1beta1"),
    Resource("sealedsecrets", "SealedSecret", "bitnami.com/v1alpha1"),
    Resource("rollouts", "Rollout", "argoproj.io/v1alpha1", short=("ro",)),
    Resource("canaries", "Canary", "flagger.app/v1beta1"),
    Resource("scaledobjects", "ScaledObject", "keda.sh/v1alpha1", short=("so",)),
    Resource("verticalpodautoscalers", "VerticalPodAutoscaler", "autoscaling.k8s.io/v1", short=("vpa",)),
    Resource("gitrepositories", "GitRepository", "source.toolkit.fluxcd.io/v1", short=("gitrepo",)),
    Resource("terraforms", "Terraform", "infra.contrib.fluxcd.io/v1alpha2", short=("tf",)),
    Resource("workspaces", "Workspace", "app.terraform.io/v1alpha2"),
    Resource("stacks", "Stack", "pulumi.com/v1"),
    Resource("httproutes", "HTTPRoute", "policy.linkerd.io/v1beta3"),
    Resource("machines", "Machine", "cluster.x-k8s.io/v1beta1"),
    Resource("pipelineruns", "PipelineRun", "tekton.dev/v1", short=("pr",)),
    Resource("workflows", "Workflow", "argoproj.io/v1alpha1", short=("wf",)),
    Resource("backups", "Backup", "velero.io/v1"),
    Resource("clusterserviceversions", "ClusterServiceVersion", "operators.coreos.com/v1alpha1", short=("csv",)),
    Resource("subscriptions", "Subscription", "operators.coreos.com/v1alpha1", short=("sub",)),
    Resource("installplans", "InstallPlan", "operators.coreos.com/v1alpha1", short=("ip",)),
    Resource("catalogsources", "CatalogSource", "operators.coreos.com/v1alpha1", short=("catsrc",)),
    Resource("clusterextensions", "ClusterExtension", "olm.operatorframework.io/v1", namespaced=False),
    Resource("clustercatalogs", "ClusterCatalog", "olm.operatorframework.io/v1", namespaced=False),
)
"""Kinds of well-known operators, the ones that incidents turn on first. The API server says what it serves in which
version; kinds with warnings are read without a row here."""

ASKED: tuple[Resource, ...] = (
    Resource("vulnerabilityreports", "VulnerabilityReport", "aquasecurity.github.io/v1alpha1", short=("vuln",)),
    Resource("configauditreports", "ConfigAuditReport", "aquasecurity.github.io/v1alpha1"),
    Resource("featureflags", "FeatureFlag", "core.openfeature.dev/v1beta1"),
    Resource("opentelemetrycollectors", "OpenTelemetryCollector", "opentelemetry.io/v1beta1", short=("otelcol",)),
)
"""Read only when somebody asks: they say nothing of what fails now."""

BY_PLURAL: dict[str, Resource] = {row.plural: row for row in (*ASKED, *OPERATED, *CORE, *ON_DEMAND, *CUSTOM)}

_NAMES: dict[str, Resource] = {
    name: row for row in BY_PLURAL.values() for name in (row.plural, row.kind.lower(), *row.short)
} | {row.full: row for row in (*ASKED, *OPERATED, *CORE, *ON_DEMAND, *CUSTOM)}


def named(name: str) -> Resource | None:
    """The kind that this word means on kubectl's command line (`po`, `pod`, `pods`, `deployments.apps`)."""
    return _NAMES.get(name.lower()) or _NAMES.get(name.lower().split(".")[0])
