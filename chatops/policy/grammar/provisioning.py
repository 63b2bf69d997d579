"""Rows of the tools that build infrastructure and keep its secrets: Terraform, Pulumi, Ansible, Vault and their kin."""

from __future__ import annotations

from chatops.policy.grammar.model import SECRETS, UNKNOWN, WRITES, Tool, paths, words
from chatops.policy.grammar.verbs import verdict_table

_TERRAFORM = Tool(
    "terraform tofu terragrunt",
    reads=paths(
        "show, state list, state show, validate, version, providers, graph, workspace list, "
        "workspace show, plan, fmt -check, metadata functions, output, run-all plan, run-all validate, run-all output, "
        "graph-dependencies, validate-inputs"
    ),
    secrets=paths("state pull"),
    writing=paths(
        "apply, destroy, import, taint, untaint, init, refresh, fmt, state rm, state mv, state "
        "push, state replace-provider, force-unlock, "
        "workspace new, workspace delete, workspace select, login, logout, console, test, get, "
        "run-all, apply-all, destroy-all"
    ),
    values=words("-chdir"),
    tried=words("-check"),
    refused={
        **verdict_table(
            "-out -generate-config-out -destroy --destroy",
            WRITES,
            "writes a plan that changes, or a file",
        ),
        **verdict_table("-raw -json --json --raw", SECRETS, "prints values that are marked as sensitive"),
        **verdict_table("-state-out -backup -auto-approve --terragrunt-source", UNKNOWN, "does more than read"),
    },
)

PROVISIONING = (
    _TERRAFORM,
    Tool(
        "pulumi",
        reads=paths(
            "preview, stack ls, stack, stack output, stack history, stack graph, stack export "
            "--help, about, version, whoami, config, logs, plugin ls, org get-default, policy ls, "
            "history, schema check"
        ),
        secrets=paths("stack export, config get"),
        writing=paths(
            "up, update, destroy, refresh, cancel, import, new, stack rm, stack init, stack select, "
            "stack import, stack rename, state delete, config set, config rm, login, logout, plugin "
            "install"
        ),
        values=words("-s --stack -C --cwd --color"),
        refused=verdict_table("--show-secrets", SECRETS, "prints secrets"),
    ),
    Tool(
        "cdk",
        reads=paths("list, ls, diff, doctor, metadata, version"),
        writing=paths(
            "deploy, destroy, bootstrap, import, watch, init, rollback, migrate, gc, refactor, synth, synthesize, "
            "context, acknowledge, docs"
        ),
        values=words("--profile --context-lines"),
        only=words(
            "-l --long --show-dependencies -d -e --exclusively --json --strict --fail --no-color --no-change-set"
        ),
    ),
    Tool("ansible-inventory", bare=words("--list --graph --host -i"), reads=()),
    Tool("ansible-config", reads=paths("list, dump, view, validate"), bare=words("-l --list"), nouns=False),
    Tool(
        "ansible-galaxy",
        reads=paths("list, role list, collection list, info, search, role info, role search, collection verify"),
        writing=paths("install, remove, delete, import, setup, publish, init, build, download"),
    ),
    Tool(
        "ansible-vault", secrets=paths("view, decrypt"), writing=paths("encrypt, edit, rekey, create, encrypt_string")
    ),
    Tool(
        "atmos",
        reads=paths("list, describe, validate, version, docs, about, vendor list"),
        secrets=paths("describe config, store get, auth env"),
        writing=paths(
            "terraform, helmfile, packer, workflow, vendor, generate, atlantis, aws, auth, init, scaffold, pro"
        ),
        refused=verdict_table(
            "--file --upload --base-path --config --config-path", UNKNOWN, "writes a file, or reads a configuration"
        ),
    ),
    Tool(
        "packer",
        reads=paths("version, inspect, validate, plugins installed, fmt -check"),
        writing=paths("build, init, fmt, console, plugins install, plugins remove"),
    ),
    Tool(
        "vault bao",
        reads=paths(
            "status, version, kv list, list, kv metadata get, secrets list, policy list, policy "
            "read, token capabilities, auth list, audit list, lease lookup, namespace "
            "list, operator members, operator raft list-peers, operator raft autopilot state, plugin list, "
            "path-help, operator "
            "key-status"
        ),
        secrets=paths("read, kv get, print token, token lookup, token create, operator generate-root, unwrap"),
        names_only=paths("token lookup -accessor, token lookup --accessor"),
        writing=paths(
            "write, delete, kv put, kv delete, kv destroy, kv undelete, kv patch, kv metadata "
            "delete, kv metadata put, secrets enable, secrets disable, secrets tune, secrets move, "
            "auth enable, auth disable, auth tune, policy write, policy delete, token revoke, token "
            "renew, lease revoke, lease renew, login, operator init, operator seal, operator unseal, "
            "operator step-down, operator rekey, operator rotate, audit enable, audit disable, "
            "namespace create, namespace delete, patch, ssh, server, agent, proxy"
        ),
        values=words("-namespace --namespace -ns -format --format"),
        refused=verdict_table(
            "-address --address -agent-address -ca-cert -client-cert -client-key -tls-skip-verify "
            "-tls-server-name -header -output-curl-string -wrap-ttl",
            UNKNOWN,
            "talks to a server that the command names, or shows a token",
        ),
    ),
    Tool(
        "consul",
        reads=paths(
            "members, info, version, catalog services, catalog nodes, catalog datacenters, operator "
            "raft list-peers, operator autopilot get-config, intention list, intention get, "
            "intention check, config list, config read, acl policy list, acl role "
            "list, rtt, validate, monitor, namespace list, peering list, services list"
        ),
        secrets=paths("kv get, kv export, acl token read, acl token list, keyring"),
        names_only=paths("kv get -keys, kv get --keys"),
        writing=paths(
            "kv put, kv delete, kv import, services register, services deregister, leave, "
            "force-leave, reload, acl bootstrap, acl token delete, acl policy delete, config write, "
            "config delete, intention create, intention delete, snapshot restore, snapshot save, "
            "exec, lock, join, maint, event, agent"
        ),
        refused=verdict_table(
            "-http-addr -token -token-file -ca-file",
            UNKNOWN,
            "talks to a server that the command names, or shows a token",
        ),
    ),
    Tool(
        "nomad",
        reads=paths(
            "status, job status, job history, job inspect, job plan, job allocs, node status, alloc "
            "status, alloc logs, server members, deployment list, deployment status, eval "
            "status, eval list, volume status, namespace list, version, operator raft list-peers, "
            "agent-info, plan, monitor, system --help, service list, service info, ui --help, var list"
        ),
        secrets=paths("var get, alloc fs"),
        writing=paths(
            "job run, job stop, run, stop, node drain, node eligibility, alloc stop, alloc restart, "
            "alloc exec, system gc, job revert, job scale, job dispatch, deployment promote, "
            "deployment fail, namespace delete, acl bootstrap, var put, var purge, volume delete, "
            "server force-leave, job periodic force, operator raft remove-peer, quota delete, job "
            "restart"
        ),
        refused=verdict_table(
            "-address -token -ca-cert", UNKNOWN, "talks to a server that the command names, or shows a token"
        ),
    ),
    Tool("chef knife", nouns=True, writing=paths("ssh, winrm, exec, bootstrap")),
    Tool(
        "puppet",
        reads=paths(
            "lookup, resource --help, config print, facts, facts show, node find, module list, "
            "parser validate, --version"
        ),
        writing=paths("apply, agent, module install, cert clean, resource"),
    ),
    Tool("boundary", nouns=True),
    Tool(
        "cloudflared",
        reads=paths("tunnel list, tunnel info, version"),
        writing=paths(
            "tunnel create, tunnel delete, tunnel run, tunnel cleanup, tunnel route dns, service "
            "install, service uninstall"
        ),
        secrets=paths("tunnel token"),
    ),
    Tool(
        "doppler",
        reads=paths(
            "projects, projects list, projects get, environments, environments list, environments "
            "get, configs, configs list, configs get, activity, activity logs, configs logs, me, "
            "settings, secrets --only-names"
        ),
        secrets=paths("secrets, secrets get, secrets list, secrets download, configs tokens, configure get token, run"),
        writing=paths(
            "secrets set, secrets delete, secrets upload, configs create, configs delete, configs "
            "lock, configs unlock, configs update, projects create, projects delete, projects "
            "update, environments create, environments delete, environments rename, login, logout, "
            "setup, configure, configure set"
        ),
        values=words("-p --project -c --config --scope"),
        names_only=paths("secrets --only-names"),
        refused=verdict_table("-t --token --api-host", UNKNOWN, "acts as somebody else or elsewhere"),
    ),
    Tool(
        "op",
        reads=paths(
            "whoami, account get, account list, account ls, item list, item ls, document list, vault "
            "list, vault ls, vault get, user list, user get, group list, group get, connect server "
            "list, events-api --help"
        ),
        secrets=paths("read, item get, document get, inject, run, item share, connect token list"),
        writing=paths(
            "item delete, item create, item edit, item move, document delete, document create, "
            "document edit, vault delete, vault create, vault edit, group delete, group create, user "
            "delete, user suspend, user provision, connect token delete, connect server delete, "
            "signin, signout, account add, account forget"
        ),
        values=words("--account --vault --format --cache"),
    ),
    Tool(
        "sops",
        reads=paths("filestatus"),
        secrets=paths("-d, decrypt"),
        writing=paths("encrypt, edit, rotate, set"),
        refused=verdict_table("-d --decrypt", SECRETS, "prints secrets"),
    ),
)

TOOLS = PROVISIONING
