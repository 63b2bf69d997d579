"""Units are judged with their neighbours, targets with their error, probes from where they were made."""

from __future__ import annotations

import pytest

from connectors.evidence import Role
from connectors.prometheus import components
from connectors.prometheus.survey import Survey
from tests.connectors.prometheus.conftest import END
from tests.connectors.prometheus.server import PrometheusStandIn

NOW = END.timestamp()


def unit(server: PrometheusStandIn, node: str, name: str, *, since: float | None = None, until: float = 0.0) -> None:
    """A unit's `active` state every 30 s of the last 50 minutes; inactive from `since` until `until` seconds ago."""
    ago = [3000 - 30 * i for i in range(101)]
    down = [since is not None and until <= a <= since for a in ago]
    labels = {"instance": f"{node}:9100", "name": f"{name}.service", "state": "active"}
    points = [(NOW - a, float(not d)) for a, d in zip(ago, down, strict=True)]
    server.add("node_systemd_unit_state", labels, points)


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("kubelet", "KubeletUnavailable"),
        ("containerd", "ContainerRuntimeUnavailable"),
        ("crio", "ContainerRuntimeUnavailable"),
        ("kube-proxy", "KubeProxyUnavailable"),
        ("kube-scheduler", "KubeSchedulerUnavailable"),
        ("kube-controller-manager", "ControllerManagerUnavailable"),
        ("etcd", "EtcdUnhealthy"),
    ],
)
async def test_a_unit_that_is_down_is_the_nodes_fault(
    survey: Survey, server: PrometheusStandIn, name: str, cause: str
) -> None:
    for node in ("a", "b"):
        unit(server, node, name, since=600 if node == "b" else None)
    found = await components.units(survey)
    assert [(f.cause, str(f.subject), f.role) for f in found.findings] == [(cause, "Node b", Role.CAUSE)]
    assert found.findings[0].confidence > 0.9
    assert found.evidence[0].onset is not None
    assert abs(found.evidence[0].onset.timestamp() - (NOW - 600)) <= 60


async def test_a_lone_scheduler_that_never_ran_in_the_window_is_down(survey: Survey, server: PrometheusStandIn) -> None:
    unit(server, "master", "kube-scheduler", since=9999)
    found = await components.units(survey)
    assert [f.cause for f in found.findings] == ["KubeSchedulerUnavailable"]
    assert found.evidence[0].onset is None


async def test_a_unit_that_came_back_is_less_sure(survey: Survey, server: PrometheusStandIn) -> None:
    unit(server, "a", "kubelet", since=900, until=300)
    found = await components.units(survey)
    assert [(f.cause, f.confidence < 0.7) for f in found.findings] == [("KubeletUnavailable", True)]
    assert "for a while" in found.findings[0].statement


async def test_an_idle_docker_beside_a_working_containerd_is_no_fault(
    survey: Survey, server: PrometheusStandIn
) -> None:
    for node in ("a", "b"):
        unit(server, node, "containerd")
        unit(server, node, "docker", since=9999)
    found = await components.units(survey)
    assert found.findings == ()
    assert "all active" in found.searched


async def test_services_that_fail_are_explained_by_the_node(survey: Survey, server: PrometheusStandIn) -> None:
    unit(server, "a", "containerd", since=600)
    server.add("probe_success", {"namespace": "shop", "service": "cart"}, [(NOW, 0.0)])
    found = await components.units(survey)
    assert [s.name for s in found.findings[0].explains] == ["cart"]


async def test_without_the_metric_it_is_said_what_would_help(survey: Survey) -> None:
    assert "systemd collector is off" in (await components.units(survey)).searched
    assert "blackbox" in (await components.probes(survey)).searched
    assert "scrapes nothing" in (await components.targets(survey)).searched
    assert "no metric tells" in (await components.certificates(survey)).searched


def down(server: PrometheusStandIn, job: str, instance: str, error: str) -> None:
    labels = {"job": job, "instance": instance}
    server.add("up", labels, [(NOW, 0.0)])
    server.canned.setdefault("topk(50, up == 0)", []).append((labels, [(NOW - 15 * i, 0.0) for i in range(20)]))
    server.targets.append({"labels": labels, "lastError": error, "health": "down"})


async def test_a_target_down_is_told_with_the_scrapers_error(survey: Survey, server: PrometheusStandIn) -> None:
    down(server, "cart", "10.0.0.7:8080", "connection refused")
    found = await components.targets(survey)
    assert "connection refused" in found.evidence[0].summary
    assert [(f.cause, f.role) for f in found.findings] == [("TargetDown", Role.SYMPTOM)]


async def test_a_control_planes_target_names_its_part(survey: Survey, server: PrometheusStandIn) -> None:
    down(server, "kube-scheduler", "10.0.0.1:10259", "timeout")
    found = await components.targets(survey)
    assert [(f.cause, f.role) for f in found.findings] == [("KubeSchedulerUnavailable", Role.CAUSE)]


async def test_probes_that_fail_are_symptoms(survey: Survey, server: PrometheusStandIn) -> None:
    for service, value in (("cart", 0.0), ("web", 1.0)):
        server.add("probe_success", {"namespace": "shop", "service": service, "port": "80"}, [(NOW, value)])
    found = await components.probes(survey)
    assert [(f.subject.name, f.role) for f in found.findings] == [("cart", Role.SYMPTOM)]
    assert "1 others succeed" in found.evidence[0].summary


async def test_services_unreachable_from_one_node_only_point_to_that_node(
    survey: Survey, server: PrometheusStandIn
) -> None:
    for service in ("cart", "web", "ads"):
        for node in ("a", "b"):
            labels = {"namespace": "shop", "service": service, "from_node": node}
            server.add("probe_success", labels, [(NOW, float(node == "a"))])
    found = await components.probes(survey)
    causes = [(f.cause, f.subject.name) for f in found.findings if f.role is Role.CAUSE]
    assert causes == [("KubeProxyUnavailable", "b")]


async def test_an_expired_certificate_is_a_cause_and_one_near_its_end_is_told(
    survey: Survey, server: PrometheusStandIn
) -> None:
    server.add("probe_ssl_earliest_cert_expiry", {"instance": "x"}, [(NOW, 1.0)])
    asked = (
        "bottomk(20, (label_replace(min by (instance, namespace, name, subject_CN, job)"
        ' (probe_ssl_earliest_cert_expiry - time()), "from", "probe_ssl_earliest_cert_expiry", "", "")) < 1209600)'
    )
    server.canned[asked] = [
        ({"instance": "https://shop", "from": "p"}, [(NOW, -3600.0)]),
        ({"instance": "https://soon", "from": "p"}, [(NOW, 86400.0 * 3)]),
    ]
    found = await components.certificates(survey)
    assert [(f.cause, f.subject.name) for f in found.findings] == [("CertificateExpired", "https://shop")]
    assert "https://soon: 3 days left" in found.evidence[0].summary
