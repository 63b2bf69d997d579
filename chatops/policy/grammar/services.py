"""Rows of the command-line tools of services: gateways, feature flags, messaging, monitoring, payment."""

from __future__ import annotations

from chatops.policy.grammar.clouds import ELSEWHERE
from chatops.policy.grammar.model import UNKNOWN, Tool, paths, words
from chatops.policy.grammar.verbs import verdict_table

SERVICES = (
    Tool("apigeecli", nouns=True, reads=paths("version"), refused=ELSEWHERE, secrets=paths("token gen, token cache")),
    Tool(
        "kong",
        reads=paths("version, health, check, config parse"),
        writing=paths(
            "start, stop, restart, reload, quit, migrations, config db_import, prepare, hybrid, "
            "config db_export, config init"
        ),
        bare=words("-v"),
    ),
    Tool(
        "deck",
        reads=paths(
            "version, ping, diff, validate, gateway ping, gateway diff, gateway validate, file lint, file validate"
        ),
        writing=paths(
            "reset, sync, dump, gateway reset, gateway sync, gateway apply, gateway dump, file convert, convert"
        ),
    ),
    Tool(
        "fastly",
        nouns=True,
        reads=paths(
            "version, version list, whoami, profile list, stats historical, stats realtime, log-tail, pops, ip-list"
        ),
        secrets=paths("profile token"),
        values=words("-s --service-id"),
        refused=ELSEWHERE,
        bare=words("-v"),
    ),
    Tool(
        "wrangler",
        nouns=True,
        reads=paths(
            "whoami, tail, d1 info, kv:key get, kv:key list, kv key get, kv key list, docs, "
            "deployments status, types --help, versions view"
        ),
        writing=paths(
            "deploy, publish, dev, delete, rollback, init, login, logout, secret put, d1 execute, "
            "pages deploy, deployments rollback, r2 object put, r2 object get, types"
        ),
        bare=words("-v"),
    ),
    Tool(
        "circleci",
        nouns=True,
        reads=paths(
            "diagnostic, version, policy status, config validate, orb info, orb source, info org, "
            "runner resource-class list, runner instance list"
        ),
        writing=paths(
            "local execute, setup, update, orb publish, policy push, policy decide, config process, "
            "config pack, context store-secret"
        ),
        refused=ELSEWHERE,
    ),
    Tool(
        "gitlab-runner",
        reads=paths("list, status, verify, version, --version"),
        writing=paths("unregister, register, run, start, stop, restart, install, uninstall, exec, reset-token"),
    ),
    Tool(
        "flipt",
        nouns=True,
        reads=paths("evaluate, flag list, flag get, version, export"),
        writing=paths("server, serve, import, migrate, config init, config edit, bundle"),
        bare=words("-v"),
        refused=verdict_table("-o --output", UNKNOWN, "may write a file"),
    ),
    Tool(
        "ldcli",
        nouns=True,
        reads=paths("version, flags list, flags get"),
        writing=paths("dev-server, login, config, setup"),
        refused=ELSEWHERE,
    ),
    Tool("split", nouns=True, reads=paths("splits list, splits get"), writing=paths("splits kill, splits archive")),
    Tool("unleash", nouns=True),
    Tool(
        "nats",
        reads=paths(
            "stream info, stream ls, stream list, stream report, stream state, stream view, consumer "
            "info, consumer ls, consumer list, consumer report, kv ls, kv get, kv list, kv info, kv "
            "status, object ls, object info, server info, server ls, server list, server ping, "
            "server check, server report, server list, account info, account report, rtt, latency "
            "--help, str ls, str info, con ls, con info, context ls, sub, subscribe"
        ),
        secrets=paths("context show"),
        writing=paths(
            "pub, publish, request, reply, bench, stream delete, stream rm, stream purge, "
            "stream add, stream edit, consumer delete, consumer rm, consumer add, consumer next, kv "
            "del, kv rm, kv put, kv add, kv purge, object delete, object rm, object put, object get, "
            "account delete, server raft, context save, context select, context rm, stream restore, "
            "stream backup, stream seal, stream cluster"
        ),
        values=words("-s --context"),
        refused={
            **verdict_table("--creds --nkey --user --password --server", UNKNOWN, "acts as somebody else or elsewhere"),
            **verdict_table(
                "--queue --durable --ack --stream --new --last --all --since --last-per-subject --dump "
                "--translate --inbox",
                UNKNOWN,
                "takes messages from others, keeps a consumer, or runs a program",
            ),
        },
    ),
    Tool(
        "rabbitmqadmin",
        reads=paths("list, show, version"),
        writing=paths("delete, purge, declare, publish, get, close, export, import"),
        values=words("-H --host -P --port -V --vhost -f --format"),
        refused=verdict_table("-p --password -u --username -c --config", UNKNOWN, "shows or uses a password"),
    ),
    Tool(
        "rpk",
        reads=paths(
            "cluster info, cluster health, cluster metadata, topic list, topic describe, group list, "
            "group describe, cluster config get, cluster config status, version, cluster logdirs "
            "describe, cluster storage --help, security acl list, security user list"
        ),
        writing=paths(
            "topic create, topic delete, topic produce, topic alter-config, topic consume, group "
            "delete, group seek, cluster config set, cluster config edit, redpanda start, security "
            "user create, security user delete, topic trim-prefix, topic add-partitions"
        ),
    ),
    Tool("datadog-ci", nouns=True, reads=paths("version"), writing=paths("synthetics run-tests, sourcemaps upload")),
    Tool(
        "newrelic",
        nouns=True,
        reads=paths(
            "entity search, apm application get, apm application search, query, nrql query, "
            "nerdgraph --help, diagnose lint, version"
        ),
        writing=paths("nerdgraph query, agent config migrate, install"),
        values=words("--profile --accountId --format --plain"),
        secrets=paths("profile list, apiAccess apiAccessGetKey"),
    ),
    Tool("pd", nouns=True, reads=paths("user list, service list, version"), values=words("-i --id --ids")),
    Tool("square", nouns=True),
    Tool(
        "stripe",
        nouns=True,
        reads=paths("logs tail, status, version, events list, open --help"),
        writing=paths(
            "listen, trigger, login, logout, samples create, fixtures, post, delete, api_keys roll, "
            "terminal quickstart, events resend"
        ),
        secrets=paths("config --list"),
        refused=ELSEWHERE,
        bare=words("-v"),
    ),
    Tool(
        "algolia",
        nouns=True,
        reads=paths(
            "search, settings get, objects browse, rules browse, synonyms browse, indices browse, "
            "indices list, indices config --help, profile list --help"
        ),
        values=words("-p --profile"),
        refused=ELSEWHERE,
    ),
    Tool(
        "heroku",
        reads=paths(
            "apps, apps:info, ps, logs, releases, releases:info, status, addons, domains, pg:info, "
            "pg:ps, pipelines, version, regions, features, buildpacks, drains"
        ),
        secrets=paths("config, config:get, auth:token, pg:credentials:url, pg:credentials, redis:credentials"),
        nouns=True,
    ),
    Tool(
        "flyctl fly",
        nouns=True,
        reads=paths(
            "status, logs, version, releases, checks list, services list, platform status, regions list, machine "
            "status, "
            "pipelines, builds, jobs, workers, containers, volumes, teams, targets, checklist"
        ),
        writing=paths(
            "deploy, ssh console, proxy, set-pipeline, destroy-pipeline, check-resource, check-resource-type, "
            "order-pipelines, pin-resource, clear-task-cache, trigger-job, hijack, intercept, execute"
        ),
        values=words("-t --target -a --app"),
        secrets=paths("auth token, tokens create"),
    ),
    Tool(
        "vercel netlify railway render",
        nouns=True,
        reads=paths("logs, services, deploys list, whoami"),
        secrets=paths("variables, variable, env ls --plain"),
        writing=paths("dev, link, env pull, deploy, run, shell, connect, domain"),
    ),
    Tool(
        "sentry-cli",
        reads=paths(
            "info, releases list, organizations list, projects list, issues list, events list, "
            "monitors list, repos list, login --help"
        ),
        nouns=True,
        refused=ELSEWHERE,
    ),
    Tool(
        "infisical",
        reads=paths("secrets folders get"),
        secrets=paths("secrets, export, run, vault, dynamic-secrets, service-token, user get token"),
        writing=paths(
            "secrets set, secrets delete, secrets folders create, secrets folders delete, login, logout, init, "
            "reset, gateway, ssh, bootstrap"
        ),
        refused=verdict_table("--domain --token", UNKNOWN, "acts as somebody else or elsewhere"),
    ),
    Tool(
        "flarectl",
        reads=paths(
            "zone list, zone info, zone plan, zone settings, zone cache-level, zone check, dns list, user info, ips, "
            "pagerules list, railgun list, user-agents list, firewall rules list"
        ),
        writing=paths(
            "zone create, zone delete, zone purge, zone export, dns create, dns create-or-update, "
            "dns update, dns delete, user update, firewall rules create, "
            " firewall rules delete, firewall rules update, origin-ca-root-cert"
        ),
        values=words("--account-id"),
    ),
    Tool(
        "atlas ccloud confluent aiven avn pscale turso supabase neonctl",
        nouns=True,
        secrets=paths("api-key list, branches connection-string, connection-string"),
        refused=ELSEWHERE,
    ),
)

TOOLS = SERVICES
