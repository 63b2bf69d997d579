"""The commands that rules suggest: from our runbooks, with names, for causes worth reading."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chatops.domain.diagnosis import NextStep
from chatops.policy.commands import judge
from chatops.policy.resources import named
from chatops.runbook_index import Folder, Library, packaged
from chatops.triage import next_steps
from connectors.causes import CATALOGUE
from connectors.evidence import Subject
from tests import factories

LIBRARY = Library([packaged()])
POD = Subject(kind="Pod", namespace="shop", name="checkout-7d9f4-x2x4z")


def steps(library: Library = LIBRARY, commands: tuple[tuple[str, ...], ...] = (), **diagnosis: Any) -> list[NextStep]:
    one = factories.diagnosis(**{"evidence": (factories.evidence(subject=POD),), **diagnosis})
    findings = [factories.finding(commands=commands, cause=h.cause, subject=h.subject) for h in one.hypotheses]
    return list(next_steps.by_rules(one, findings, library, judge, lambda argv: argv[1] != "describe"))


def test_a_runbooks_commands_come_with_their_names_and_how_they_are_read() -> None:
    first, second, *_ = steps(hypotheses=(factories.hypothesis(cause="IncorrectImageReference"),))
    assert first.command == "kubectl get events -n shop --field-selector reason=Failed"
    assert first.expect.startswith("manifest unknown or not found")
    assert second.argv[:6] == ("kubectl", "get", "deployment/checkout", "-n", "shop", "-o")
    assert (second.expect, second.hypothesis, second.id) == ("", "H1", "S2")


def test_what_the_evidence_is_about_fills_in_too() -> None:
    found = steps(hypotheses=(factories.hypothesis(cause="DNSResolutionFailure"),))
    assert found[0].argv[:4] == ("kubectl", "get", "pod", POD.name)


def test_the_kind_of_a_workload_takes_the_place_of_the_pages() -> None:
    names = next_steps.names_of([Subject(kind="StatefulSet", namespace="shop", name="db")], "")
    assert names == {"STATEFULSET": "db", "WORKLOAD": "statefulset/db", "NAMESPACE": "shop"}
    shown = {
        "kubectl get deployment WORKLOAD -n NAMESPACE": "kubectl get statefulset/db -n shop",
        "kubectl rollout history deployment/WORKLOAD -n NAMESPACE": "kubectl rollout history statefulset/db -n shop",
        "kubectl get pods -o custom-columns=POD:.status": "kubectl get pods -o custom-columns=POD:.status",
    }
    for template, command in shown.items():
        assert " ".join(next_steps.filled(template, names)) == command


@pytest.mark.parametrize(
    "template",
    [
        "kubectl get pods -l app=WORKLOAD",
        "kubectl logs POD -n NAMESPACE",
        "kubectl get service DEPENDENCY -n NAMESPACE",
        "aws rds describe-events --source-type db-instance",
    ],
)
def test_what_nothing_told_is_not_suggested(template: str) -> None:
    workload = Subject(kind="Deployment", namespace="shop", name="db")
    assert next_steps.filled(template, next_steps.names_of([workload], "")) == ()


def test_the_rules_own_commands_follow_where_they_only_read() -> None:
    own = (("kubectl", "describe", "pod", POD.name, "-n", "shop"), ("kubectl", "delete", "pod", POD.name))
    found = steps(Library([]), own)
    assert [(step.command, step.runnable) for step in found] == [(f"kubectl describe pod {POD.name} -n shop", False)]
    assert steps(LIBRARY, own)[-1].argv == own[0]


def test_an_unlikely_cause_beside_a_likely_one_gets_no_commands() -> None:
    weak = factories.hypothesis(id="H2", rank=2, cause="CPUOverload", confidence=0.05)
    assert {step.hypothesis for step in steps(hypotheses=(factories.hypothesis(), weak))} == {"H1"}
    alone = weak.model_copy(update={"id": "H1", "rank": 1})
    assert {step.hypothesis for step in steps(hypotheses=(alone,))} == {"H1"}


def test_of_several_clusters_the_commands_go_to_the_one_at_fault() -> None:
    here = factories.hypothesis(subject=factories.CHECKOUT.model_copy(update={"cluster": "east"}))
    own = (("kubectl", "describe", "pod", POD.name, "-n", "shop", "--context", "prod-east"),)
    found = steps(LIBRARY, own, hypotheses=(here,))
    assert {step.argv[-2:] for step in found} == {("--context", "prod-east")}
    assert steps(LIBRARY, hypotheses=(here,)) == []


def test_a_page_from_elsewhere_suggests_no_command(tmp_path: Path) -> None:
    page = "---\ncauses: [OOMKilled]\n---\n## OOMKilled\n```sh\nkubectl get pods -n NAMESPACE\n```\nRead.\n"
    (tmp_path / "memory.md").write_text(page)
    assert Library([Folder(tmp_path, "team")]).for_incident((), ("OOMKilled",), "")
    assert steps(Library([Folder(tmp_path, "team")])) == []


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet"])
def test_no_cause_brings_a_command_with_an_open_name_or_of_something_unseen(kind: str) -> None:
    about = Subject(kind=kind, namespace="shop", name="checkout")
    seen = {"shop", about.name, POD.name, "kube-system", "kube-node-lease", "kube-scheduler", "kube-controller-manager"}
    for cause in CATALOGUE:
        for step in steps(hypotheses=(factories.hypothesis(cause=cause.code, subject=about),)):
            labels = {part.partition("=")[2] for part in step.argv if "=" in part}
            assert judge(step.argv).verdict == "read-only", step
            assert set(named(step.argv)) <= seen | labels, step
            assert "NAMESPACE" not in step.command, step
