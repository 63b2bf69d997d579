"""Rows of what on-calls ask beside kubectl: helpers of clusters and of AWS, pipelines, agents."""

from __future__ import annotations

from chatops.policy.grammar.clouds import ELSEWHERE
from chatops.policy.grammar.model import UNKNOWN, Tool, paths, words
from chatops.policy.grammar.verbs import verdict_table

_KUBE = verdict_table(
    "--kubeconfig --as --as-group --token --server --kube-apiserver --argo-server --insecure-skip-tls-verify",
    UNKNOWN,
    "acts as somebody else or elsewhere",
)
_KUBE_VALUES = words("-n --namespace --context")

KUBERNETES = (
    Tool(
        "argo",
        reads=paths(
            "list, get, logs, version, cron list, cron get, template list, template get, archive list, archive get"
        ),
        writing=paths("submit, delete, stop, terminate, retry, resubmit, resume, suspend, watch, server, cp, lint"),
        secrets=paths("auth token"),
        values=_KUBE_VALUES,
        refused=_KUBE,
    ),
    Tool(
        "kubectl-argo-rollouts",
        reads=paths("get rollout, get experiment, list rollouts, list experiments, status, version"),
        writing=paths("abort, promote, pause, restart, retry, set, undo, create, terminate, dashboard"),
        values=_KUBE_VALUES,
        refused=_KUBE,
    ),
    Tool(
        "minikube",
        reads=paths("status, logs, version, profile list, addons list, service list, node list, image ls, ip"),
        writing=paths(
            "start, stop, delete, pause, unpause, addons enable, addons disable, tunnel, ssh, mount, cp, config set"
        ),
        values=words("-p --profile"),
    ),
    Tool(
        "kind",
        reads=paths("get clusters, get nodes, version"),
        secrets=paths("get kubeconfig"),
        writing=paths("create, delete, load"),
    ),
    Tool(
        "k3d",
        reads=paths("cluster list, node list, version, registry list"),
        secrets=paths("kubeconfig get"),
        nouns=True,
    ),
    Tool(
        "k0s k3s",
        reads=paths("status, version, etcd member-list, check-config"),
        writing=paths("server, agent"),
    ),
    Tool(
        "cmctl kubectl-cert_manager",
        reads=paths("status certificate, check api, version, inspect secret --help"),
        writing=paths("renew, approve, deny, create"),
    ),
    Tool("tkn", nouns=True, writing=paths("hub install, bundle push"), values=_KUBE_VALUES, refused=_KUBE),
    Tool(
        "cosign",
        reads=paths("verify, verify-attestation, tree, triangulate, version"),
        writing=paths("sign, attest, attach, copy, clean, generate-key-pair, upload, import-key-pair"),
        refused=verdict_table("--output-file --k8s-keychain", UNKNOWN, "writes files or uses credentials"),
    ),
    Tool("kafkactl", nouns=True, writing=paths("produce, consume, attach, reset")),
)

AWS_HELPERS = (
    Tool(
        "sam",
        reads=paths("list resources, list endpoints, list stack-outputs, logs, validate"),
        writing=paths("build, deploy, delete, sync, local, package, publish, init, pipeline, remote"),
    ),
    Tool(
        "copilot",
        nouns=True,
        reads=paths("svc status, svc logs, svc show, app ls, app show, env ls, env show, version"),
        writing=paths("svc exec, task run, task exec"),
    ),
    Tool(
        "eb",
        reads=paths("status, health, events, list, labs --help"),
        writing=paths(
            "deploy, create, terminate, init, use, ssh, scale, setenv, abort, restore, swap, config, upgrade, "
            "open, console, clone"
        ),
    ),
    Tool(
        "ecs-cli",
        reads=paths("ps, logs, compose ps, compose service ps, images"),
        writing=paths("up, down, scale, push, pull, compose up, compose down, compose start, compose stop, configure"),
    ),
)

PIPELINES = (
    Tool(
        "travis",
        reads=paths("status, logs, history, branches, repos, whoami, show, version, requests"),
        writing=paths(
            "restart, cancel, enable, disable, encrypt, env, login, setup, init, sync, cache, settings, open"
        ),
        secrets=paths("token, pubkey --help"),
    ),
    Tool("bk", nouns=True, refused=ELSEWHERE),
    Tool("drone", nouns=True, writing=paths("exec"), refused=ELSEWHERE),
    Tool(
        "jenkins-cli",
        reads=paths(
            "list-jobs, list-views, list-plugins, list-changes, who-am-i, get-job, get-node, get-view, version, "
            "help, console, session-id, list-credentials"
        ),
        writing=paths(
            "build, delete-job, delete-node, delete-builds, delete-view, create-job, update-job, copy-job, "
            "groovy, groovysh, install-plugin, restart, safe-restart, shutdown, quiet-down, disable-job, "
            "enable-job, reload-configuration"
        ),
        values=words("-s -webSocket"),
    ),
    Tool(
        "gitlab-ctl",
        reads=paths("status, tail, service-list"),
        writing=paths(
            "start, stop, restart, reconfigure, kill, hup, term, cleanse, upgrade, pg-upgrade, registry-garbage-collect"
        ),
        secrets=paths("show-config"),
    ),
    Tool(
        "gitlab-rake",
        reads=paths(
            "gitlab:check, gitlab:env:info, gitlab:gitaly:check, gitlab:sidekiq:check, gitlab:app:check, "
            "gitlab:gitlab_shell:check, gitlab:incoming_email:check, gitlab:ldap:check, gitlab:artifacts:check, "
            "gitlab:lfs:check, gitlab:uploads:check, db:migrate:status"
        ),
    ),
)

AGENTS = (
    Tool(
        "datadog-agent",
        reads=paths("status, health, version, hostname, tagger-list, workload-list, diagnose, configcheck"),
        writing=paths(
            "start, stop, restart, run, flare, config set, integration install, integration remove, import, "
            "secret, check"
        ),
    ),
    Tool("otelcol otelcol-contrib", reads=paths("validate, components")),
    Tool("vector", reads=paths("validate, list, graph, version"), writing=paths("generate, test, vrl, tap, top")),
    Tool(
        "filebeat metricbeat packetbeat heartbeat auditbeat",
        reads=paths("test config, test output, version, modules list, export version"),
        writing=paths("setup, run, enroll, keystore, modules enable, modules disable"),
        secrets=paths("export config"),
    ),
    Tool("telegraf", reads=paths("config check, version"), writing=paths("config, secrets, service")),
)

TOOLS = KUBERNETES + AWS_HELPERS + PIPELINES + AGENTS
