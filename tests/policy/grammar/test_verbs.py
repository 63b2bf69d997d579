"""Of nouns, verbs and flags, what looks is told from what changes, reveals or is not known."""

from __future__ import annotations

from tests.policy.grammar.judged import READ, SECRETS, UNKNOWN, WRITES, judged

test_commands = judged(
    ("fastly service list --help", READ),
    ("fastly help", READ),
    ("az lock list", READ),
    ("az sql server list", READ),
    ("az lock delete -n x", WRITES),
    ("argocd app delete --help", READ),
    ("fastly @/etc/passwd", UNKNOWN),
    ("vault kv list secret/", READ),
    ("az keyvault secret list --vault-name v", READ),
    ("az keyvault secret show --vault-name v -n x", SECRETS),
)
