"""Units are judged over the window and with their neighbours."""

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
