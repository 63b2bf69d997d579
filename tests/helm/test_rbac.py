"""The rights that the chart gives against the calls that connectors make: nothing missing, nothing superfluous."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from connectors.cloudwatch.access import policy
from connectors.contract import ConnectorError
from connectors.evidence import Observation
from connectors.kubernetes.connector import KubernetesConnector
from connectors.kubernetes.resources import ASKED, BY_PLURAL, CUSTOM, OPERATED
from tests.connectors.kubernetes.kube_server import Api, connector_for, serving
from tests.connectors.kubernetes.test_collecting import inquiry
from tests.helm.chart import CHART

Right = tuple[str, str, str]
"""Verb, group, resource with its subresource."""

EVERYBODY = {("create", "authorization.k8s.io", "selfsubjectaccessreviews")}
"""What every authenticated account may do (`system:basic-user`)."""
FILES = tuple((CHART / "rbac").glob("*.yaml"))


def granted(*files: Path) -> set[Right]:
    """The rights that the rules of these files give."""
    return {
        right
        for file in files
        for rule in yaml.safe_load(file.read_text())
        for right in product(rule["verbs"], rule["apiGroups"], rule["resources"])
    }


def right(call: str) -> Right | None:
    """The right that a request needs; None for what is no resource, such as `/version`."""
    method, _, target = call.partition(" ")
    url = urlsplit(target)
    parts = [part for part in url.path.split("/") if part]
    if len(parts) < 3:
        return None
    group, rest = ("", parts[2:]) if parts[0] == "api" else (parts[1], parts[3:])
    if rest[0] == "namespaces" and len(rest) > 2:
        rest = rest[2:]
    resource = "/".join((rest[0], *rest[2:]))
    if parse_qs(url.query).get("watch"):
        return "watch", group, resource
    return {"GET": "get" if len(rest) > 1 else "list", "POST": "create"}[method], group, resource


def an_object(plural: str) -> dict[str, object]:
    template = {"containers": [{"name": "main", "image": "registry.example/app:1"}]}
    labels = {"app": "one"}
    selector = labels if plural in ("services", "replicationcontrollers") else {"matchLabels": labels}
    return {
        "kind": BY_PLURAL[plural].kind,
        "metadata": {"name": "one", "namespace": "shop", "labels": labels, "creationTimestamp": "2026-05-04T11:00:00Z"},
        "spec": {"selector": selector, **template},
        "status": {"phase": "Pending"},
    }


OWN_PROJECTS = frozenset(row.group for row in (*CUSTOM, *OPERATED, *ASKED))
"""Groups of objects that are no part of Kubernetes."""


@contextlib.contextmanager
def served_everything() -> Iterator[tuple[Api, KubernetesConnector]]:
    """A stand-in with an object of every kind, and a connector to it."""
    served = Api(objects={plural: [an_object(plural)] for plural in BY_PLURAL}, logs={"one": "a line\n"})
    served.groups = [row.group for row in CUSTOM]
    served.operated = list(OPERATED)
    with serving(served) as address:
        yield served, connector_for(address, timeout=30.0)


@pytest.fixture
def api() -> Iterator[tuple[Api, KubernetesConnector]]:
    with served_everything() as found:
        yield found


async def ask(connector: KubernetesConnector, tool: str, **arguments: str) -> Observation | None:
    """Call one of the persona's tools; what it makes of the answer is no matter here."""
    run = next(one.run for one in connector.tools() if one.name == tool)
    try:
        return await run(inquiry(), {"namespace": "shop", **arguments})
    except ConnectorError as error:
        if error.kind != "not_found":
            raise
        return None


async def everything(connector: KubernetesConnector) -> None:
    """All checks, all tools with all kinds, names and health."""
    for check in connector.checks(inquiry()):
        await check.run()
    await connector.subjects(inquiry().scope)
    await connector.health()
    for kind in dict.fromkeys((*BY_PLURAL, *(row.full for row in OPERATED))):
        await ask(connector, "kubernetes_list", kind=kind)
        await ask(connector, "kubernetes_describe", kind=kind, name="one")
    for kind in ("pods", "nodes"):
        await ask(connector, "kubernetes_top", kind=kind)
    await ask(connector, "kubernetes_events")
    await ask(connector, "kubernetes_rollout_history", kind="deployment", name="one")
    for kind in ("pod", "deployment"):
        await ask(connector, "kubernetes_logs", kind=kind, name="one")


async def test_the_role_holds_what_is_called_and_no_more(api: tuple[Api, KubernetesConnector]) -> None:
    served, connector = api
    await everything(connector)
    called = {needed for call in served.seen if (needed := right(call))} - EVERYBODY
    assert called - granted(*FILES) == set(), "called and not granted"
    assert granted(*FILES) - called == set(), "granted and never called"


async def test_the_role_is_written_from_the_calls() -> None:
    from tests.helm import role

    for name, text in role.files(await role.called()).items():
        assert (CHART / "rbac" / name).read_text() == text, "python -m tests.helm.role"


def test_nothing_writes_and_no_secret_can_be_read() -> None:
    for verb, group, resource in granted(*FILES):
        assert verb in ("get", "list"), (verb, group, resource)
        assert "*" not in (group, resource)
        assert not resource.startswith("secrets")


def test_objects_of_other_projects_can_be_left_out() -> None:
    assert {group for _, group, _ in granted(CHART / "rbac" / "custom.yaml")} == OWN_PROJECTS
    assert not OWN_PROJECTS & {group for _, group, _ in granted(CHART / "rbac" / "cluster.yaml")}


@pytest.mark.parametrize(
    ("call", "needed"),
    [
        ("GET /api/v1/pods?limit=10", ("list", "", "pods")),
        ("GET /api/v1/namespaces", ("list", "", "namespaces")),
        ("GET /api/v1/namespaces/shop", ("get", "", "namespaces")),
        ("GET /api/v1/namespaces/shop/pods/one/log?tailLines=1", ("get", "", "pods/log")),
        ("GET /apis/apps/v1/namespaces/shop/deployments/one", ("get", "apps", "deployments")),
        ("GET /apis/apps/v1/deployments?watch=1", ("watch", "apps", "deployments")),
        ("GET /apis", None),
    ],
)
def test_which_right_a_call_needs(call: str, needed: Right | None) -> None:
    assert right(call) == needed


def test_the_policy_for_aws_is_what_the_connector_calls() -> None:
    written = json.loads((CHART / "aws-policy.json").read_text())
    assert written == policy()
    reading = ("Batch", "Describe", "Filter", "Get", "List", "Lookup", "Search", "StartQuery", "StopQuery")
    for action in written["Statement"][0]["Action"]:
        assert action.partition(":")[2].startswith(reading), action
