"""Which commands of OpenShift's `oc` only read? What it shares with kubectl is judged as kubectl is."""

from __future__ import annotations

from collections.abc import Sequence

from chatops.policy.grammar.clusters import K8S_REFUSED, K8S_VALUES
from chatops.policy.grammar.kubectl import READS, WRITES, judge_kubectl
from chatops.policy.grammar.model import SECRETS, Judgement, Tool, paths, read, unknown
from chatops.policy.grammar.verbs import judge_words, verdict_table

OC = Tool(
    "oc",
    reads=paths("status, whoami, projects, version, adm top, adm node-logs, adm release info"),
    secrets=paths("whoami -t"),
    writing=paths("project, new-app, start-build, rsh, login, new-project, adm policy"),
    values=K8S_VALUES,
    refused={**K8S_REFUSED, **verdict_table("-t --show-token", SECRETS, "prints a token")},
)


def judge_oc(args: Sequence[str]) -> Judgement:
    """Judge the arguments of oc."""
    if list(args) == ["project"]:
        return read("says which project is used")
    own = judge_words(OC, args)
    if own.verdict != "unknown":
        return own
    verb = next((a for a in args if a in READS | WRITES), "")
    return judge_kubectl(args) if verb and (args[0] == verb or args[0].startswith("-")) else unknown(own.reason)
