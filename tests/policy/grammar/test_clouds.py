"""Of the clouds' tools, what looks is told from what changes, reveals or is not known."""

from __future__ import annotations

from tests.policy.grammar.judged import READ, SECRETS, UNKNOWN, WRITES, judged

test_commands = judged(
    ("gcloud compute instances describe vm-1 --zone europe-west1-b", READ),
    ("gcloud --project list projects delete x", WRITES),
    ("gcloud compute instances list --impersonate-service-account=x", UNKNOWN),
    ("gcloud container clusters get-credentials x", WRITES),
    ("gcloud auth print-access-token", SECRETS),
    ("gcloud logging read 'severity>=ERROR' --limit 10", READ),
    ("az vm list -o table", READ),
    ("az storage account keys list -n x", SECRETS),
    ("az vm run-command invoke -n x", WRITES),
    ("az aks get-credentials -n x", WRITES),
    ("mc find store/bucket --exec 'rm {}'", UNKNOWN),
)
