"""Which tool answers a kubectl command; half an answer is none."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

import pytest

from connectors.kubernetes import commands

READERS = {name: getattr(commands, name) for name in ("get", "describe", "history", "logs", "top", "events")}


def answers(line: str) -> dict[str, Mapping[str, Any]]:
    argv = shlex.split(line)
    return {name: found for name, reader in READERS.items() if (found := reader(argv)) is not None}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("kubectl get pods -n shop -l app=cart", {"get": {"kind": "pods", "namespace": "shop", "labels": "app=cart"}}),
        ("kubectl get deploy/cart -n shop", {"get": {"kind": "deployments", "name": "cart", "namespace": "shop"}}),
        ("kubectl get pods -o jsonpath='{.items[*].metadata.name}' --sort-by=.metadata.name",
         {"get": {"kind": "pods", "output": "jsonpath={.items[*].metadata.name}", "sort": ".metadata.name"}}),
        ("kubectl get pods -o yaml", {"get": {"kind": "pods", "output": "yaml"}}),
        ("kubectl get pods -o wide", {"get": {"kind": "pods"}}),
        ("kubectl get cm app -o jsonpath='{.metadata.labels}'",
         {"get": {"kind": "configmaps", "name": "app", "output": "jsonpath={.metadata.labels}"}}),
        ("kubectl get cm -o custom-columns=NAME:.metadata.name",
         {"get": {"kind": "configmaps", "output": "custom-columns=NAME:.metadata.name"}}),
        ("kubectl get pod cart -o yaml", {"describe": {"kind": "pods", "name": "cart"}}),
        ("kubectl describe node n1", {"describe": {"kind": "nodes", "name": "n1"}}),
        ("kubectl rollout history deploy/cart", {"history": {"kind": "deployments", "name": "cart"}}),
        ("kubectl logs cart-1 -n shop --previous --tail=50",
         {"logs": {"kind": "pod", "name": "cart-1", "namespace": "shop", "previous": True, "tail": 50}}),
        ("kubectl logs deploy/cart -c main", {"logs": {"kind": "deploy", "name": "cart", "container": "main"}}),
        ("kubectl logs cart-1 --since=1h30m", {"logs": {"kind": "pod", "name": "cart-1", "since": 5400}}),
        ("kubectl rollout status deploy/cart --timeout=10s", {"describe": {"kind": "deployments", "name": "cart"}}),
        ("kubectl top pod cart-1 --containers", {"top": {"kind": "pods", "name": "cart-1"}}),
        ("kubectl top pods -n shop", {"top": {"kind": "pods", "namespace": "shop"}}),
        ("kubectl top pods -A --sort-by=memory", {"top": {"kind": "pods", "namespace": "*", "sort": "memory"}}),
        ("kubectl logs -n kube-system -l k8s-app=kube-dns --previous --tail=30",
         {"logs": {"namespace": "kube-system", "labels": "k8s-app=kube-dns", "previous": True, "tail": 30}}),
        ("kubectl describe nodes", {"describe": {"kind": "nodes"}}),
        ("kubectl describe po -l app=cart", {"describe": {"kind": "pods", "labels": "app=cart"}}),
        ("kubectl get crds", {"get": {"kind": "customresourcedefinitions"}}),
        ("kubectl get cm -o custom-columns=N:.metadata.name,BY:.metadata.managedFields[*].manager",
         {"get": {"kind": "configmaps",
                  "output": "custom-columns=N:.metadata.name,BY:.metadata.managedFields[*].manager"}}),
        ("kubectl events --for pod/cart-1 -n shop", {"events": {"kind": "pod", "name": "cart-1", "namespace": "shop"}}),
    ],
)  # fmt: skip
def test_one_tool_answers_with_what_was_asked(line: str, expected: dict[str, Any]) -> None:
    assert answers(line) == expected


@pytest.mark.parametrize(
    "line",
    [
        "kubectl get secrets -n shop",
        "kubectl get pods --watch",
        "kubectl get pods -o jsonpath={.items",
        "kubectl get pods -o go-template={{.}}",
        "kubectl get configmaps -o yaml",
        "kubectl get configmap app -o yaml",
        "kubectl get configmap app -o jsonpath={.data}",
        "kubectl get cm -o custom-columns=NAME:.metadata.name,DATA:.data",
        "kubectl get cm -o jsonpath={.items[*]}",
        "kubectl get cm -o jsonpath={..data}",
        "kubectl get secret x -o jsonpath={.data}",
        "kubectl get pods,services",
        "kubectl logs cart-1 --since=yesterday",
        f"kubectl logs cart-1 --since={'9' * 5000}s",
        "kubectl top pods --sort-by=name",
        "kubectl logs cart-1 -l app=cart",
        "kubectl logs",
        "kubectl rollout status deployment",
        "kubectl logs cart-1 -f",
        "kubectl top secrets",
        "kubectl delete pod cart-1",
        "kubectl get pods --kubeconfig /tmp/x",
        "helm get values cart",
        "kubectl describe secrets",
    ],
)
def test_what_cannot_be_answered_wholly_is_not_answered(line: str) -> None:
    assert answers(line) == {}


@pytest.mark.parametrize("tail", ["\u00b2", "9" * 5000, "-1"])
def test_a_number_of_lines_that_is_none_is_left_to_the_tool(tail: str) -> None:
    assert commands.logs(["kubectl", "logs", "cart-1", f"--tail={tail}"]) == {"kind": "pod", "name": "cart-1"}
