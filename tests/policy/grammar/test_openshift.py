"""Of oc, what looks is told from what changes, reveals or is not known."""

from __future__ import annotations

from tests.policy.grammar.judged import READ, SECRETS, UNKNOWN, WRITES, judged

test_commands = judged(
    ("oc get pods -n shop", READ),
    ("oc status", READ),
    ("oc whoami", READ),
    ("oc whoami -t", SECRETS),
    ("oc project", READ),
    ("oc project shop", WRITES),
    ("oc adm top nodes", READ),
    ("oc adm policy add-cluster-role-to-user admin x", WRITES),
    ("oc get secret db -o yaml", SECRETS),
    ("oc delete pod x", WRITES),
    ("oc rsh pod/x", WRITES),
    ("oc --kubeconfig=/tmp/x get pods", UNKNOWN),
    ("oc frobnicate get pods", UNKNOWN),
)
