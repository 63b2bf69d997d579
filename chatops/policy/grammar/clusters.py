"""Rows of the tools that look at clusters and containers: Helm, meshes, GitOps, container engines."""

from __future__ import annotations

from chatops.policy.grammar.model import SECRETS, UNKNOWN, WRITES, Tool, paths, words
from chatops.policy.grammar.verbs import verdict_table

K8S_VALUES = words("-n --namespace --context --kube-context --request-timeout -v --v")
K8S_REFUSED = verdict_table(
    "--kubeconfig --as --as-group --kube-as-user --kube-as-group --token --kube-token "
    "--kube-apiserver --kube-ca-file "
    "--kube-insecure-skip-tls-verify --kube-tls-server-name --server --post-renderer "
    "--post-renderer-args --auth-token",
    UNKNOWN,
    "acts as somebody else, elsewhere, or runs a program",
)

KUBERNETES = (
    Tool(
        "helm",
        reads=paths(
            "list, ls, status, history, hist, get notes, get hooks, get metadata, show chart, show "
            "readme, show values, show all, "
            "show crds, inspect, search repo, search hub, repo list, repo ls, version, env, lint, "
            "template, dependency list, "
            "dep list, plugin list, completion bash, "
            "completion zsh, completion fish, verify, "
            "diff upgrade, diff revision, diff rollback, diff release, diff version"
        ),
        secrets=paths("get values, get all, get manifest"),
        writing=paths(
            "install, upgrade, uninstall, delete, del, un, rollback, test, repo add, repo remove, "
            "repo rm, repo update, "
            "repo index, push, pull, fetch, package, create, registry login, registry logout, plugin install, "
            "plugin uninstall, plugin update, dependency update, dependency build, dep update, dep build"
        ),
        values=K8S_VALUES,
        switches=words("--debug"),
        tried=words("--dry-run"),
        refused={
            **K8S_REFUSED,
            **verdict_table("--output-dir --destination -d", WRITES, "writes files"),
            **verdict_table(
                "--set-file --repo", UNKNOWN, "reads a local file, or fetches from where the command names"
            ),
        },
        strange=r".*://",
    ),
    Tool(
        "istioctl",
        reads=paths(
            "proxy-status, ps, proxy-config clusters, proxy-config cluster, proxy-config listeners, "
            "proxy-config listener, "
            "proxy-config routes, proxy-config route, proxy-config endpoints, proxy-config endpoint, "
            "proxy-config bootstrap, "
            "proxy-config log, proxy-config all, proxy-config ecds, pc clusters, pc cluster, pc "
            "listeners, pc listener, pc routes, pc route, "
            "pc endpoints, pc endpoint, pc all, analyze, version, validate, describe, x describe, "
            "experimental describe, "
            "x authz check, experimental authz check, x precheck, experimental precheck, tag list, "
            "x check-inject, experimental check-inject, experimental metrics, verify-install, ztunnel-config, "
            "manifest generate, profile "
            "list, profile dump, metrics, x metrics"
        ),
        secrets=paths("proxy-config secret, pc secret, pc secrets, proxy-config secrets"),
        writing=paths(
            "install, uninstall, upgrade, manifest install, kube-inject, tag set, tag generate, tag remove, "
            "create-remote-secret, x create-remote-secret, operator, dashboard, bug-report, admin, waypoint"
        ),
        values=K8S_VALUES | words("-i --istioNamespace"),
        refused={**K8S_REFUSED, **verdict_table("--level --reset --set", WRITES, "changes log levels or values")},
    ),
    Tool(
        "linkerd",
        reads=paths(
            "check, version, viz stat, viz edges, viz routes, viz top, viz tap, viz check, viz "
            "authz, viz list, stat, edges, routes, top, "
            "tap, diagnostics endpoints, diagnostics proxy-metrics, diagnostics controller-metrics, "
            "diagnostics policy, "
            "multicluster check, multicluster gateways, authz, jaeger check, identity, prune --help, viz profile"
        ),
        writing=paths(
            "install, upgrade, uninstall, inject, uninject, viz install, viz uninstall, viz dashboard, prune, repair"
        ),
        values=K8S_VALUES | words("-L --linkerd-namespace"),
        refused={**K8S_REFUSED, **verdict_table("--api-addr", UNKNOWN, "talks to a server that the command names")},
    ),
    Tool(
        "argocd",
        reads=paths(
            "app list, app get, app history, app diff, app logs, app resources, app manifests, app "
            "wait, app get-resource, "
            "appset list, appset get, proj list, proj get, proj role list, cluster list, cluster "
            "get, repo list, repo get, version, "
            "account list, account get, account can-i, account get-user-info, context, cert list, "
            "gpg list, repocreds list"
        ),
        writing=paths(
            "app create, app delete, app sync, app set, app unset, app rollback, app patch, app "
            "terminate-op, app edit, app actions run, "
            "app add-source, app delete-resource, app patch-resource, app remove-source, proj "
            "create, proj delete, proj edit, "
            "cluster add, cluster rm, repo add, repo rm, login, logout, relogin, account "
            "update-password, account generate-token, appset create, appset delete"
        ),
        values=words("--argocd-context --grpc-web-root-path -N --app-namespace --project -o --output"),
        switches=words("--grpc-web --core --client"),
        refused=verdict_table("--hard-refresh", WRITES, "has all manifests made again")
        | verdict_table(
            "--server --auth-token --config --kube-context --insecure --plaintext --client-crt "
            "--client-crt-key --header -H --port-forward --port-forward-namespace --exec --local --local-repo-root",
            UNKNOWN,
            "acts as somebody else or elsewhere, or builds manifests here",
        ),
    ),
    Tool(
        "flux",
        reads=paths(
            "get, logs, events, check, version, stats, trace, tree, tree kustomization, diff, diff "
            "kustomization, export, debug --help"
        ),
        secrets=paths("export secret"),
        writing=paths(
            "create, delete, suspend, resume, reconcile, bootstrap, install, uninstall, push, pull, tag, build"
        ),
        values=K8S_VALUES,
        switches=words("-A --all-namespaces"),
        refused={**K8S_REFUSED, **verdict_table("--with-credentials --with-creds", SECRETS, "prints credentials")},
    ),
    Tool(
        "velero",
        reads=paths("version, client config get, backup logs, restore logs, get backups, get schedules, get restores"),
        nouns=True,
        things=words("restore backup"),
        values=K8S_VALUES,
        refused=K8S_REFUSED,
    ),
    Tool(
        "kustomize",
        reads=paths("build, version, cfg tree, cfg cat, cfg count"),
        writing=paths("edit, create, localize"),
        refused=verdict_table(
            "--enable-alpha-plugins --enable-exec --enable-helm --network --mount --env -e -o --output --helm-command",
            UNKNOWN,
            "runs plugins or writes files",
        ),
        strange=r".*://|git@|github\.com/",
    ),
    Tool(
        "cilium cilium-dbg hubble",
        reads=paths(
            "status, version, config view, observe, list, connectivity --help, endpoint list, "
            "endpoint get, service list, bpf lb list, node list, policy get, identity list, health"
        ),
        values=K8S_VALUES,
        refused=K8S_REFUSED,
    ),
    Tool(
        "calicoctl",
        reads=paths("get, node status, version, ipam show"),
        writing=paths("apply, create, delete, replace, patch, label"),
        refused=verdict_table("--config -c", UNKNOWN, "reads a configuration that the command names"),
    ),
    Tool(
        "kubeadm",
        reads=paths("version, certs check-expiration, config view, config images list, upgrade plan"),
        secrets=paths("token list"),
        writing=paths("init, join, reset, token create, token delete, upgrade apply"),
    ),
    Tool(
        "etcdctl",
        reads=paths(
            "endpoint status, endpoint health, endpoint hashkv, member list, alarm list, version, "
            "check perf --help, user list, role list, role get, snapshot status"
        ),
        secrets=paths("get"),
        names_only=paths("get --keys-only, get --count-only"),
        writing=paths(
            "put, del, txn, compaction, defrag, snapshot save, snapshot restore, member add, member "
            "remove, alarm disarm, auth enable, user add"
        ),
        values=words("--endpoints --cacert --cert -w --write-out"),
    ),
)

_DOCKER_READS = (
    "ps, images, image ls, image list, image inspect, image history, inspect, logs, stats, "
    "top, port, diff, version, info, events, "
    "history, search, container ls, container list, container ps, container inspect, "
    "container logs, container stats, container top, "
    "container port, container diff, network ls, network list, network inspect, volume ls, "
    "volume list, volume inspect, system df, "
    "system info, system events, node ls, node ps, node inspect, service ls, service ps, "
    "service inspect, service logs, "
    "stack ls, stack ps, stack services, context ls, context inspect, context show, manifest "
    "inspect, plugin ls, plugin inspect, "
    "buildx ls, buildx inspect, buildx du, buildx version, compose ps, compose logs, compose images, "
    "compose ls, compose top, compose version, compose port, compose events, secret ls, "
    "config ls, secret inspect, trust inspect, "
    "swarm ca, scout quickview, scout cves, pod ls, pod ps, pod list, "
    "pod inspect, pod logs, pod stats, pod top, pod exists, "
    "node list, service list, stack list, secret list, config list, context list, plugin list, "
    "container exists, image exists, volume exists, network exists, healthcheck --help, "
    "system connection list, image tree, builder du"
)
_DOCKER_WRITES = (
    "run, exec, rm, rmi, kill, stop, start, restart, pause, unpause, build, push, pull, tag, "
    "login, logout, cp, create, commit, "
    "attach, rename, update, load, save, import, export, wait, container rm, container stop, "
    "container prune, image rm, "
    "image prune, network rm, network prune, network create, volume rm, volume prune, volume create, system prune, "
    "compose up, compose down, compose rm, compose stop, compose start, compose restart, "
    "compose pull, compose build, "
    "compose run, compose exec, compose kill, compose pause, swarm init, swarm leave, swarm "
    "join, service rm, service update, "
    "service create, service scale, stack deploy, stack rm, node rm, node update, secret rm, "
    "secret create, builder prune, "
    "buildx build, buildx prune, context use, context rm, context create, plugin install"
)

_COMPOSE_NAMES = ("--services", "--volumes", "--images", "--profiles", "--networks", "--quiet", "-q", "--hash")
"""With these the configuration is not shown: it holds the values of `.env`."""

CONTAINERS = (
    Tool(
        "docker podman nerdctl",
        reads=paths(_DOCKER_READS),
        writing=paths(_DOCKER_WRITES),
        secrets=paths("compose config"),
        names_only=tuple(f"compose config {flag}" for flag in _COMPOSE_NAMES),
        values=words("--context -c -f --file -p --project-name --profile"),
        switches=words("-D --debug"),
        tried=words("--dry-run"),
        tries=paths("compose up, compose down, compose rm, compose stop, compose start, compose restart, compose pull"),
        refused=verdict_table(
            "-H --host --config --url --connection --identity --remote --tlscacert --tlscert --tlskey --output-file",
            UNKNOWN,
            "talks to an engine, or reads a configuration, that the command names",
        ),
    ),
    Tool(
        "docker-compose podman-compose",
        reads=paths("ps, logs, images, ls, top, version, port, events"),
        secrets=paths("config"),
        names_only=tuple(f"config {flag}" for flag in _COMPOSE_NAMES),
        writing=paths("up, down, rm, stop, start, restart, pull, build, run, exec, kill, pause"),
        values=words("-f --file -p --project-name --profile --project-directory"),
        tried=words("--dry-run"),
        tries=paths("up, down, rm, stop, start, restart, pull"),
    ),
    Tool(
        "crictl",
        reads=paths(
            "ps, pods, images, img, inspect, inspecti, inspectp, logs, stats, statsp, info, version, "
            "imagefsinfo, events, metricdescs"
        ),
        writing=paths(
            "rm, rmi, rmp, stop, stopp, exec, run, runp, create, start, pull, attach, port-forward, update, config"
        ),
        values=words("-r --runtime-endpoint -i --image-endpoint -t --timeout"),
        switches=words("-D --debug"),
        refused=verdict_table("--config -c", UNKNOWN, "reads a configuration that the command names"),
    ),
    Tool(
        "ctr",
        reads=paths(
            "version, images ls, images list, i ls, containers ls, containers list, containers info, "
            "c ls, tasks ls, tasks list, tasks ps, t ls, namespaces ls, snapshots ls, plugins ls, "
            "content ls"
        ),
        writing=paths("run, images rm, images pull, containers rm, containers delete, tasks kill, tasks exec"),
        values=words("-n --namespace -a --address"),
    ),
    Tool(
        "talosctl",
        reads=paths(
            "health, version, get members, get machinestatus, get services, services, service, logs, dmesg, "
            "containers, stats, processes, memory, disks, mounts, netstat, time, etcd members, etcd status, "
            "etcd alarm list, events, list, usage, config info, config contexts, inspect dependencies"
        ),
        writing=paths(
            "reboot, reset, shutdown, upgrade, upgrade-k8s, apply-config, bootstrap, edit, patch, copy, restart, "
            "rollback, etcd defrag, etcd remove-member, etcd leave, etcd snapshot, kubeconfig, gen, wipe, config"
        ),
        values=words("-n --nodes -e --endpoints --context"),
        refused=verdict_table("--talosconfig --insecure -i", UNKNOWN, "acts as somebody else or elsewhere"),
    ),
    Tool("skopeo", reads=paths("inspect, list-tags"), writing=paths("copy, delete, sync, login")),
    Tool(
        "crane",
        reads=paths("ls, manifest, digest, config, catalog, version"),
        writing=paths("push, copy, cp, delete, tag, append, mutate, rebase, auth"),
        values=words("--platform"),
    ),
    Tool(
        "trivy grype",
        reads=paths("version, image, fs, config"),
        refused=verdict_table(
            "-o --output --config -c --module-dir --cache-dir --server",
            UNKNOWN,
            "writes files or reads a configuration",
        )
        | verdict_table(
            "--download-db-only --download-java-db-only --reset --clear-cache", WRITES, "changes the cache"
        ),
    ),
)

TOOLS = KUBERNETES + CONTAINERS
