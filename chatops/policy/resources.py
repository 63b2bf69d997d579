"""Which objects does a command name, and were they observed?

Reads just enough of each program's command line to tell names from kinds, formats and durations. What
it cannot place counts as a name: a command on something nobody saw is not worth showing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

_KINDS_WORDS = """
    all pod pods po deployment deployments deploy statefulset statefulsets sts daemonset daemonsets ds replicaset
    replicasets rs job jobs cronjob cronjobs cj service services svc endpoints ep endpointslice endpointslices
    ingress ingresses ing ingressclass networkpolicy networkpolicies netpol configmap configmaps cm secret secrets
    namespace namespaces ns node nodes no persistentvolume persistentvolumes pv persistentvolumeclaim
    persistentvolumeclaims pvc storageclass storageclasses sc event events ev quota resourcequota resourcequotas
    limitrange limitranges limits horizontalpodautoscaler horizontalpodautoscalers hpa verticalpodautoscaler vpa
    poddisruptionbudget poddisruptionbudgets pdb serviceaccount serviceaccounts sa role roles rolebinding
    rolebindings clusterrole clusterroles clusterrolebinding clusterrolebindings customresourcedefinition crd crds
    validatingwebhookconfiguration validatingwebhookconfigurations mutatingwebhookconfiguration
    mutatingwebhookconfigurations priorityclass priorityclasses apiservice apiservices certificatesigningrequest csr
    lease leases volumeattachment volumeattachments controllerrevision componentstatuses cs
"""
KINDS = frozenset(_KINDS_WORDS.split())
_VALUED_WORDS = """
    -n --namespace -l --selector -c --container -o --output --tail --since --since-time --field-selector --sort-by
    --context --cluster --for --timeout --type --types --template -L --label-columns --kubeconfig --limit-bytes
    --replicas --to-revision --image --subresource --max-log-requests --chunk-size --revision -p --patch
"""
_VALUED = frozenset(_VALUED_WORDS.split())
_NAMING = frozenset({"-n", "--namespace", "-c", "--container", "--context", "--cluster", "--for"})
_SUBCOMMANDS = {"rollout": 1, "top": 1, "auth": 99, "explain": 99, "api-resources": 99, "config": 99, "set": 1}
"""How many words after the verb are no names; 99: none of them is."""
_KIND_FIRST = frozenset(
    {"get", "describe", "top", "delete", "scale", "autoscale", "patch", "annotate", "label", "edit"}
)
_AWS_NAMING = re.compile(
    r"-(?:names?|identifiers?|ids?|arns?|url|group|prefix)$|^--(?:cluster|services?|tasks?|bucket|instances?)$"
)
_AWS_FREE = frozenset({"--metric-name", "--query-id", "--namespace"})
_SHAPED = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)+", re.IGNORECASE)
_PLAIN = re.compile(r"-?\d+(?:\.\d+)?[a-z%]{0,3}|[\d:TZ.+-]+|[{\[].*|jsonpath.*|custom-columns.*", re.IGNORECASE)


def unseen(argv: Sequence[str], exists: Callable[[str], bool]) -> bool:
    """Whether the command names something that does not exist as far as anybody saw."""
    return any(not _seen(name, exists) for name in named(argv))


def named(argv: Sequence[str]) -> tuple[str, ...]:
    """The names of objects in a command."""
    program = argv[0].rpartition("/")[2] if argv else ""
    read = {"kubectl": _kubectl, "oc": _kubectl, "aws": _aws}.get(program, _other)
    return tuple(name for name in read(list(argv[1:])) if name and not _PLAIN.fullmatch(name))


def _seen(name: str, exists: Callable[[str], bool]) -> bool:
    """A name, or all parts of one (`shop/cart`, `user@host`)."""
    parts = [part for part in re.split(r"[/:@=]", name) if part]
    return exists(name) or (len(parts) > 1 and all(exists(part) for part in parts))


def _kubectl(words: list[str]) -> Iterable[str]:
    words, flags = _split(words)
    yield from flags
    if not words:
        return
    verb, *rest = words
    rest = rest[_SUBCOMMANDS.get(verb, 0) - (1 if verb == "top" else 0) :]
    for at, word in enumerate(rest):
        kind_place = at == 0 and verb in _KIND_FIRST
        for part in word.split(","):
            kind, slash, name = part.partition("/")
            if slash:
                yield name
            elif not kind_place and kind.lower() not in KINDS:
                yield part.partition("=")[2] or part


def _split(words: list[str]) -> tuple[list[str], list[str]]:
    """Positional words, and the names that flags hold."""
    positional: list[str] = []
    names: list[str] = []
    waiting = ""
    for word in words:
        if waiting:
            names += _flag_names(waiting, word)
            waiting = ""
        elif word == "--":
            break
        elif word.startswith("-"):
            flag, equals, value = word.partition("=")
            names += _flag_names(flag, value) if equals else []
            waiting = flag if not equals and flag in _VALUED else ""
        else:
            positional.append(word)
    return positional, names


def _flag_names(flag: str, value: str) -> list[str]:
    if flag in _NAMING:
        return [value.rpartition("/")[2]]
    if flag in {"-l", "--selector"}:
        return [part.rpartition("=")[2] for part in value.split(",") if "=" in part and not part.endswith("=")]
    if flag == "--field-selector":
        pairs = [part.partition("=") for part in value.replace("==", "=").split(",")]
        return [held for key, _, held in pairs if key.rstrip("!").endswith(("name", "nodeName", "namespace"))]
    return []


def _aws(words: list[str]) -> Iterable[str]:
    flag = ""
    for word in words:
        if word.startswith("--"):
            flag, _, value = word.partition("=")
        else:
            value = word
        if flag == "--dimensions":
            yield from re.findall(r"Value=([^,\s]+)", value)
        elif value and value != flag and _AWS_NAMING.search(flag) and flag not in _AWS_FREE:
            yield from re.split(r"[,\s]+", value)


def _other(words: list[str]) -> Iterable[str]:
    """Everything that looks like a name: queries, addresses, objects."""
    for word in words:
        if word.startswith("-") and "=" not in word:
            continue
        text = word.partition("=")[2] if word.startswith("-") else word
        address = re.match(r"[a-z][a-z0-9+.-]*://([^/\s:]+)", text, re.IGNORECASE)
        if address:
            yield address[1]
            text = text[address.end() :].partition("?")[2]
        yield from _SHAPED.findall(text)
