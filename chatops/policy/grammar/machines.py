"""Rows of the tools of servers and package managers."""

from __future__ import annotations

from chatops.policy.grammar.model import UNKNOWN, WRITES, Tool, paths, words
from chatops.policy.grammar.verbs import verdict_table

MACHINES = (
    Tool(
        "logcli",
        reads=paths("query, labels, series, instant-query, stats, volume, volume_range, fmt, detected-fields, version"),
        writing=paths("delete"),
        values=words("--since --from --to --limit --org-id -o --output --timezone"),
        switches=words("-q --quiet --forward"),
        refused=verdict_table(
            "--addr --username --password --bearer-token --bearer-token-file --tls-skip-verify "
            "--proxy-url --parallel-max-workers --part-path-prefix --merge-parts --stdin --ca-cert "
            "--cert --key",
            UNKNOWN,
            "talks to a server that the command names, or writes files",
        ),
    ),
    Tool(
        "amtool",
        reads=paths(
            "alert, alert query, silence query, config show, config routes, config routes show, "
            "config routes test, cluster show, check-config, template render, version"
        ),
        writing=paths("silence add, silence expire, silence update, silence import, alert add"),
        refused=verdict_table("--http.config.file", UNKNOWN, "reads a configuration"),
    ),
    Tool(
        "mimirtool cortextool lokitool thanos",
        reads=paths(
            "rules list, rules print, rules lint, rules check, rules diff, alertmanager get, analyze "
            "--help, version, tools rules-check, tools bucket ls, tools bucket inspect"
        ),
        writing=paths(
            "rules load, rules sync, rules delete, alertmanager load, alertmanager delete, tools "
            "bucket rewrite, rules delete-namespace"
        ),
    ),
    Tool(
        "grafana-cli grafana",
        reads=paths(
            "plugins ls, plugins list-remote, plugins list-versions, cli plugins ls, cli plugins list-remote, "
            "cli plugins list-versions"
        ),
        writing=paths(
            "plugins uninstall, plugins install, plugins update, plugins update-all, plugins remove, "
            "admin reset-admin-password, admin data-migration"
        ),
        switches=words("--debug"),
    ),
    Tool(
        "splunk",
        reads=paths("list, show, status, search, version, btool, display"),
        writing=paths(
            "remove, clean, delete, add, edit, set, start, stop, restart, enable, disable, apply, rebalance, offline"
        ),
    ),
    Tool("traefik", reads=paths("version, healthcheck")),
    Tool(
        "caddy",
        reads=paths("version, list-modules, validate, adapt, build-info, environ --help"),
        writing=paths("run, start, stop, reload, fmt, upgrade, file-server, reverse-proxy, respond"),
    ),
    Tool(
        "npm pnpm",
        reads=paths(
            "ls, list, view, info, show, outdated, audit, why, explain, ping, whoami, search, docs "
            "--help, doctor --help, version --help, root, prefix, bin, fund, org ls, team ls, "
            "dist-tag ls, profile --help, access list, config get registry, config get prefix, config get cache"
        ),
        writing=paths(
            "install, i, ci, add, remove, uninstall, rm, update, publish, unpublish, run, "
            "run-script, exec, test, start, link, pack, prune, deprecate, dist-tag add, owner add, "
            "audit fix, cache clean, config set, init, rebuild, version, token"
        ),
        secrets=paths("config get, config list, config ls, token list"),
        refused=verdict_table("--registry --userconfig", UNKNOWN, "talks to a registry that the command names"),
    ),
    Tool(
        "yarn",
        reads=paths("list, info, why, outdated, audit, licenses list, versions"),
        writing=paths("add, install, remove, run, publish, upgrade, exec, dlx, unlink, cache clean"),
    ),
    Tool(
        "pip pip3 uv",
        reads=paths(
            "list, show, freeze, check, index versions, debug --help, inspect, cache info, cache "
            "dir, pip list, pip show, pip freeze, pip check, pip tree, python list, tree"
        ),
        writing=paths(
            "install, uninstall, download, wheel, cache purge, pip install, pip uninstall, publish, "
            "sync, add, remove, run"
        ),
        secrets=paths("config list, config get"),
        refused=verdict_table(
            "--index-url -i --extra-index-url --find-links --trusted-host",
            UNKNOWN,
            "talks to an index that the command names",
        ),
    ),
    Tool(
        "poetry",
        reads=paths("show, check, env info, env list, version --help, search, about"),
        writing=paths(
            "publish, remove, add, install, update, run, build, lock, init, shell, new, version, self update"
        ),
        secrets=paths("config --list"),
    ),
    Tool(
        "cargo rustup",
        reads=paths(
            "tree, metadata, search, info, version, toolchain list, show, target list, component list, locate-project"
        ),
        writing=paths(
            "build, run, test, publish, install, uninstall, update, clean, yank, add, remove, fix, "
            "fmt, bench, check, doc, owner, toolchain install"
        ),
    ),
    Tool(
        "go",
        reads=paths("version, list, env, doc, mod graph, mod why, mod verify"),
        writing=paths("build, run, test, get, install, generate, clean, mod tidy, mod download, fmt, fix, work, vet"),
        refused=verdict_table("-w -u -toolexec -exec -overlay -modfile", WRITES, "changes settings or runs a program"),
    ),
    Tool(
        "gem bundle",
        reads=paths("list, info, outdated, search, specification, environment, dependency, show, check --help"),
        writing=paths("install, uninstall, push, yank, update, exec, add, remove, cleanup"),
    ),
    Tool(
        "apt apt-cache apt-get dpkg-query dnf yum apk brew zypper snap aptitude flatpak",
        reads=paths(
            "list, show, search, policy, info, madison, depends, rdepends, repolist, history, "
            "provides, whatprovides, updateinfo, deps, uses, leaves, list-units, check-update, "
            "changelog, pkgnames, showpkg, stats, outdated, doctor, config, remotes, services list, interfaces, "
            "connections"
        ),
        switches=words("-s --simulate --dry-run --just-print --no-act --assumeno -q --quiet"),
        tried=words("-s --simulate --dry-run --just-print --no-act --assumeno"),
        tries=paths(
            "install, remove, purge, upgrade, dist-upgrade, full-upgrade, autoremove, reinstall, downgrade, update"
        ),
        writing=paths(
            "install, remove, purge, update, upgrade, dist-upgrade, full-upgrade, autoremove, clean, "
            "erase, add, del, downgrade, reinstall, uninstall, refresh, tap, cleanup, history undo, "
            "history rollback, swap"
        ),
        refused=verdict_table("-o -c --option --config-file --installroot --setopt", UNKNOWN, "sets an option"),
    ),
)

TOOLS = MACHINES
