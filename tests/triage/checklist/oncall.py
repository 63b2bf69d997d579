"""What an on-call meets that no checklist names: meshes, resolvers, tokens, finalizers, limits, mounts, schemas."""

from __future__ import annotations

from copy import deepcopy

from tests.connectors.kubernetes.cluster import NS, Cluster, ago, ended_state
from tests.connectors.kubernetes.cluster import Json as Object
from tests.triage.checklist import NONE, claim, refused, row, since, unplaced, unready, waiting


def _meshed(c: Cluster) -> None:
    for name in ("cart", "stock", "pay"):
        main = {"name": "main", "image": f"registry.example/{name}:1", "ports": [{"containerPort": 8080}]}
        proxy = {"name": "istio-proxy", "image": "docker.io/istio/proxyv2:1.24.1"}
        c.app(name, pod_spec={"containers": [main, proxy]})
        running = {
            "name": "istio-proxy",
            "ready": True,
            "restartCount": 0,
            "state": {"running": {"startedAt": since(10)}},
        }
        c.pod(name)["status"]["containerStatuses"].append(running)


@row("Sidecar that was not injected", "web answers 503 when it calls cart", "SidecarMissing web")
def _(c: Cluster) -> None:
    _meshed(c)
    c.app("web", env={"CART_ADDR": "cart:8080"})
    c.log(
        "web",
        *["GET http://cart:8080/items: read tcp 10.1.2.3:4411->10.0.0.9:8080: read: connection reset by peer"] * 4,
    )


@row("Pod that is meant to be outside the mesh", "is web well?", NONE)
def _(c: Cluster) -> None:
    _meshed(c)
    c.app("web")
    c.pod("web")["metadata"]["annotations"] = {"sidecar.istio.io/inject": "false"}
    c.log("web", *["peer closed: connection reset by peer"] * 4)


@row(
    "Resolver that does not answer for names of elsewhere", "checkout sometimes fails", "DNSResolutionFailure checkout"
)
def _(c: Cluster) -> None:
    c.app("web")
    c.app("checkout")
    c.log("checkout", *["post to payments: dial tcp: lookup api.payments.example.com.shop.svc.cluster.local on 10.96.0.10:53: "
                        "read udp 10.1.0.7:40131->10.96.0.10:53: i/o timeout"] * 5)  # fmt: skip


@row("Image of another architecture", "web is down since the new nodes joined", "ImageArchitectureMismatch web")
def _(c: Cluster) -> None:
    c.app("web", ready=False, state=ended_state(255))
    c.log("web", "exec /usr/local/bin/docker-entrypoint.sh: exec format error", previous=True)


def _logs(name: str, question: str, says: str, line: str) -> None:
    """A row of a workload that runs and logs one line again and again."""

    @row(name, question, says)
    def _(c: Cluster) -> None:
        c.app("redis", 6379)
        c.app("web", env={"REDIS_ADDR": "redis:6379"})
        c.log("web", *[line] * 5)


_logs("Clock that is behind the tokens", "users are logged out", "ClockSkew web",
      'level=error msg="token rejected" err="jwt: token used before issued (iat 2026-05-04T12:04:11Z)"')  # fmt: skip
_logs("Token of the service account that has expired", "web does nothing any more", "InvalidCredentials web",
      "E0504 11:59:01.123456 1 reflector.go:150] Failed to watch *v1.Pod: failed to list *v1.Pod: Unauthorized")  # fmt: skip
_logs("Certificate of an unknown authority", "web cannot pay", "CertificateExpired web", 'Post "https://pay.example.com/v1": '
      "tls: failed to verify certificate: x509: certificate signed by unknown authority")  # fmt: skip
_logs("Store whose memory is used up", "web cannot save", "DatabaseMemoryExhausted redis",
      "SET cart:42 failed: OOM command not allowed when used memory > 'maxmemory'.")  # fmt: skip
_logs("Store that cannot write its snapshot", "web cannot save", "DatabaseReadOnly redis", "MISCONF Redis is configured to save "
      "RDB snapshots, but it's currently unable to persist to disk.")  # fmt: skip
_logs("Client secret that has expired", "login is broken", "InvalidCredentials web", 'oauth2: "invalid_client" '
      '"AADSTS7000222: The provided client secret keys for app are expired."')  # fmt: skip
_logs("Too many open files", "web drops connections", "ProcessLimitReached web",
      "http: Accept error: accept tcp [::]:8080: accept4: too many open files; retrying in 1s")  # fmt: skip


_logs("Transactions that wait for each other", "web cannot save", "DatabaseLockContention redis",
      "ERROR: deadlock detected DETAIL: Process 812 waits for ShareLock on transaction 9944; blocked by process 901.")  # fmt: skip
_logs("Policy of the cloud that does not let a workload", "web cannot upload", "CloudAccessDenied web", "AccessDenied: User: "
      "arn:aws:sts::123456789012:assumed-role/web/i-1 is not authorized to perform: s3:PutObject on resource: a")  # fmt: skip
_logs("Partner that takes no more calls", "web cannot get quotes", "RateLimited web",
      "GET https://api.partner.example/v2/quote: 429 Too Many Requests (retry-after: 60)")  # fmt: skip


@row("Index that a full disk made read-only", "web cannot save", "DatabaseReadOnly search")
def _(c: Cluster) -> None:
    c.app("search", 9200)
    c.app("web", env={"ELASTICSEARCH_URL": "http://search:9200"})
    c.log("web", *["ClusterBlockException[index [orders] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage "
                   "watermark, index has read-only-allow-delete block];]"] * 3)  # fmt: skip


@row("Broker that has set its memory alarm", "publishers are refused", "DatabaseMemoryExhausted rabbitmq")
def _(c: Cluster) -> None:
    c.app("rabbitmq", 5672)
    c.log("rabbitmq", *["memory resource limit alarm set on node rabbit@rabbitmq-0. *** Publishers will be blocked until this "
                        "alarm clears ***"] * 3)  # fmt: skip


@row("Scheduler that a pod names and that is not there", "web does not start", "KubeSchedulerUnavailable binpacker")
def _(c: Cluster) -> None:
    c.app("web", ready=False, node=None, pod_spec={"schedulerName": "binpacker"})
    c.pod("web")["status"] = {"phase": "Pending"}


@row("Liveness probe that ends what does not answer in time", "web restarts at peak", "ProbeFailing web")
def _(c: Cluster) -> None:
    c.app("web", container={"livenessProbe": {"httpGet": {"path": "/health", "port": 8080}}})
    ended = {"terminated": {"exitCode": 137, "reason": "Error", "startedAt": since(20), "finishedAt": since(2)}}
    c.pod("web")["status"]["containerStatuses"][0] |= {"restartCount": 5, "lastState": ended}
    c.pod_event(
        "web",
        "Unhealthy",
        'Liveness probe failed: Get "http://10.1.0.7:8080/health": context deadline exceeded',
        count=9,
    )


@row("Noise in the logs of what is well", "is web well?", NONE)
def _(c: Cluster) -> None:
    c.app("cart")
    c.app("web", env={"CART_ADDR": "cart:8080"})
    c.log("web", *["GET /login 401 invalid password for user bob", "http: TLS handshake error from 10.2.0.9:4411: EOF",
                   "client 10.1.1.1: tls: unknown certificate", "WARN slow query 1.2 s",
                   "429 returned to client 10.1.1.1: too many requests from it"] * 3)  # fmt: skip
    c.log("cart", *["relation cache refreshed", "retrying after timeout, succeeded", "thread pool grew to 40"] * 3)
    c.app("db", 5432)
    c.log(
        "db",
        "LOG: checkpoint complete",
        "ERROR: duplicate key value violates unique constraint",
        "ERROR: deadlock detected",
    )


@row("No more threads", "web stops answering after a while", "ProcessLimitReached web")
def _(c: Cluster) -> None:
    c.app("web", ready=False, state=ended_state(1))
    c.log("web", "java.lang.OutOfMemoryError: unable to create native thread: possibly out of memory or process/resource "
          "limits reached", previous=True)  # fmt: skip


@row("Namespace that does not end", "web cannot be deployed", "DeletionBlocked shop")
def _(c: Cluster) -> None:
    refused(
        c, 'pods "web-5-" is forbidden: unable to create new content in namespace shop because it is being terminated'
    )


@row("Finalizer that nobody removes from a pod", "db does not come back after a restart", "DeletionBlocked db")
def _(c: Cluster) -> None:
    spec = {"containers": [{"name": "main", "image": "registry.example/db:1"}]}
    template = {"metadata": {"labels": {"app": "db"}}, "spec": spec}
    c.add("statefulsets", "StatefulSet", "db", spec={"replicas": 1, "serviceName": "db", "template": template,
          "selector": {"matchLabels": {"app": "db"}}}, status={"replicas": 1, "readyReplicas": 0})  # fmt: skip
    c.service("db", 5432)
    ended = {"terminated": {"exitCode": 0, "reason": "Completed", "finishedAt": since(40)}}
    c.add("pods", "Pod", "db-0", spec=spec | {"nodeName": "n1"}, metadata={
        "labels": {"app": "db"}, "deletionTimestamp": since(40), "deletionGracePeriodSeconds": 30,
        "finalizers": ["example.io/backup"], "ownerReferences": [{"kind": "StatefulSet", "name": "db", "controller": True}]},
        status={"phase": "Succeeded", "conditions": [{"type": "Ready", "status": "False"}],
                "containerStatuses": [{"name": "main", "ready": False, "restartCount": 0, "state": ended}]})  # fmt: skip


@row("Network that has no more addresses", "new pods of web do not start", "PodSandboxFailure web")
def _(c: Cluster) -> None:
    c.app("web", ready=False, state=waiting("ContainerCreating"))
    c.pod_event("web", "FailedCreatePodSandBox", "Failed to create pod sandbox: failed to setup network for sandbox: "
                'plugin type="aws-cni" failed (add): add cmd: failed to assign an IP address to container')  # fmt: skip


@row("Connection table of a node is full", "requests time out at random", "NodeNetworkPacketLoss n1")
def _(c: Cluster) -> None:
    c.app("cart")
    c.app("web", env={"CART": "cart:8080"})
    c.event("Node", "n1", "ConntrackFull", "nf_conntrack: nf_conntrack: table full, dropping packet")
    c.log("web", *["call cart:8080: dial tcp 10.0.0.9:8080: i/o timeout"] * 3)


@row("Volume that is full", "db refuses writes", "DiskFull db")
def _(c: Cluster) -> None:
    claim(c, "Bound", volume="pv1")
    c.pod("db")["status"]["containerStatuses"][0] |= ended_state(1)
    unready(c, "db", "")
    c.log("db", 'PANIC:  could not write to file "pg_wal/xlogtemp.33": No space left on device', previous=True)


@row("Node without inodes", "pods on n1 are evicted", "NodeDiskPressure n1")
def _(c: Cluster) -> None:
    c.objects["nodes"][0]["status"]["conditions"].append({"type": "DiskPressure", "status": "True", "reason":
        "KubeletHasDiskPressure", "message": "kubelet has disk pressure", "lastTransitionTime": ago(500)})  # fmt: skip
    c.app("web", ready=False)
    said = "The node was low on resource: inodes. Threshold quantity: 524288, available: 4021. "
    c.pod("web")["status"] = {"phase": "Failed", "reason": "Evicted", "message": said, "startTime": since(50)}
    c.pod_event("web", "Evicted", said)


@row("Topology spread that cannot be met", "web lacks its third replica", "TopologySpreadConflict web")
def _(c: Cluster) -> None:
    spread = {"maxSkew": 1, "topologyKey": "topology.kubernetes.io/zone", "whenUnsatisfiable": "DoNotSchedule",
              "labelSelector": {"matchLabels": {"app": "web"}}}  # fmt: skip
    unplaced(c, "0/2 nodes are available: 2 node(s) didn't match pod topology spread constraints (missing required label).",
             pod_spec={"topologySpreadConstraints": [spread]})  # fmt: skip


@row("Pod that made way for one of higher priority", "web disappeared and its pod is pending", "InsufficientCPU web")
def _(c: Cluster) -> None:
    for node in ("n1", "n2"):
        c.app(
            f"batch-{node}",
            node=node,
            container={"resources": {"requests": {"cpu": "3900m"}}},
            pod_spec={"priority": 100},
        )
    unplaced(c, "0/2 nodes are available: 2 Insufficient cpu. preemption: 0/2 nodes are available: 2 No preemption victims "
             "found for incoming pod.", container={"resources": {"requests": {"cpu": "2"}}})  # fmt: skip


def _failed(c: Cluster, reason: str, message: str) -> None:
    """Two pods of web, of which the second has failed."""
    c.app("web", pods=2)
    c.objects["deployments"][0]["status"]["readyReplicas"] = 1
    failed = c.objects["pods"][1]
    failed["status"] = {"phase": "Failed", "reason": reason, "message": message, "startTime": since(10)}
    c.event("Pod", failed["metadata"]["name"], reason, message)


@row("Pod that uses more disk than it may", "web's pods vanish again and again", "PodEvicted web")
def _(c: Cluster) -> None:
    _failed(c, "Evicted", "Pod ephemeral local storage usage exceeds the total limit of containers 1Gi. ")


@row("Pod that its node does not take", "a pod of web failed at once", "InsufficientCPU web")
def _(c: Cluster) -> None:
    _failed(
        c,
        "OutOfcpu",
        "Pod was rejected: Node didn't have enough resource: cpu, requested: 3000, used: 1500, capacity: 4000",
    )


@row("Device that is not healthy", "web does not run on the gpu node", "InsufficientResource web")
def _(c: Cluster) -> None:
    _failed(c, "UnexpectedAdmissionError", "Pod was rejected: Allocate failed due to no healthy devices present; cannot allocate "
            "unhealthy devices nvidia.com/gpu, which is unexpected")  # fmt: skip


@row("Release that git cannot apply: an immutable field", "the release of web does not arrive", "GitOpsSyncFailed web")
def _(c: Cluster) -> None:
    c.app("web")
    said = 'one or more objects failed to apply, reason: Deployment.apps "web" is invalid: spec.selector: field is immutable'
    c.add("applications", "Application", "web", spec={"destination": {"namespace": NS}}, status={
        "sync": {"status": "OutOfSync"}, "operationState": {"phase": "Failed", "finishedAt": since(3), "message": said}})  # fmt: skip


@row("Init container that waits for a dependency without pods", "web hangs in Init", "WorkloadScaledToZero db")
def _(c: Cluster) -> None:
    c.app("db", 5432, pods=0)["spec"]["replicas"] = 0
    c.objects["replicasets"][0]["spec"]["replicas"] = 0
    waits = {"name": "wait", "image": "busybox:1.36", "command": ["sh", "-c", "until nc -z db 5432; do sleep 2; done"]}
    c.app(
        "web",
        ready=False,
        pod_spec={"initContainers": [waits]},
        env={"DB_HOST": "db"},
        state=waiting("PodInitializing"),
    )
    running = {"name": "wait", "ready": False, "restartCount": 0, "state": {"running": {"startedAt": since(10)}}}
    c.pod("web")["status"]["initContainerStatuses"] = [running]


@row("Mount of a file onto a directory", "web does not start", "InvalidContainerConfig web")
def _(c: Cluster) -> None:
    said = ("failed to create containerd task: OCI runtime create failed: runc create failed: unable to start container process: "
            'error during container init: error mounting "/var/lib/kubelet/pods/1/volume-subpaths/cfg/main/0" to rootfs at '
            '"/etc/app/app.yaml": not a directory: unknown')  # fmt: skip
    state = ended_state(128, "StartError")
    state["lastState"]["terminated"]["message"] = said
    c.app("web", ready=False, state=state, pod_spec={"volumes": [{"name": "cfg", "configMap": {"name": "web"}}]})
    c.pod_event("web", "Failed", "Error: " + said)


@row("Volume whose owner is changed for ages", "db takes ages to start", "VolumeMountFailed db")
def _(c: Cluster) -> None:
    claim(c, "Bound", volume="pv1")
    unready(c, "db", "Setting volume ownership for pods/volumes/data is taking longer than expected, consider using "
            "OnRootMismatch", "VolumePermissionChangeInProgress")  # fmt: skip
    c.pod("db")["status"]["phase"] = "Pending"
    c.pod("db")["status"]["containerStatuses"][0] = {"name": "main", "restartCount": 0} | waiting("ContainerCreating")


@row("Registry that limits pulls", "web does not start on the new node", "RateLimited web")
def _(c: Cluster) -> None:
    said = ('Back-off pulling image "docker.io/library/nginx:1.27": ErrImagePull: unexpected status code: 429 Too Many Requests - '
            "Server message: toomanyrequests: You have reached your unauthenticated pull rate limit.")  # fmt: skip
    c.app("web", ready=False, state=waiting("ImagePullBackOff", said))


@row(
    "Service that also selects another application",
    "every third request shows another page",
    "ServiceSelectorMismatch web",
)
def _(c: Cluster) -> None:
    _two(c, "admin", image="registry.example/admin:1")


@row("Service of a stable and a canary workload", "is web well?", NONE)
def _(c: Cluster) -> None:
    _two(c, "web-canary", image="registry.example/web:2")


def _two(c: Cluster, other: str, image: str) -> None:
    c.app("web")
    c.app(other, container={"image": image})
    c.objects["services"][0]["spec"]["selector"] = {"tier": "front"}
    for one in (c.pod("web"), c.pod(other)):
        one["metadata"]["labels"]["tier"] = "front"


@row(
    "Query for a column that the database does not have",
    "orders fails since the release",
    "DatabaseSchemaMismatch orders",
)
def _(c: Cluster) -> None:
    c.app("db", 5432)
    c.app("orders", env={"DB": "postgres://db:5432/o"})
    new: Object = c.objects["replicasets"][-1]
    new["metadata"] |= {"annotations": {"deployment.kubernetes.io/revision": "2"}, "creationTimestamp": since(10)}
    old = deepcopy(new)
    old["metadata"] |= {
        "name": "orders-6",
        "annotations": {"deployment.kubernetes.io/revision": "1"},
        "creationTimestamp": since(900),
    }
    old["spec"] |= {"replicas": 0}
    old["status"] = {"replicas": 0}
    old["spec"]["template"]["spec"]["containers"][0]["image"] = "registry.example/orders:0"
    c.objects["replicasets"].append(old)
    c.log("orders", *['ERROR: pq: column "discount_cents" of relation "orders" does not exist'] * 6)
