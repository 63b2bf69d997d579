"""Of the tools that make infrastructure, what looks is told from what changes, reveals or is not known."""

from __future__ import annotations

from tests.policy.grammar.judged import READ, SECRETS, WRITES, judged

test_commands = judged(
    ("terraform plan", READ),
    ("terraform plan -out=x", WRITES),
    ("terraform output -raw password", SECRETS),
    ("pulumi preview", READ),
    ("pulumi up", WRITES),
    ("ansible-inventory --list", READ),
    ("vault -namespace=admin status", READ),
    ("vault read secret/x", SECRETS),
    ("terraform fmt -check", READ),
    ("terraform fmt", WRITES),
    ("tofu plan", READ),
    ("terragrunt apply", WRITES),
    ("terraform state rm x", WRITES),
)
