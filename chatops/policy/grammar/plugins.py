"""What do programs do that are called through another one: plugins of kubectl, the kubectl in `k3s`?

`kubectl argo rollouts get` runs the program `kubectl-argo-rollouts`, so a plugin is judged as the program it is:
by its row where there is one. A plugin without a row stays unknown, for it may be any program.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from chatops.policy.grammar.clusters import K8S_REFUSED, K8S_VALUES
from chatops.policy.grammar.kubectl import judge_kubectl
from chatops.policy.grammar.model import UNKNOWN, Judge, Judgement, Tool, paths, read, reveals, words
from chatops.policy.grammar.verbs import refused, split, verdict_table

TOOLS = (
    Tool(
        "kubectl-cnpg",
        reads=paths("status, version, logs cluster, certificate --help"),
        writing=paths(
            "promote, restart, reload, maintenance, fencing, hibernate, destroy, backup, install, psql, pgbench, fio, "
            "publication, subscription, snapshot, certificate, logs pretty"
        ),
        secrets=paths("report"),
        values=K8S_VALUES,
        refused=K8S_REFUSED,
    ),
    Tool(
        "kubectl-rook_ceph",
        reads=paths(
            "health, ceph status, ceph health, ceph df, ceph versions, ceph osd tree, ceph osd status, ceph osd df, "
            "ceph pg stat, ceph mon stat, rook version, rook status, mons"
        ),
        values=K8S_VALUES,
        refused=K8S_REFUSED,
    ),
    Tool(
        "kubectl-rbac_tool",
        reads=paths("lookup, who-can, policy-rules, analysis, whoami, version"),
        writing=paths("gen, auditgen, visualize"),
        values=K8S_VALUES,
        refused=K8S_REFUSED,
    ),
    Tool(
        "patronictl",
        reads=paths("list, topology, history, version"),
        writing=paths(
            "failover, switchover, restart, reload, reinit, pause, resume, remove, edit-config, flush, "
            "demote-cluster, promote-cluster"
        ),
        refused=verdict_table(
            "-c --config-file -d --dcs-url --dcs", UNKNOWN, "reads a configuration or asks elsewhere"
        ),
    ),
)

_LOOKING = words(
    "tree who_can df_pv view_allocations access_matrix deprecations resource_capacity lineage rolesum rbac_lookup "
    "service_tree images outdated unused_volumes pod_inspect node_restart_count node_resource"
)
"""Plugins that have no verb and only look, whatever their arguments; flags that lead elsewhere are refused."""

_WORD = re.compile(r"[a-z][a-z0-9-]*", re.ASCII)
_LOOKER = Tool(
    "",
    values=K8S_VALUES,
    refused={
        **K8S_REFUSED,
        **verdict_table("--config --template-file", UNKNOWN, "reads a file that the command names"),
    },
)


def judge_looking(args: Sequence[str]) -> Judgement:
    """Judge the arguments of a plugin that only looks."""
    verdicts = (refused(_LOOKER, name) for name, _, _ in split(_LOOKER, args).flags)
    return next(filter(None, verdicts), read("the plugin only looks"))


def judge_neat(args: Sequence[str]) -> Judgement:
    """`kubectl neat get -- …` shows what `kubectl get …` shows, with less around it."""
    if list(args[:1]) == ["get"] and list(args[1:2]) in ([], ["--"]):
        return judge_kubectl(["get", *args[2:]])
    return Judgement(UNKNOWN, "neat reads a file or its input")


JUDGES: dict[str, Judge] = {
    **{f"kubectl-{name}": judge_looking for name in _LOOKING},
    **dict.fromkeys(("stern", "kubectl-stern"), judge_looking),
    "kubectl-neat": judge_neat,
    "kubectl-view_secret": lambda args: reveals("prints what is in a secret"),
}

BUNDLED = {
    "k3s": words("kubectl crictl ctr"),
    "k0s": words("kubectl ctr"),
    "rke2": words("kubectl"),
    "microk8s": words("kubectl helm helm3 istioctl linkerd"),
    "minikube": words("kubectl"),
}
"""Programs that hold others, which are called by their first argument."""


def called(name: str, args: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """The programs that a call may be passed on to, the longest name first, with the arguments left for each."""
    if name == "kubectl":
        plain = next((at for at, word in enumerate(args[:3]) if not _WORD.fullmatch(word)), min(3, len(args)))
        for length in range(plain, 0, -1):
            yield "kubectl-" + "-".join(word.replace("-", "_") for word in args[:length]), list(args[length:])
    elif args and args[0] in BUNDLED.get(name, ()):
        yield args[0], list(args[2:] if args[1:2] == ["--"] else args[1:])


def passed_on(
    name: str, args: Sequence[str], judge_of: Callable[[str], Callable[[Sequence[str]], Judgement] | None]
) -> Judgement | None:
    """The judgement of the program that is really called; None where it is this one, or nobody knows."""
    for other, rest in called(name, args):
        judge = judge_of(other)
        if judge is not None:
            return judge(rest)
    return None
