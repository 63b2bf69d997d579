"""Which resources does the demo's cluster serve? The table behind discovery, routing and kinds."""

from __future__ import annotations

from typing import NamedTuple


class Resource(NamedTuple):
    """One resource of the API: `group_version` is `v1` or `apps/v1`."""

    group_version: str
    plural: str
    kind: str
    namespaced: bool = True
    short: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Where a world keeps its objects."""
        return f"{self.group_version}/{self.plural}"

    @property
    def group(self) -> str:
        """The API group; empty for the core."""
        return self.group_version.rpartition("/")[0]


ADMISSION = "admissionregistration.k8s.io/v1"
RESOURCES: tuple[Resource, ...] = (
    Resource("v1", "namespaces", "Namespace", False, ("ns",)),
    Resource("v1", "nodes", "Node", False, ("no",)),
    Resource("v1", "pods", "Pod", True, ("po",)),
    Resource("v1", "services", "Service", True, ("svc",)),
    Resource("v1", "endpoints", "Endpoints", True, ("ep",)),
    Resource("v1", "events", "Event", True, ("ev",)),
    Resource("v1", "configmaps", "ConfigMap", True, ("cm",)),
    Resource("v1", "serviceaccounts", "ServiceAccount", True, ("sa",)),
    Resource("v1", "resourcequotas", "ResourceQuota", True, ("quota",)),
    Resource("v1", "limitranges", "LimitRange", True, ("limits",)),
    Resource("v1", "persistentvolumes", "PersistentVolume", False, ("pv",)),
    Resource("v1", "persistentvolumeclaims", "PersistentVolumeClaim", True, ("pvc",)),
    Resource("v1", "replicationcontrollers", "ReplicationController", True, ("rc",)),
    Resource("v1", "secrets", "Secret"),
    Resource("apps/v1", "deployments", "Deployment", True, ("deploy",)),
    Resource("apps/v1", "replicasets", "ReplicaSet", True, ("rs",)),
    Resource("apps/v1", "statefulsets", "StatefulSet", True, ("sts",)),
    Resource("apps/v1", "daemonsets", "DaemonSet", True, ("ds",)),
    Resource("apps/v1", "controllerrevisions", "ControllerRevision"),
    Resource("batch/v1", "jobs", "Job"),
    Resource("batch/v1", "cronjobs", "CronJob", True, ("cj",)),
    Resource("autoscaling/v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", True, ("hpa",)),
    Resource("policy/v1", "poddisruptionbudgets", "PodDisruptionBudget", True, ("pdb",)),
    Resource("networking.k8s.io/v1", "ingresses", "Ingress", True, ("ing",)),
    Resource("networking.k8s.io/v1", "networkpolicies", "NetworkPolicy", True, ("netpol",)),
    Resource("networking.k8s.io/v1", "ingressclasses", "IngressClass", False),
    Resource("discovery.k8s.io/v1", "endpointslices", "EndpointSlice"),
    Resource("storage.k8s.io/v1", "storageclasses", "StorageClass", False, ("sc",)),
    Resource("storage.k8s.io/v1", "volumeattachments", "VolumeAttachment", False),
    Resource("coordination.k8s.io/v1", "leases", "Lease"),
    Resource("scheduling.k8s.io/v1", "priorityclasses", "PriorityClass", False, ("pc",)),
    Resource("rbac.authorization.k8s.io/v1", "roles", "Role"),
    Resource("rbac.authorization.k8s.io/v1", "rolebindings", "RoleBinding"),
    Resource("rbac.authorization.k8s.io/v1", "clusterroles", "ClusterRole", False),
    Resource("rbac.authorization.k8s.io/v1", "clusterrolebindings", "ClusterRoleBinding", False),
    Resource(ADMISSION, "validatingwebhookconfigurations", "ValidatingWebhookConfiguration", False),
    Resource(ADMISSION, "mutatingwebhookconfigurations", "MutatingWebhookConfiguration", False),
    Resource("apiregistration.k8s.io/v1", "apiservices", "APIService", False),
    Resource("apiextensions.k8s.io/v1", "customresourcedefinitions", "CustomResourceDefinition", False, ("crd",)),
    Resource("metrics.k8s.io/v1beta1", "pods", "PodMetrics"),
    Resource("metrics.k8s.io/v1beta1", "nodes", "NodeMetrics", False),
)  # fmt: skip

FORBIDDEN = frozenset({"secrets"})
"""What the demo's account may not read: the product must do without."""

BY_KEY = {resource.key: resource for resource in RESOURCES}
GROUP_VERSIONS = tuple(dict.fromkeys(resource.group_version for resource in RESOURCES))
