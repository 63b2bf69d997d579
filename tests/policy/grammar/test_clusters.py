"""Of the tools for clusters and containers, what looks is told from what changes, reveals or is not known."""

from __future__ import annotations

from tests.policy.grammar.judged import READ, SECRETS, UNKNOWN, WRITES, judged

test_commands = judged(
    ("helm list -A", READ),
    ("helm list --kubeconfig /tmp/x", UNKNOWN),
    ("helm template x --post-renderer ./x", UNKNOWN),
    ("argocd app get cart", READ),
    ("argocd app get cart --server elsewhere", UNKNOWN),
    ("argocd app sync cart", WRITES),
    ("flux get kustomizations", READ),
    ("flux reconcile kustomization cart", WRITES),
    ("istioctl proxy-status", READ),
    ("istioctl proxy-config secret cart", SECRETS),
    ("linkerd viz stat deploy", READ),
    ("docker logs cart", READ),
    ("docker -H tcp://elsewhere ps", UNKNOWN),
    ("docker exec cart ls", WRITES),
    ("crictl ps -a", READ),
    ("crictl exec x ls", WRITES),
    ("etcdctl get / --prefix", SECRETS),
    ("helm upgrade cart ./cart --dry-run=client", READ),
    ("helm upgrade cart ./cart --dry-run=false", WRITES),
    ("helm upgrade cart ./cart --dry-run --post-renderer x", UNKNOWN),
    ("docker compose -f stack.yml ps", READ),
    ("docker compose -f ps up", WRITES),
)
