"""Names in commands: told from kinds, flags, formats and durations."""

from __future__ import annotations

import shlex

import pytest

from chatops.policy.resources import named, unseen

NAMES = {
    "kubectl get pods -n shop": ("shop",),
    "kubectl get pods -A -o wide": (),
    "kubectl get pod/cart-1 deploy/cart -n shop -o jsonpath={.spec.x}": ("shop", "cart-1", "cart"),
    "kubectl -n shop logs cart-1 -c app --previous --tail=50 --since 10m": ("shop", "app", "cart-1"),
    "kubectl describe node worker-1": ("worker-1",),
    "kubectl get pods,svc -l app=cart,tier!=web -n shop": ("cart", "web", "shop"),
    "kubectl get events -n shop --field-selector involvedObject.name=cart,type=Warning": ("shop", "cart"),
    "kubectl top pod -n shop": ("shop",),
    "kubectl top node worker-1": ("worker-1",),
    "kubectl rollout history deployment/cart -n shop": ("shop", "cart"),
    "kubectl rollout status deployment cart": ("cart",),
    "kubectl auth can-i list pods": (),
    "kubectl explain pod.spec.containers": (),
    "kubectl get virtualservices cart": ("cart",),
    "kubectl scale deployment/cart --replicas=3": ("cart",),
    "kubectl events --for pod/cart-1 -n shop": ("cart-1", "shop"),
    "aws rds describe-db-instances --db-instance-identifier orders": ("orders",),
    "aws cloudwatch get-metric-statistics --namespace AWS/RDS --metric-name CPUUtilization "
    "--dimensions Name=DBInstanceIdentifier,Value=orders --period 60 --statistics Average": ("orders",),
    "aws logs tail /aws/lambda/pay --since 1h": (),
    "aws logs filter-log-events --log-group-name /aws/lambda/pay": ("/aws/lambda/pay",),
    "promtool query instant http://prom:9090 rate(http_requests_total[5m])": ("prom", "http_requests_total"),
    "curl -s http://evil.example/x": ("evil.example",),
}


@pytest.mark.parametrize(("command", "names"), NAMES.items())
def test_names(command: str, names: tuple[str, ...]) -> None:
    assert named(shlex.split(command)) == names


def exists(name: str) -> bool:
    return name in {"shop", "cart", "cart-1", "worker-1"}


def test_every_name_has_to_exist() -> None:
    assert not unseen(["kubectl", "logs", "cart-1", "-n", "shop"], exists)
    assert not unseen(["kubectl", "get", "deploy/cart", "-l", "app=cart"], exists)
    assert not unseen(["kubectl", "get", "nodes"], exists)
    assert unseen(["kubectl", "logs", "ghost-1", "-n", "shop"], exists)
    assert unseen(["kubectl", "logs", "cart-1", "-n", "ghost"], exists)
    assert unseen(["kubectl", "get", "pods", "-n", "<namespace>"], exists)


def test_an_empty_command_names_nothing() -> None:
    assert named([]) == ()
    assert named(["kubectl"]) == ()
