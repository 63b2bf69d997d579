"""Of what on-calls ask beside kubectl, what looks is told from what changes, reveals or is not known."""

from __future__ import annotations

from tests.policy.grammar.judged import READ, WRITES, judged

test_commands = judged(
    ("argo list -n shop", READ),
    ("argo submit x.yaml", WRITES),
    ("kubectl argo rollouts get rollout cart", READ),
    ("kubectl argo rollouts promote cart", WRITES),
    ("kind get clusters", READ),
    ("kind delete cluster", WRITES),
    ("cmctl status certificate x", READ),
    ("cmctl renew x", WRITES),
    ("tkn pipeline start x", WRITES),
    ("cosign verify image", READ),
    ("cosign sign image", WRITES),
    ("eb status", READ),
    ("eb deploy", WRITES),
    ("gitlab-ctl status", READ),
    ("gitlab-ctl restart", WRITES),
    ("datadog-agent status", READ),
    ("vector validate /etc/vector/vector.yaml", READ),
)
