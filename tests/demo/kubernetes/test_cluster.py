import pytest

from chatops.demo.kubernetes.cluster import DAY, Cluster, Run, Workload, stamp, suffix

NOW = 1_700_000_100.0


@pytest.fixture
def cluster() -> Cluster:
    made = Cluster(NOW)
    made.node("worker-1", "a")
    made.deployment(Workload("cart", "1.0"), [Run(), Run("CrashLoopBackOff", "back-off", 3, ready=False)])
    return made


def test_a_workload_is_all_that_its_controllers_make(cluster: Cluster) -> None:
    counts = {key: len(items) for key, items in cluster.objects.items()}
    assert counts["v1/pods"] == 2
    for key in ("apps/v1/deployments", "apps/v1/replicasets", "v1/services", "v1/endpoints", "v1/serviceaccounts"):
        assert counts[key] == 1


def test_owners_lead_from_the_pod_to_the_deployment(cluster: Cluster) -> None:
    pod = cluster.pods("cart")[0]["metadata"]
    replicaset = cluster.get("apps/v1/replicasets", pod["ownerReferences"][0]["name"])["metadata"]
    assert pod["ownerReferences"][0]["uid"] == replicaset["uid"]
    deployment = cluster.get("apps/v1/deployments", replicaset["ownerReferences"][0]["name"])["metadata"]
    assert replicaset["ownerReferences"][0]["uid"] == deployment["uid"]


def test_status_and_endpoints_follow_the_pods(cluster: Cluster) -> None:
    status = cluster.get("apps/v1/deployments", "cart")["status"]
    assert (status["replicas"], status["readyReplicas"], status["unavailableReplicas"]) == (2, 1, 1)
    (subset,) = cluster.get("v1/endpoints", "cart")["subsets"]
    assert len(subset["addresses"]) == len(subset["notReadyAddresses"]) == 1


def test_a_selector_that_matches_nothing_empties_the_endpoints(cluster: Cluster) -> None:
    cluster.get("v1/services", "cart")["spec"]["selector"] = {"app": "basket"}
    cluster.settle("cart")
    assert cluster.get("v1/endpoints", "cart")["subsets"] == []


def test_events_name_what_they_are_about(cluster: Cluster) -> None:
    pod = cluster.pods("cart")[1]["metadata"]
    cluster.event("Pod", pod["name"], "BackOff", "back-off", 10, first=60, count=4)
    cluster.event("Node", "worker-1", "NodeNotReady", "gone", 10)
    about, node = cluster.objects["v1/events"]
    assert about["involvedObject"]["uid"] == pod["uid"]
    assert about["firstTimestamp"] == stamp(NOW - 60)
    assert about["lastTimestamp"] == stamp(NOW - 10)
    assert node["metadata"]["namespace"] == "default"


def test_names_are_the_same_in_every_run() -> None:
    assert suffix("cart", 5) == suffix("cart", 5) != suffix("card", 5)
    assert Workload("cart", "1.0", age=DAY).image.endswith("/cart:1.0")
