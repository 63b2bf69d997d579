"""Webhooks that must be asked and cannot answer: by their service here, or by its endpoints elsewhere."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.kubernetes import webhooks
from connectors.kubernetes.collecting import CALLS, collect
from connectors.kubernetes.resources import CORE
from connectors.kubernetes.view import View
from tests.connectors.kubernetes.cluster import NS, Cluster, Json, sure
from tests.connectors.kubernetes.kube_server import Api, connector_for, serving
from tests.connectors.kubernetes.test_collecting import inquiry

RULE = {"operations": ["CREATE"], "apiGroups": [""], "resources": ["pods"]}


def hooked(namespace: str = NS, **changes: Any) -> Cluster:
    """A workload without pods, and a webhook whose service has none behind it."""
    cluster = Cluster()
    cluster.app("web", pods=0)
    cluster.service("policy", 443)
    hook = {"name": "pods.policy.example.com", "rules": [RULE],
            "clientConfig": {"service": {"name": "policy", "namespace": namespace}}, **changes}  # fmt: skip
    cluster.add("validatingwebhookconfigurations", "ValidatingWebhookConfiguration", "policy", "", webhooks=[hook])
    return cluster


def test_a_webhook_that_must_be_asked_and_has_nobody_behind_it() -> None:
    assert "AdmissionWebhookFailure web" in sure(hooked())


@pytest.mark.parametrize(
    "cluster",
    [
        hooked(failurePolicy="Ignore"),
        hooked(rules=[RULE | {"resources": ["ingresses"]}]),
        hooked(rules=[RULE | {"operations": ["DELETE"]}]),
        hooked(namespaceSelector={"matchLabels": {"kubernetes.io/metadata.name": "other"}}),
        hooked(namespaceSelector={"matchExpressions": [
            {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": [NS]}]}),
        hooked(clientConfig={"url": "https://hook.example.com"}),
        hooked("elsewhere"),
    ],
    ids=["it may be ignored", "other things", "other calls", "another namespace", "not this one", "no service",
         "unread"],
)  # fmt: skip
def test_webhooks_that_explain_nothing(cluster: Cluster) -> None:
    assert "AdmissionWebhookFailure web" not in sure(cluster, 0)


def test_nothing_is_said_where_no_pod_is_lacking_or_somebody_answers() -> None:
    cluster = hooked()
    cluster.app("policy", 443, service=False)
    assert "AdmissionWebhookFailure web" not in sure(cluster, 0)
    full = hooked()
    full.objects["replicasets"][0]["status"]["replicas"] = 1
    assert "AdmissionWebhookFailure web" not in sure(full, 0)


@pytest.mark.parametrize(
    ("endpoints", "why"),
    [
        ([], "does not exist"),
        ([{"subsets": []}], "has no ready pods"),
        ([{"subsets": [{"notReadyAddresses": [{"ip": "10.0.0.1"}]}]}], "has no ready pods"),
        ([{"subsets": [{"addresses": [{"ip": "10.0.0.1"}]}]}], ""),
    ],
)
def test_of_a_service_elsewhere_the_endpoints_tell(endpoints: list[Json], why: str) -> None:
    cluster = hooked("elsewhere")
    assert webhooks.unread(cluster.view(), NS) == [("elsewhere", "policy")]
    cluster.objects[f"{webhooks.ENDPOINTS}elsewhere/policy"] = endpoints
    view = cluster.view()
    (hook,) = webhooks.required(view, NS)
    assert webhooks.nobody_behind(view, hook) == why
    assert ("AdmissionWebhookFailure web" in sure(cluster)) is bool(why)


async def test_webhooks_are_read_only_where_pods_are_lacking() -> None:
    lacking, well = hooked("elsewhere"), hooked("elsewhere")
    well.objects["replicasets"][0]["status"]["replicas"] = 1
    asked = {}
    for name, cluster in (("lacking", lacking), ("well", well)):
        api = Api(objects={row.plural: cluster.objects.get(row.plural, []) for row in CORE} | {
            plural: cluster.objects.get(plural, []) for plural in webhooks.KINDS} | {"endpoints": []})  # fmt: skip
        with serving(api) as address:
            snapshot = await collect(connector_for(address).client, inquiry())
        asked[name] = [len(api.asked(plural)) for plural in (*webhooks.KINDS, "policy")]
        assert len(api.seen) <= CALLS
        if name == "lacking":
            (hook,) = webhooks.required(View(snapshot), NS)
            assert webhooks.nobody_behind(View(snapshot), hook) == "does not exist"
    assert asked == {"lacking": [1, 1, 1], "well": [0, 0, 0]}
