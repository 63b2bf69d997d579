"""Why a pod fits no node: each constraint by itself, and which of them decides."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.kubernetes.fitting import Fit, control_plane, fit, requests, usage
from tests.connectors.kubernetes.cluster import Cluster

Json = dict[str, Any]


def pod(requests: Json | None = None, **spec: Any) -> Json:
    container = {"name": "main", "resources": {"requests": requests or {}}}
    return {"metadata": {"name": "new", "namespace": "shop", "labels": {"app": "new"}},
            "spec": {"containers": [container], **spec}}  # fmt: skip


def held(new: Json, cluster: Cluster | None = None, volumes: list[Json] | None = None) -> Fit:
    cluster = cluster or Cluster()
    return fit(new, cluster.objects["nodes"], cluster.objects["pods"], volumes or [])


def codes(found: Fit) -> set[str]:
    return {code for why in found.reasons.values() for code, _ in why}


def required(*expressions: Json) -> Json:
    terms = {"nodeSelectorTerms": [{"matchExpressions": list(expressions)}]}
    return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}


ELSEWHERE = {"key": "zone", "operator": "In", "values": ["z9"]}


@pytest.mark.parametrize(
    ("new", "code"),
    [
        (pod({"cpu": "5"}), "InsufficientCPU"),
        (pod({"memory": "9Gi"}), "InsufficientMemory"),
        (pod({"nvidia.com/gpu": "1"}), "InsufficientResource"),
        (pod(nodeSelector={"disk": "ssd"}), "NodeSelectorMismatch"),
        (pod(affinity=required(ELSEWHERE)), "NodeAffinityMismatch"),
    ],
)
def test_what_no_node_has(new: Json, code: str) -> None:
    found = held(new)
    assert (codes(found), found.possible) == ({code}, [])


def test_a_pod_that_fits_is_refused_by_nobody() -> None:
    assert held(pod({"cpu": "1"})).possible == ["n1", "n2"]


def test_what_others_request_is_taken() -> None:
    cluster = Cluster(nodes=("n1",))
    cluster.app("big", container={"resources": {"requests": {"cpu": "3500m"}}})
    assert codes(held(pod({"cpu": "1"}), cluster)) == {"InsufficientCPU"}
    cluster.pod("big")["status"]["phase"] = "Succeeded"
    assert held(pod({"cpu": "1"}), cluster).possible == ["n1"]


def test_taints_need_a_toleration_and_a_cordon_too() -> None:
    cluster = Cluster(nodes=())
    cluster.node("n1", taints=[{"key": "team", "value": "db", "effect": "NoSchedule"}])
    assert codes(held(pod(), cluster)) == {"TaintNotTolerated"}
    assert held(pod(tolerations=[{"key": "team", "value": "db"}]), cluster).possible == ["n1"]
    assert held(pod(tolerations=[{"operator": "Exists"}]), cluster).possible == ["n1"]
    cordoned = Cluster(nodes=())
    cordoned.node("n1", unschedulable=True)
    assert codes(held(pod(), cordoned)) == {"NodeCordoned"}


def test_what_rules_out_the_nodes_that_were_asked_for_decides() -> None:
    cluster = Cluster()
    cluster.objects["nodes"][0]["metadata"]["labels"]["disk"] = "ssd"
    found = held(pod({"cpu": "5"}, nodeSelector={"disk": "ssd"}), cluster)
    assert found.wanted == {"n1"}
    assert dict(found.causes()) == {"InsufficientCPU": 1}


def test_a_volume_of_another_zone_and_a_port_that_is_taken() -> None:
    volume = {"metadata": {"name": "v"}, "spec": {"nodeAffinity": {"required": {"nodeSelectorTerms": [
        {"matchExpressions": [ELSEWHERE]}]}}}}  # fmt: skip
    assert codes(held(pod(), volumes=[volume])) == {"VolumeNodeAffinityConflict"}
    cluster = Cluster(nodes=("n1",))
    port = {"ports": [{"hostPort": 80, "containerPort": 80}]}
    cluster.app("web", container=port)
    new = pod()
    new["spec"]["containers"][0] |= port
    assert codes(held(new, cluster)) == {"HostPortConflict"}


def test_pods_that_shun_or_seek_each_other() -> None:
    cluster = Cluster(nodes=("n1",))
    cluster.app("cart")

    def near(kind: str, app: str) -> Json:
        term = {"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": {"app": app}}}
        return pod(affinity={kind: {"requiredDuringSchedulingIgnoredDuringExecution": [term]}})

    assert codes(held(near("podAntiAffinity", "cart"), cluster)) == {"PodAntiAffinityConflict"}
    assert codes(held(near("podAffinity", "other"), cluster)) == {"PodAffinityMismatch"}
    assert held(near("podAffinity", "cart"), cluster).possible == ["n1"]


def test_init_containers_ask_for_the_largest_and_sidecars_are_added() -> None:
    def ask(cpu: str, **more: str) -> Json:
        return {"resources": {"requests": {"cpu": cpu}}, **more}

    spec = {"containers": [ask("1")], "initContainers": [ask("3"), ask("500m", restartPolicy="Always")]}
    assert requests(spec) == {"cpu": 3.5}
    assert usage([]) == {}


def test_a_node_of_the_control_plane_is_known_by_its_labels() -> None:
    assert control_plane({"metadata": {"labels": {"node-role.kubernetes.io/control-plane": ""}}})
    assert not control_plane({"metadata": {"labels": {"kubernetes.io/role": "agent"}}})
