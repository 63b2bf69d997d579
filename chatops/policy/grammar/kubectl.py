"""What does a kubectl command do: by verb, by resource, by output, with every flag known?

Verbs that are not known may be plugins, which are programs (`plugins`). `--kubeconfig` may name a file that runs a
program (exec credentials), `--as` and `--token` act as somebody else, `--raw` reads any path of the
API: all of them are unknown, however harmless the verb is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from chatops.policy.grammar.model import Judgement, read, reveals, unknown, words, writes

READS = words(
    "get describe logs events top explain api-resources api-versions version cluster-info diff wait options "
    "kustomize convert"
)
GROUPS = {
    "rollout": words("status history"),
    "auth": words("can-i whoami"),
    "config": words("view current-context get-contexts get-clusters get-users"),
    "plugin": words("list"),
    "apply": words("view-last-applied"),
}
"""Verbs whose second word decides; a second word that is not here changes something."""

WRITES = words(
    "create apply delete replace patch edit label annotate scale autoscale set expose run "
    "taint cordon uncordon drain "
    "rollout certificate config debug auth attach exec cp port-forward proxy"
)
DRY = words(
    "create apply delete replace patch label annotate scale autoscale set expose run taint "
    "cordon uncordon drain rollout"
)
RUNS = {
    "exec": "runs a program in a container",
    "attach": "attaches to a running process",
    "debug": "starts a container",
    "cp": "copies files",
    "port-forward": "opens a tunnel into the cluster",
    "proxy": "opens the API to everybody on this machine",
}
REFUSED = {
    "--kubeconfig": "a kubeconfig may run programs and name any cluster",
    "--as": "acts as somebody else",
    "--as-group": "acts as somebody else",
    "--as-uid": "acts as somebody else",
    "--as-user-extra": "acts as somebody else",
    "--user": "acts as somebody else",
    "--username": "acts as somebody else",
    "--password": "acts as somebody else",
    "--token": "acts as somebody else, and shows a token",
    "--client-certificate": "acts as somebody else",
    "--client-key": "acts as somebody else",
    "--server": "talks to a server that the command names",
    "-s": "talks to a server that the command names",
    "--certificate-authority": "trusts whom the command names",
    "--insecure-skip-tls-verify": "does not check whom it talks to",
    "--insecure-skip-tls-verify-backend": "does not check whom it talks to",
    "--tls-server-name": "does not check whom it talks to",
    "--raw": "a raw path may be anything, secrets too",
    "--profile": "writes a profile to a file",
    "--profile-output": "writes a profile to a file",
    "--kuberc": "sets flags that are not written here",
    "--cache-dir": "writes to a directory that the command names",
    "--output-directory": "writes files",
    "--output-watch-events-file": "writes files",
    "--enable-alpha-plugins": "runs plugins",
    "--enable-exec": "runs plugins",
    "--enable-helm": "runs helm",
    "--helm-command": "runs a program",
    "--network": "gives plugins the network",
    "--mount": "gives plugins the disk",
    "--env": "gives plugins the environment",
    "-e": "gives plugins the environment",
}
VALUES = words(
    "-n --namespace --context --cluster --request-timeout -v --v --vmodule -o --output --template -l --selector "
    "-L --label-columns --field-selector --sort-by --chunk-size -c --container --tail "
    "--since --since-time --limit-bytes "
    "--max-log-requests --pod-running-timeout --for --timeout --api-version --api-group "
    "--revision --types --output-version "
    "--subresource --verbs --load-restrictor --sort-order --concurrency --color --kuberc --field-manager --replicas "
    "--image --patch-type --type --grace-period"
)
SWITCHES = words(
    "-A --all-namespaces -w --watch --watch-only --show-labels --show-kind --no-headers --ignore-not-found "
    "--show-managed-fields --server-print --output-watch-events "
    "--allow-missing-template-keys --show-events -p --previous "
    "--follow --all-containers --all-pods --timestamps --prefix --ignore-errors --containers "
    "--recursive -R --namespaced "
    "--cached --client --short --list --minify --flatten --merge --use-protocol-buffers "
    "--sum --show-capacity --quiet -q "
    "--no-color --warnings-as-errors --match-server-version --disable-compression --verbose --help -h --categories "
    "--show-swap --all --server-side --validate --force --now --wait --overwrite --local --stdin --force-conflicts"
)
FILES = words("-f --filename -k --kustomize")
_OPEN = words("name wide")
"""Output formats that show nothing of a secret's values."""


_OPEN_PATH = re.compile(
    r"/(?:healthz|livez|readyz)(?:/[\w-]+){0,2}(?:\?verbose)?|/version/?|/metrics|/apis/metrics\.k8s\.io/v1beta1/(?:nodes|pods)"
)
"""Paths of the API server that say how it is; any other raw path may be anything."""


@dataclass
class _Call:
    """A kubectl call taken apart."""

    words: list[str] = field(default_factory=list)
    flags: list[tuple[str, str]] = field(default_factory=list)
    problem: str = ""

    def values(self, *names: str) -> list[str]:
        return [value for name, value in self.flags if name in names]


def judge_kubectl(args: Sequence[str]) -> Judgement:
    """Judge the arguments of kubectl (and of oc for the verbs they share)."""
    call = _parsed(args)
    raw = call.values("--raw")
    if len(raw) == 1 and call.words == ["get"] and _OPEN_PATH.fullmatch(raw[0]):
        call.flags.remove(("--raw", raw[0]))
        call.words.append("--raw")
    for name, _ in call.flags:
        if name in REFUSED:
            return unknown(f"{name}: {REFUSED[name]}")
    if call.problem:
        return _changing(call) or unknown(call.problem)
    if not call.words:
        return read("prints help") if call.flags == [("--help", "")] or not call.flags else unknown("no verb")
    return _by_verb(call)


def _parsed(args: Sequence[str]) -> _Call:
    call, rest = _Call(), iter(args)
    follows = "logs" in args  # `-f` follows logs, and names a file everywhere else
    for argument in rest:
        if argument == "--":
            call.words.append("--")
            call.words.extend(rest)
        elif argument.startswith("--"):
            _long(call, argument, rest)
        elif argument.startswith("-") and argument != "-":
            _short(call, argument, rest, follows)
        else:
            call.words.append(argument)
    return call


def _long(call: _Call, argument: str, rest: object) -> None:
    name, equals, value = argument.partition("=")
    if equals or name in SWITCHES or name == "--dry-run":
        known = name in SWITCHES | VALUES | FILES | REFUSED.keys() or name == "--dry-run"
        call.problem = call.problem or ("" if known else f"nothing is known of the flag {name[:40]}")
        call.flags.append((name, value))
    elif name in VALUES or name in FILES or name in REFUSED:
        call.flags.append((name, next(rest, "")))  # type: ignore[call-overload]
    else:
        call.problem = call.problem or f"nothing is known of the flag {name[:40]}"


def _short(call: _Call, argument: str, rest: object, follows: bool) -> None:
    letters = argument[1:]
    while letters:
        name, letters = "-" + letters[0], letters[1:]
        if name in SWITCHES or (name == "-f" and follows):
            call.flags.append((name, ""))
        elif name in VALUES or name in FILES or name in REFUSED:
            value = letters.removeprefix("=") if letters else next(rest, "")  # type: ignore[call-overload]
            call.flags.append((name, value))
            return
        else:
            call.problem = call.problem or f"nothing is known of the flag {name}"
            return


def _changing(call: _Call) -> Judgement | None:
    """A verb that only changes, whatever the flags are that nobody knows; None for all others.

    Flags have to be known where a read is to be proved. A dry run would have to be proved too.
    """
    verb = call.words[0] if call.words else ""
    known = verb in WRITES and verb not in GROUPS and not call.values("--dry-run")
    return writes(RUNS.get(verb, f"{verb} changes the cluster or the local configuration")) if known else None


def _by_verb(call: _Call) -> Judgement:
    verb, second = call.words[0], call.words[1] if len(call.words) > 1 else ""
    if ("--help", "") in call.flags or ("-h", "") in call.flags or verb == "help":
        return read("prints help")
    if verb in GROUPS and second in GROUPS[verb]:
        if call.values("--flatten") or (verb == "apply" and _names_secrets(call.words[2:])):
            return reveals(f"{verb} {second} prints what is in secrets")
        return read(f"{verb} {second} only reads")
    if verb in READS:
        return _reading(call, verb)
    if verb == "create" and second == "token":
        return reveals("prints a token of a service account")
    if verb in RUNS:
        return writes(RUNS[verb])
    if verb in WRITES:
        return _dry_run(call, verb) or writes(f"{verb} changes the cluster or the local configuration")
    return unknown(f"{verb[:40]!r} is no verb of kubectl; it may be a plugin, which is a program")


def _reading(call: _Call, verb: str) -> Judgement:
    if "--" in call.words:
        return unknown("a reading verb takes no command after --")
    if verb in {"get", "describe"}:
        return _objects(call, verb)
    if any("://" in value for value in call.values(*FILES)) or (verb == "kustomize" and "://" in "".join(call.words)):
        return unknown("fetches files from an address that the command names")
    if verb == "diff" and any("secret" in value.lower() for value in call.values(*FILES)):
        return reveals("shows the difference of secrets")
    return read(f"{verb} only reads")


def _objects(call: _Call, verb: str) -> Judgement:
    if call.values(*FILES):
        return unknown("the file may name secrets")
    if any("-file" in output for output in call.values("-o", "--output")):
        return unknown("the template is read from a file")
    if not _names_secrets(call.words[1:]):
        return read(f"{verb} only reads")
    if call.values("-v", "--v"):
        return reveals("what is logged of a request holds the answer, secrets too")
    outputs = call.values("-o", "--output", "--template")
    if verb == "describe" or any(output not in _OPEN for output in outputs):
        return reveals(f"{verb} prints what is in secrets" if outputs else "describe prints service account tokens")
    return read("lists the names of secrets")


def _names_secrets(targets: Sequence[str]) -> bool:
    kinds = [kind.split("/")[0].split(".")[0].lower() for target in targets for kind in target.split(",")]
    return any(kind in {"secret", "secrets"} for kind in kinds)


def _dry_run(call: _Call, verb: str) -> Judgement | None:
    """A read where a change is only tried; None where it would be made."""
    modes = call.values("--dry-run")
    if not modes or verb not in DRY or any(mode not in {"", "client", "server"} for mode in modes):
        return None
    if "" in modes and {"none", "false"} & set(call.words):
        return None  # `--dry-run none` is a flag without a value and a name, but nobody means that
    if _names_secrets(call.words[1:2]) or any("://" in value for value in call.values(*FILES)):
        return unknown("tries a change of a secret, or of a file from elsewhere")
    return read(f"{verb} is only tried ({'server' if 'server' in modes else 'client'} side)")
