"""A warning event, in the old form and the new."""

from __future__ import annotations

from datetime import timedelta

from connectors.kubernetes.events import parse_event
from tests.connectors.kubernetes.cluster import NOW, Cluster, ago

ABOUT = {"kind": "Pod", "namespace": "shop", "name": "a-1"}


def test_the_old_form_has_counts_and_times_of_its_own() -> None:
    read = parse_event(Cluster().event("Pod", "a-1", "BackOff", "restarting", count=7, seconds=30))
    assert (read.subject, read.reason, read.message, read.times) == (("Pod", "shop", "a-1"), "BackOff", "restarting", 7)
    assert (read.first, read.last) == (NOW - timedelta(seconds=90), NOW - timedelta(seconds=30))


def test_a_series_counts_for_itself() -> None:
    series = {"count": 12, "lastObservedTime": ago(5)}
    read = parse_event({"involvedObject": ABOUT, "eventTime": ago(60), "series": series, "lastTimestamp": None})
    assert (read.times, read.first, read.last) == (12, NOW - timedelta(seconds=60), NOW - timedelta(seconds=5))


def test_a_node_has_no_namespace_whatever_is_written() -> None:
    assert parse_event({"involvedObject": {"kind": "Node", "namespace": "default", "name": "n"}}).subject == (
        "Node",
        "",
        "n",
    )


def test_an_event_that_says_nothing_is_one_event_of_nothing() -> None:
    read = parse_event({})
    assert (read.subject, read.times, read.first, read.last) == (("", "", ""), 1, None, None)
