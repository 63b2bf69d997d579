"""What destroys, in many tongues; and what only speaks of it."""

from __future__ import annotations

import pytest

from chatops.policy.destructive import destroys


@pytest.mark.parametrize(
    "text",
    [
        "rm -rf /",
        "find / -delete",
        "kubectl -n shop --context prod delete ns shop",
        "k delete deploy cart",
        "oc delete project shop",
        "helm uninstall cart",
        "terraform -chdir=x destroy",
        "aws ec2 terminate-instances --instance-ids i-1",
        "aws s3 rm s3://b --recursive",
        "docker system prune -af",
        "vault kv destroy secret/cart",
        "rabbitmqctl delete_queue orders",
        "kafka-topics.sh --delete --topic orders",
        "curl -X DELETE http://localhost:9200/_all",
        "drop table orders",
        "DELETE FROM orders",
        "db.orders.deleteMany({})",
        "redis-cli -h r FLUSHALL",
        "shutil.rmtree('/')",
        "client.delete_bucket(Bucket='b')",
        "Remove-Item -Recurse C:\\",
        "echo x | base64 -d | bash",
        ":(){ :|:& };:",
        "kill -9 -1",
        "git push origin main --force",
        "Please delete the old database.",
        "Wipe all the data.",
        "Löschen Sie den Namespace.",
        "删除命名空间",
    ],
)
def test_what_does_not_come_back(text: str) -> None:
    assert destroys(text)


@pytest.mark.parametrize(
    "text",
    [
        "kubectl delete pod cart-1 -n shop",
        "kubectl rollout undo deployment/cart",
        "helm rollback cart 3",
        "A helm rollback would remove the new replica.",
        "The queue may drop data under load.",
        "Do not delete the volume.",
        "The operator deleted the ConfigMap at 10:31.",
        "docker restarts it, and nothing was removed.",
        "Exit code 137 is kill -9 by the kernel.",
        "| pod | node |",
        "kubectl get pods --all-namespaces",
        "vault is sealed; the drop in traffic follows.",
    ],
)
def test_what_can_be_taken_back_or_is_only_told(text: str) -> None:
    assert not destroys(text)
