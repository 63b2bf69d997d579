from __future__ import annotations

from datetime import timedelta

from connectors.contract import Inquiry, Scope, Window
from connectors.evidence import Subject
from connectors.kubernetes.suspects import closer_suspects, complained_of, suspects, unread
from tests.connectors.kubernetes.cluster import NOW, NS, Cluster, ago, ended_state


def chosen(cluster: Cluster, limit: int = 3, **scope: str) -> list[str]:
    return [one.pod.split("-5d9")[0] for one in suspects(cluster.view(), Scope(namespace=NS, **scope), limit)]


def shop() -> Cluster:
    cluster = Cluster()
    for number in range(8):
        cluster.app(f"plain{number}")
    return cluster


def test_what_is_in_trouble_speaks_first_with_its_previous_run_where_another_has_begun() -> None:
    cluster = shop()
    cluster.app("waiting", ready=False, state=ended_state(1))
    running = ended_state(1) | {"state": {"running": {"startedAt": ago(5)}}}
    cluster.app("running", ready=False, state=running)
    found = [one for one in suspects(cluster.view(), Scope(namespace=NS), 8) if not one.pod.startswith("plain")]
    runs = {(one.pod.split("-")[0], one.previous) for one in found}
    assert runs == {("waiting", False), ("running", False), ("running", True)}


def test_of_many_databases_the_callers_speak_and_so_do_entrances() -> None:
    cluster = Cluster()
    for name in ("billing", "orders", "stock", "users"):
        cluster.app(f"{name}-mysql", 3306)
        cluster.app(name, container={"envFrom": [{"secretRef": {"name": f"{name}-mysql"}}]})
    cluster.app("door", service=False)
    cluster.service("door", type="NodePort")
    assert chosen(cluster, 10)[:5] == ["door", "billing", "orders", "stock", "users"]


def test_of_many_databases_their_callers_speak_though_nobody_knows_who_calls_whom() -> None:
    cluster = Cluster()
    for name in ("billing", "orders", "stock", "users"):
        cluster.app(f"{name}-mysql", 3306)
        cluster.app(f"{name}-web")
    assert all(name.endswith("-web") for name in chosen(cluster, 4))


def test_the_closer_look_is_at_whom_the_first_logs_complain_of() -> None:
    cluster = shop()
    cluster.log("plain0", "ERROR 500 Internal Server Error on GET http://plain6:8080/api")
    cluster.log("plain1", "INFO called plain4 in 3 ms")
    assert closer(cluster, limit=1) == ["plain6"]


def test_who_does_not_ask_the_clusters_dns_is_read_at_once() -> None:
    cluster = shop()
    cluster.app("asks-the-node", pod_spec={"dnsPolicy": "Default"})
    cluster.app("of-the-node", pod_spec={"dnsPolicy": "Default", "hostNetwork": True})
    assert chosen(cluster, 1) == ["asks-the-node"]


def test_then_what_the_question_is_about_and_what_is_configured_wrongly() -> None:
    cluster = shop()
    cluster.app("lost", env={"GONE_ADDR": "gone:80"})
    assert chosen(cluster, 2, workload="plain5") == ["plain5", "lost"]


def test_who_uses_what_is_in_another_namespace_is_not_configured_wrongly() -> None:
    cluster = shop()
    for name in ("a-user", "b-user"):
        cluster.app(name, env={"AMQP_URL": "amqp://rabbit.data.svc.cluster.local:5672"})
    cluster.app("lost", env={"GONE_ADDR": "gone:80"})
    assert chosen(cluster, 1) == ["lost"]


def test_then_stores_and_their_users() -> None:
    cluster = shop()
    cluster.app("orders-db", 5432)
    cluster.app("orders", container={"envFrom": [{"secretRef": {"name": "orders-postgres"}}]})
    assert chosen(cluster, 4) == ["orders-db", "orders"]


def test_the_number_is_bounded_and_containers_that_never_ran_have_no_log() -> None:
    cluster = shop()
    cluster.app("creating", ready=False, state={"state": {"waiting": {"reason": "ContainerCreating"}}})
    assert len(chosen(cluster, 8)) == 8
    assert "creating" not in chosen(cluster, 50)
    assert chosen(cluster, 0) == []


def test_where_not_all_fit_some_calls_are_kept_but_not_from_what_is_in_trouble() -> None:
    cluster = shop()
    assert len(chosen(cluster, 6)) == 3
    for number in range(5):
        cluster.app(f"broken{number}", ready=False, state=ended_state(1))
    assert len(chosen(cluster, 5)) == 5


def closer(cluster: Cluster, *focus: Subject, limit: int = 2, read: tuple[str, ...] = ()) -> list[str]:
    for app in read:
        cluster.log(app, "nothing to tell")
    window = Window.ending(NOW)
    inquiry = Inquiry(scope=Scope(namespace=NS), window=window, focus=focus)
    return [one.pod.split("-5d9")[0] for one in closer_suspects(cluster.view(), inquiry, limit)]


def test_a_second_look_reads_the_focus_first_and_nothing_twice() -> None:
    cluster = shop()
    cluster.app("orders-db", 5432)
    suspect = Subject(kind="Service", namespace=NS, name="plain6")
    assert closer(cluster, suspect) == ["plain6", "orders-db"]
    assert closer(cluster, suspect, read=("plain6",)) == ["orders-db", "plain0"]
    assert closer(cluster, Subject(kind="Namespace", name=NS), limit=1) == ["orders-db"]


def test_then_what_the_focus_calls() -> None:
    cluster = shop()
    cluster.app("orders-db", 5432)
    cluster.app("web", env={"NEXT_ADDR": "plain7:8080"})
    assert closer(cluster, Subject(kind="Pod", namespace=NS, name=cluster.pod("web")["metadata"]["name"])) == [
        "web",
        "plain7",
    ]
    assert closer(cluster, Subject(kind="Deployment", namespace="other", name="web"), limit=1) == ["orders-db"]


def test_what_was_started_anew_goes_before_its_equals() -> None:
    cluster = shop()
    for number in range(8):
        cluster.pod(f"plain{number}")["metadata"]["creationTimestamp"] = "2026-05-04T08:00:00Z"
    cluster.pod("plain5")["metadata"]["creationTimestamp"] = (NOW - timedelta(minutes=20)).strftime("%FT%TZ")
    assert chosen(cluster, 1) == ["plain5"]


def test_unread_are_those_that_have_a_log() -> None:
    cluster = shop()
    cluster.app("creating", ready=False, state={"state": {"waiting": {"reason": "ContainerCreating"}}})
    cluster.log("plain1", "hello")
    assert unread(cluster.view()) == 7


def test_restarts_of_long_ago_press_nobody() -> None:
    cluster = shop()
    for number in range(8):
        status = cluster.pod(f"plain{number}")["status"]["containerStatuses"][0]
        status |= {"restartCount": 2, "lastState": {"terminated": {"exitCode": 1, "finishedAt": ago(900)}}}
    cluster.app("orders", env={"GONE_ADDR": "gone:80"})
    found = suspects(cluster.view(), Scope(namespace=NS), 6)
    assert found[0].pod.startswith("orders")
    assert len(found) == 3
    assert not any(one.previous for one in found)


def test_a_path_of_a_request_names_a_service_in_one_word() -> None:
    cluster = Cluster()
    for name in ("tt-order-other-service", "tt-seat-service", "tt-user-service", "tt-ui"):
        cluster.app(name)
    cluster.log("tt-ui", '"POST /api/v1/orderOtherService/refresh HTTP/1.1" 500 157', '"GET /api/v1/seatservice" 200 4')
    assert set(complained_of(cluster.view())) == {
        Subject(kind="Deployment", namespace=NS, name="tt-order-other-service")
    }


def test_the_database_of_what_is_not_ready_says_whom_it_refuses() -> None:
    cluster = shop()
    for name in ("billing", "orders", "stock", "users"):
        cluster.app(f"{name}-mysql", 3306)
        cluster.app(name, ready=name != "stock", container={"envFrom": [{"secretRef": {"name": f"{name}-mysql"}}]})
    assert chosen(cluster, 4) == ["stock", "stock-mysql"]
