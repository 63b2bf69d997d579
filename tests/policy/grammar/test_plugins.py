"""A plugin is judged as the program it is, and what is bundled as what it holds."""

from __future__ import annotations

import pytest

from chatops.policy.grammar.plugins import called, judge_looking, judge_neat, passed_on


def test_a_plugin_is_looked_for_under_its_longest_name() -> None:
    names = list(called("kubectl", ["cert-manager", "status", "certificate", "web", "-n", "x"]))
    assert [name for name, _ in names] == [
        "kubectl-cert_manager-status-certificate",
        "kubectl-cert_manager-status",
        "kubectl-cert_manager",
    ]
    assert names[-1][1] == ["status", "certificate", "web", "-n", "x"]


@pytest.mark.parametrize(
    ("name", "args", "expected"),
    [
        ("kubectl", ["-n", "x", "tree"], []),
        ("kubectl", ["tree", "-n", "x"], [("kubectl-tree", ["-n", "x"])]),
        ("kubectl", [], []),
        ("k3s", ["kubectl", "get", "pods"], [("kubectl", ["get", "pods"])]),
        ("minikube", ["kubectl", "--", "get", "pods"], [("kubectl", ["get", "pods"])]),
        ("minikube", ["crictl", "ps"], []),
        ("k3s", [], []),
        ("helm", ["kubectl"], []),
    ],
)
def test_what_is_called(name: str, args: list[str], expected: list[tuple[str, list[str]]]) -> None:
    assert list(called(name, args)) == expected


def test_what_nobody_knows_is_not_passed_on() -> None:
    assert passed_on("kubectl", ["tree", "pods"], lambda name: None) is None
    found = passed_on("kubectl", ["tree", "pods"], {"kubectl-tree": judge_looking}.get)
    assert found is not None
    assert (found.verdict, found.reason) == ("read-only", "the plugin only looks")


@pytest.mark.parametrize(
    ("args", "verdict"),
    [
        (["deploy", "cart", "-n", "x"], "read-only"),
        (["deploy", "--kubeconfig", "x"], "unknown"),
        (["deploy", "--kubeconfig=x"], "unknown"),
        (["deploy", "--save"], "unknown"),
        (["deploy", "--template-file", "x"], "unknown"),
    ],
)
def test_flags_that_lead_elsewhere_are_refused(args: list[str], verdict: str) -> None:
    assert judge_looking(args).verdict == verdict


@pytest.mark.parametrize(
    ("args", "verdict"),
    [
        (["get", "--", "pod", "x"], "read-only"),
        (["get", "--", "secret", "x", "-o", "yaml"], "reveals-secrets"),
        (["get", "pod", "x"], "unknown"),
        (["-f", "x.yaml"], "unknown"),
        (["--", "get"], "unknown"),
        ([], "unknown"),
    ],
)
def test_neat_shows_what_get_shows(args: list[str], verdict: str) -> None:
    assert judge_neat(args).verdict == verdict
