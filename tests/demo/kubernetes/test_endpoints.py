from typing import Any

from chatops.demo.kubernetes.endpoints import endpoints, ready, selected, subsets


def pod(name: str, *, up: bool, **labels: str) -> dict[str, Any]:
    return {
        "metadata": {"name": name, "namespace": "shop", "uid": name, "labels": labels},
        "spec": {"nodeName": "n"},
        "status": {"podIP": "10.0.0.1", "conditions": [{"type": "Ready", "status": "True" if up else "False"}]},
    }


SERVICE = {"metadata": {"namespace": "shop"}, "spec": {"selector": {"app": "a"}, "ports": [{"targetPort": 80}]}}
PODS = [pod("a-1", up=True, app="a"), pod("a-2", up=False, app="a"), pod("b-1", up=True, app="b")]


def test_a_selector_wants_all_its_labels() -> None:
    assert [p["metadata"]["name"] for p in selected(PODS, SERVICE)] == ["a-1", "a-2"]


def test_ready_and_waiting_addresses_are_kept_apart() -> None:
    (subset,) = subsets(SERVICE, selected(PODS, SERVICE))
    assert subset["addresses"][0]["targetRef"]["name"] == "a-1"
    assert subset["notReadyAddresses"][0]["targetRef"]["name"] == "a-2"
    assert subsets(SERVICE, []) == []


def test_a_slice_says_which_endpoints_serve() -> None:
    assert [e["conditions"]["ready"] for e in endpoints(PODS)] == [ready(p) for p in PODS] == [True, False, True]
