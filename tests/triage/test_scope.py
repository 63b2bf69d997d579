"""Where to look is read from labels, the catalogue, the channel and the words of a question."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chatops.settings import Environment, Route, Service, load
from chatops.triage import scope
from connectors.contract import Scope
from connectors.evidence import Subject
from tests import factories
from tests.conftest import NOW

SETTINGS = load(
    services={
        "checkout": Service(
            namespace="shop",
            workload="checkout-api",
            aliases=("the basket",),
            log_groups=("/shop/checkout",),
            dimensions={"DBInstanceIdentifier": "orders"},
            channel="#checkout",
        )
    },
    environments={
        "eu": Environment(match={"cluster": "eu-.*"}, channels=("#eu-incidents",)),
        "us": Environment(match={"cluster": "us-.*"}),
    },
    routes=(
        Route(match={"team": "payments"}, channel="#payments"),
        Route(match={"severity": "info"}, mute=("22:00-06:00",)),
    ),
)


def test_labels_that_all_alerts_share_make_the_scope() -> None:
    one = factories.alert(labels={"namespace": "shop", "pod": "cart-7d4b9c6f5d-abcde", "cluster": "eu-1"})
    two = factories.alert(labels={"namespace": "shop", "pod": "cart-7d4b9c6f5d-fghij", "cluster": "eu-1"})
    found = scope.from_alerts(SETTINGS, [one, two])
    assert (found.namespace, found.cluster, found.pod) == ("shop", "eu-1", ""), "pods differ, so no pod"
    assert scope.from_alerts(SETTINGS, [one]).workload == "cart", "the pod's name tells its workload"


def test_a_scraper_is_not_the_service_that_is_broken() -> None:
    found = scope.from_alerts(
        SETTINGS, [factories.alert(labels={"service": "kube-state-metrics", "namespace": "shop"})]
    )
    assert found.service == ""


def test_the_catalogue_completes_what_a_label_names() -> None:
    found = scope.from_alerts(SETTINGS, [factories.alert(labels={"service": "checkout"})])
    assert (found.namespace, found.workload) == ("shop", "checkout-api")
    assert found.log_groups == ("/shop/checkout",)
    assert found.dimensions == {"DBInstanceIdentifier": "orders"}


def test_aws_dimensions_in_labels_are_kept() -> None:
    found = scope.from_alerts(SETTINGS, [factories.alert(labels={"FunctionName": "resize", "x": "y"})])
    assert found.dimensions == {"FunctionName": "resize"}


@pytest.mark.parametrize(
    ("labels", "channel", "environment", "told"),
    [
        ({"cluster": "us-2"}, "", "us", "#incidents"),
        ({"cluster": "ap-1"}, "", "eu", "#incidents"),
        ({"cluster": "us-2", "team": "payments"}, "", "us", "#payments"),
        ({}, "eu-incidents", "eu", "eu-incidents"),
        ({"service": "checkout"}, "", "eu", "#checkout"),
        ({"service": "checkout", "team": "payments"}, "", "eu", "#payments"),
    ],
)
def test_environment_and_channel_follow_labels_then_channel(
    labels: dict[str, str], channel: str, environment: str, told: str
) -> None:
    placed = scope.place(SETTINGS, labels, channel, NOW)
    assert (placed.environment, placed.channel) == (environment, told)


@pytest.mark.parametrize(("hour", "muted"), [(23, True), (3, True), (6, False), (12, False)])
def test_mute_times_may_pass_midnight(hour: int, muted: bool) -> None:
    moment = datetime(2026, 3, 1, hour, 0, tzinfo=UTC)
    assert scope.place(SETTINGS, {"severity": "info"}, "", moment).muted is muted


@pytest.mark.parametrize(
    ("mute", "hour", "until"),
    [
        (("22:00-06:00",), 23, datetime(2026, 3, 2, 6, 0, tzinfo=UTC)),
        (("22:00-06:00",), 3, datetime(2026, 3, 1, 6, 0, tzinfo=UTC)),
        (("20:00-24:00", "00:00-07:30"), 21, datetime(2026, 3, 2, 7, 30, tzinfo=UTC)),
        (("00:00-24:00",), 12, None),
        (("22:00-06:00",), 12, None),
    ],
)
def test_a_mute_time_ends_where_no_other_one_begins(mute: tuple[str, ...], hour: int, until: datetime | None) -> None:
    settings = load(routes=(Route(match={"severity": "info"}, mute=mute),))
    moment = datetime(2026, 3, 1, hour, 0, tzinfo=UTC)
    assert scope.place(settings, {"severity": "info"}, "", moment).until == until


SUBJECTS = [
    Subject(kind="Namespace", name="shop"),
    Subject(kind="Deployment", namespace="shop", name="checkoutservice"),
    Subject(kind="Deployment", namespace="shop", name="search-api"),
    Subject(kind="Deployment", namespace="blog", name="search-api"),
    Subject(kind="Node", name="worker-1"),
]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("checkout is slow", {"workload": "checkoutservice", "namespace": "shop"}),
        ("why does checkoutservice restart?", {"workload": "checkoutservice", "namespace": "shop"}),
        ("search-api fails", {}),  # two of that name: left open
        ("what is wrong in shop", {"namespace": "shop"}),
        ("is worker-1 ill?", {"node": "worker-1"}),
        ("everything is slow", {}),
    ],
)
def test_a_question_names_what_exists(question: str, expected: dict[str, str]) -> None:
    found = scope.among(question, SUBJECTS, Scope())
    assert {
        field: getattr(found, field) for field in ("namespace", "workload", "node") if getattr(found, field)
    } == expected


def test_the_catalogue_knows_what_people_call_it() -> None:
    assert scope.from_question(SETTINGS, "the basket is empty", Scope()).workload == "checkout-api"


@pytest.mark.parametrize(
    ("words", "minutes"),
    [("slow since 30m", 30), ("for 2 hours", 120), ("last 1 min", 10), ("slow", 60), ("since 90 d", 10080)],
)
def test_how_far_back_is_in_the_words_and_bounded(words: str, minutes: int) -> None:
    assert scope.since(words) == timedelta(minutes=minutes)


def test_the_window_reaches_before_the_onset() -> None:
    window = scope.window([factories.alert(starts_at=NOW - timedelta(hours=3))], NOW)
    assert window.start == NOW - timedelta(hours=3, minutes=30)
    assert window.onset == NOW - timedelta(hours=3)
    old = scope.window([factories.alert(starts_at=NOW - timedelta(days=9))], NOW)
    assert (old.onset, old.start) == (None, NOW - timedelta(hours=1))


@pytest.mark.parametrize(
    ("labels", "namespace", "workload"),
    [
        ({"k8s_namespace_name": "shop", "k8s_deployment_name": "cart"}, "shop", "cart"),
        ({"kube_namespace": "shop", "kube_deployment": "cart"}, "shop", "cart"),
        ({"destination_service_namespace": "shop", "destination_workload": "cart"}, "shop", "cart"),
        ({"namespace": "monitoring", "exported_namespace": "shop", "deployment": "cart"}, "shop", "cart"),
        ({"namespace": "monitoring", "exported_namespace": "shop", "exported_pod": "logs-x2v5k"}, "shop", "logs"),
        ({"namespace": "shop", "horizontalpodautoscaler": "cart"}, "shop", "cart"),
        ({"namespace": "shop", "pod": "mysql-proxy-0"}, "shop", "mysql-proxy"),
        ({"namespace": "shop", "pod": "cart-redis"}, "shop", "cart-redis"),
    ],
)
def test_labels_of_meshes_collectors_and_scrapers_name_the_workload(
    labels: dict[str, str], namespace: str, workload: str
) -> None:
    found = scope.from_alerts(SETTINGS, [factories.alert(labels=labels)])
    assert (found.namespace, found.workload) == (namespace, workload)


def test_a_cluster_in_the_question_is_where_its_names_are_looked_for() -> None:
    subjects = [
        Subject(kind="Cluster", name="east"), Subject(kind="Cluster", name="west"),
        Subject(kind="Deployment", namespace="shop", name="cart", cluster="east"),
        Subject(kind="Deployment", namespace="store", name="cart", cluster="west"),
    ]  # fmt: skip
    found = scope.among("cart is slow in west", subjects, Scope())
    assert (found.cluster, found.namespace, found.workload) == ("west", "store", "cart")
    assert scope.among("cart is slow", subjects, Scope()).workload == ""
    assert scope.among("east and west are slow", subjects, Scope()).cluster == ""


@pytest.mark.parametrize(
    ("words", "minutes"), [("30m", 30), ("2 hours", 120), ("1d", 1440), ("1m", 10), ("99999999999d", 7 * 1440)]
)
def test_a_length_of_time_alone(words: str, minutes: int) -> None:
    assert scope.back(words) == timedelta(minutes=minutes)


@pytest.mark.parametrize("words", ["5parsecs", "h", "-1h", "1h30m", "", "9" * 5000 + "m"])
def test_what_is_no_length_of_time(words: str) -> None:
    assert scope.back(words) is None


def test_a_number_without_end_in_a_question_says_nothing() -> None:
    assert scope.since(f"slow since {'9' * 5000} m") == timedelta(hours=1)
