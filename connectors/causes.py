"""The catalogue of causes: which faults the product can name, in the terms of the field.

A cause is what somebody would have to change to end the incident, never a symptom. Codes are public
(`chatops causes`): they are added to, not renamed. `aliases` are names of the same fault in public
fault catalogues and in Kubernetes' own reasons, so that labelled cases can be compared.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Kind = Literal["release", "config", "capacity", "dependency", "traffic", "infrastructure", "security"]


class Cause(NamedTuple):
    """One row: `next_step` is the usual thing to do, `runbook` the slug of our page for it."""

    code: str
    kind: Kind
    area: str
    title: str
    next_step: str
    aliases: tuple[str, ...] = ()

    @property
    def runbook(self) -> str:
        """The slug of the runbook page: the code in kebab case."""
        words = ""
        for i, ch in enumerate(self.code):
            begins_word = ch.isupper() and i > 0 and (self.code[i - 1].islower() or self.code[i + 1 : i + 2].islower())
            words += ("-" if begins_word else "") + ch.lower()
        return words


def _c(code: str, kind: Kind, area: str, title: str, next_step: str, *aliases: str) -> Cause:
    return Cause(code, kind, area, title, next_step, aliases)


CATALOGUE: tuple[Cause, ...] = (
    # --- admission: the API server or the quota says no
    _c("NamespaceCPUQuotaExceeded", "capacity", "admission", "The namespace's CPU quota is used up, new pods are refused",
       "Raise the quota or lower the requests", "namespace_cpu_quota_exceeded"),
    _c("NamespaceMemoryQuotaExceeded", "capacity", "admission", "The namespace's memory quota is used up, new pods are refused",
       "Raise the quota or lower the requests", "namespace_memory_quota_exceeded"),
    _c("NamespacePodQuotaExceeded", "capacity", "admission", "The namespace's pod quota is used up",
       "Raise the quota or remove finished pods", "namespace_pod_quota_exceeded"),
    _c("NamespaceServiceQuotaExceeded", "capacity", "admission", "The namespace's service quota is used up",
       "Raise the quota or remove unused services", "namespace_service_quota_exceeded"),
    _c("NamespaceStorageQuotaExceeded", "capacity", "admission", "The namespace's storage quota is used up",
       "Raise the quota or remove unused claims", "namespace_storage_quota_exceeded"),
    _c("NamespaceObjectQuotaExceeded", "capacity", "admission", "A quota on another kind of object is used up",
       "Raise the quota or remove unused objects", "resource_quota_exceeded"),
    _c("LimitRangeViolation", "config", "admission", "A LimitRange of the namespace refuses the pod's requests or limits",
       "Bring requests and limits into the range"),
    _c("MissingServiceAccount", "config", "admission", "The pod's service account does not exist",
       "Create the service account or correct its name", "missing_service_account"),
    _c("AdmissionWebhookFailure", "infrastructure", "admission", "An admission webhook refuses requests or cannot be reached",
       "Repair the webhook's service or set its failure policy", "admission_webhook_failure"),
    _c("PodSecurityViolation", "security", "admission", "Pod security admission refuses the pod",
       "Adapt the pod's security context or the namespace's level"),
    _c("PodsNotCreated", "config", "admission", "The pods of a workload are refused or not created, by no quota, policy or webhook",
       "Read the controller's message; correct what the pod template names"),
    _c("DeletionBlocked", "config", "admission", "Something is being deleted and a finalizer keeps it: nothing new can take its place",
       "Repair the controller that owns the finalizer; remove it by hand only when it is gone"),
    _c("RBACForbidden", "security", "admission", "A workload is not allowed to call the API it needs",
       "Grant its service account the missing verb", "rbac_misconfiguration"),
    # --- scheduling: no node will have the pod
    _c("NodeCordoned", "config", "scheduling", "The only nodes that would fit are cordoned",
       "Uncordon the node when its maintenance is over", "node_cordon_mismatch", "node_cordoned"),
    _c("NodeAffinityMismatch", "config", "scheduling", "No node satisfies the pod's required node affinity",
       "Correct the affinity or label a node", "node_affinity_mismatch"),
    _c("NodeSelectorMismatch", "config", "scheduling", "No node carries the labels of the pod's node selector",
       "Correct the selector or label a node", "node_selector_mismatch"),
    _c("PodAntiAffinityConflict", "config", "scheduling", "Required pod anti-affinity leaves no node for the pod",
       "Relax the rule to preferred, or add nodes", "pod_anti_affinity_conflict"),
    _c("PodAffinityMismatch", "config", "scheduling", "Required pod affinity finds no pod to be near to",
       "Correct the rule, or start the pod it looks for"),
    _c("TopologySpreadConflict", "config", "scheduling", "A topology spread constraint leaves no node for the pod",
       "Relax the constraint or add nodes in the missing zone"),
    _c("TaintNotTolerated", "config", "scheduling", "The pod does not tolerate the taints of the nodes that would fit",
       "Add the toleration or remove the taint", "taint_toleration_mismatch"),
    _c("InsufficientCPU", "capacity", "scheduling", "The pod requests more CPU than any node has free",
       "Lower the request or add capacity", "cpu_capacity_mismatch"),
    _c("InsufficientMemory", "capacity", "scheduling", "The pod requests more memory than any node has free",
       "Lower the request or add capacity", "memory_capacity_mismatch"),
    _c("InsufficientPods", "capacity", "scheduling", "The nodes have no free pod slots (or addresses)",
       "Add nodes or raise the pods per node"),
    _c("InsufficientResource", "capacity", "scheduling", "The pod requests an extended resource that no node has free",
       "Correct the request or add nodes with the device"),
    _c("HostPortConflict", "config", "scheduling", "The host port is taken on every node that would fit",
       "Use another host port or a Service"),
    _c("SchedulingGated", "config", "scheduling", "A scheduling gate holds the pod back", "Find the controller that must remove the gate"),
    # --- storage
    _c("PVCSelectorMismatch", "config", "storage", "No volume carries the labels of the claim's selector",
       "Correct the claim's selector or label the volume", "pvc_selector_mismatch"),
    _c("PVCStorageClassMismatch", "config", "storage", "The claim's storage class does not exist or fits no volume",
       "Correct the storage class", "pvc_storage_class_mismatch"),
    _c("PVCAccessModeMismatch", "config", "storage", "No volume offers the claim's access mode",
       "Correct the access mode", "pvc_access_mode_mismatch"),
    _c("PVCCapacityMismatch", "capacity", "storage", "No volume is as large as the claim asks for",
       "Lower the claim or provide a larger volume", "pvc_capacity_mismatch"),
    _c("PVBindingOccupied", "config", "storage", "The volume the claim wants is bound to another claim",
       "Release the volume or name another", "pv_binding_occupied"),
    _c("PVCNotFound", "config", "storage", "The pod mounts a claim that does not exist", "Create the claim or correct its name"),
    _c("VolumeProvisioningFailed", "infrastructure", "storage", "The provisioner cannot create the volume", "Read the provisioner's log"),
    _c("VolumeMountFailed", "infrastructure", "storage", "A volume cannot be attached or mounted", "Read the kubelet's and the driver's messages"),
    _c("VolumeMountPermissionDenied", "security", "storage", "The process may not read or write its volume",
       "Set fsGroup or correct the volume's owner and mode", "volume_mount_permission_denied"),
    _c("DiskFull", "capacity", "storage", "A volume or file system is full", "Free space or grow the volume", "disk_full", "volume_full"),
    _c("VolumeNodeAffinityConflict", "config", "storage", "The pod's volume lives in a zone or on a node the pod cannot use",
       "Schedule the pod where its volume is"),
    # --- startup
    _c("IncorrectImageReference", "config", "startup", "The image's name or tag does not exist",
       "Correct the image reference or roll back", "incorrect_image_reference"),
    _c("ImageRegistryUnreachable", "dependency", "startup", "The image registry cannot be resolved or reached",
       "Correct the registry's host, or repair DNS or the way to it", "image_registry_dns_failure"),
    _c("MissingImagePullSecret", "security", "startup", "The registry wants credentials, and the pod's pull secret is missing or wrong",
       "Create the pull secret and name it in the pod or its service account", "missing_image_pull_secret"),
    _c("ImagePullFailure", "dependency", "startup", "The image cannot be pulled, and the messages do not say which part is wrong",
       "Pull the image by hand and read the registry's answer", "ErrImagePull", "ImagePullBackOff"),
    _c("ImageArchitectureMismatch", "release", "startup", "The image was not built for the node's architecture",
       "Build for this architecture or select other nodes", "exec_format_error"),
    _c("MissingSecret", "config", "startup", "The pod refers to a secret (or a key of one) that does not exist",
       "Create the secret or correct the reference", "missing_secret_binding"),
    _c("MissingConfigMap", "config", "startup", "The pod refers to a config map (or a key of one) that does not exist",
       "Create the config map or correct the reference", "missing_configmap"),
    _c("InvalidCommand", "release", "startup", "The container's command does not exist or cannot be executed",
       "Correct command and args, or the image"),
    _c("InvalidContainerConfig", "config", "startup", "The container runtime refuses the container's configuration",
       "Read the waiting reason and correct the spec", "CreateContainerConfigError"),
    _c("InitContainerFailure", "release", "startup", "An init container does not finish", "Read the init container's log"),
    _c("PodSandboxFailure", "infrastructure", "startup", "The pod's sandbox or network cannot be set up", "Look at the node's CNI plugin and runtime"),
    # --- runtime
    _c("OOMKilled", "capacity", "runtime", "The container is killed because it exceeds its memory limit",
       "Raise the limit or find the growth", "oom_killed", "memory_leak"),
    _c("ApplicationCrash", "release", "runtime", "The process exits with an error of its own",
       "Read the last log lines; roll back if it began with a release", "crash_loop", "CrashLoopBackOff"),
    _c("LivenessProbeIncorrectProtocol", "config", "runtime", "The liveness probe speaks another protocol than the container",
       "Correct the probe's handler", "liveness_probe_incorrect_protocol"),
    _c("LivenessProbeIncorrectPort", "config", "runtime", "The liveness probe asks a port on which nothing listens",
       "Correct the probe's port", "liveness_probe_incorrect_port"),
    _c("LivenessProbeIncorrectPath", "config", "runtime", "The liveness probe asks a path that does not answer well",
       "Correct the probe's path", "liveness_probe_incorrect_path"),
    _c("LivenessProbeIncorrectTiming", "config", "runtime", "The liveness probe kills the container before it can have started or answered",
       "Give it a startup probe, a longer delay or timeout", "liveness_probe_incorrect_timing"),
    _c("ReadinessProbeIncorrectProtocol", "config", "runtime", "The readiness probe speaks another protocol than the container",
       "Correct the probe's handler", "readiness_probe_incorrect_protocol"),
    _c("ReadinessProbeIncorrectPort", "config", "runtime", "The readiness probe asks a port on which nothing listens",
       "Correct the probe's port", "readiness_probe_incorrect_port"),
    _c("ReadinessProbeIncorrectPath", "config", "runtime", "The readiness probe asks a path that does not answer well",
       "Correct the probe's path", "readiness_probe_incorrect_path"),
    _c("ReadinessProbeIncorrectTiming", "config", "runtime", "The readiness probe gives up before the container can have answered",
       "Give it a longer delay or timeout", "readiness_probe_incorrect_timing"),
    _c("StartupProbeMisconfigured", "config", "runtime", "The startup probe never succeeds", "Correct the startup probe", "startup_probe_incorrect"),
    _c("ProbeFailing", "dependency", "runtime", "A rightly configured probe fails: the process does not answer it",
       "Look at what the process is waiting for"),
    _c("SidecarPortConflict", "config", "runtime", "Two containers of the pod want the same port",
       "Give one of them another port", "service_sidecar_port_conflict"),
    _c("InvalidCredentials", "security", "runtime", "A dependency refuses the workload's credentials",
       "Correct or rotate the credentials", "mysql_invalid_credentials", "db_invalid_credentials"),
    _c("IncorrectDependencyPort", "config", "runtime", "The workload calls a dependency at a port where it does not listen",
       "Correct the port in the workload's configuration", "mysql_invalid_port", "db_invalid_port"),
    _c("IncorrectDependencyAddress", "config", "routing", "The workload is configured with an address that is not its dependency's",
       "Correct the address in the workload's configuration", "service_env_var_address_mismatch"),
    _c("DatabaseReadOnly", "dependency", "runtime", "The database accepts no writes",
       "Find out why it is read-only: replica promoted, disk full, setting", "db_read_only"),
    _c("DatabaseConnectionsExhausted", "capacity", "runtime", "The database has no free connections",
       "Find who holds them; raise the limit or pool", "db_connection_exhaustion"),
    _c("DatabaseSchemaMismatch", "release", "runtime", "A query names a table or a column that the database does not have",
       "Run the migration that is missing, or roll back"),
    _c("ProcessLimitReached", "capacity", "runtime", "A process may open no more files or start no more threads",
       "Find what is not closed; raise the limit"),
    _c("SidecarMissing", "config", "runtime", "A pod among those of a mesh runs without the mesh's proxy",
       "Look at the injector and the labels; restart the pods"),
    _c("CPUOverload", "capacity", "runtime", "A workload uses all the CPU it may, or is throttled",
       "Raise the limit, scale out, or find what burns it", "pod_cpu_overload", "cpu_throttling"),
    _c("MemoryPressure", "capacity", "runtime", "A workload's memory grows towards its limit", "Find the growth; raise the limit"),
    _c("PodEvicted", "infrastructure", "runtime", "Pods are evicted from their node", "Look at the node's pressure and the pods' requests"),
    _c("PodNetworkDelay", "infrastructure", "runtime", "The network of one workload is slow",
       "Compare its latency with its neighbours'", "pod_network_delay"),
    _c("PodNetworkLoss", "infrastructure", "runtime", "The network of one workload loses packets", "Look at its node's and its interface's counters", "pod_network_loss"),
    _c("WorkloadScaledToZero", "config", "runtime", "The workload is scaled to zero replicas",
       "Scale it up; find who scaled it down", "deployment_zero_replicas"),
    # --- routing
    _c("ServiceSelectorMismatch", "config", "routing", "The service's selector matches no pod",
       "Correct the selector or the pods' labels", "service_selector_mismatch"),
    _c("ServicePortMismatch", "config", "routing", "The service sends to a port on which its pods do not listen",
       "Correct the target port", "service_port_mapping_mismatch"),
    _c("ServiceProtocolMismatch", "config", "routing", "The service's protocol is not the one its pods speak",
       "Correct the service's protocol", "service_protocol_mismatch"),
    _c("ServiceNotFound", "config", "routing", "A service that is called or routed to does not exist", "Create it or correct the reference"),
    _c("GatewayMisroute", "config", "routing", "An ingress, gateway or mesh route leads to the wrong place",
       "Correct the route", "gateway_misroute"),
    _c("DNSResolutionFailure", "infrastructure", "routing", "Names do not resolve for a workload",
       "Look at its DNS policy and configuration, then at the cluster's DNS", "service_dns_resolution_failure"),
    _c("ClusterDNSUnavailable", "infrastructure", "control-plane", "The cluster's DNS does not answer",
       "Look at the DNS pods and their configuration", "coredns_unavailable"),
    _c("NetworkPolicyBlocked", "security", "routing", "A network policy blocks traffic that is needed",
       "Allow the traffic in the policy", "network_policy_block"),
    _c("CertificateExpired", "security", "routing", "A certificate has expired or does not verify", "Renew the certificate", "certificate_expired"),
    _c("DependencyUnavailable", "dependency", "runtime", "A dependency does not answer", "Look at the dependency"),
    # --- rollouts, jobs, autoscaling
    _c("BadRelease", "release", "rollouts", "The trouble began with a release of this workload", "Roll back", "bad_deployment", "faulty_release"),
    _c("ConfigChange", "config", "rollouts", "The trouble began with a change of configuration", "Take the change back"),
    _c("RolloutStuck", "release", "rollouts", "A rollout does not finish", "Look at the new pods; roll back"),
    _c("JobFailed", "release", "rollouts", "A job failed", "Read the job's log"),
    _c("JobSuspended", "config", "rollouts", "A job is suspended, and something waits for it", "Resume it; find who suspended it"),
    _c("CronJobNotRunning", "config", "rollouts", "A cron job does not run as scheduled", "Look at its schedule and suspension"),
    _c("AutoscalerLimited", "capacity", "autoscaling", "The autoscaler is at its maximum or cannot scale",
       "Raise the maximum or add capacity"),
    _c("AutoscalerMetricsUnavailable", "infrastructure", "autoscaling", "The autoscaler cannot read its metrics", "Repair the metrics API"),
    _c("AutoscalerTargetInvalid", "config", "autoscaling", "The autoscaler points to something that is not there or has no requests",
       "Correct its target or the requests"),
    _c("PodDisruptionBudgetBlocking", "config", "autoscaling", "A disruption budget blocks evictions", "Relax the budget or add replicas"),
    _c("ClusterAutoscalerBlocked", "capacity", "autoscaling", "The cluster cannot add the nodes it needs", "Look at the autoscaler's status and the cloud's quota"),
    _c("GitOpsSyncFailed", "release", "rollouts", "The GitOps controller cannot apply what is in git", "Read the sync error"),
    _c("HelmReleaseFailed", "release", "rollouts", "A Helm release failed", "Read its status; roll back"),
    _c("CanaryFailed", "release", "rollouts", "A progressive rollout was stopped by its analysis", "Read the analysis; keep the stable version"),
    _c("PipelineFailed", "release", "rollouts", "A delivery pipeline failed", "Read the failed step's log"),
    _c("SecretSyncFailed", "config", "operators", "An operator cannot bring a secret from its store",
       "Read the object's condition; check the store and its credentials"),
    _c("ReconcileFailed", "config", "operators", "An operator cannot bring an object to the state that it asks for",
       "Read the object's condition and the operator's log"),
    # --- nodes
    _c("KubeletUnavailable", "infrastructure", "nodes", "A node's kubelet does not work", "Look at the kubelet's unit on the node",
       "kubelet_unavailable"),
    _c("ContainerRuntimeUnavailable", "infrastructure", "nodes", "A node's container runtime does not work",
       "Look at the runtime's unit on the node", "containerd_unavailable"),
    _c("KubeProxyUnavailable", "infrastructure", "nodes", "kube-proxy does not work on a node", "Look at kube-proxy on the node",
       "kube_proxy_unavailable"),
    _c("NodeNotReady", "infrastructure", "nodes", "A node is not ready, and nothing says why", "Look at the node", "node_not_ready"),
    _c("NodeMemoryPressure", "capacity", "nodes", "A node runs out of memory", "Find the consumer; move pods"),
    _c("NodeDiskPressure", "capacity", "nodes", "A node runs out of disk", "Free images and logs; grow the disk"),
    _c("NodePIDPressure", "capacity", "nodes", "A node runs out of process ids", "Find the process that forks"),
    _c("NodeCPUSaturated", "capacity", "nodes", "A node's CPU is saturated", "Find the consumer; move pods", "node_cpu_overload"),
    _c("NodeNetworkDelay", "infrastructure", "nodes", "A node's network is slow", "Compare with its neighbours", "node_network_delay"),
    _c("NodeNetworkPacketLoss", "infrastructure", "nodes", "A node's network loses packets", "Look at its interface's counters",
       "node_network_packet_loss"),
    _c("NodeNetworkUnavailable", "infrastructure", "nodes", "A node's network is not set up", "Look at the CNI plugin on the node"),
    _c("ClockSkew", "infrastructure", "nodes", "A node's clock is wrong", "Repair time synchronisation"),
    # --- control plane
    _c("KubeSchedulerUnavailable", "infrastructure", "control-plane", "The scheduler does not work: pods stay pending without a reason",
       "Look at the scheduler's pod or unit", "kube_scheduler_unavailable"),
    _c("ControllerManagerUnavailable", "infrastructure", "control-plane", "The controller manager does not work",
       "Look at its pod or unit", "kube_controller_manager_unavailable"),
    _c("EtcdUnhealthy", "infrastructure", "control-plane", "etcd is slow or has no leader", "Look at etcd's members and disks", "etcd_unavailable"),
    _c("APIServerUnhealthy", "infrastructure", "control-plane", "The API server is slow or fails", "Look at its requests and at etcd"),
    # --- traffic and dependencies, cloud
    _c("TrafficSurge", "traffic", "traffic", "More traffic than usual", "Scale out or shed load", "traffic_spike"),
    _c("ErrorRateIncrease", "dependency", "traffic", "A service fails more often, and nothing observed says why",
       "Read its logs and its latest changes"),
    _c("LatencyIncrease", "dependency", "traffic", "A service is slower, and nothing observed says why",
       "Compare its dependencies' latency"),
    _c("TargetDown", "infrastructure", "traffic", "A scrape target does not answer", "Look at the target"),
    _c("RateLimited", "dependency", "traffic", "A dependency throttles the workload", "Lower the rate or raise the limit"),
    _c("DatabaseCPUSaturated", "capacity", "cloud", "The database's CPU is saturated", "Find the query; scale the instance"),
    _c("DatabaseStorageExhausted", "capacity", "cloud", "The database runs out of storage", "Grow the storage; find what fills it"),
    _c("DatabaseMemoryExhausted", "capacity", "cloud", "The database runs out of memory", "Find the consumer; scale the instance"),
    _c("DatabaseIOSaturated", "capacity", "cloud", "The database's I/O is saturated", "Find the query; raise the IOPS"),
    _c("DatabaseReplicationLag", "capacity", "cloud", "A replica lags behind", "Find the long write or the slow replica"),
    _c("DatabaseFailover", "infrastructure", "cloud", "The database failed over", "Check that clients reconnected"),
    _c("DatabaseLockContention", "dependency", "cloud", "Sessions wait for locks", "Find the blocking transaction"),
    _c("FunctionThrottled", "capacity", "cloud", "A function is throttled", "Raise its concurrency"),
    _c("FunctionErrors", "release", "cloud", "A function fails", "Read its log; roll back"),
    _c("QueueBacklog", "capacity", "cloud", "A queue grows faster than it is read", "Scale or repair the consumers"),
    _c("TableThrottled", "capacity", "cloud", "A table's requests are throttled", "Raise the capacity; find the hot key"),
    _c("StreamThrottled", "capacity", "cloud", "A stream refuses records: its shards take no more", "Add shards; find the hot key"),
    _c("WorkflowFailed", "release", "cloud", "The executions of a workflow fail", "Read the error of the last ones; roll back"),
    _c("DeliveryFailed", "dependency", "cloud", "Messages or events do not reach their subscriber or target",
       "Look at the target and at who may call it"),
    _c("BrokerUnavailable", "infrastructure", "cloud", "A message broker is down: some of its partitions have no leader",
       "Look at the brokers' state"),
    _c("SearchClusterUnhealthy", "infrastructure", "cloud", "A search cluster has shards that are on no node, or no master",
       "Look at nodes and unassigned shards"),
    _c("LoadBalancerTargetsUnhealthy", "infrastructure", "cloud", "A load balancer has no healthy targets", "Look at the targets' health checks"),
    _c("CloudInstanceImpaired", "infrastructure", "cloud", "An instance fails its status checks", "Stop and start it, or replace it"),
    _c("CloudAccessDenied", "security", "cloud", "A policy denies a call that is needed", "Grant the missing action"),
    _c("CloudDeploymentFailed", "release", "cloud", "A deployment or stack update failed", "Read its events; roll back"),
    _c("CacheEvictions", "capacity", "cloud", "A cache runs out of memory and evicts", "Scale it or shorten the TTLs"),
    _c("VolumeIOSaturated", "capacity", "cloud", "A volume has no I/O operations or burst credits left", "Raise its IOPS or change its type"),
    _c("NATPortsExhausted", "capacity", "cloud", "A NAT gateway or balancer has no free source ports",
       "Add addresses or gateways; reuse connections"),
    _c("CloudQuotaExceeded", "capacity", "cloud", "A quota of the cloud account is used up", "Ask for a higher quota"),
)  # fmt: skip

BY_CODE: dict[str, Cause] = {cause.code: cause for cause in CATALOGUE}

_ALIASES: dict[str, Cause] = {alias.lower(): cause for cause in CATALOGUE for alias in (cause.code, *cause.aliases)}


def find(name: str) -> Cause | None:
    """The cause of this code or alias, whatever its case; None where the catalogue has none."""
    return _ALIASES.get(name.lower())
