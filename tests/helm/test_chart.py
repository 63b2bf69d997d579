"""The chart as helm renders it: sound for Kubernetes' schemas, safe by default, and refusing what cannot work."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import cast

import pytest
import yaml
from kubernetes import client
from pydantic import BaseModel, ConfigDict

from chatops.domain.ports import IncidentStore
from chatops.settings import Settings
from chatops.slack import app, install
from chatops.web import routes, runbooks
from tests.helm.chart import CHART, FULL, SECRET, Document, kind, pods, render, run_helm, values

pytestmark = [pytest.mark.real, pytest.mark.timeout(400)]  # real servers are slow on a busy machine

EVERYTHING = ("-f", str(FULL))
SETS = {"defaults": SECRET, "everything": EVERYTHING, "valkey": (*SECRET, "--set", "valkey.enabled=true")}
MODELS: dict[str, type[BaseModel]] = {
    "ConfigMap": client.V1ConfigMap,
    "ClusterRole": client.V1ClusterRole,
    "ClusterRoleBinding": client.V1ClusterRoleBinding,
    "Deployment": client.V1Deployment,
    "HorizontalPodAutoscaler": client.V2HorizontalPodAutoscaler,
    "Ingress": client.V1Ingress,
    "NetworkPolicy": client.V1NetworkPolicy,
    "Pod": client.V1Pod,
    "PodDisruptionBudget": client.V1PodDisruptionBudget,
    "Service": client.V1Service,
    "ServiceAccount": client.V1ServiceAccount,
    "StatefulSet": client.V1StatefulSet,
}
"""Kubernetes' own schemas, as the SDK carries them; they refuse fields that do not exist."""


class Custom(BaseModel):
    """What every custom resource has; their own schemas are not among the SDK's."""

    model_config = ConfigDict(extra="forbid")

    apiVersion: str  # noqa: N815
    kind: str
    metadata: dict[str, object]
    spec: dict[str, object]


CUSTOM = {
    "ExternalSecret": "external-secrets.io/v1",
    "HTTPRoute": "gateway.networking.k8s.io/v1",
    "PrometheusRule": "monitoring.coreos.com/v1",
    "ScaledObject": "keda.sh/v1alpha1",
    "ServiceMonitor": "monitoring.coreos.com/v1",
}


def check(document: Document) -> None:
    """Raise ValidationError for a document that Kubernetes would not take."""
    if document["kind"] in CUSTOM:
        assert Custom.model_validate(document).apiVersion == CUSTOM[document["kind"]]
    else:
        MODELS[document["kind"]].model_validate(document)


@pytest.mark.parametrize("name", SETS)
def test_every_document_fits_its_schema(name: str) -> None:
    documents = render(*SETS[name])
    for document in documents:
        check(document)
    names = [(one["kind"], one["metadata"]["name"]) for one in documents]
    assert len(names) == len(set(names))


def test_the_schemas_refuse_what_they_do_not_know() -> None:
    deployment = yaml.safe_load(yaml.safe_dump(kind(render(*SECRET), "Deployment", "-worker")))
    deployment["spec"]["template"]["spec"]["containers"][0]["livenesProbe"] = {}
    with pytest.raises(ValueError, match="livenesProbe"):
        check(deployment)


@pytest.mark.parametrize("name", SETS)
def test_lint_is_content(name: str) -> None:
    done = run_helm("lint", "--strict", str(CHART), *SETS[name])
    assert done.returncode == 0, done.stdout
    assert "[WARNING]" not in done.stdout
    assert "[ERROR]" not in done.stdout


@pytest.mark.parametrize("name", SETS)
def test_every_pod_is_confined(name: str) -> None:
    for component, pod in pods(render(*SETS[name])).items():
        assert pod["securityContext"]["runAsNonRoot"] is True, component
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, component
        # The cluster's token is where the cluster is read, and nowhere else.
        assert pod["automountServiceAccountToken"] is (component == "worker"), component
        for container in pod["containers"]:
            context = container["securityContext"]
            assert context["readOnlyRootFilesystem"] is True
            assert context["allowPrivilegeEscalation"] is False
            assert context["capabilities"] == {"drop": ["ALL"]}
            assert container["resources"]["limits"]["memory"]


def test_two_of_each_spread_budgeted_and_probed() -> None:
    documents = render(*SECRET)
    for role in ("gateway", "worker"):
        deployment = kind(documents, "Deployment", f"-{role}")
        labels = deployment["spec"]["template"]["metadata"]["labels"]
        selector = deployment["spec"]["selector"]["matchLabels"]
        assert deployment["spec"]["replicas"] == 2
        assert selector.items() <= labels.items()
        budget = kind(documents, "PodDisruptionBudget", f"-{role}")
        assert budget["spec"] == {"maxUnavailable": 1, "selector": {"matchLabels": selector}}
        pod = deployment["spec"]["template"]["spec"]
        assert [one["labelSelector"]["matchLabels"] for one in pod["topologySpreadConstraints"]] == [selector] * 2
        container = pod["containers"][0]
        assert container["args"] == ["serve", "--role", role]
        paths = [container[f"{name}Probe"]["httpGet"]["path"] for name in ("startup", "liveness", "readiness")]
        assert paths == ["/healthz", "/healthz", "/readyz"]


def test_a_budget_can_be_given_the_other_way() -> None:
    of_worker = "worker.podDisruptionBudget"
    documents = render(*SECRET, "--set", f"{of_worker}.maxUnavailable=null", "--set", f"{of_worker}.minAvailable=1")
    budget = kind(documents, "PodDisruptionBudget", "-worker")["spec"]
    assert (budget["minAvailable"], "maxUnavailable" in budget) == (1, False)


@pytest.mark.parametrize("seconds", [0.5, 180, 240.5, 900])
def test_a_worker_may_finish_what_runs(seconds: float, tmp_path: Path) -> None:
    given = tmp_path / "values.yaml"
    given.write_text(yaml.safe_dump({"config": {"triage_seconds": seconds}}))
    documents = render(*SECRET, "-f", str(given))
    grace = pods(documents)["worker"]["terminationGracePeriodSeconds"]
    # The five seconds of the preStop hook are taken from the same time.
    assert grace >= seconds + 5 + 10


@pytest.mark.parametrize("name", SETS)
def test_secrets_are_named_and_never_written(name: str) -> None:
    documents = render(*SETS[name])
    assert not [one for one in documents if one["kind"] == "Secret"]
    for component in ("gateway", "worker"):
        pod = pods(documents)[component]
        sources = next(one for one in pod["volumes"] if one["name"] == "secrets")["projected"]["sources"]
        required, optional = (source["secret"] for source in sources)
        assert not required.get("optional")
        assert optional["optional"] is True
        files = {one["path"] for one in required["items"]}
        url = {"chatops_redis__url"} if name == "defaults" else set()
        assert files == {"chatops_link_secret"} | url
    text = yaml.safe_dump_all(documents)
    assert not re.search(r"xox[bp]-|sk-ant-|xapp-", text)


def test_the_app_understands_the_settings_it_is_given() -> None:
    documents = render(*EVERYTHING)
    [text] = [
        one["data"]["chatops.yaml"] for one in documents if one["kind"] == "ConfigMap" and "chatops.yaml" in one["data"]
    ]
    settings = Settings.model_validate(yaml.safe_load(text))
    assert settings.triage_seconds == 240.5
    assert settings.prometheus == {"url": "http://prometheus.monitoring:9090"}
    given = {one["name"] for one in pods(documents)["worker"]["containers"][0]["env"]}
    own = {name.removeprefix("CHATOPS_").lower() for name in given if name.startswith("CHATOPS_")}
    assert own - {"config", "secrets_dir", "redis__url"} <= set(Settings.model_fields)


def test_the_bundled_valkey_is_reached_with_its_password_and_loses_nothing() -> None:
    documents = render(*SETS["valkey"])
    env = {one["name"]: one for one in pods(documents)["gateway"]["containers"][0]["env"]}
    names = list(env)
    assert names.index("VALKEY_PASSWORD") < names.index("CHATOPS_REDIS__URL"), "only earlier variables are expanded"
    service = kind(documents, "Service", "-valkey")["metadata"]["name"]
    assert env["CHATOPS_REDIS__URL"]["value"] == f"redis://:$(VALKEY_PASSWORD)@{service}:6379/0"
    server = pods(documents)["valkey"]["containers"][0]
    asked = dict(zip(server["args"][::2], server["args"][1::2], strict=True))
    assert asked["--appendonly"] == "yes"
    assert asked["--maxmemory-policy"] == "noeviction"
    assert server["env"][0]["valueFrom"]["secretKeyRef"] == env["VALKEY_PASSWORD"]["valueFrom"]["secretKeyRef"]


def test_only_the_public_paths_are_let_in() -> None:
    documents = render(*EVERYTHING)
    served = [*routes.routes(cast("IncidentStore", None), b""), *runbooks.routes()]
    paths = [*(one.path for one in served), app.PATH, install.INSTALL, install.REDIRECT, "/webhooks/x"]
    public = {"/" + path.split("/")[1] for path in paths}
    ingress = kind(documents, "Ingress")
    assert {one["path"] for one in ingress["spec"]["rules"][0]["http"]["paths"]} == public
    route = kind(documents, "HTTPRoute")
    assert {one["path"]["value"] for one in route["spec"]["rules"][0]["matches"]} == public


def test_the_network_policies_cover_every_pod() -> None:
    documents = render(*EVERYTHING)
    policies = [one["spec"] for one in documents if one["kind"] == "NetworkPolicy"]
    for component in pods(documents):
        covering = [one for one in policies if component in _components(one["podSelector"])]
        assert {"Ingress", "Egress"} <= {kind for one in covering for kind in one["policyTypes"]}, component
    valkey = next(one for one in policies if _components(one["podSelector"]) == ["valkey"])
    assert _components(valkey["ingress"][0]["from"][0]["podSelector"]) == ["gateway", "worker"]
    assert valkey["egress"] == []


def _components(selector: Document) -> list[str]:
    listed = [one["values"] for one in selector.get("matchExpressions", [])]
    return [one for values in listed for one in values] or [selector["matchLabels"]["app.kubernetes.io/component"]]


def test_a_changed_setting_restarts_the_pods() -> None:
    def checksum(*arguments: str) -> str:
        deployment = kind(render(*SECRET, *arguments), "Deployment", "-worker")
        return str(deployment["spec"]["template"]["metadata"]["annotations"]["checksum/config"])

    assert checksum() != checksum("--set", "config.workers=9")


def test_scaling_leaves_the_number_to_the_autoscaler() -> None:
    documents = render(*EVERYTHING)
    for role in ("gateway", "worker"):
        assert "replicas" not in kind(documents, "Deployment", f"-{role}")["spec"]
    assert kind(documents, "HorizontalPodAutoscaler")["spec"]["scaleTargetRef"]["name"].endswith("-gateway")
    trigger = kind(documents, "ScaledObject")["spec"]["triggers"][0]["metadata"]
    assert trigger["query"] == 'max(chatops_queue_depth{namespace="ops"})'


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "secrets.existingSecret"),
        ((*SECRET, "--set", "ingress.enabled=true"), "ingress.host"),
        ((*SECRET, "--set", "httpRoute.enabled=true,httpRoute.host=a.example"), "httpRoute.parentRefs"),
        ((*SECRET, "--set", "externalSecret.enabled=true"), "externalSecret.secretStoreRef.name"),
        (
            (*SECRET, "--set", "worker.autoscaling.enabled=true,worker.autoscaling.kind=keda"),
            "worker.autoscaling.keda.prometheusAddress",
        ),
        ((*SECRET, "--set", "worker.replicas=0"), "worker.replicas"),
        ((*SECRET, "--set", "config.slack.bot_token=written-down"), "config.slack"),
    ],
)
def test_what_cannot_work_is_refused_by_name(arguments: tuple[str, ...], said: str) -> None:
    done = run_helm("template", "demo", str(CHART), *arguments)
    assert done.returncode != 0
    assert said in done.stderr


@pytest.mark.parametrize(
    ("config", "ports"),
    [
        ({"traces": {"otlp_endpoint": "http://collector:4318"}}, {4318}),
        ({"traces": {"otlp_endpoint": "http://collector:14318/v1/traces"}}, {14318}),
        ({"traces": {"otlp_endpoint": "https://otlp.example"}}, set()),
        ({"connectors": {"loki": {"url": "http://loki:3100"}, "tempo": {"url": "http://tempo"}}}, {3100, 80}),
        ({"environments": {"eu": {"prometheus": {"url": "http://[fd00::7]:9009/prometheus?a=1"}}}}, {9009}),
        ({"prometheus": {"url": "http://prometheus:9090"}}, set()),
        ({}, set()),
    ],
)
def test_every_address_of_the_settings_is_let_out_to(config: Document, ports: set[int], tmp_path: Path) -> None:
    file = tmp_path / "values.yaml"
    file.write_text(yaml.safe_dump({"config": config}))
    documents = render(*SECRET, "-f", str(file))
    policy = next(one for one in documents if one["kind"] == "NetworkPolicy" and one["spec"].get("egress"))
    let_out = [one["port"] for rule in policy["spec"]["egress"] for one in rule.get("ports", ()) if one["port"] != 53]
    assert sorted(let_out) == sorted({*values()["networkPolicy"]["egressPorts"], *ports})


@pytest.mark.parametrize("version", ["1.25", "1.31", "1.37"])
@pytest.mark.parametrize("name", SETS)
def test_kubernetes_schemas_of_each_version_take_it(name: str, version: str, tmp_path: Path) -> None:
    binary = shutil.which("kubernetes-validate")
    if binary is None:
        pytest.skip("needs kubernetes-validate (PyPI, PATH)")
    documents = render(*SETS[name], "--kube-version", f"{version}.0")
    known = [one for one in documents if one["kind"] not in CUSTOM]
    file = tmp_path / "rendered.yaml"
    file.write_text(yaml.safe_dump_all(known))
    command = [binary, "--kubernetes-version", version, "--strict", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "Couldn't find schema" not in said
    assert len(known) > 10


def test_what_was_acknowledged_may_be_made_to_survive_the_machine() -> None:
    durable = (*SECRET, "--set", "valkey.enabled=true", "--set", "valkey.appendfsync=always")
    arguments = pods(render(*durable))["valkey"]["containers"][0]["args"]
    assert arguments[arguments.index("--appendfsync") + 1] == "always"
    refused = run_helm("template", "demo", str(CHART), *durable[:-1], "valkey.appendfsync=no")
    assert refused.returncode != 0
    assert "appendfsync" in refused.stderr


def test_what_is_mounted_for_workers_is_not_mounted_in_gateways() -> None:
    specs = pods(render("--values", str(FULL)))
    mounted = {name: {one["name"] for one in spec["volumes"]} for name, spec in specs.items() if "volumes" in spec}
    assert {"kube", "runbooks"} <= mounted["worker"]
    assert "kube" not in mounted["gateway"]
    assert "runbooks" in mounted["gateway"]


def test_a_secret_among_the_settings_is_refused_with_where_it_belongs() -> None:
    done = run_helm("template", "demo", str(CHART), *SECRET, "--set", "config.slack.bot_token=x")
    assert done.returncode != 0
    assert "config.slack.bot_token" in done.stderr
    assert "secrets.existingSecret" in done.stderr
