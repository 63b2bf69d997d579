"""Rows of the command-line tools of clouds, and of what stores and copies their data."""

from __future__ import annotations

from chatops.policy.grammar.model import UNKNOWN, WRITES, Tool, paths, words
from chatops.policy.grammar.verbs import verdict_table

ELSEWHERE = verdict_table(
    "--impersonate-service-account --access-token-file --credential-file-override --account "
    "--endpoint --api-url --token "
    "--api-token --api-key --access-token --host --base-url --server",
    UNKNOWN,
    "acts as somebody else or elsewhere",
)

CLOUDS = (
    Tool(
        "gcloud",
        reads=paths(
            "run services list, run services describe, run revisions list, run revisions describe, run jobs list, "
            "run jobs describe, deploy releases list, deploy rollouts list, functions describe, "
            "logging read, functions logs read, app logs read, app logs tail, run services logs "
            "read, builds log, info, version, config list, "
            "config get-value, config get, config configurations list, config configurations "
            "describe, auth list, projects get-iam-policy, "
            "kms keys list, kms keys describe, kms keyrings list, iam service-accounts keys list, "
            "storage ls, storage cat, storage du, storage hash, "
            "container get-server-config, compute instances get-serial-port-output, topic, endpoints "
            "services list, components list, "
            "beta logging read, alpha logging read, logging tail, alpha logging tail, secrets "
            "versions list, secrets versions describe, secrets describe, secrets get-iam-policy"
        ),
        secrets=paths(
            "secrets versions access, beta secrets versions access, auth print-access-token, auth "
            "print-identity-token, "
            "auth application-default print-access-token, config config-helper, iam service-accounts keys create, "
            "compute project-info describe, redis instances get-auth-string, "
            "sql generate-login-token, kms decrypt, artifacts print-settings"
        ),
        writing=paths(
            "container clusters get-credentials, run deploy, beta run deploy, run jobs execute, storage cp, "
            "storage mv, storage rm, storage rsync, "
            "compute ssh, compute scp, container hub memberships get-credentials, feedback, survey, "
            "interactive, cloud-shell, emulators"
        ),
        nouns=True,
        values=words("--project --format --configuration --verbosity --region --zone --location --billing-project"),
        switches=words("--quiet -q"),
        refused={**ELSEWHERE, **verdict_table("--flags-file --trace-token", UNKNOWN, "reads a file")},
    ),
    Tool(
        "az",
        reads=paths(
            "storage blob url, storage file url, account get-locations, monitor log-analytics query, "
            "monitor metrics list, graph query, aks check-acr, keyvault secret list, keyvault secret "
            "list-versions, keyvault key list, keyvault key show, webapp log tail, webapp log show, "
            "network watcher show-next-hop, version, find, config get, ad signed-in-user show, "
            "monitor app-insights query, deployment group what-if, deployment sub what-if, "
            "deployment mg what-if, deployment tenant what-if"
        ),
        secrets=paths(
            "account get-access-token, keyvault secret show, keyvault secret download, acr login, "
            "acr credential show, storage account show-connection-string, webapp config appsettings "
            "list, functionapp config appsettings list, aks show-credentials, redis list-keys, "
            "cosmosdb list-keys, cosmosdb list-connection-strings, storage account generate-sas, "
            "storage container generate-sas, storage blob generate-sas, webapp deployment "
            "list-publishing-profiles, search admin-key, search query-key, signalr key, webpubsub key, staticwebapp "
            "secrets, webapp auth show, iot hub device-identity show, iot hub device-identity list, iot dps enrollment"
        ),
        writing=paths(
            "aks get-credentials, rest, vm run-command, aks command, webapp ssh, ssh, interactive, "
            "configure, extension add, feedback, upgrade, aks browse, storage message get"
        ),
        nouns=True,
        things=words(
            "server flexible-server lock link record-set set-definition metrics alert patch-schedule server-logs search"
        ),
        values=words("--subscription --output -o --query"),
        switches=words("--only-show-errors --verbose --debug"),
        refused=verdict_table(
            "--account-key --sas-token --connection-string --include-credentials --show-secret --show-values",
            UNKNOWN,
            "shows or uses a secret",
        ),
        strange=r"@|-[\w-]+=@",
    ),
    Tool(
        "bq",
        reads=paths("ls, show, version, get-iam-policy"),
        writing=paths(
            "rm, mk, mkdef, cp, load, insert, update, truncate, undelete, cancel, set-iam-policy, "
            "add-iam-policy-binding, remove-iam-policy-binding, extract, partition, init, shell, wait"
        ),
        values=words("--project_id --dataset_id --location --format --max_results -n"),
        only=words(
            "-a --all -j --jobs -d --datasets -p --projects --schema --view --routines --models --filter --quiet"
        ),
    ),
    Tool(
        "gsutil",
        reads=paths(
            "ls, cat, stat, du, hash, version, help, acl get, iam get, cors get, lifecycle get, "
            "logging get, versioning get, defacl get, bucketpolicyonly get, label get, notification "
            "list, retention get, web get, requesterpays get"
        ),
        writing=paths(
            "cp, mv, rm, rb, mb, rsync, acl set, acl ch, iam set, iam ch, cors set, lifecycle set, "
            "setmeta, rewrite, compose, versioning set, web set, kms authorize, hmac create, defacl "
            "set, label set, config, perfdiag, signurl, update, retention set, notification create, "
            "notification delete"
        ),
        switches=words("-m -D -q"),
        tried=words("-n"),
        tries=paths("rsync"),
        refused=verdict_table("-o", UNKNOWN, "sets an option"),
    ),
    Tool(
        "azcopy",
        reads=paths("list, ls, jobs list, jobs show, env, doc"),
        writing=paths(
            "copy, cp, sync, remove, rm, make, login, logout, jobs remove, jobs clean, jobs resume, "
            "bench, set-properties"
        ),
        tried=words("--dry-run"),
        tries=paths("copy, cp, sync, remove, rm"),
    ),
    Tool(
        "mc",
        reads=paths(
            "ls, cat, head, stat, diff, find, du, version, tree, ping, ready, admin info, admin user "
            "list, admin user info, admin policy list, admin policy info, admin group list, admin "
            "prometheus metrics, admin trace --help, tag list, version info, ilm ls, ilm rule ls, "
            "replicate ls, replicate status, policy get, policy list, "
            "anonymous get, anonymous list, event ls, quota info, admin heal --help, support "
            "--help, alias ls --help"
        ),
        secrets=paths("alias list, alias ls, admin config get, admin config export, share, admin user svcacct info"),
        writing=paths(
            "rb, rm, mb, cp, mv, mirror, admin bucket delete, admin bucket remove, admin user "
            "remove, admin user disable, admin user add, admin policy remove, admin policy unset, "
            "admin policy attach, admin service restart, admin service stop, admin config set, alias "
            "set, alias remove, put, get, pipe, sql, retention set, legalhold set, ilm add, ilm rm, "
            "undo, tag set, policy set, anonymous set, encrypt set, admin heal, admin update, admin "
            "group remove, admin decommission"
        ),
        switches=words("--json --quiet -q --no-color --debug --insecure"),
        tried=words("--dry-run --fake"),
        tries=paths("mirror, rm, undo, admin heal"),
        refused=verdict_table("--exec --config-dir -C --resolve", UNKNOWN, "runs a program or reads a configuration"),
    ),
    Tool(
        "rclone",
        reads=paths(
            "ls, lsd, lsl, lsf, lsjson, size, check, about, version, listremotes, tree, cryptcheck, "
            "hashsum, md5sum, sha1sum, cat, help, test info --help"
        ),
        secrets=paths("config show, config dump, config file, config, reveal"),
        writing=paths(
            "sync, delete, deletefile, purge, cleanup, dedupe, move, moveto, copy, copyto, copyurl, "
            "mkdir, rmdir, rmdirs, touch, mount, serve, rcat, bisync, link, settier, config create, "
            "config delete, config update, obscure, rc, rcd, backend, archive"
        ),
        values=words("--max-depth --transfers --checkers"),
        switches=words("-n --dry-run -v -P --progress"),
        tried=words("-n --dry-run"),
        tries=paths(
            "sync, delete, deletefile, purge, cleanup, dedupe, move, moveto, copy, copyto, mkdir, rmdir, rmdirs, "
            "bisync, touch"
        ),
        refused=verdict_table(
            "--config --log-file --rc --combined --differ --missing-on-dst --missing-on-src --match "
            "--error --password-command",
            UNKNOWN,
            "writes files or runs a program",
        ),
    ),
    Tool(
        "restic",
        reads=paths("snapshots, ls, stats, check, diff, find, list, version, cat config, cache --help, key list"),
        writing=paths(
            "backup, restore, forget, prune, key add, key remove, key passwd, unlock, cache, init, "
            "migrate, rebuild-index, repair, rewrite, tag, copy, mount, recover, self-update, dump, "
            "generate"
        ),
        values=words("-r --repo"),
        switches=words("--no-lock --json -q -n --dry-run"),
        tried=words("-n --dry-run"),
        tries=paths("backup, forget, prune, restore, rewrite"),
        refused=verdict_table(
            "--password-command --password-file -p -o --option --cleanup", UNKNOWN, "runs a program or sets an option"
        ),
    ),
    Tool(
        "borg",
        reads=paths("list, info, diff, check, version"),
        writing=paths(
            "create, delete, prune, compact, recreate, break-lock, extract, mount, umount, rename, "
            "init, upgrade, import-tar, export-tar, key export, key import, key change-passphrase, "
            "config, with-lock, transfer, serve"
        ),
        switches=words("-n --dry-run -v --verbose -p --progress --list"),
        tried=words("-n --dry-run"),
        tries=paths("create, extract, prune, delete, recreate"),
        refused=verdict_table("--repair --rsh --remote-path", WRITES, "repairs, or runs a program"),
    ),
    Tool(
        "doctl",
        reads=paths("account get, version, apps logs, balance get"),
        secrets=paths(
            "kubernetes cluster kubeconfig show, registry docker-config, databases connection, "
            "databases user get, auth list"
        ),
        writing=paths("kubernetes cluster kubeconfig save, auth init, compute ssh"),
        nouns=True,
        refused=ELSEWHERE,
    ),
    Tool(
        "eksctl",
        reads=paths("version, info, utils describe-stacks"),
        nouns=True,
        writing=paths("utils write-kubeconfig, drain"),
    ),
    Tool(
        "ibmcloud linode-cli hcloud scw vultr-cli oci exo civo upctl",
        reads=paths(
            "resource groups, resource service-instances, ks clusters, ks workers, cr images, is instances, is vpcs, "
            "is load-balancers, target, regions"
        ),
        secrets=paths("iam oauth-tokens, resource service-key, ks cluster config"),
        nouns=True,
        things=words("server load-balancer"),
        refused=ELSEWHERE,
    ),
)

TOOLS = CLOUDS
